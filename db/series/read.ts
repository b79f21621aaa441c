/**
 * Reading: envelopes from as few chunks as the pixels need, and points in step order.
 *
 * An envelope is found by walking down from the highest level, opening a bucket only where it is wider than the chart's cells
 * or crosses an end of the range. The chart's buckets end where buckets of the store end, so each is exact.
 */
import { decodeLevel, decodePoints, decodeValues, FACTOR, type LevelChunk } from './levels.ts'
import { stepOrder } from './seal.ts'
import {
  type AttemptState,
  CHUNKS,
  DISORDERED,
  FIRST_STEP,
  LAST_STEP,
  POINTS,
  RECORD,
  SEALED_LAST_STEP,
} from './state.ts'
import type { ChunkPlace, ChunkRow, ChunkStore } from './statements.ts'
import { OpenTails } from './tail.ts'

export type Envelope = { steps: number[]; mean: number[]; minimum: number[]; maximum: number[]; points: number }

/** The part of an attempt's series that is looked at: steps from..to, both included. */
export type Part = { state: AttemptState; slot: number; from: number; to: number }

/** Bytes of opened tails that are kept for the next reader. */
const KEPT_TAIL_BYTES = 64 * 2 ** 20
const NO_TAILS = new OpenTails([])

/** The tails of an attempt; what an earlier reader opened is kept, and only what came since is opened. */
export function openTails(store: ChunkStore, state: AttemptState): OpenTails {
  if (state.tailBytes === 0) return NO_TAILS
  const known = store.tails.get(state.id)
  if (known !== undefined && known.token === state.token) return known.tails
  const usable = known !== undefined && known.tailVersion === state.tailVersion ? known.tails : undefined
  const newer = store.statements.tails.all(state.id, usable?.lastTail ?? 0) as { id: number; data: Buffer }[]
  const tails = usable !== undefined && newer.length === 0 ? usable : new OpenTails(newer, usable)
  // tails that may yet be rolled back must not be met again under the id of others
  if (store.database.inTransaction) return tails
  store.tails.delete(state.id)
  store.tails.set(state.id, { token: state.token, tailVersion: state.tailVersion, tails, bytes: state.tailBytes })
  let bytes = 0
  for (const kept of store.tails.values()) bytes += kept.bytes
  for (const [id, kept] of store.tails) {
    if (bytes <= KEPT_TAIL_BYTES && store.tails.size <= 256) break
    store.tails.delete(id)
    bytes -= kept.bytes
  }
  return tails
}

/** Unsealed points of a metric, sorted by step. */
function sortedTail(
  store: ChunkStore,
  state: AttemptState,
  slot: number,
): { steps: Float64Array; times: Float64Array; values: Float64Array } {
  const tails = openTails(store, state)
  const column = tails.column(state, slot)
  if (column === undefined)
    return { steps: new Float64Array(0), times: new Float64Array(0), values: new Float64Array(0) }
  const order = stepOrder(tails.steps, column.rows)
  const rows = order === null ? column.rows : Uint32Array.from(order, (index) => column.rows[index]!)
  const values = order === null ? column.values : Float64Array.from(order, (index) => column.values[index]!)
  return {
    steps: Float64Array.from(rows, (row) => tails.steps[row]!),
    times: Float64Array.from(rows, (row) => tails.times[row]!),
    values,
  }
}

/**
 * Buckets being filled, each a cell of equal width in steps. In an ordered series what is added comes in step order and goes to
 * the cell of its first step; where one step goes on from what was added last, it stays in the same bucket.
 */
class Cells {
  readonly low: number
  readonly width: number
  readonly ordered: boolean
  private readonly last: number
  private readonly index: Int32Array
  private current = -1
  private currentLast = -1
  readonly steps: number[] = []
  readonly cells: number[] = []
  readonly minimum: number[] = []
  readonly maximum: number[] = []
  readonly sum: number[] = []
  readonly valid: number[] = []
  points = 0

  /** `width` 0 gives every step a bucket of its own. */
  constructor(low: number, high: number, buckets: number, ordered: boolean, everyStep: boolean) {
    this.low = low
    this.ordered = ordered
    this.width = everyStep ? 0 : (high - low + 1) / buckets
    this.last = buckets - 1
    this.index = new Int32Array(everyStep || ordered ? 0 : buckets).fill(-1)
  }

