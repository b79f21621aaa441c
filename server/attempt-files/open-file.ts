/**
 * The one door to files that a program outside could have made: an attempt, a harness, whoever writes beside them. Whatever
 * stands at the path (a named pipe, a device, a link out of the run's folder, a link to itself), opening it neither waits nor
 * shows what is not the attempt's. `npm run check` refuses any other file of server/ that opens files (.oxlintrc.json).
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'

/** Why a file is not read: a sentence that names it, without its full stop. */
export class UnreadableFile extends Error {}

/** Folders that a file may stand in, links followed; `anywhere`: a person named the file, not the attempt. */
export type AllowedFolders = readonly string[] | 'anywhere'

// without O_NONBLOCK the open of a pipe waits for its writer, and with it the whole process
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW

/** An open regular file; whoever asked for it closes it. */
export type OpenFile = { descriptor: number; stats: Stats }

/**
 * Opens a regular file for reading; null where there is none. `file` is absolute.
 * Throws UnreadableFile where something else stands there, where links lead out of `within`, or where reading is not permitted.
 */
export function openFile(file: string, within: AllowedFolders): OpenFile | null {
  const found = resolve(file, within)
  if (found === null) return null
  const descriptor = attempt(file, () => openSync(found.real, FLAGS))
  if (descriptor === null) return null
  try {
    const stats = fstatSync(descriptor)
    checkOpened(file, stats, descriptor, found)
    return { descriptor, stats }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** As `openFile`, for reading beside the main thread's work. */
export async function openFileHandle(
  file: string,
  within: AllowedFolders,
): Promise<{ handle: FileHandle; stats: Stats } | null> {
  const found = resolve(file, within)
  if (found === null) return null
  const handle = await open(found.real, FLAGS).catch((error: NodeJS.ErrnoException) => notThere(file, error))
  if (handle === null) return null
  try {
    const stats = await handle.stat()
    checkOpened(file, stats, handle.fd, found)
    return { handle, stats }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The text of a whole file, null where there is none. Throws UnreadableFile, also where it has more than `mostBytes`. */
export function readWholeFile(file: string, within: AllowedFolders, mostBytes: number): string | null {
  const opened = openFile(file, within)
  if (opened === null) return null
  try {
    return readDescriptor(file, opened, mostBytes).toString('utf8')
  } finally {
    closeSync(opened.descriptor)
  }
}

/** The first bytes of a file, at most `mostBytes`, whatever size it says it has: files of the kernel say 0. Null where there is none. Throws UnreadableFile. */
export function readFileStart(file: string, within: AllowedFolders, mostBytes: number): Buffer | null {
  const opened = openFile(file, within)
  if (opened === null) return null
  try {
    const buffer = Buffer.alloc(mostBytes)
    return buffer.subarray(0, readSync(opened.descriptor, buffer, 0, buffer.length, 0))
  } finally {
    closeSync(opened.descriptor)
  }
}

/** The last bytes of a file, at most `mostBytes`; null where there is none. Throws UnreadableFile. */
export function readFileEnd(file: string, within: AllowedFolders, mostBytes: number): Buffer | null {
  const opened = openFile(file, within)
  if (opened === null) return null
  try {
    const { size } = opened.stats
    const buffer = Buffer.alloc(Math.min(size, mostBytes))
    const read = readSync(opened.descriptor, buffer, 0, buffer.length, size - buffer.length)
    return buffer.subarray(0, read)
  } finally {
    closeSync(opened.descriptor)
  }
}

function readDescriptor(file: string, { descriptor, stats }: OpenFile, mostBytes: number): Buffer {
  if (stats.size > mostBytes)
    throw new UnreadableFile(
      `${file} has ${stats.size.toLocaleString('en-US')} bytes; at most ${mostBytes.toLocaleString('en-US')} are read of it`,
    )
  const buffer = Buffer.allocUnsafe(stats.size)
  let filled = 0
  while (filled < buffer.length) {
    const read = readSync(descriptor, buffer, filled, buffer.length - filled, filled)
    if (read === 0) break
    filled += read
  }
  return buffer.subarray(0, filled)
}

type Resolved = { real: string; roots: string[] | null }

/** Links followed before anything is opened; null where nothing is there. */
function resolve(file: string, within: AllowedFolders): Resolved | null {
  const real = attempt(file, () => realpathSync(file))
  if (real === null) return null
  if (within === 'anywhere') return { real, roots: null }
  const roots = within.flatMap((folder) => {
    try {
      return realpathSync(folder)
    } catch {
      return []
    }
  })
  checkWithin(file, real, roots)
  return { real, roots }
}

/** What was opened is what was looked at: a path may have been changed between the two. */
function checkOpened(file: string, stats: Stats, descriptor: number, { roots }: Resolved): void {
  if (!stats.isFile())
    throw new UnreadableFile(`${file} is ${kindOf(stats)}, and is not read; a plain file was expected`)
  if (roots !== null && process.platform === 'linux')
    checkWithin(file, readlinkSync(`/proc/self/fd/${descriptor}`), roots)
}

function checkWithin(file: string, real: string, roots: string[]): void {
  if (!roots.some((root) => real.startsWith(root + path.sep)))
    throw new UnreadableFile(`${file} leads out of the folders of its run and sweep, and is not read`)
}

function attempt<Value>(file: string, action: () => Value): Value | null {
  try {
    return action()
  } catch (error) {
    return notThere(file, error as NodeJS.ErrnoException)
  }
}

function notThere(file: string, error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw new UnreadableFile(`${file} cannot be opened: ${reasonOf(error)}`)
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ELOOP':
      return 'its links lead to themselves'
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it'
    case 'ENXIO':
      return 'it is no plain file'
    case 'ENAMETOOLONG':
      return 'its path is too long'
    default:
      return message
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a named pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}
