import { lstatSync } from 'node:fs'
import path from 'node:path'
import { namesIn } from '../../attempt-files/names-in.ts'

/** A folder of more entries than this is no model. */
const mostEntries = 10_000

/** Bytes of a checkpoint's files, folders within included and links not followed; null where nothing is there, or too much to look at. */
export function measureSizeBytes(place: string): number | null {
  let bytes = 0
  let entries = 0
  const open = [place]
  try {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      entries += 1
      if (entries + open.length > mostEntries) return null
      const stat = lstatSync(next)
      if (stat.isDirectory()) for (const name of namesIn(next, mostEntries)) open.push(path.join(next, name))
      else bytes += stat.size
    }
  } catch {
    // gone, or going while we look: a trainer may take old checkpoints away
    if (entries <= 1) return null
  }
  return bytes
}
