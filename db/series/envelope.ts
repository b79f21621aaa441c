/**
 * Envelopes from as few chunks as the pixels need: a walk down from the highest level that opens a bucket only where it is wider
 * than the chart's cells or crosses an end of the range. The chart's buckets end where buckets of the store end, so each is exact.
 */
import { SeriesCells, type Envelope } from './cells.ts'
import {
  decodeLevel,
  decodeValues,
  FACTOR,
  type LevelChunk,
  openValues,
  summaryOfRest,
  type ValueRow,
} from './levels.ts'
import { type BlockPart, valueBlocks } from './value-blocks.ts'
import {
  type AttemptState,
  CHUNKS,
  DISORDERED,
  FIRST_STEP,
  LAST_STEP,
  VALUES,
  RECORD,
  SEALED_LAST_STEP,
  SEALED_VALUES,
} from './state.ts'
import type { ChunkPlace, ChunkRow, ChunkStore } from './statements.ts'
import { openTails, sortedTail } from './unsealed.ts'

/** Feeds cells from one part of a series. */
class Walk {
  private readonly store: ChunkStore
  private readonly part: BlockPart
  private readonly cells: SeriesCells
  private readonly levels = new Map<number, LevelChunk>()
  private readonly opened: { sequence: number; steps: Float64Array; values: Float64Array } = {
    sequence: -1,
    steps: new Float64Array(0),
    values: new Float64Array(0),
  }

  constructor(store: ChunkStore, part: BlockPart, cells: SeriesCells) {
    this.store = store
    this.part = part
    this.cells = cells
  }

  /** Chunks that no chunk of a higher level covers, oldest first, then the tails. */
  run(): void {
    const { state, slot, from, to } = this.part
    const count = state.records[slot * RECORD + CHUNKS]!
    const whole = from <= state.records[slot * RECORD + FIRST_STEP]! && to >= state.records[slot * RECORD + LAST_STEP]!
    let covered = 0
    let level = 0
    while (FACTOR ** (level + 1) <= count) level++
    for (; level >= 0; level--) {
      const size = FACTOR ** level
      const end = Math.floor(count / size)
      if (level === 0 && this.summary(covered, count)) break
      // where all of them are wanted, where they lie need not be asked
      if (whole && level === 0) this.values(covered, end)
      else if (whole)
        for (let sequence = covered / size; sequence < end; sequence++) this.visit(level, sequence, 0, Infinity)
      else if (covered / size < end) {
        for (const place of this.store.statements.places.all(state.id, slot, level, covered / size) as ChunkPlace[]) {
          if (place.last_step >= from && place.first_step <= to) this.visit(level, place.sequence, 0, Infinity)
        }
      }
      covered = end * size
    }
    const tail = sortedTail(this.store, state, slot)
    this.points(tail.steps, tail.values, 0, tail.steps.length)
  }

  /** Walks down from what sums up the chunks that have no level above them; false where nothing does, or too coarsely. */
  private summary(covered: number, count: number): boolean {
    const { state, slot } = this.part
    const [first, last, values] = [FIRST_STEP, SEALED_LAST_STEP, SEALED_VALUES].map(
      (figure) => state.records[slot * RECORD + figure]!,
    ) as [number, number, number]
    if (!this.cells.ordered || !this.cells.takes(0, ((last - first) * FACTOR) / values)) return false
    const summary = summaryOfRest(this.store, state.id, slot, count)
    if (summary === null) return false
    const sequence = covered / FACTOR
    this.levels.set(sequence * 16 + 1, summary)
    this.visit(1, sequence, 0, Infinity)
    return true
  }

  /** All values of these chunks, which one statement gives. */
  private values(first: number, end: number): void {
    if (first === end) return
    const { state, slot } = this.part
    const rows = this.store.statements.values.all(state.id, slot, first) as ValueRow[]
    if (rows.length !== end - first) throw this.missing(0, rows.length + first)
    for (const row of rows) {
      const { steps, values } = openValues(row)
      this.points(steps, values, 0, steps.length)
    }
  }

  private visit(level: number, sequence: number, fromEntry: number, toEntry: number): void {
    if (level === 0) {
      if (this.opened.sequence !== sequence) {
        const { steps, values } = decodeValues(this.store, this.chunk(0, sequence))
        Object.assign(this.opened, { sequence, steps, values })
      }
      this.points(this.opened.steps, this.opened.values, fromEntry, Math.min(toEntry, this.opened.steps.length))
      return
    }
    const chunk = this.level(level, sequence)
    const { from, to } = this.part
    const end = Math.min(toEntry, chunk.buckets)
    let child = 0
    for (let bucket = fromEntry; bucket < end; bucket++) {
      const first = chunk.first[bucket]!
      const last = chunk.last[bucket]!
      if (last < from || first > to) continue
      if (first >= from && last <= to && (this.cells.takes(first, last) || chunk.points[bucket] === 1)) {
        this.cells.add(
          first,
          last,
          chunk.points[bucket]!,
          chunk.valid[bucket]!,
          chunk.minimum[bucket]!,
          chunk.maximum[bucket]!,
          chunk.sum[bucket]!,
        )
        continue
      }
      while (chunk.starts[child + 1]! <= bucket) child++
      const entry = (bucket - chunk.starts[child]!) * FACTOR
      this.visit(level - 1, sequence * FACTOR + child, entry, entry + FACTOR)
    }
  }

