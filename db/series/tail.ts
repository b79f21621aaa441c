/**
 * Tails: rows as they arrive, columnar, uncompressed, one block an append. A block is a checksum, numbers of rows and columns,
 * a mark for the plain case, the rows' steps and times, then each column: slot, number of values, the rows that have one where
 * not all do, and the values.
 */
import { crc32 } from 'node:zlib'
import { type AttemptState, RECORD, SEALED_POINTS, TAIL_BASE } from './state.ts'

const HEADER_BYTES = 16

/** The values of one metric in the rows of a block to be. `rows` rise; `count` of both arrays are used. */
export type TailColumn = { slot: number; name: string; values: Float64Array; rows: Uint32Array; count: number }

/** A metric's points of several blocks: `rows[i]` says which row of them all `values[i]` belongs to. */
export type TailPoints = { slot: number; values: Float64Array; rows: Uint32Array }

/** Bytes of a tail block from its rows and columns. */
export function encodeTail(steps: Float64Array, times: Float64Array, columns: TailColumn[]): Buffer {
  const rows = steps.length
  let bytes = HEADER_BYTES + rows * 16
  for (const column of columns) {
    bytes += 8 + column.count * 8 + (column.count === rows ? 0 : (column.count + (column.count & 1)) * 4)
  }
  const buffer = new ArrayBuffer(bytes)
  const words = new Uint32Array(buffer, 0, bytes >> 2)
  const numbers = new Float64Array(buffer)
  words[1] = rows
  words[2] = columns.length
  words[3] = isPlain(columns, rows) ? 1 : 0
  numbers.set(steps, 2)
  numbers.set(times, 2 + rows)
  let position = 2 + rows * 2
  for (const column of columns) {
    const { count } = column
    words[position * 2] = column.slot
    words[position * 2 + 1] = count
    position++
    if (count !== rows) {
      for (let index = 0; index < count; index++) words[position * 2 + index] = column.rows[index]!
      position += (count + 1) >> 1
    }
    if (count < 64) for (let index = 0; index < count; index++) numbers[position + index] = column.values[index]!
    else numbers.set(column.values.subarray(0, count), position)
    position += count
  }
  const block = Buffer.from(buffer)
  words[0] = crc32(block.subarray(4))
  return block
}

/** Whether column k is slot k and full, for each k: then each is found without looking at those before it. */
function isPlain(columns: TailColumn[], rows: number): boolean {
  for (let index = 0; index < columns.length; index++) {
    if (columns[index]!.slot !== index || columns[index]!.count !== rows) return false
  }
  return true
}

type Block = {
  words: Uint32Array
  numbers: Float64Array
  rows: number
  columns: number
  plain: boolean
  /** Rows of the blocks before it. */
  base: number
}

/** Tails of an attempt, opened. They never change while they stand, so neither does this. */
export class OpenTails {
  /** Of all rows, in order of arrival. */
  readonly steps: Float64Array
  readonly times: Float64Array
  /** Id of the newest; 0 when there is none. */
  readonly lastTail: number
  private readonly blocks: Block[]

  /**
   * `earlier`: what was opened of the same attempt before, which these follow.
   * @throws when a block is damaged.
   */
  constructor(tails: { id: number; data: Buffer }[], earlier?: OpenTails) {
    let rows = earlier?.steps.length ?? 0
    this.blocks = [...(earlier?.blocks ?? [])]
    for (const { id, data } of tails) {
      const block = openTail(id, data, rows)
      rows += block.rows
      this.blocks.push(block)
    }
    this.lastTail = tails.at(-1)?.id ?? earlier?.lastTail ?? 0
    this.steps = new Float64Array(rows)
    this.times = new Float64Array(rows)
    for (const { numbers, rows: count, base } of this.blocks) {
      this.steps.set(numbers.subarray(2, 2 + count), base)
      this.times.set(numbers.subarray(2 + count, 2 + count * 2), base)
    }
  }

  /** The points of a metric that no chunk holds yet; undefined when there are none. */
  column(state: AttemptState, slot: number): TailPoints | undefined {
    const places: { block: Block; position: number; count: number }[] = []
    let total = 0
    for (const block of this.blocks) {
      const position = columnPosition(block, slot)
      if (position === -1) continue
      const count = block.words[position * 2 + 1]!
      places.push({ block, position, count })
      total += count
    }
    // of those in the tails, the first are in chunks already
    let skip = Math.min(
      total,
      state.records[slot * RECORD + SEALED_POINTS]! - state.records[slot * RECORD + TAIL_BASE]!,
    )
    if (total === skip) return undefined
    const values = new Float64Array(total - skip)
    const rows = new Uint32Array(total - skip)
    let at = 0
    for (const { block, position, count } of places) {
      const from = Math.min(skip, count)
      skip -= from
      const { words, numbers, base } = block
      const listed = count !== block.rows
      const list = (position + 1) * 2
      const first = position + 1 + (listed ? (count + 1) >> 1 : 0)
      for (let item = from; item < count; item++, at++) {
        values[at] = numbers[first + item]!
        rows[at] = base + (listed ? words[list + item]! : item)
      }
    }
    return { slot, values, rows }
  }

  /** A block of all points that no chunk holds yet, or null when there are none. */
  leftovers(state: AttemptState): Buffer | null {
    const kept: TailPoints[] = []
    const places = new Uint32Array(this.steps.length)
    for (let slot = 0; slot < state.names.length; slot++) {
      const column = this.column(state, slot)
      if (column === undefined) continue
      kept.push(column)
      for (const row of column.rows) places[row] = 1
    }
    if (kept.length === 0) return null
    const rows: number[] = []
    for (let row = 0; row < places.length; row++) if (places[row] === 1) places[row] = rows.push(row) - 1
    return encodeTail(
      Float64Array.from(rows, (row) => this.steps[row]!),
      Float64Array.from(rows, (row) => this.times[row]!),
      kept.map((column) => ({
        slot: column.slot,
        name: state.names[column.slot]!,
        values: column.values,
        rows: column.rows.map((row) => places[row]!),
        count: column.values.length,
      })),
    )
  }
}

/** Where the column of a slot begins, or -1. */
function columnPosition(block: Block, slot: number): number {
  let position = 2 + block.rows * 2
  if (block.plain) return slot < block.columns ? position + slot * (1 + block.rows) : -1
  for (let index = 0; index < block.columns; index++) {
    if (block.words[position * 2] === slot) return position
    const count = block.words[position * 2 + 1]!
    position += 1 + count + (count === block.rows ? 0 : (count + 1) >> 1)
  }
  return -1
}

function openTail(id: number, data: Buffer, base: number): Block {
  // typed arrays need 8-byte alignment, which a buffer from a pool lacks
  const bytes = data.byteOffset % 8 === 0 ? data : Buffer.from(new Uint8Array(data).buffer)
  const whole = bytes.length >= HEADER_BYTES && bytes.length % 8 === 0
  const words = whole ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : new Uint32Array(4)
  if (!whole || words[0] !== crc32(bytes.subarray(4))) {
    throw new Error(`Tail ${id} of ${data.length} bytes is damaged: its checksum does not fit its content.`)
  }
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3)
  return { words, numbers, rows: words[1]!, columns: words[2]!, plain: words[3] === 1, base }
}
