import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { UnreadableFile } from './open-file.ts'

// never what stands there already: a pipe that an earlier attempt left would wait for its reader
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Opens a new file for writing in place of whatever stood there; whoever asked for it closes it. */
export function createFile(file: string): number {
  rmSync(file, { force: true, recursive: true })
  return openSync(file, FLAGS, 0o600)
}

/** Writes a whole file, renamed into place: a reader sees all of it or what was there before. */
export function replaceFile(file: string, text: string): void {
  const part = `${file}.part`
  const descriptor = createFile(part)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
  renameSync(part, file)
}

/** Opens a plain file for appending and reading, made where it is not there; whoever asked for it closes it. */
export function openForAppending(file: string): number {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants
  const descriptor = openSync(file, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o644)
  if (fstatSync(descriptor).isFile()) return descriptor
  closeSync(descriptor)
  throw new UnreadableFile(`${file} is no plain file, and is not written to`)
}

/** Gives a file that the server wrote a second name; a copy where the file system has no such names. */
export function linkOrCopy(file: string, to: string): void {
  try {
    linkSync(file, to)
  } catch {
    copyFileSync(file, to, constants.COPYFILE_EXCL)
  }
}

/** Appends to a plain file, made where it is not there. */
export function appendToFile(file: string, text: string): void {
  const descriptor = openForAppending(file)
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}
