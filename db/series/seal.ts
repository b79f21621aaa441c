/**
 * Sealing: unsealed values of an attempt become chunks, one metric at a time, so that a pass over many metrics can be spread
 * over many short transactions. Each step leaves the store whole: a metric's record says how many of its values are in chunks,
 * and the tails keep all of theirs until the last metric of the pass is done.
 */
import { beginBlock, endBlock, writeColumn } from './codec.ts'
import { buildLevels, lacksSummary, summariseRest } from './levels.ts'
import type { SeriesAttempt, AttemptState } from './state.ts'
import {
  CHUNKS,
  DISORDERED,
  PAGE_SLOTS,
  pendingValues,
  VALUES,
  RECORD,
  SEALED_LAST_STEP,
  SEALED_VALUES,
  TAIL_BASE,
} from './state.ts'
import type { ChunkStore } from './statements.ts'
import { OpenTails, type TailValues } from './tail.ts'

/** Values of a metric that are sealed into one chunk, about. */
export const CHUNK_VALUES = 1024
/** Tails of an attempt are sealed when they are this large, however few values a metric has in them. */
export const TAIL_BYTES_LIMIT = 8 * 2 ** 20

/** One pass over an attempt's tails up to the newest at its start. */
type Pass = {
  attemptId: number
  tailVersion: number
  tails: OpenTails
  nextSlot: number
  /** Metrics with fewer values than this are left for later. */
  smallest: number
  /** Whether a metric was, or had values that were. */
  leaves: boolean
  axes: { id: number; rows: Uint32Array }[]
}

/** Does sealing in slices. Keeps the pass it is in between slices. */
export class Sealer {
  private pass: Pass | null = null
  private readonly store: ChunkStore

  constructor(store: ChunkStore) {
    this.store = store
  }

  /** Forgets the pass it is in: after anything that may have changed tails behind its back. */
  forget(): void {
    this.pass = null
  }

  /** Whether there is something to seal. */
  isDue(): boolean {
    return this.store.statements.due.get() !== undefined
  }

  /** Seals until `deadline` (of performance.now); inside a transaction. */
  work(deadline: number): void {
    for (;;) {
      const row = this.store.statements.due.get() as SeriesAttempt | undefined
      if (row === undefined) return
      const state = this.store.states.load(row)
      const pass = this.passOf(state)
      const finished = this.sealSlots(state, pass, deadline)
      if (finished) this.endPass(state, pass)
      this.store.states.save(state)
      if (!finished || performance.now() >= deadline) return
    }
  }

  private passOf(state: AttemptState): Pass {
    const known = this.pass
    if (known !== null && known.attemptId === state.id && known.tailVersion === state.tailVersion) return known
    const tails = new OpenTails(this.store.statements.tails.all(state.id, 0) as { id: number; data: Buffer }[])
    let longest = 0
    for (let slot = 0; slot < state.names.length; slot++) longest = Math.max(longest, pendingValues(state, slot))
    this.pass = {
      attemptId: state.id,
      tailVersion: state.tailVersion,
      tails,
      nextSlot: 0,
      // metrics logged more rarely wait for a fuller chunk, unless the attempt is over
      smallest: state.due === 2 ? 1 : Math.max(1, Math.min(CHUNK_VALUES, longest) / 2),
      leaves: false,
      axes: [],
    }
    return this.pass
  }

  /** Seals metric after metric; true when all of the pass are done. */
  private sealSlots(state: AttemptState, pass: Pass, deadline: number): boolean {
    while (pass.nextSlot < state.names.length) {
      const slot = pass.nextSlot
      const column = pendingValues(state, slot) < pass.smallest ? undefined : pass.tails.column(state, slot)
      const points = column?.values.length ?? 0
      const size = Math.ceil(points / Math.max(1, Math.round(points / CHUNK_VALUES)))
      let from = 0
      for (; from < points && points - from >= Math.min(size, pass.smallest); from += size) {
        this.sealPart(state, pass, column!, from, Math.min(points, from + size))
        // the rest of a long metric in the next slice
        if (from + size < points && performance.now() >= deadline) return false
      }
      if (column === undefined ? pendingValues(state, slot) > 0 : from < points) pass.leaves = true
      const sums = state.due === 2 && pendingValues(state, slot) === 0 && isToSum(this.store, state, slot)
      if (sums) summariseRest(this.store, state.id, slot, state.records[slot * RECORD + CHUNKS]!)
      pass.nextSlot++
      if ((points > 0 || sums) && performance.now() >= deadline) break
    }
    return pass.nextSlot >= state.names.length
  }

