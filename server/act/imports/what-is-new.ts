/** What a file that was imported before tells anew: nothing is taken twice, and nothing that was taken is lost. */
import { closeSync, fstatSync, readSync } from 'node:fs'
import type { MetricValue } from '../../../contract/trainer.ts'
import { lineBlocks } from '../../formats/line-blocks.ts'
import { requireFile } from '../../formats/read-metric-file.ts'

const blockBytes = 1 << 20

/**
 * What `staged`, a file of events, has beside those of the file `kept`; null where it does not tell of the same attempt: it has another
 * value at a step that is kept, or nothing in common with what is kept. `isSame`: it is the same, as a tracker's id says; another value at
 * a kept step is one more.
 */
export function whatIsNew(kept: string, staged: string, { isSame = false } = {}): Iterable<string | Buffer> | null {
  const [known, told] = [requireFile(kept).descriptor, requireFile(staged).descriptor]
  try {
    return beginsWith(told, known) ? bytesFrom(staged, fstatSync(known).size) : linesBeside(known, told, isSame)
  } finally {
    closeSync(known)
    closeSync(told)
  }
}

function beginsWith(told: number, known: number): boolean {
  const [left, right] = [Buffer.alloc(blockBytes), Buffer.alloc(blockBytes)]
  for (let at = 0; ;) {
    const read = readSync(known, left, 0, blockBytes, at)
    if (read === 0) return true
    if (readSync(told, right, 0, read, at) !== read || !left.subarray(0, read).equals(right.subarray(0, read)))
      return false
    at += read
  }
}

function* bytesFrom(file: string, from: number): Generator<Buffer> {
  const { descriptor } = requireFile(file)
  try {
    for (let at = from; ;) {
      const block = Buffer.allocUnsafe(blockBytes)
      const read = readSync(descriptor, block, 0, blockBytes, at)
      if (read === 0) return
      yield block.subarray(0, read)
      at += read
    }
  } finally {
    closeSync(descriptor)
  }
}

type Line = { type: string; step: number; values: Record<string, MetricValue> }
/** Values by metric and step, all where a step came several times; and how often each other line stands there. */
type Known = { points: Map<string, Map<number, MetricValue[]>>; others: Map<string, number> }

/** Of a file that grew in its middle (rows of the step that was its last, another writer's, a column more): what is not there yet. */
function linesBeside(kept: number, staged: number, isSame: boolean): string[] | null {
  const known = readKnown(kept)
  const lines: string[] = []
  let shared = 0
  for (const text of linesOf(staged)) {
    const line = JSON.parse(text) as Line
    if (line.type !== 'metrics') {
      const count = known.others.get(text) ?? 0
      if (count === 0) lines.push(`${text}\n`)
      else shared += 1
      known.others.set(text, count - Math.min(1, count))
      continue
    }
    const values: Line['values'] = Object.create(null)
    for (const [name, value] of Object.entries(line.values)) {
      const before = known.points.get(name)?.get(line.step)
      if (before?.some((other) => Object.is(other, value))) shared += 1
      else if (before === undefined || isSame) values[name] = value
      else return null
    }
    if (Object.keys(values).length === Object.keys(line.values).length) lines.push(`${text}\n`)
    else if (Object.keys(values).length > 0) lines.push(`${JSON.stringify({ ...line, values })}\n`)
  }
  return shared > 0 || isSame ? lines : null
}

function readKnown(descriptor: number): Known {
  const known: Known = { points: new Map(), others: new Map() }
  for (const text of linesOf(descriptor)) {
    const line = JSON.parse(text) as Line
    if (line.type !== 'metrics') known.others.set(text, (known.others.get(text) ?? 0) + 1)
    else
      for (const [name, value] of Object.entries(line.values)) {
        const steps = known.points.get(name) ?? new Map<number, MetricValue[]>()
        known.points.set(name, steps)
        steps.set(line.step, [...(steps.get(line.step) ?? []), value])
      }
  }
  return known
}

function* linesOf(descriptor: number): Generator<string> {
  for (const block of lineBlocks(descriptor)) for (const text of block) if (text !== '') yield text
}
