/**
 * W&B's offline file (`run-ID.wandb`): a header of 7 bytes, then LevelDB's log format (blocks of 32 KiB; pieces with a
 * CRC-32, a length and a kind), each record a protocol buffer of which only the few fields are read that say something of
 * the run (wandb/proto/wandb_internal.proto).
 */
import { crc32 } from 'node:zlib'
import { fieldsOf, type Field } from './protobuf.ts'
import { parsePythonJson } from './python-json.ts'

const blockBytes = 32 << 10
const pieceHeader = 7
const fileHeader = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00])
/** A record larger than this is damage. */
const largestRecord = 256 << 20

export type WandbRecord =
  | {
      kind: 'run'
      id: string
      project: string
      about: Record<string, unknown>
      config: [string[], unknown][]
      /** Seconds since 1970; null: it does not say. */
      start: number | null
    }
  | { kind: 'config'; config: [string[], unknown][] }
  | { kind: 'row'; row: Record<string, unknown> }
  | { kind: 'summary'; summary: [string[], unknown][] }
  | { kind: 'metric'; metric: Record<string, unknown> }
  | { kind: 'alert'; title: string; text: string; level: string }
  | { kind: 'exit'; code: number; runtime: number }

/** Whether a file's first bytes are those of W&B's: `:W&B`. */
export const beginsAsWandbFile = (bytes: Buffer): boolean => bytes.subarray(0, 4).toString('latin1') === ':W&B'

/**
 * The records in `bytes`, which stand in the file from `offset` on (0, or an `end` that was given before); how far whole
 * records reach, and what is wrong with what follows, null where it is only a record that is not written to its end.
 */
export function readWandbFile(
  bytes: Buffer,
  offset: number,
): { records: WandbRecord[]; end: number; problem: string | null } {
  const records: WandbRecord[] = []
  let at = 0
  if (offset === 0) {
    if (bytes.length < fileHeader.length) return { records, end: 0, problem: null }
    if (!bytes.subarray(0, fileHeader.length).equals(fileHeader))
      return { records, end: 0, problem: 'it does not begin as a file of W&B does' }
    at = fileHeader.length
  }
  let end = offset + at
  let parts: Buffer[] = []
  for (;;) {
    const left = blockBytes - ((offset + at) % blockBytes)
    if (left < pieceHeader) at += left
    if (at + pieceHeader > bytes.length) break
    const length = bytes.readUInt16LE(at + 4)
    const kind = bytes[at + 6]!
    // a block's rest of zeros is nothing yet
    if (length === 0 && kind === 0) break
    if (at + pieceHeader + length > bytes.length) break
    const body = bytes.subarray(at + 6, at + pieceHeader + length)
    if (kind < 1 || kind > 4 || crc32(body) !== bytes.readUInt32LE(at))
      return { records, end, problem: `the record at byte ${end} has a wrong checksum; it is damaged` }
    parts.push(body.subarray(1))
    at += pieceHeader + length
    if (kind === 2 || kind === 3) {
      if (parts.reduce((sum, part) => sum + part.length, 0) > largestRecord)
        return { records, end, problem: `the record at byte ${end} is larger than ${largestRecord} bytes` }
      continue
    }
    const record = readRecord(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    if (record !== null) records.push(record)
    parts = []
    end = offset + at
  }
  return { records, end, problem: null }
}

function readRecord(message: Buffer): WandbRecord | null {
  for (const { number, bytes } of fieldsOf(message)) {
    if (number === 2) return { kind: 'row', row: readRow(bytes) }
    if (number === 3) return { kind: 'summary', summary: readItems(bytes) }
    if (number === 5) return { kind: 'config', config: readItems(bytes) }
    if (number === 10) {
      const { 1: title = '', 2: text = '', 3: level = '' } = textsOf(bytes)
      return { kind: 'alert', title, text, level }
    }
    if (number === 12) return { kind: 'metric', metric: readMetric(bytes) }
    if (number === 17) return readRun(bytes)
    if (number === 18) {
      const { 1: code = 0n, 2: runtime = 0n } = numbersOf(bytes)
      return { kind: 'exit', code: Number(BigInt.asIntN(32, code)), runtime: Number(runtime) }
    }
  }
  return null
}

function readRun(message: Buffer): WandbRecord {
  const { 1: id = '', 3: project = '', 6: group, 7: job, 8: name, 9: notes } = textsOf(message)
  const fields = [...fieldsOf(message)]
  const tags = fields.filter(({ number }) => number === 10).map(textOf)
  const config = fields.filter(({ number }) => number === 4).flatMap(({ bytes }) => readItems(bytes))
  const about = { group, job_type: job, name, notes, ...(tags.length > 0 && { tags }) }
  const started = fields.find(({ number }) => number === 17)
  const { 1: seconds = 0n, 2: nanos = 0n } = numbersOf(started?.bytes ?? Buffer.alloc(0))
  const start = seconds > 0n ? Number(seconds) + Number(nanos) / 1e9 : null
  return { kind: 'run', id, project, about, config, start: Number.isSafeInteger(Number(seconds)) ? start : null }
}

function readRow(message: Buffer): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [keys, value] of readItems(message)) putNested(row, keys, value)
  return row
}

/** Puts a value where its keys lead; what stood on the way there and holds no values is gone. */
export function putNested(target: Record<string, unknown>, keys: string[], value: unknown): void {
  let inner = target
  for (const key of keys.slice(0, -1)) {
    if (!Object.hasOwn(inner, key) || typeof inner[key] !== 'object' || inner[key] === null) define(inner, key, {})
    inner = inner[key] as Record<string, unknown>
  }
  define(inner, keys.at(-1)!, value)
}

/** Sets a key whatever its name, `__proto__` too. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
}

/** Items of a history, a summary or a configuration: the keys that lead to each, and its value. */
function readItems(message: Buffer): [string[], unknown][] {
  const items: [string[], unknown][] = []
  for (const { number, bytes } of fieldsOf(message)) {
    if (number !== 1) continue
    const fields = [...fieldsOf(bytes)]
    const nested = fields.filter((field) => field.number === 2).map(textOf)
    const key = fields.find((field) => field.number === 1)
    const json = fields.find((field) => field.number === 16)
    const keys = nested.length > 0 ? nested : key ? [textOf(key)] : []
    if (keys.length === 0 || !json) continue
    try {
      items.push([keys, parsePythonJson(textOf(json))])
    } catch {
      // a value that is no JSON is none
    }
  }
  return items
}

/** A definition of a metric in the form that the client sends it in online: 1 its name, 2 a pattern, 5 its axis. */
function readMetric(message: Buffer): Record<string, unknown> {
  const { 1: name, 2: pattern, 4: axis } = textsOf(message)
  return { ...(name && { 1: name }), ...(pattern && { 2: pattern }), ...(axis && { axis }) }
}

function textsOf(message: Buffer): Record<number, string> {
  const texts: Record<number, string> = {}
  for (const field of fieldsOf(message)) if (!field.isVarint) texts[field.number] ??= textOf(field)
  return texts
}

function numbersOf(message: Buffer): Record<number, bigint> {
  const numbers: Record<number, bigint> = {}
  for (const field of fieldsOf(message)) if (field.isVarint) numbers[field.number] ??= field.value
  return numbers
}

const textOf = ({ bytes }: Field) => bytes.toString('utf8')
