/**
 * Tails: rows as they arrive, columnar, uncompressed, one block an append. A block is a checksum, numbers of rows and columns,
 * a mark for the plain case, the rows' steps and times, then each column: slot, number of values, the rows that have one where
 * not all do, and the values. In the plain case, the usual one, there are the values alone.
 */
import { crc32 } from 'node:zlib'
import { type AttemptState, RECORD, SEALED_VALUES, TAIL_BASE } from './state.ts'

const HEADER_BYTES = 16

/** The values of one metric in the rows of a block to be. `rows` rise; `count` of both arrays are used. */
export type TailColumn = { slot: number; name: string; values: Float64Array; rows: Uint32Array; count: number }

/** A metric's values of several blocks: `rows[i]` says which row of them all `values[i]` belongs to. */
export type TailValues = { slot: number; values: Float64Array; rows: Uint32Array }

/** Bytes of a tail block from its rows and columns. */
export function encodeTail(steps: Float64Array, times: Float64Array, columns: TailColumn[]): Buffer {
  const rows = steps.length
  const plain = isPlain(columns, rows)
  let bytes = HEADER_BYTES + rows * 16
  for (const { count } of columns) {
    bytes += (plain ? 0 : 8) + count * 8 + (count === rows ? 0 : (count + (count & 1)) * 4)
  }
  const buffer = new ArrayBuffer(bytes)
  const words = new Uint32Array(buffer, 0, bytes >> 2)
  const numbers = new Float64Array(buffer)
  words[1] = rows
  words[2] = columns.length
  words[3] = plain ? 1 : 0
  numbers.set(steps, 2)
  numbers.set(times, 2 + rows)
  let position = 2 + rows * 2
  for (const column of columns) {
    const { count } = column
    if (!plain) {
      words[position * 2] = column.slot
      words[position * 2 + 1] = count
      position++
    }
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

/** Whether column k is slot k and full, for each k: then it is found by its number and needs no head of its own. */
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

  /** The values of a metric that no chunk holds yet; undefined when there are none. */
  column(state: AttemptState, slot: number): TailValues | undefined {
    const places: { block: Block; place: ColumnPlace }[] = []
    let total = 0
    for (const block of this.blocks) {
      const place = findColumn(block, slot)
      if (place === null) continue
      places.push({ block, place })
      total += place.count
    }
    // of those in the tails, the first are in chunks already
    let skip = Math.min(
      total,
      state.records[slot * RECORD + SEALED_VALUES]! - state.records[slot * RECORD + TAIL_BASE]!,
    )
    if (total === skip) return undefined
    const values = new Float64Array(total - skip)
    const rows = new Uint32Array(total - skip)
    let at = 0
    for (const { block, place } of places) {
      const { count, values: first, list } = place
      const from = Math.min(skip, count)
      skip -= from
      const { words, numbers, base } = block
      for (let item = from; item < count; item++, at++) {
        values[at] = numbers[first + item]!
        rows[at] = base + (list === -1 ? item : words[list + item]!)
      }
    }
    return { slot, values, rows }
  }

  /** A block of all values that no chunk holds yet, or null when there are none. */
  leftovers(state: AttemptState): Buffer | null {
    const kept: TailValues[] = []
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

/** Number of values, where they begin, and where the rows that have them are listed (-1: all have one). */
type ColumnPlace = { count: number; values: number; list: number }

function findColumn(block: Block, slot: number): ColumnPlace | null {
  const { words, rows } = block
  let position = 2 + rows * 2
  if (block.plain) return slot < block.columns ? { count: rows, values: position + slot * rows, list: -1 } : null
  for (let index = 0; index < block.columns; index++) {
    const count = words[position * 2 + 1]!
    const listed = count === rows ? 0 : (count + 1) >> 1
    const values = position + 1 + listed
    if (words[position * 2] === slot) return { count, values, list: listed === 0 ? -1 : (position + 1) * 2 }
    position = values + count
  }
  return null
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
