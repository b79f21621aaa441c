/** Looking into folders that a program filled: as far as a page can wait for it. */
import { opendirSync } from 'node:fs'

/** Names that are read at once from the file system. */
const bufferSize = 1024

/**
 * Names in a folder, in no particular order, of which no more than `most` + 1 are read: a longer list says that there are more. A folder
 * of 200,000 files would hold the server for a second. Throws what the file system throws.
 */
export function namesIn(folder: string, most: number): string[] {
  const names: string[] = []
  const opened = opendirSync(folder, { bufferSize })
  try {
    for (let entry = opened.readSync(); entry !== null && names.length <= most; entry = opened.readSync())
      names.push(entry.name)
  } finally {
    opened.closeSync()
  }
  return names
}