  private sealPart(state: AttemptState, pass: Pass, column: TailValues, from: number, to: number): void {
    const rows = column.rows.subarray(from, to)
    const points = rows.length
    const { steps, times } = pass.tails
    let values = column.values.slice(from, to)
    const order = stepOrder(steps, rows)
    if (order !== null) values = Float64Array.from(order, (index) => values[index]!)
    const firstStep = steps[rows[order === null ? 0 : order[0]!]!]!
    const lastStep = steps[rows[order === null ? points - 1 : order[points - 1]!]!]!
    const base = column.slot * RECORD
    const { records } = state
    const sequence = records[base + CHUNKS]!
    const axisId = this.axis(state, pass, rows, order, steps, times)
    beginBlock()
    writeColumn(values)
    this.store.statements.insertChunk.run(
      state.id,
      column.slot,
      0,
      sequence,
      firstStep,
      lastStep,
      points,
      axisId,
      endBlock(),
    )
    if (firstStep < records[base + SEALED_LAST_STEP]!) records[base + DISORDERED] = 1
    records[base + SEALED_LAST_STEP] = Math.max(records[base + SEALED_LAST_STEP]!, lastStep)
    records[base + SEALED_VALUES]! += points
    records[base + CHUNKS] = sequence + 1
    state.dirtyPages.add(Math.floor(column.slot / PAGE_SLOTS))
    buildLevels(this.store, state.id, column.slot, sequence + 1)
  }

  /** The id of the axis of these rows: written once for all metrics that were logged in them. */
  private axis(
    state: AttemptState,
    pass: Pass,
    rows: Uint32Array,
    order: Uint32Array | null,
    steps: Float64Array,
    times: Float64Array,
  ): number {
    for (const known of pass.axes) if (sameRows(known.rows, rows)) return known.id
    const { length } = rows
    const ownSteps = new Float64Array(length)
    const ownTimes = new Float64Array(length)
    for (let index = 0; index < length; index++) {
      const row = rows[order === null ? index : order[index]!]!
      ownSteps[index] = steps[row]!
      ownTimes[index] = times[row]!
    }
    beginBlock()
    writeColumn(ownSteps)
    writeColumn(ownTimes)
    const id = Number(this.store.statements.insertAxis.run(state.id, rows.length, endBlock()).lastInsertRowid)
    // the newest first, and few: metrics that share rows follow each other
    pass.axes.unshift({ id, rows })
    if (pass.axes.length > 8) pass.axes.pop()
    return id
  }

  /** Drops the tails that the pass has sealed, keeping what it left for later. */
  private endPass(state: AttemptState, pass: Pass): void {
    const { lastTail } = pass.tails
    const { statements } = this.store
    const leftovers = pass.leaves ? pass.tails.leftovers(state) : null
    if (leftovers === null) statements.deleteTails.run(state.id, lastTail)
    else {
      statements.deleteTails.run(state.id, lastTail - 1)
      statements.replaceTail.run(leftovers, lastTail)
    }
    const rest = statements.tailBytes.get(state.id) as number
    state.tailBytes = rest
    state.tailVersion++
    let longest = 0
    for (let slot = 0; slot < state.names.length; slot++) {
      const base = slot * RECORD
      if (state.records[base + TAIL_BASE] !== state.records[base + SEALED_VALUES]) {
        state.records[base + TAIL_BASE] = state.records[base + SEALED_VALUES]!
        state.dirtyPages.add(Math.floor(slot / PAGE_SLOTS))
      }
      longest = Math.max(longest, state.records[base + VALUES]! - state.records[base + SEALED_VALUES]!)
    }
    if (state.due === 2) state.due = longest > 0 ? 2 : 0
    else state.due = longest >= CHUNK_VALUES || rest >= TAIL_BYTES_LIMIT ? 1 : 0
    this.pass = null
  }
}

/** Whether chunks of a metric whose attempt has ended are to be summed up. */
export function isToSum(store: ChunkStore, state: AttemptState, slot: number): boolean {
  const { records } = state
  return (
    records[slot * RECORD + DISORDERED] === 0 && lacksSummary(store, state.id, slot, records[slot * RECORD + CHUNKS]!)
  )
}

function sameRows(a: Uint32Array, b: Uint32Array): boolean {
  const { length } = a
  if (length !== b.length || a[0] !== b[0] || a[length - 1] !== b[length - 1]) return false
  // rows rise: equal ends and as many rows as lie between them means all of them
  if (a[length - 1]! - a[0]! === length - 1) return true
  for (let index = 1; index < length; index++) if (a[index] !== b[index]) return false
  return true
}

/** The order that sorts the rows by step, equal steps as they arrived; null where they are sorted. */
export function stepOrder(steps: Float64Array, rows: Uint32Array): Uint32Array | null {
  let sorted = true
  for (let index = 1; sorted && index < rows.length; index++) sorted = steps[rows[index]!]! >= steps[rows[index - 1]!]!
  if (sorted) return null
  return Uint32Array.from(rows, (_, index) => index).sort((a, b) => steps[rows[a]!]! - steps[rows[b]!]! || a - b)
}