  private points(steps: Float64Array, values: Float64Array, start: number, end: number): void {
    const { from, to } = this.part
    let index = start
    while (index < end && steps[index]! < from) index++
    while (index < end && steps[index]! <= to) {
      // what falls into one cell goes in as one
      const first = steps[index]!
      const beyond = this.cells.endOf(first)
      let [points, valid, minimum, maximum, sum] = [0, 0, Infinity, -Infinity, 0]
      let last = first
      for (; index < end; index++) {
        const step = steps[index]!
        if (points > 0 && (step < last || step >= beyond || step > to)) break
        const value = values[index]!
        points++
        last = step
        if (value !== value) continue
        valid++
        if (value < minimum) minimum = value
        if (value > maximum) maximum = value
        sum += value
      }
      this.cells.add(first, last, points, valid, minimum, maximum, sum)
      // a series that goes back and forth may come into the range again
      while (index < end && steps[index]! < from) index++
    }
  }

  private level(level: number, sequence: number): LevelChunk {
    const key = sequence * 16 + level
    let chunk = this.levels.get(key)
    if (chunk === undefined) {
      // depth first: what lies behind is not asked for again
      if (this.levels.size > 32) this.levels.clear()
      chunk = decodeLevel(this.chunk(level, sequence).data)
      this.levels.set(key, chunk)
    }
    return chunk
  }

  private chunk(level: number, sequence: number): ChunkRow {
    const { state, slot } = this.part
    const row = this.store.statements.chunk.get(state.id, slot, level, sequence) as ChunkRow | undefined
    if (row === undefined) throw this.missing(level, sequence)
    return row
  }

  private missing(level: number, sequence: number): Error {
    const { state, slot } = this.part
    return new Error(`Chunk ${sequence} of level ${level} of "${state.names[slot]}" of run ${state.runId} is missing.`)
  }
}

/** The envelope of parts that follow each other in steps, in at most `buckets` buckets; `across`: the steps that these divide. */
export function readEnvelope(
  store: ChunkStore,
  parts: BlockPart[],
  buckets: number,
  across?: [number, number],
): Envelope {
  let low = Infinity
  let high = -Infinity
  let total = 0
  let ordered = true
  for (const { state, slot, from, to } of parts) {
    const base = slot * RECORD
    low = Math.min(low, Math.max(from, state.records[base + FIRST_STEP]!))
    high = Math.max(high, Math.min(to, state.records[base + LAST_STEP]!))
    total += state.records[base + VALUES]!
    if (state.records[base + DISORDERED] === 1 || tailGoesBack(store, state, slot)) ordered = false
  }
  if (!(low <= high)) return { steps: [], mean: [], minimum: [], maximum: [], points: 0 }
  const fill = (everyStep: boolean): Envelope => {
    if (everyStep && !ordered) return everyStepOf(store, parts)
    const cells = new SeriesCells(
      across?.[0] ?? low,
      across?.[1] ?? high,
      buckets,
      ordered,
      everyStep,
      across !== undefined,
    )
    for (const part of parts) new Walk(store, part, cells).run()
    return cells.envelope()
  }
  if (total <= buckets) return fill(true)
  const envelope = fill(false)
  // few values in a wide range: show each, not cells of equal width
  return envelope.points <= buckets && envelope.steps.length < envelope.points ? fill(true) : envelope
}

/** Whether unsealed values of the metric begin before the end of its chunks. */
function tailGoesBack(store: ChunkStore, state: AttemptState, slot: number): boolean {
  if (state.records[slot * RECORD + CHUNKS] === 0) return false
  const tails = openTails(store, state)
  const sealedTo = state.records[slot * RECORD + SEALED_LAST_STEP]!
  return tails.column(state, slot)?.rows.some((row) => tails.steps[row]! < sealedTo) ?? false
}

function everyStepOf(store: ChunkStore, parts: BlockPart[]): Envelope {
  const cells = new SeriesCells(0, 0, 1, true, true)
  for (const part of parts) {
    for (const block of valueBlocks(store, part)) {
      for (let index = 0; index < block.steps.length; index++) {
        const value = block.values[index]!
        const known = value === value
        const step = block.steps[index]!
        cells.add(step, step, 1, known ? 1 : 0, known ? value : Infinity, known ? value : -Infinity, known ? value : 0)
      }
    }
  }
  return cells.envelope()
}
