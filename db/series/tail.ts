/**
 * Tails: rows as they arrive, columnar, uncompressed, one block an append. A block is a checksum, numbers of rows and columns,
 * the rows' steps and times, then each column: slot, number of values, the rows that have one where not all do, and the values.
 */
import { crc32 } from 'node:zlib'
import type { AttemptState, Gathered, GatheredColumn, TailColumn } from './state.ts'
import { RECORD, SEALED_POINTS, TAIL_BASE } from './state.ts'

const HEADER_BYTES = 16

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
  words[3] = 0
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

type Block = { words: Uint32Array; numbers: Float64Array; rows: number; columns: number }

/** @throws when the block is damaged. */
function openTail(id: number, data: Buffer): Block {
  // typed arrays need 8-byte alignment, which a buffer from a pool lacks
  const bytes = data.byteOffset % 8 === 0 ? data : Buffer.from(new Uint8Array(data).buffer)
  const whole = bytes.length >= HEADER_BYTES && bytes.length % 8 === 0
  const words = whole ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : new Uint32Array(4)
  if (!whole || words[0] !== crc32(bytes.subarray(4))) {
    throw new Error(`Tail ${id} of ${data.length} bytes is damaged: its checksum does not fit its content.`)
  }
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3)
  return { words, numbers, rows: words[1]!, columns: words[2]! }
}

/**
 * Puts the blocks of an attempt together, leaving out of each metric the points that are sealed already.
 * @throws when a block is damaged.
 */
export function gatherTails(state: AttemptState, tails: { id: number; data: Buffer }[]): Gathered {
  const blocks = tails.map((tail) => openTail(tail.id, tail.data))
  const slots = state.names.length
  const counts = new Uint32Array(slots)
  let rows = 0
  for (const block of blocks) {
    rows += block.rows
    let position = 2 + block.rows * 2
    for (let index = 0; index < block.columns; index++) {
      const count = block.words[position * 2 + 1]!
      counts[block.words[position * 2]!]! += count
      position += 1 + count + (count === block.rows ? 0 : (count + 1) >> 1)
    }
  }
  const steps = new Float64Array(rows)
  const times = new Float64Array(rows)
  const columns: (GatheredColumn | undefined)[] = []
  // how many of a slot's first points in the tails are in chunks already
  const skips = new Uint32Array(slots)
  const filled = new Uint32Array(slots)
  for (let slot = 0; slot < slots; slot++) {
    const skip = state.records[slot * RECORD + SEALED_POINTS]! - state.records[slot * RECORD + TAIL_BASE]!
    const kept = Math.max(0, counts[slot]! - skip)
    skips[slot] = Math.min(skip, counts[slot]!)
    columns.push(kept === 0 ? undefined : { slot, values: new Float64Array(kept), rows: new Uint32Array(kept) })
  }
  let base = 0
  for (const { words, numbers, rows: blockRows, columns: blockColumns } of blocks) {
    steps.set(numbers.subarray(2, 2 + blockRows), base)
    times.set(numbers.subarray(2 + blockRows, 2 + blockRows * 2), base)
    let position = 2 + blockRows * 2
    for (let index = 0; index < blockColumns; index++) {
      const slot = words[position * 2]!
      const count = words[position * 2 + 1]!
      position++
      const listed = count !== blockRows
      const list = position * 2
      if (listed) position += (count + 1) >> 1
      const column = columns[slot]
      const from = Math.min(skips[slot]!, count)
      skips[slot]! -= from
      if (column !== undefined && from < count) {
        let at = filled[slot]!
        for (let item = from; item < count; item++, at++) {
          column.values[at] = numbers[position + item]!
          column.rows[at] = base + (listed ? words[list + item]! : item)
        }
        filled[slot] = at
      }
      position += count
    }
    base += blockRows
  }
  return { steps, times, columns, lastTail: tails.at(-1)?.id ?? 0 }
}

/** A block of what a sealing pass left over, or null when it left nothing. */
export function encodeLeftovers(state: AttemptState, gathered: Gathered, sealed: Uint32Array): Buffer | null {
  const used = new Uint32Array(gathered.steps.length)
  for (const column of gathered.columns) {
    if (column !== undefined)
      for (let index = sealed[column.slot]!; index < column.rows.length; index++) used[column.rows[index]!] = 1
  }
  const kept: number[] = []
  for (let row = 0; row < used.length; row++) {
    if (used[row] === 0) continue
    used[row] = kept.length
    kept.push(row)
  }
  if (kept.length === 0) return null
  const columns: TailColumn[] = []
  for (const column of gathered.columns) {
    if (column === undefined || sealed[column.slot] === column.values.length) continue
    const values = column.values.subarray(sealed[column.slot])
    const rows = column.rows.subarray(sealed[column.slot]).map((row) => used[row]!)
    columns.push({ slot: column.slot, name: state.names[column.slot]!, values, rows, count: values.length })
  }
  return encodeTail(
    Float64Array.from(kept, (row) => gathered.steps[row]!),
    Float64Array.from(kept, (row) => gathered.times[row]!),
    columns,
  )
}
