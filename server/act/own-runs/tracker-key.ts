import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'

/**
 * The key that clients of a data folder send, made once and kept in it, readable by its owner alone. W&B's takes none of fewer than
 * 40 letters and digits.
 */
export function trackerKey(dataFolder: string): string {
  const file = path.join(dataFolder, 'tracker-key')
  const known = readWholeFile(file, [dataFolder], 1 << 10)?.trim()
  if (known !== undefined && /^local-[0-9a-f]{40}$/.test(known)) return known
  const made = `local-${randomBytes(20).toString('hex')}`
  replaceFile(file, `${made}\n`)
  return made
}
