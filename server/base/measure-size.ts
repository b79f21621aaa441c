import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** A folder of more entries than this is no model; what lies beyond is not counted. */
const mostEntries = 10_000

/** Bytes of a checkpoint's files, folders within included and links not followed; null where nothing is there. */
export function measureSizeBytes(place: string): number | null {
  let bytes = 0
  let entries = 0
  const open = [place]
  try {
    for (let next = open.pop(); next !== undefined && entries < mostEntries; next = open.pop()) {
      entries += 1
      const stat = lstatSync(next)
      if (stat.isDirectory()) open.push(...readdirSync(next).map((name) => path.join(next!, name)))
      else bytes += stat.size
    }
  } catch {
    // gone, or going while we look: a trainer may take old checkpoints away
    if (entries <= 1) return null
  }
  return bytes
}
