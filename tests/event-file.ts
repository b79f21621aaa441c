/** Event files of TensorBoard as its writers leave them, for tests: a scalar a record. */
import { maskedChecksum } from '../server/formats/tensorboard.ts'

export type Scalar = { tag: string; step: number; value: number; time: number }

/** The bytes of an event file. */
export function eventFile(scalars: Scalar[]): Buffer {
  return Buffer.concat(scalars.map(({ tag, step, value, time }) => record(event(tag, step, value, time))))
}

function event(tag: string, step: number, value: number, time: number): Buffer {
  const wall = Buffer.alloc(9)
  wall[0] = 0x09
  wall.writeDoubleLE(time, 1)
  const simple = Buffer.alloc(5)
  simple[0] = 0x15
  simple.writeFloatLE(value, 1)
  const scalar = Buffer.concat([field(1, Buffer.from(tag)), simple])
  return Buffer.concat([wall, Buffer.from([0x10]), varint(step), field(5, field(1, scalar))])
}

function record(message: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(BigInt(message.length))
  head.writeUInt32LE(maskedChecksum(head.subarray(0, 8)), 8)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(maskedChecksum(message))
  return Buffer.concat([head, message, tail])
}

const field = (number: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const more = rest > 0x7fn
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0))
    if (!more) return Buffer.from(bytes)
  }
}
