/**
 * Levels: 16 chunks of one level are summarised by one chunk of the next, a bucket for each 16 entries of theirs, so that a
 * chart of millions of values opens a few chunks. A level chunk is written once, when its sixteenth child is.
 */
import { beginBlock, BlockReader, endBlock, writeColumn, writeCount } from './codec.ts'
import type { ChunkRow, ChunkStore } from './statements.ts'

/** Chunks under one of the next level, and entries under one bucket. */
export const FACTOR = 16

/** So many chunks of level 0 without one above them are summed up when their attempt has ended. */
const LEAST_SUMMED = 3

/** Buckets in step order (but for a disordered series); those of child k sum up entries of that child's chunk. */
export type LevelChunk = {
  buckets: number
  /** By child: its first bucket; one entry more says where the last one ends. */
  starts: number[]
  first: Float64Array
  last: Float64Array
  points: Float64Array
  /** Of the values that are not NaN; Infinity and -Infinity and 0 where all are. */
  valid: Float64Array
  minimum: Float64Array
  maximum: Float64Array
  sum: Float64Array
}

export function decodeLevel(data: Buffer): LevelChunk {
  const reader = new BlockReader(data)
  const children = reader.count()
  const starts: number[] = []
  for (let child = 0; child <= children; child++) starts.push(reader.count())
  const buckets = starts[children]!
  const first = reader.column(buckets)
  const last = reader.column(buckets)
  for (let index = 0; index < buckets; index++) last[index] = last[index]! + first[index]!
  return {
    buckets,
    starts,
    first,
    last,
    points: reader.column(buckets),
    valid: reader.column(buckets),
    minimum: reader.column(buckets),
    maximum: reader.column(buckets),
    sum: reader.column(buckets),
  }
}

/** A chunk of values as the level above it sees them. */
type Entries = Omit<LevelChunk, 'starts' | 'buckets'> & { buckets: number }

/** Steps, times and values of a chunk of level 0, which has its steps and times in an axis. */
export function decodeWithTimes(
  store: ChunkStore,
  chunk: ChunkRow,
): { steps: Float64Array; times: Float64Array; values: Float64Array } {
  const axis = openAxis(store, chunk)
  const steps = axis.column(chunk.points)
  const times = axis.column(chunk.points)
  return { steps, times, values: new BlockReader(chunk.data).column(chunk.points) }
}

/** The same without the times, which charts do not need. */
export function decodeValues(store: ChunkStore, chunk: ChunkRow): { steps: Float64Array; values: Float64Array } {
  const steps = openAxis(store, chunk).column(chunk.points)
  return { steps, values: new BlockReader(chunk.data).column(chunk.points) }
}

/** A chunk of level 0 with the block of its axis. */
export type ValueRow = { data: Buffer; axis: Buffer; points: number }

/** Steps and values of such a row. */
export function openValues({ data, axis, points }: ValueRow): { steps: Float64Array; values: Float64Array } {
  return { steps: new BlockReader(axis).column(points), values: new BlockReader(data).column(points) }
}

function openAxis(store: ChunkStore, chunk: ChunkRow): BlockReader {
  const axis = store.statements.axis.get(chunk.axis_id) as { data: Buffer } | undefined
  if (axis !== undefined) return new BlockReader(axis.data)
  throw new Error(`The steps of a chunk of ${chunk.points} points are missing (axis ${chunk.axis_id}).`)
}

function entriesOf(store: ChunkStore, attemptId: number, slot: number, level: number, sequence: number): Entries {
  const chunk = store.statements.chunk.get(attemptId, slot, level, sequence) as
    | { data: Buffer; axis_id: number; points: number }
    | undefined
  if (chunk === undefined)
    throw new Error(`Chunk ${sequence} of level ${level} is missing (attempt ${attemptId}, metric ${slot}).`)
  if (level > 0) return decodeLevel(chunk.data)
  const { steps, values } = decodeValues(store, chunk)
  const { length } = values
  const valid = new Float64Array(length).fill(1)
  const minimum = values.slice()
  const maximum = values.slice()
  const sum = values.slice()
  for (let index = 0; index < length; index++) {
    if (!Number.isNaN(values[index])) continue
    valid[index] = 0
    minimum[index] = Infinity
    maximum[index] = -Infinity
    sum[index] = 0
  }
  const points = new Float64Array(length).fill(1)
  return { buckets: length, first: steps, last: steps, points, valid, minimum, maximum, sum }
}

