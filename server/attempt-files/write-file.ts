import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

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