  cellOf(step: number): number {
    return this.width === 0 ? step : Math.min(this.last, Math.floor((step - this.low) / this.width))
  }

  /** Whether what lies in these steps can go in as one. */
  takes(first: number, last: number): boolean {
    if (first === last) return true
    return this.ordered ? last - first <= this.width / 2 : this.width > 0 && this.cellOf(first) === this.cellOf(last)
  }

  add(first: number, last: number, points: number, valid: number, minimum: number, maximum: number, sum: number): void {
    this.points += points
    const at = this.bucket(first, last)
    if (first < this.steps[at]!) this.steps[at] = first
    if (minimum < this.minimum[at]!) this.minimum[at] = minimum
    if (maximum > this.maximum[at]!) this.maximum[at] = maximum
    this.sum[at]! += sum
    this.valid[at]! += valid
  }

  private bucket(first: number, last: number): number {
    const cell = this.cellOf(first)
    if (this.ordered) {
      if (this.current >= 0 && (this.cells[this.current] === cell || first <= this.currentLast)) {
        if (last > this.currentLast) this.currentLast = last
        return this.current
      }
      this.currentLast = last
      this.current = this.open(cell, first)
      return this.current
    }
    // every step by itself is only asked for in step order
    if (this.width === 0) {
      if (this.current < 0 || this.cells[this.current] !== cell) this.current = this.open(cell, first)
      return this.current
    }
    if (this.index[cell] === -1) this.index[cell] = this.open(cell, first)
    return this.index[cell]!
  }

  private open(cell: number, first: number): number {
    this.cells.push(cell)
    this.steps.push(first)
    this.minimum.push(Infinity)
    this.maximum.push(-Infinity)
    this.sum.push(0)
    return this.valid.push(0) - 1
  }

  envelope(): Envelope {
    const order = this.ordered
      ? null
      : this.steps.map((_, index) => index).sort((a, b) => this.steps[a]! - this.steps[b]!)
    const pick = (values: number[]): number[] => (order === null ? values : order.map((index) => values[index]!))
    const mean = this.sum.map((sum, index) => {
      const value = sum / this.valid[index]!
      if (value !== value && this.valid[index]! > 0) return value
      // a sum beyond the largest double would leave the envelope
      return this.valid[index] === 0 ? NaN : Math.min(this.maximum[index]!, Math.max(this.minimum[index]!, value))
    })
    const orNone = (values: number[]): number[] => values.map((value, index) => (this.valid[index] === 0 ? NaN : value))
    return {
      steps: pick(this.steps),
      mean: pick(mean),
      minimum: pick(orNone(this.minimum)),
      maximum: pick(orNone(this.maximum)),
      points: this.points,
    }
  }
}

/** Feeds cells from one part of a series. */
class Walk {
  private readonly store: ChunkStore
  private readonly part: Part
  private readonly cells: Cells
  private readonly levels = new Map<number, LevelChunk>()
  private readonly opened: { sequence: number; steps: Float64Array; values: Float64Array } = {
    sequence: -1,
    steps: new Float64Array(0),
    values: new Float64Array(0),
  }

