import { statSync, type Dirent } from 'node:fs'
import path from 'node:path'
import type { PathNames } from '../../../contract/api/files.ts'
import { entriesIn } from '../../attempt-files/names-in.ts'

/** Names that are looked at in a folder, and that are given. */
const [mostLookedAt, mostGiven] = [5000, 50]

/**
 * Files and folders whose paths begin as `typed`, folders first: names alone, of folders that the owner of this process can read. A
 * relative path starts from `directory`. Hidden ones are given where the name begins with a point. Nothing for what cannot be looked into.
 */
export function completePath({
  directory,
  typed,
  only,
}: {
  directory: string
  typed: string
  only?: 'folders' | undefined
}): PathNames {
  const at = typed.lastIndexOf('/') + 1
  const [above, begun] = [typed.slice(0, at), typed.slice(at)]
  if (typed.includes('\0')) return { names: [], more: false }
  const folder = path.resolve(directory, above)
  let entries: Dirent[]
  try {
    entries = entriesIn(folder, mostLookedAt)
  } catch {
    return { names: [], more: false }
  }
  const found = entries
    .slice(0, mostLookedAt)
    .filter(({ name }) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
    .map((entry) => ({ name: entry.name, isFolder: isFolder(folder, entry) }))
    .filter((one) => only !== 'folders' || one.isFolder)
    .toSorted(
      (a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name, 'en', { numeric: true }),
    )
  return {
    names: found.slice(0, mostGiven).map(({ name, isFolder }) => `${above}${name}${isFolder ? '/' : ''}`),
    more: found.length > mostGiven || entries.length > mostLookedAt,
  }
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  try {
    return statSync(path.join(folder, entry.name)).isDirectory()
  } catch {
    return false
  }
}