/** Builds what the newest chunk completes: `count` chunks of level 0 stand. */
export function buildLevels(store: ChunkStore, attemptId: number, slot: number, count: number): void {
  let below = count
  for (let level = 1; below % FACTOR === 0; level++) {
    below /= FACTOR
    buildLevel(store, attemptId, slot, level, below - 1)
  }
}

function buildLevel(store: ChunkStore, attemptId: number, slot: number, level: number, sequence: number): void {
  const { data, firstStep, lastStep, points } = summedUp(store, attemptId, slot, { level, sequence, count: FACTOR })
  store.statements.insertChunk.run(attemptId, slot, level, sequence, firstStep, lastStep, points, null, data)
}

/** Whether the last of `count` chunks of level 0 are many enough to be summed up, and are not. */
export function lacksSummary(store: ChunkStore, attemptId: number, slot: number, count: number): boolean {
  return count % FACTOR >= LEAST_SUMMED && store.statements.summary.get(attemptId, slot, count) === undefined
}

/** Sums up the last of `count` chunks of level 0, which no chunk of level 1 does: nothing is expected to follow them. */
export function summariseRest(store: ChunkStore, attemptId: number, slot: number, count: number): void {
  const sequence = Math.floor(count / FACTOR)
  const { data } = summedUp(store, attemptId, slot, { level: 1, sequence, count: count % FACTOR })
  store.statements.keepSummary.run(attemptId, slot, count, data)
}

/** What sums up the last of `count` chunks of level 0; null where nothing does. */
export function summaryOfRest(store: ChunkStore, attemptId: number, slot: number, count: number): LevelChunk | null {
  if (count % FACTOR < LEAST_SUMMED) return null
  const data = store.statements.summary.get(attemptId, slot, count) as Buffer | undefined
  return data === undefined ? null : decodeLevel(data)
}

/** The first `count` children of a chunk of a level as one block. */
function summedUp(
  store: ChunkStore,
  attemptId: number,
  slot: number,
  { level, sequence, count }: { level: number; sequence: number; count: number },
): { data: Buffer; firstStep: number; lastStep: number; points: number } {
  const children = Array.from({ length: count }, (_, child) =>
    entriesOf(store, attemptId, slot, level - 1, sequence * FACTOR + child),
  )
  const starts = [0]
  for (const child of children) starts.push(starts.at(-1)! + Math.ceil(child.buckets / FACTOR))
  const buckets = starts.at(-1)!
  const column = (): Float64Array => new Float64Array(buckets)
  const summary = {
    first: column(),
    span: column(),
    points: column(),
    valid: column(),
    minimum: column().fill(Infinity),
    maximum: column().fill(-Infinity),
    sum: column(),
  }
  let firstStep = Infinity
  let lastStep = -Infinity
  for (const [index, child] of children.entries()) {
    for (let bucket = starts[index]!; bucket < starts[index + 1]!; bucket++) {
      const from = (bucket - starts[index]!) * FACTOR
      const to = Math.min(child.buckets, from + FACTOR)
      let first = Infinity
      let last = -Infinity
      for (let entry = from; entry < to; entry++) {
        summary.points[bucket]! += child.points[entry]!
        summary.valid[bucket]! += child.valid[entry]!
        if (child.minimum[entry]! < summary.minimum[bucket]!) summary.minimum[bucket] = child.minimum[entry]!
        if (child.maximum[entry]! > summary.maximum[bucket]!) summary.maximum[bucket] = child.maximum[entry]!
        summary.sum[bucket]! += child.sum[entry]!
        if (child.first[entry]! < first) first = child.first[entry]!
        if (child.last[entry]! > last) last = child.last[entry]!
      }
      summary.first[bucket] = first
      summary.span[bucket] = last - first
      firstStep = Math.min(firstStep, first)
      lastStep = Math.max(lastStep, last)
    }
  }
  beginBlock()
  writeCount(count)
  for (const start of starts) writeCount(start)
  for (const values of Object.values(summary)) writeColumn(values)
  const points = summary.points.reduce((sum, value) => sum + value, 0)
  return { data: endBlock(), firstStep, lastStep, points }
}
