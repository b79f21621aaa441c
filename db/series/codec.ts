/**
 * Columns of numbers to bytes and back, exactly (each double's bits come back; every NaN as the one NaN).
 *
 * A column is written in whichever of four ways suits it: one constant; whole numbers, or decimals that are whole numbers
 * divided by a power of ten, as differences in as few bits as they need; else the bytes of floats or doubles by place, those
 * places that hold few different bytes packed. A general compressor gains little over this on noise and costs ten times the time.
 */
import { crc32 } from 'node:zlib'

const CONSTANT = 0
const PACKED = 1
const VARIABLE = 2
const FLOATS = 3
const DOUBLES = 4

/** Differences between whole numbers up to this, and theirs again, stay exact doubles. */
const WHOLE_LIMIT = 2 ** 50
const POWERS = Array.from({ length: 10 }, (_, power) => 10 ** power)

let scratch = Buffer.allocUnsafe(1 << 16)
let view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length)
let length = 0

let residuals = [new Float64Array(0), new Float64Array(0), new Float64Array(0)] as [
  Float64Array,
  Float64Array,
  Float64Array,
]
const doubles = { floats: new Float32Array(0), bytes: new Uint8Array(0) }

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return
  const grown = Buffer.allocUnsafe(Math.max(scratch.length * 2, length + bytes))
  scratch.copy(grown, 0, 0, length)
  scratch = grown
  view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length)
}

/** Starts a new block; `endBlock` gives its bytes. One block at a time. */
export function beginBlock(): void {
  length = 4
}

/** Writes a small whole number (below 2^32). */
export function writeCount(value: number): void {
  reserve(4)
  view.setUint32(length, value, true)
  length += 4
}

/** The bytes of the block, led by a checksum of the rest. */
export function endBlock(): Buffer {
  view.setUint32(0, crc32(scratch.subarray(4, length)), true)
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
    const out = new Float64Array(count)
    if (count === 0) return out
    const { bytes } = this
    const mode = bytes[this.position++]
    switch (mode) {
      case CONSTANT:
        return out.fill(this.double())
      case PACKED:
      case VARIABLE: {
        const power = bytes[this.position++]!
        const order = bytes[this.position++]!
        const base = this.double()
        if (mode === PACKED) {
          const lowest = this.double()
          const bits = bytes[this.position++]!
          this.position = unpack(bytes, this.position, out, order, bits, lowest)
        } else this.position = readVariable(bytes, this.position, out)
        integrate(out, order)
        const divisor = POWERS[power]!
        if (power === 0) for (let index = 0; index < count; index++) out[index] = out[index]! + base
        else for (let index = 0; index < count; index++) out[index] = (out[index]! + base) / divisor
        return out
      }
      case FLOATS: {
        const floats = new Float32Array(count)
        this.planes(new Uint8Array(floats.buffer), count, 4)
        out.set(floats)
        return out
      }
      case DOUBLES:
        this.planes(new Uint8Array(out.buffer), count, 8)
        return out
      default:
        throw new Error(`A column is written in the unknown way ${mode}.`)
    }
  }

  private double(): number {
    this.position += 8
    return this.view.getFloat64(this.position - 8, true)
  }

  private planes(out: Uint8Array, count: number, width: number): void {
    for (let plane = 0; plane < width; plane++)
      this.position = readPlane(this.bytes, this.position, out, plane, count, width)
  }
}

/** Appends a column to the block. The number of values is not written: the reader has to know it. */
export function writeColumn(values: Float64Array): void {
  const count = values.length
  if (count === 0) return
  reserve(64 + count * 10)
  const first = values[0]!
  let same = true
  for (let index = 1; same && index < count; index++) same = Object.is(values[index], first)
  if (same) {
    scratch[length++] = CONSTANT
    writeDouble(first)
    return
  }
  if (!writeWhole(values)) writePlanes(values)
}

function writeDouble(value: number): void {
  view.setFloat64(length, value, true)
  length += 8
}

/** The smallest power of ten that makes the value a whole number and gives it back by division; 10 when there is none. */
function decimalPlaces(value: number): number {
  for (let power = 0; power < 10; power++) {
    const scale = POWERS[power]!
    const whole = Math.round(value * scale)
    if (Math.abs(whole) >= Number.MAX_SAFE_INTEGER) return 10
    if (whole / scale === value) return power
  }
  return 10
}

