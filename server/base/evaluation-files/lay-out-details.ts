/** Answers that a harness left in a Parquet file, as a JSONL file like all others: runs in a thread (read-aside.ts). */
import { closeSync, readSync } from 'node:fs'
import { openFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import type { HarnessItem } from '../../formats/reports/harness.ts'
import { readLightevalDetails } from '../../formats/reports/lighteval-details.ts'

/** Writes the answers of a details file to `target`, a line each. Gives a sentence where it holds none that serve. */
export async function layOutDetails(details: string, target: string, metric: string | null): Promise<string | null> {
  const read = await readDetails(details, metric)
  if (typeof read === 'string') return read
  replaceFile(target, read.map((item) => `${JSON.stringify(item)}\n`).join(''))
  return null
}

/** How many answers a details file holds; a sentence where none serve. */
export async function countDetails(details: string, metric: string | null): Promise<number | string> {
  const read = await readDetails(details, metric)
  return typeof read === 'string' ? read : read.length
}

/** The answers of a details file; a sentence where it holds none that serve. Throws UnreadableFile. */
async function readDetails(details: string, metric: string | null): Promise<HarnessItem[] | string> {
  const opened = openFile(details, 'anywhere')
  if (opened === null) return `${details} is not there.`
  const { descriptor, stats } = opened
  try {
    const read = await readLightevalDetails(
      {
        byteLength: stats.size,
        slice(start, end = stats.size) {
          const bytes = new Uint8Array(Math.max(0, Math.min(end, stats.size) - start))
          const filled = readSync(descriptor, bytes, 0, bytes.length, start)
          return bytes.buffer.slice(0, filled)
        },
      },
      metric,
    )
    return typeof read === 'string' ? `${details} ${read}.` : read
  } catch (error) {
    return `${details} cannot be read (${(error as Error).message}).`
  } finally {
    closeSync(descriptor)
  }
}
