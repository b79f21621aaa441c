/** Appending: rows to one tail block and the running figures of their metrics. */
import {
  type AttemptState,
  FIRST_STEP,
  LAST_STEP,
  LAST_VALUE,
  MAXIMUM,
  MINIMUM,
  PAGE_SLOTS,
  VALUES,
  RECORD,
  SEALED_VALUES,
  slotOf,
} from './state.ts'
import { CHUNK_VALUES, TAIL_BYTES_LIMIT } from './seal.ts'
import type { ChunkStore } from './statements.ts'
import { encodeTail, type TailColumn } from './tail.ts'

/** One event of metrics. NaN, Infinity and -Infinity are values like others. */
export type MetricRow = {
  step: number
  /** seconds since 1970 */
  time: number | null
  values: Record<string, number>
}

/** Columns to fill, by slot and in the order the last row named them; kept from append to append. */
type Scratch = { columns: TailColumn[]; order: TailColumn[] }

const scratches = new WeakMap<AttemptState, Scratch>()

/** Rows longer than this in one block would make a reader hold too much at once. */
const BLOCK_POINTS = 1_000_000

/** Appends to the attempt, inside the caller's transaction. */
export function appendRows(store: ChunkStore, runId: number, attempt: number, rows: MetricRow[]): void {
  checkRows(rows)
  const state = store.states.open(runId, attempt)
  try {
    if (state.names.length === 0) sealEarlierAttempts(store, runId, attempt)
    for (let start = 0; start < rows.length;) start = appendBlock(store, state, rows, start)
    store.states.save(state)
  } catch (error) {
    store.states.drop(state)
    throw error
  }
}

/** An earlier attempt gets no more rows: what is left of it may be sealed. */
function sealEarlierAttempts(store: ChunkStore, runId: number, attempt: number): void {
  for (const row of store.states.rows(runId)) {
    if (row.attempt >= attempt || row.tail_bytes === 0) continue
    const earlier = store.states.load(row)
    earlier.due = 2
    store.states.save(earlier)
  }
}

/** Refuses what no reader could give back, before anything is written. */
function checkRows(rows: MetricRow[]): void {
  for (const { step, time } of rows) {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`The step of a row of metrics is ${step}; expected a whole number from 0 to 2^53 - 1.`)
    }
    if (time !== null && !Number.isFinite(time)) {
      throw new RangeError(`The time of a row of metrics is ${time}; expected seconds since 1970, or null.`)
    }
  }
}

/** Appends as many of the rows from `start` on as one block takes; gives where it stopped. */
function appendBlock(store: ChunkStore, state: AttemptState, rows: MetricRow[], start: number): number {
  let scratch = scratches.get(state)
  if (scratch === undefined) scratches.set(state, (scratch = { columns: [], order: [] }))
  const { order } = scratch
  const used: TailColumn[] = []
  let end = start
  let points = 0
  for (; end < rows.length && points < BLOCK_POINTS; end++) {
    const { values } = rows[end]!
    const row = end - start
    let place = 0
    for (const name in values) {
      let column = order[place]
      // names nearly always come in the order of the row before
      if (column === undefined || column.name !== name) {
        column = columnOf(state, scratch, name)
        order[place] = column
      }
      place++
      const { count } = column
      if (count === 0) used.push(column)
      if (count === column.values.length) grow(column)
      const value = values[name]!
      if (typeof value !== 'number') {
        throw new TypeError(`The value of "${name}" at step ${rows[end]!.step} is ${String(value)}; expected a number.`)
      }
      column.values[count] = value
      column.rows[count] = row
      column.count = count + 1
    }
    points += place
  }
  const steps = new Float64Array(end - start)
  const times = new Float64Array(end - start)
  let smallest = state.firstStep
  for (let row = start; row < end; row++) {
    const { step, time } = rows[row]!
    steps[row - start] = step
    times[row - start] = time ?? NaN
    if (step < smallest) smallest = step
  }
  const block = encodeTail(steps, times, used)
  store.statements.insertTail.run(state.id, block)
  state.firstStep = smallest
  state.tailBytes += block.length
  if (state.tailBytes >= TAIL_BYTES_LIMIT && state.due === 0) state.due = 1
  for (const column of used) {
    record(state, column, steps)
    column.count = 0
    if (column.values.length > 4096) shrink(column)
  }
  return end
}

function columnOf(state: AttemptState, { columns }: Scratch, name: string): TailColumn {
  const slot = slotOf(state, name)
  let column = columns[slot]
  if (column === undefined) {
    column = { slot, name, values: new Float64Array(8), rows: new Uint32Array(8), count: 0 }
    columns[slot] = column
  }
  return column
}

function grow(column: TailColumn): void {
  const values = new Float64Array(column.values.length * 2)
  const rows = new Uint32Array(column.rows.length * 2)
  values.set(column.values)
  rows.set(column.rows)
  column.values = values
  column.rows = rows
}

function shrink(column: TailColumn): void {
  column.values = new Float64Array(1024)
  column.rows = new Uint32Array(1024)
}

/** Brings the running figures of a metric up to date. */
function record(state: AttemptState, column: TailColumn, steps: Float64Array): void {
  const { records } = state
  const { values, rows, count, slot } = column
  const base = slot * RECORD
  let first = records[base + FIRST_STEP]!
  let last = records[base + LAST_STEP]!
  let lastValue = records[base + LAST_VALUE]!
  let minimum = records[base + MINIMUM]!
  let maximum = records[base + MAXIMUM]!
  for (let index = 0; index < count; index++) {
    const step = steps[rows[index]!]!
    const value = values[index]!
    if (step < first) first = step
    if (step >= last) {
      last = step
      lastValue = value
    }
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  records[base + FIRST_STEP] = first
  records[base + LAST_STEP] = last
  records[base + LAST_VALUE] = lastValue
  records[base + MINIMUM] = minimum
  records[base + MAXIMUM] = maximum
  records[base + VALUES]! += count
  state.dirtyPages.add(Math.floor(slot / PAGE_SLOTS))
  if (state.due === 0 && records[base + VALUES]! - records[base + SEALED_VALUES]! >= CHUNK_VALUES) state.due = 1
}