  constructor(store: ChunkStore, part: Part, cells: Cells) {
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
      // where all of them are wanted, where they lie need not be asked
      if (whole)
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
    for (let index = start; index < end; index++) {
      const step = steps[index]!
      if (step < from) continue
      if (step > to) break
      const value = values[index]!
      if (value === value) this.cells.add(step, step, 1, 1, value, value, value)
      else this.cells.add(step, step, 1, 0, Infinity, -Infinity, 0)
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
    if (row === undefined) {
      throw new Error(`Chunk ${sequence} of level ${level} of "${state.names[slot]}" of run ${state.runId} is missing.`)
    }
    return row
  }
}

/** The envelope of parts that follow each other in steps, in at most `buckets` buckets. */
export function readEnvelope(store: ChunkStore, parts: Part[], buckets: number): Envelope {
  let low = Infinity
  let high = -Infinity
  let total = 0
  let ordered = true
  for (const { state, slot, from, to } of parts) {
    const base = slot * RECORD
    low = Math.min(low, Math.max(from, state.records[base + FIRST_STEP]!))
    high = Math.max(high, Math.min(to, state.records[base + LAST_STEP]!))
    total += state.records[base + POINTS]!
    if (state.records[base + DISORDERED] === 1 || tailGoesBack(store, state, slot)) ordered = false
  }
  if (!(low <= high)) return { steps: [], mean: [], minimum: [], maximum: [], points: 0 }
  const fill = (everyStep: boolean): Envelope => {
    if (everyStep && !ordered) return everyStepOf(store, parts)
    const cells = new Cells(low, high, buckets, ordered, everyStep)
    for (const part of parts) new Walk(store, part, cells).run()
    return cells.envelope()
  }
  if (total <= buckets) return fill(true)
  const envelope = fill(false)
  // few points in a wide range: show each, not cells of equal width
  return envelope.points <= buckets && envelope.steps.length < envelope.points ? fill(true) : envelope
}

/** Whether unsealed points of the metric begin before the end of its chunks. */
function tailGoesBack(store: ChunkStore, state: AttemptState, slot: number): boolean {
  if (state.records[slot * RECORD + CHUNKS] === 0) return false
  const tails = openTails(store, state)
  const sealedTo = state.records[slot * RECORD + SEALED_LAST_STEP]!
  return tails.column(state, slot)?.rows.some((row) => tails.steps[row]! < sealedTo) ?? false
}

function everyStepOf(store: ChunkStore, parts: Part[]): Envelope {
  const cells = new Cells(0, 0, 1, true, true)
  for (const part of parts) {
    for (const block of pointBlocks(store, part)) {
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

export type PointBlock = { steps: Float64Array; times: Float64Array; values: Float64Array }

/**
 * Points of a part in step order, those of one step in order of arrival, a chunk or so at a time. What is unsealed when the first
 * block is asked for is kept in memory; chunks are opened as they are reached, those that overlap in steps together.
 */
export function* pointBlocks(store: ChunkStore, part: Part): Generator<PointBlock> {
  const { state, slot, from, to } = part
  const tail = sortedTail(store, state, slot)
  const places = store.statements.places.all(state.id, slot, 0, 0) as ChunkPlace[]
  if (tail.steps.length > 0) {
    places.push({
      level: -1,
      sequence: Infinity,
      first_step: tail.steps[0]!,
      last_step: tail.steps.at(-1)!,
      points: tail.steps.length,
    })
  }
  const queue = places.filter((place) => place.last_step >= from && place.first_step <= to)
  queue.sort((a, b) => a.first_step - b.first_step || a.sequence - b.sequence)
  const open = (place: ChunkPlace): PointBlock => {
    if (place.level === -1) return tail
    const row = store.statements.chunk.get(state.id, slot, 0, place.sequence) as ChunkRow | undefined
    if (row !== undefined) return decodePoints(store, row)
    throw new Error(`Points of "${state.names[slot]}" of run ${state.runId} were removed while they were being read.`)
  }
  for (let next = 0; next < queue.length;) {
    const group = [queue[next]!]
    let { last_step: last, sequence } = queue[next++]!
    for (; next < queue.length; next++) {
      const place = queue[next]!
      if (place.first_step > last || (place.first_step === last && place.sequence > sequence)) break
      group.push(place)
      last = Math.max(last, place.last_step)
      sequence = Math.max(sequence, place.sequence)
    }
    group.sort((a, b) => a.sequence - b.sequence)
    const block = group.length === 1 ? open(group[0]!) : sortedTogether(group.map(open))
    const start = lowerBound(block.steps, from)
    const end = lowerBound(block.steps, to + 1)
    if (start >= end) continue
    yield {
      steps: block.steps.subarray(start, end),
      times: block.times.subarray(start, end),
      values: block.values.subarray(start, end),
    }
  }
}

/** Blocks in order of arrival to one in step order. */
function sortedTogether(blocks: PointBlock[]): PointBlock {
  const join = (key: keyof PointBlock): Float64Array => {
    const all = new Float64Array(blocks.reduce((sum, block) => sum + block.steps.length, 0))
    let at = 0
    for (const block of blocks) {
      all.set(block[key], at)
      at += block.steps.length
    }
    return all
  }
  const steps = join('steps')
  const order = Uint32Array.from(steps, (_, index) => index).sort((a, b) => steps[a]! - steps[b]! || a - b)
  const sorted = (values: Float64Array): Float64Array => Float64Array.from(order, (index) => values[index]!)
  return { steps: sorted(steps), times: sorted(join('times')), values: sorted(join('values')) }
}

/** Index of the first step that is not below `step`. */
function lowerBound(steps: Float64Array, step: number): number {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (steps[middle]! < step) low = middle + 1
    else high = middle
  }
  return low
}
