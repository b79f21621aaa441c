/** Columns of floats or doubles by place: all first bytes, all second bytes, and so on. Exponents repeat, the rest is noise. */

/** How a column of floats, and one of doubles, is marked. */
export const FLOATS = 3
export const DOUBLES = 4

let floats = new Float32Array(0)

/** Writes the mark and the column; gives where it ends. */
export function writePlanes(out: Buffer, start: number, values: Float64Array): number {
  let at = start
  const count = values.length
  let single = true
  for (let index = 0; single && index < count; index++) {
    const value = values[index]!
    single = Math.fround(value) === value || value !== value
  }
  const width = single ? 4 : 8
  out[at++] = single ? FLOATS : DOUBLES
  let bytes: Uint8Array
  if (single) {
    if (floats.length < count) floats = new Float32Array(count * 2)
    floats.set(values)
    bytes = new Uint8Array(floats.buffer)
  } else bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (let plane = 0; plane < width; plane++) at = writePlane(out, at, bytes, plane, count, width)
  return at
}

const places = new Uint8Array(256)
const different = new Uint8Array(256)

/** One place of every value: how many bits (8: as it stands), the different bytes, then their numbers packed. */
function writePlane(
  out: Buffer,
  start: number,
  bytes: Uint8Array,
  plane: number,
  count: number,
  width: number,
): number {
  let position = start
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
  let bits = kinds > 64 ? 8 : kinds === 1 ? 0 : 32 - Math.clz32(kinds - 1)
  // a short column may be longer with its list than without
  if (kinds + (bits * count) / 8 >= count) bits = 8
  out[position++] = bits
  if (bits === 8) {
    for (let index = 0, at = plane; index < count; index++, at += width) out[position++] = bytes[at]!
    return position
  }
  out[position++] = kinds
  for (let kind = 0; kind < kinds; kind++) out[position++] = different[kind]!
  if (bits === 0) return position
  let held = 0
  let filled = 0
  for (let index = 0, at = plane; index < count; index++, at += width) {
    held |= (places[bytes[at]!]! - 1) << filled
    filled += bits
    if (filled >= 8) {
      out[position++] = held
      held >>>= 8
      filled -= 8
    }
  }
  if (filled > 0) out[position++] = held
  return position
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
/** Reads what follows the mark into `values`; gives where it ends. */
export function readPlanes(bytes: Buffer, start: number, values: Float64Array, mark: number): number {
  const count = values.length
  const width = mark === FLOATS ? 4 : 8
  const single = mark === FLOATS ? new Float32Array(count) : null
  const out = new Uint8Array(single === null ? values.buffer : single.buffer)
  let position = start
  for (let plane = 0; plane < width; plane++) position = readPlane(bytes, position, out, plane, count, width)
  if (single !== null) values.set(single)
  return position
}
