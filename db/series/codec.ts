/**
 * Columns of numbers to bytes and back, exactly (each double's bits come back; every NaN as the one NaN).
 *
 * A column is written in whichever of four ways suits it: one constant; whole numbers, or decimals that are whole numbers
 * divided by a power of ten, as differences in as few bits as they need; else the bytes of floats or doubles by place, those
 * places that hold few different bytes packed. A general compressor gains little over this on noise and costs ten times the time.
 */
import { crc32 } from 'node:zlib'
import { DOUBLES, FLOATS, readPlanes, writePlanes } from './codec-places.ts'
import { PACKED, readWholeValues, VARIABLE, writeWhole } from './codec-whole.ts'

const CONSTANT = 0

let scratch = Buffer.allocUnsafe(1 << 16)
let length = 0

/** Makes room for so many more bytes. */
function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return
  const grown = Buffer.allocUnsafe(Math.max(scratch.length * 2, length + bytes))
  scratch.copy(grown, 0, 0, length)
  scratch = grown
}

/** Starts a new block; `endBlock` gives its bytes. One block at a time. */
export function beginBlock(): void {
  length = 4
}

/** Writes a small whole number (below 2^32). */
export function writeCount(value: number): void {
  reserve(4)
  length = scratch.writeUInt32LE(value, length)
}

/** The bytes of the block, led by a checksum of the rest. */
export function endBlock(): Buffer {
  scratch.writeUInt32LE(crc32(scratch.subarray(4, length)), 0)
  return Buffer.from(scratch.subarray(0, length))
}

/** Reads what `beginBlock` … `endBlock` wrote. */
export class BlockReader {
  readonly bytes: Buffer
  readonly view: DataView
  position = 4

  /** @throws when the checksum does not fit. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (bytes.length < 4 || this.view.getUint32(0, true) !== crc32(bytes.subarray(4))) {
      throw new Error(`A block of ${bytes.length} bytes is damaged: its checksum does not fit its content.`)
    }
  }

  count(): number {
    this.position += 4
    return this.view.getUint32(this.position - 4, true)
  }

  /** The next column, which has `count` values. */
  column(count: number): Float64Array {
    const values = new Float64Array(count)
    if (count === 0) return values
    const mark = this.bytes[this.position++]!
    if (mark === CONSTANT) {
      this.position += 8
      return values.fill(this.view.getFloat64(this.position - 8, true))
    }
    if (mark === PACKED || mark === VARIABLE) this.position = readWholeValues(this.bytes, this.position, values, mark)
    else if (mark === FLOATS || mark === DOUBLES) this.position = readPlanes(this.bytes, this.position, values, mark)
    else throw new Error(`A column is written in the unknown way ${mark}.`)
    return values
  }
}

/** Appends a column to the block. The number of values is not written: the reader has to know it. */
export function writeColumn(values: Float64Array): void {
  const count = values.length
  if (count === 0) return
  // the longest way has a head, eight bytes a value and a little for each place
  reserve(128 + count * 10)
  const first = values[0]!
  let same = true
  for (let index = 1; same && index < count; index++) same = Object.is(values[index], first)
  if (same) {
    scratch[length++] = CONSTANT
    length = scratch.writeDoubleLE(first, length)
    return
  }
  const end = writeWhole(scratch, length, values)
  length = end === -1 ? writePlanes(scratch, length, values) : end
}
