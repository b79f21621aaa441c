/** Looking into folders that a program filled: as far as a page can wait for it. */
import { opendirSync, statSync, type Dirent } from 'node:fs'

/** Names that are read at once from the file system. */
const bufferSize = 1024

/**
 * Names in a folder, in no particular order, of which no more than `most` + 1 are read: a longer list says that there are more. A folder
 * of 200,000 files would hold the server for a second. Throws what the file system throws.
 */
export function namesIn(folder: string, most: number): string[] {
  return entriesIn(folder, most).map(({ name }) => name)
}

/** The same with what each is: a file, a folder, a link. */
export function entriesIn(folder: string, most: number): Dirent[] {
  const entries: Dirent[] = []
  const opened = opendirSync(folder, { bufferSize })
  try {
    for (let entry = opened.readSync(); entry !== null && entries.length <= most; entry = opened.readSync())
      entries.push(entry)
  } finally {
    opened.closeSync()
  }
  return entries
}

/** Whether a folder stands there, links followed; a path that can be none is none. */
export function isFolderThere(at: string): boolean {
  try {
    return statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    // too long, of characters that no path has, or in a folder that may not be looked into
    return false
  }
}