/** Writes the column as whole numbers when all its values are (after scaling), and that is shorter; says whether it did. */
function writeWhole(values: Float64Array): boolean {
  const count = values.length
  let power = 0
  const stride = Math.max(1, count >> 3)
  for (let index = 0; index < count; index += stride) {
    power = Math.max(power, decimalPlaces(values[index]!))
    if (power === 10) return false
  }
  if (residuals[0].length < count) {
    residuals = [new Float64Array(count * 2), new Float64Array(count * 2), new Float64Array(count * 2)]
  }
  const [plain, once, twice] = residuals
  const scale = POWERS[power]!
  const base = Math.round(values[0]! * scale)
  for (let index = 0; index < count; index++) {
    const value = values[index]!
    const whole = Math.round(value * scale)
    const offset = whole - base
    // the comparisons are false for NaN and the infinities; 1 / -0 tells -0, which a whole number would lose
    if (whole / scale !== value || !(Math.abs(offset) <= WHOLE_LIMIT) || Math.abs(whole) > Number.MAX_SAFE_INTEGER)
      return false
    if (value === 0 && 1 / value < 0) return false
    plain[index] = offset
  }
  // differences of order 1 and 2; the first of each counts as 0 so that one odd start does not widen them all
  let low0 = 0,
    high0 = 0,
    low1 = 0,
    high1 = 0,
    low2 = 0,
    high2 = 0
  once[0] = 0
  twice[0] = 0
  twice[1] = 0
  let before = 0
  for (let index = 1; index < count; index++) {
    const offset = plain[index]!
    const step = offset - plain[index - 1]!
    if (offset < low0) low0 = offset
    else if (offset > high0) high0 = offset
    once[index] = step
    const bend = index === 1 ? 0 : step - before
    twice[index] = bend
    before = step
    if (index === 1) {
      low1 = step
      high1 = step
    } else if (step < low1) low1 = step
    else if (step > high1) high1 = step
    if (bend < low2) low2 = bend
    else if (bend > high2) high2 = bend
  }
  const spans = [high0 - low0, high1 - low1, high2 - low2]
  let order = 0
  for (let candidate = 1; candidate < 3; candidate++) if (spans[candidate]! < spans[order]! / 1.5) order = candidate
  const span = spans[order]!
  const bits = span >= 2 ** 32 ? 64 : span === 0 ? 0 : 32 - Math.clz32(span)
  const residual = residuals[order]!
  const lowest = [low0, low1, low2][order]!
  // order 1 starts from the offset 0, order 2 from its first difference too
  if (order === 1) once[0] = lowest
  let useVariable = bits > 32
  if (bits > 4 && bits <= 32) useVariable = variableBytes(residual, count, stride) * 8 < bits * 0.9 * count
  const start = length
  scratch[length++] = useVariable ? VARIABLE : PACKED
  scratch[length++] = power
  scratch[length++] = order
  writeDouble(base)
  if (useVariable) {
    if (order === 2) residual[1] = once[1]!
    if (order === 1) residual[0] = 0
    writeVariable(residual, count)
    // a column of far-apart whole numbers is shorter as doubles
    if (length - start > count * 7) {
      length = start
      return false
    }
  } else {
    writeDouble(lowest)
    scratch[length++] = bits
    if (order === 2) writeDouble(once[1]!)
    pack(residual, count, bits, lowest)
  }
  return true
}

function variableBytes(values: Float64Array, count: number, stride: number): number {
  let bytes = 0
  let seen = 0
  const step = Math.max(1, stride >> 3)
  for (let index = 2; index < count; index += step) {
    const size = Math.abs(values[index]!) * 2
    bytes += size < 128 ? 1 : size < 16384 ? 2 : size < 2097152 ? 3 : size < 2 ** 28 ? 4 : 6
    seen++
  }
  return seen === 0 ? Infinity : (bytes / seen) * count
}

