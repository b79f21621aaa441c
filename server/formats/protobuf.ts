/** The fields of protocol buffer messages, without their schemas: a reader picks the few it knows. */

export type Field = { number: number; value: bigint; bytes: Buffer; isVarint: boolean }

/** The fields of a protocol buffer message; what cannot be read ends it. */
export function* fieldsOf(message: Buffer): Generator<Field> {
  const none = message.subarray(0, 0)
  for (let at = 0; at < message.length;) {
    const key = readVarint(message, at)
    at = key.end
    const number = Number(key.value >> 3n)
    const wire = Number(key.value & 7n)
    let bytes = none
    let value = 0n
    if (wire === 0) ({ value, end: at } = readVarint(message, at))
    else {
      let length = wire === 1 ? 8 : wire === 5 ? 4 : -1
      if (wire === 2) {
        const read = readVarint(message, at)
        length = Number(read.value)
        at = read.end
      }
      if (length < 0 || at + length > message.length) return
      bytes = message.subarray(at, at + length)
      at += length
    }
    yield { number, value, bytes, isVarint: wire === 0 }
  }
}

/** A number of seven bits a byte, and where it ends. */
export function readVarint(bytes: Buffer, from: number): { value: bigint; end: number } {
  let value = 0n
  let at = from
  for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
    const byte = bytes[at++]!
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return { value, end: at }
}
