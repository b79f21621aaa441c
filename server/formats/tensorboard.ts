/**
 * Scalars of TensorBoard event files. A file is a row of records: length (8 bytes), its masked CRC-32C, an Event message,
 * and that one's; of the messages only the few fields are read that hold scalars (tensorflow/core/util/event.proto,
 * framework/summary.proto, framework/tensor.proto).
 */
import type { ForeignMetrics } from './json-metrics.ts'
import { fieldsOf, readVarint } from './protobuf.ts'

/** Bytes of a record around its message. */
const frame = 16
/** No event is larger; a length above it is damage. */
const largestRecord = 1 << 30

/** Scalars of a piece of a file; `end`: how far whole records reach. */
export type EventRecords = {
  metrics: ForeignMetrics[]
  end: number
  /** What is wrong with what follows them; null where it is only a record that is not written to its end. */
  problem: string | null
  /** Events that were passed over, as what follows them can be read: a sentence each. */
  passedOver: string[]
}

/** Whether a file's first bytes are those of an event file. */
export function beginsAsEventFile(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.readUInt32LE(8) === maskedChecksum(bytes.subarray(0, 8))
}

/** The scalars of the whole records in `bytes`. */
export function readTensorBoard(bytes: Buffer): EventRecords {
  const metrics: ForeignMetrics[] = []
  const passedOver: string[] = []
  let at = 0
  while (at + frame <= bytes.length) {
    const length = bytes.readBigUInt64LE(at)
    if (bytes.readUInt32LE(at + 8) !== maskedChecksum(bytes.subarray(at, at + 8)) || length > largestRecord)
      return {
        metrics,
        passedOver,
        end: at,
        problem: `the record at byte ${at} has a wrong checksum; it is damaged, or no event file`,
      }
    const from = at + 12
    const to = from + Number(length)
    if (to + 4 > bytes.length) break
    // where it ends is known all the same, so that only this one is lost
    if (bytes.readUInt32LE(to) !== maskedChecksum(bytes.subarray(from, to)))
      passedOver.push(`the event at byte ${at} has a wrong checksum; it is damaged, and was passed over`)
    else {
      const event = readEvent(bytes.subarray(from, to))
      const tags = Object.keys(event.values)
      if (tags.length > 0 && !(event.step >= 0 && Number.isSafeInteger(event.step)))
        passedOver.push(`${tags.join(', ')} has the step ${event.step}; expected a whole number of 0 or more`)
      else if (tags.length > 0) metrics.push(event)
    }
    at = to + 4
  }
  return { metrics, passedOver, end: at, problem: null }
}

function readEvent(message: Buffer): ForeignMetrics {
  const event: ForeignMetrics = { step: 0, time: null, values: Object.create(null) as Record<string, number> }
  for (const field of fieldsOf(message)) {
    if (field.number === 1 && field.bytes.length === 8) event.time = field.bytes.readDoubleLE()
    else if (field.number === 2) event.step = Number(BigInt.asIntN(64, field.value))
    else if (field.number === 5) readSummary(event.values, field.bytes)
  }
  return event
}

function readSummary(values: Record<string, number>, message: Buffer): void {
  for (const { number, bytes } of fieldsOf(message)) {
    if (number !== 1) continue
    let tag = ''
    let value: number | null = null
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) tag = field.bytes.toString('utf8')
      else if (field.number === 2 && field.bytes.length === 4) value = field.bytes.readFloatLE()
      else if (field.number === 8) value = readTensor(field.bytes)
    }
    if (tag !== '' && value !== null) values[tag] = value
  }
}

/** The number in a tensor that holds one; null in any other (images, histograms, texts). */
function readTensor(message: Buffer): number | null {
  let type = 0
  let content: Buffer | null = null
  const found: number[] = []
  for (const { number, bytes, value, isVarint } of fieldsOf(message)) {
    if (number === 1) type = Number(value)
    else if (number === 2 && hasManyValues(bytes)) return null
    else if (number === 4) content = bytes
    else if (number === 5) for (let at = 0; at + 4 <= bytes.length; at += 4) found.push(bytes.readFloatLE(at))
    else if (number === 6) for (let at = 0; at + 8 <= bytes.length; at += 8) found.push(bytes.readDoubleLE(at))
    else if (number === 7 || number === 10) {
      const whole = isVarint ? value : bytes.length > 0 ? readVarint(bytes, 0).value : 0n
      found.push(Number(BigInt.asIntN(64, whole)))
    }
  }
  if (content !== null && type === 1 && content.length === 4) return content.readFloatLE()
  if (content !== null && type === 2 && content.length === 8) return content.readDoubleLE()
  if (content !== null && type === 3 && content.length === 4) return content.readInt32LE()
  if (content !== null && type === 9 && content.length === 8) return Number(content.readBigInt64LE())
  return found.length === 1 ? found[0]! : null
}

/** A tensor's shape: more than one value in all. */
function hasManyValues(shape: Buffer): boolean {
  let size = 1
  for (const dimension of fieldsOf(shape)) {
    if (dimension.number !== 2) continue
    for (const { number, value } of fieldsOf(dimension.bytes)) if (number === 1) size *= Number(value)
  }
  return size > 1
}

/** CRC-32C (Castagnoli), reversed polynomial. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value >>> 0
})

/** The CRC-32C of bytes as a record holds it: rotated and shifted by a constant, so that a CRC of a CRC is none. */
export function maskedChecksum(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  crc = (crc ^ 0xffffffff) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