/** Zigzag, seven bits a byte, lowest first. */
function writeVariable(values: Float64Array, count: number): void {
  for (let index = 0; index < count; index++) {
    const value = values[index]!
    let rest = value >= 0 ? value * 2 : -value * 2 - 1
    while (rest >= 128) {
      scratch[length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    scratch[length++] = rest
  }
}

function readVariable(bytes: Buffer, start: number, out: Float64Array): number {
  let position = start
  for (let index = 0; index < out.length; index++) {
    let value = 0
    let scale = 1
    let byte: number
    do {
      byte = bytes[position++]!
      value += (byte & 127) * scale
      scale *= 128
    } while (byte & 128 && position < bytes.length)
    out[index] = value % 2 ? -(value + 1) / 2 : value / 2
  }
  return position
}

/** Sums differences of the order back up. */
function integrate(out: Float64Array, order: number): void {
  if (order === 2) {
    // out[1] holds the first difference, the rest second differences
    let difference = 0
    for (let index = 1; index < out.length; index++) {
      difference += out[index]!
      out[index] = difference
    }
    out[0] = 0
  }
  if (order > 0) {
    let sum = 0
    out[0] = 0
    for (let index = 1; index < out.length; index++) {
      sum += out[index]!
      out[index] = sum
    }
  }
}

function pack(values: Float64Array, count: number, bits: number, lowest: number): void {
  if (bits === 0) return
  let held = 0
  let filled = 0
  const wide = bits > 16
  const lowBits = wide ? 16 : bits
  const highBits = bits - 16
  for (let index = 0; index < count; index++) {
    const value = values[index]! - lowest
    held |= (wide ? value % 65536 : value) << filled
    filled += lowBits
    while (filled >= 8) {
      scratch[length++] = held
      held >>>= 8
      filled -= 8
    }
    if (!wide) continue
    held |= Math.floor(value / 65536) << filled
    filled += highBits
    while (filled >= 8) {
      scratch[length++] = held
      held >>>= 8
      filled -= 8
    }
  }
  if (filled > 0) scratch[length++] = held
}

function unpack(bytes: Buffer, start: number, out: Float64Array, order: number, bits: number, lowest: number): number {
  let position = start
  let slope = 0
  if (order === 2) {
    slope = bytes.readDoubleLE(position)
    position += 8
  }
  const count = out.length
  if (bits === 0) out.fill(lowest)
  else {
    let held = 0
    let filled = 0
    const wide = bits > 16
    const lowBits = wide ? 16 : bits
    const lowMask = 2 ** lowBits - 1
    const highBits = bits - 16
    const highMask = wide ? 2 ** highBits - 1 : 0
    for (let index = 0; index < count; index++) {
      while (filled < lowBits) {
        held |= bytes[position++]! << filled
        filled += 8
      }
      let value = held & lowMask
      held >>>= lowBits
      filled -= lowBits
      if (wide) {
        while (filled < highBits) {
          held |= bytes[position++]! << filled
          filled += 8
        }
        value += (held & highMask) * 65536
        held >>>= highBits
        filled -= highBits
      }
      out[index] = value + lowest
    }
  }
  if (order === 2 && count > 1) out[1] = slope
  return position
}

function writePlanes(values: Float64Array): void {
  const count = values.length
  let single = true
  for (let index = 0; single && index < count; index++) {
    const value = values[index]!
    single = Math.fround(value) === value || value !== value
  }
  const width = single ? 4 : 8
  scratch[length++] = single ? FLOATS : DOUBLES
  let bytes: Uint8Array
  if (single) {
    if (doubles.floats.length < count) doubles.floats = new Float32Array(count * 2)
    doubles.floats.set(values)
    bytes = new Uint8Array(doubles.floats.buffer)
  } else bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (let plane = 0; plane < width; plane++) writePlane(bytes, plane, count, width)
}

const places = new Uint8Array(256)
const different = new Uint8Array(256)

/** One place of every value: how many bits (8: as it stands), the different bytes, then their numbers packed. */
function writePlane(bytes: Uint8Array, plane: number, count: number, width: number): void {
  let kinds = 0
  places.fill(0)
  // 64 different bytes or fewer are worth packing; noise shows itself within the first hundred values
  for (let index = 0, at = plane; index < count; index++, at += width) {
    const byte = bytes[at]!
    if (places[byte] === 0) {
      if (kinds === 64) {
        kinds = 65
        break
      }
      different[kinds++] = byte
      places[byte] = kinds
    }
  }
  const bits = kinds > 64 ? 8 : kinds === 1 ? 0 : 32 - Math.clz32(kinds - 1)
  scratch[length++] = bits
  if (bits === 8) {
    for (let index = 0, at = plane; index < count; index++, at += width) scratch[length++] = bytes[at]!
    return
  }
  scratch[length++] = kinds
  for (let kind = 0; kind < kinds; kind++) scratch[length++] = different[kind]!
  if (bits === 0) return
  let held = 0
  let filled = 0
  for (let index = 0, at = plane; index < count; index++, at += width) {
    held |= (places[bytes[at]!]! - 1) << filled
    filled += bits
    if (filled >= 8) {
      scratch[length++] = held
      held >>>= 8
      filled -= 8
    }
  }
  if (filled > 0) scratch[length++] = held
}

function readPlane(bytes: Buffer, start: number, out: Uint8Array, plane: number, count: number, width: number): number {
  let position = start
  const bits = bytes[position++]!
  if (bits === 8) {
    for (let index = 0, at = plane; index < count; index++, at += width) out[at] = bytes[position + index]!
    return position + count
  }
  const kinds = bytes[position++]!
  const table = position
  position += kinds
  if (bits === 0) {
    const byte = bytes[table]!
    for (let index = 0, at = plane; index < count; index++, at += width) out[at] = byte
    return position
  }
  let held = 0
  let filled = 0
  const mask = 2 ** bits - 1
  for (let index = 0, at = plane; index < count; index++, at += width) {
    if (filled < bits) {
      held |= bytes[position++]! << filled
      filled += 8
    }
    out[at] = bytes[table + (held & mask)]!
    held >>>= bits
    filled -= bits
  }
  return position
}
