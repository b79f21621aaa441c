/** Columns of whole numbers, or of decimals that are whole numbers divided by a power of ten, as differences in few bits. */

/** How a column in bits of equal width, and one in seven bits a byte, is marked. */
export const PACKED = 1
export const VARIABLE = 2

/** Differences between whole numbers up to this, and theirs again, stay exact doubles. */
const WHOLE_LIMIT = 2 ** 50
const POWERS = Array.from({ length: 10 }, (_, power) => 10 ** power)

let residuals = [new Float64Array(0), new Float64Array(0), new Float64Array(0)] as [
  Float64Array,
  Float64Array,
  Float64Array,
]

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

/** Writes the column as whole numbers when all its values are (after scaling), and that is shorter; gives where it ends, or -1. */
export function writeWhole(out: Buffer, start: number, values: Float64Array): number {
  const count = values.length
  let power = 0
  const stride = Math.max(1, count >> 3)
  for (let index = 0; index < count; index += stride) {
    power = Math.max(power, decimalPlaces(values[index]!))
    if (power === 10) return -1
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
      return -1
    if (value === 0 && 1 / value < 0) return -1
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
  let at = start
  out[at++] = useVariable ? VARIABLE : PACKED
  out[at++] = power
  out[at++] = order
  at = out.writeDoubleLE(base, at)
  if (useVariable) {
    if (order === 2) residual[1] = once[1]!
    if (order === 1) residual[0] = 0
    at = writeVariable(out, at, residual, count)
    // a column of far-apart whole numbers is shorter as doubles
    if (at - start > count * 7) return -1
  } else {
    at = out.writeDoubleLE(lowest, at)
    out[at++] = bits
    if (order === 2) at = out.writeDoubleLE(once[1]!, at)
    at = pack(out, at, residual, count, bits, lowest)
  }
  return at
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
function writeVariable(out: Buffer, start: number, values: Float64Array, count: number): number {
  let at = start
  for (let index = 0; index < count; index++) {
    const value = values[index]!
    let rest = value >= 0 ? value * 2 : -value * 2 - 1
    while (rest >= 128) {
      out[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    out[at++] = rest
  }
  return at
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

function pack(out: Buffer, start: number, values: Float64Array, count: number, bits: number, lowest: number): number {
  if (bits === 0) return start
  let at = start
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
      out[at++] = held
      held >>>= 8
      filled -= 8
    }
    if (!wide) continue
    held |= Math.floor(value / 65536) << filled
    filled += highBits
    while (filled >= 8) {
      out[at++] = held
      held >>>= 8
      filled -= 8
    }
  }
  if (filled > 0) out[at++] = held
  return at
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
/** Reads what follows the mark into `values`; gives where it ends. */
export function readWholeValues(bytes: Buffer, start: number, values: Float64Array, mark: number): number {
  const divisor = POWERS[bytes[start]!]!
  const order = bytes[start + 1]!
  const base = bytes.readDoubleLE(start + 2)
  let position = start + 10
  if (mark === PACKED) {
    const lowest = bytes.readDoubleLE(position)
    position = unpack(bytes, position + 9, values, order, bytes[position + 8]!, lowest)
  } else position = readVariable(bytes, position, values)
  integrate(values, order)
  for (let index = 0; index < values.length; index++) values[index] = (values[index]! + base) / divisor
  return position
}
