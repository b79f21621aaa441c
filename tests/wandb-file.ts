/** A file as W&B's client keeps a run in (`run-ID.wandb`), of records as its protocol buffers number their fields. */
import { crc32 } from 'node:zlib'

const block = 32 << 10
const pieceHead = 7

/** A field of a message: a number, a text, or a message in it. */
type Message = readonly (readonly [field: number, value: number | string | Message])[]

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, BigInt(value))
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(left)])
}

const encode = (message: Message): Buffer =>
  Buffer.concat(
    message.map(([field, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(field << 3), varint(value)])
      const bytes = typeof value === 'string' ? Buffer.from(value) : encode(value)
      return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
    }),
  )

const item = (keys: string[], value: unknown): Message => [
  ...(keys.length === 1 ? [[1, keys[0]!] as const] : keys.map((key) => [2, key] as const)),
  [16, typeof value === 'number' && Number.isNaN(value) ? 'NaN' : JSON.stringify(value)],
]
const items = (values: Record<string, unknown>): Message =>
  Object.entries(values).map(([key, value]) => [1, item(key.split('/'), value)] as const)

/** The records of a file; a key with a slash stands for keys that lead to a value. */
export const wandbRecord = {
  run: (id: string, { project = 'p', name = '', start = 1000, config = {} } = {}): Message => [
    [
      17,
      [
        [1, id],
        [3, project],
        [4, items(config)],
        [8, name],
        [17, [[1, start]]],
      ],
    ],
  ],
  row: (values: Record<string, unknown>): Message => [[2, items(values)]],
  summary: (values: Record<string, unknown>): Message => [[3, items(values)]],
  axis: (name: string, axis: string): Message => [
    [
      12,
      [
        [1, name],
        [4, axis],
      ],
    ],
  ],
  exit: (code: number, runtime = 0): Message => [
    [
      18,
      [
        [1, code],
        [2, runtime],
      ],
    ],
  ],
}

/** The file of these records. */
export function wandbFile(records: readonly Message[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00])]
  let at = parts[0]!.length
  const put = (bytes: Buffer) => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const record of records) {
    let rest: Buffer = encode(record)
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      if (block - (at % block) < pieceHead) put(Buffer.alloc(block - (at % block)))
      const taken = Math.min(rest.length, block - (at % block) - pieceHead)
      const isLast = taken === rest.length
      const body = Buffer.concat([Buffer.from([isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3]), rest.subarray(0, taken)])
      const head = Buffer.alloc(6)
      head.writeUInt32LE(crc32(body))
      head.writeUInt16LE(taken, 4)
      put(Buffer.concat([head, body]))
      rest = rest.subarray(taken)
    }
  }
  return Buffer.concat(parts)
}
