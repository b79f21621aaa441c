/** The metrics of an events file from its beginning: what a repair reads again. */
import { closeSync, readSync } from 'node:fs'
import path from 'node:path'
import type { MetricRow } from '../../db/series/index.ts'
import { openFile } from '../attempt-files/open-file.ts'
import { parseEvents } from './parse-events.ts'

const blockBytes = 1 << 20

/**
 * Metrics in the first `bytes` bytes, a block of lines at a time; a shorter file gives what it has, and one that is gone
 * nothing. Throws UnreadableFile.
 */
export function* readMetrics(file: string, bytes: number): Generator<MetricRow[]> {
  const opened = openFile(file, [path.dirname(file)])
  if (opened === null) return
  const { descriptor } = opened
  try {
    let rest: Buffer = Buffer.alloc(0)
    let line = 1
    for (let from = 0; from < bytes;) {
      const block = Buffer.allocUnsafe(Math.min(blockBytes, bytes - from))
      const filled = readSync(descriptor, block, 0, block.length, from)
      if (filled === 0) break
      from += filled
      const text = Buffer.concat([rest, block.subarray(0, filled)])
      const end = text.lastIndexOf(10) + 1
      const parsed = parseEvents(text, end, line)
      rest = text.subarray(end)
      line += parsed.lines
      if (parsed.metrics.length > 0) yield parsed.metrics
    }
    // the last line of an ended attempt is read without its end, too
    if (rest.length > 0) {
      const { metrics } = parseEvents(rest, rest.length, line)
      if (metrics.length > 0) yield metrics
    }
  } finally {
    closeSync(descriptor)
  }
}
