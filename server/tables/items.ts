/**
 * Items files: what a checkpoint answered to each question of a benchmark, a JSON object a line with `id`, `prompt`,
 * `response`, `answer` and `correct`. Read a block at a time; kept in memory is where each line stands, not what it says.
 */
import type { FileHandle } from 'node:fs/promises'
import { openFileHandle, UnreadableFile } from '../attempt-files/open-file.ts'
import type { ReportFormat, ReportSettings } from '../../domain/sweep/sweep.ts'
import { metricOf } from '../formats/reports/harness.ts'
import { harnesses } from '../formats/reports/read-harness-report.ts'
import { checkDepth, NestedTooDeep } from '../attempt-files/json-depth.ts'

/** A file as it is looked up again: its places stay known while it is this very file. */
export type ItemsIndex = {
  file: string
  within: readonly string[]
  origin: ItemsOrigin
  /** In the order of the file; of an id that stands on several lines the first. */
  ids: string[]
  places: Map<string, number>
  offsets: Float64Array
  lengths: Uint32Array
  correct: Uint8Array
  /** A hash of each reference answer, 0 where there is none: the same id must stand for the same question. */
  answers: Uint32Array
  /** Lines of ids that stood there already. */
  repeated: number
  /** What is wrong with it, in sentences: the first few. */
  problems: string[]
}

/** Whose lines they are, where a harness wrote them, and which of its metrics counts. */
type ItemsOrigin = { format: ReportFormat; metric: string | null } | null

/** How a sweep's evaluations report a benchmark; null where the lines are as the trainer protocol has them. */
export function itemsOrigin(report: ReportSettings | null, benchmark: string): ItemsOrigin {
  if (report?.format === undefined) return null
  return { format: report.format, metric: metricOf(report, benchmark) }
}

export type Item = { prompt: string; response: string; answer: string | null; given: string | null; correct: boolean }

/** Lines of a block are read at once, and pages wait for that. */
const blockBytes = 1 << 18
/** A longer line is passed over: no answer is meant to be so long. */
const mostLineBytes = 4 << 20
const mostIdCharacters = 1000
const mostLines = 500_000
const mostProblems = 3
/** Lines that stay known over all files. */
const mostKept = 2_000_000

const known = new Map<string, Promise<ItemsIndex>>()
let kept = 0

/**
 * Where the items of a file stand. `within`: folders that it may stand in, links followed; files elsewhere are not read.
 * `origin`: the harness that may have written it. A sentence where it cannot be read; what is wrong with single lines stands in
 * `problems`.
 */
export async function openItems(
  file: string,
  within: readonly string[],
  origin: ItemsOrigin = null,
): Promise<ItemsIndex | string> {
  let opened: Awaited<ReturnType<typeof openFileHandle>>
  try {
    opened = await openFileHandle(file, within)
  } catch (error) {
    if (error instanceof UnreadableFile) return error.message
    throw error
  }
  if (opened === null) return `${file} is not there`
  const { handle, stats } = opened
  const identity = `${origin?.format} ${origin?.metric} ${file} ${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs}`
  const before = known.get(identity)
  if (before !== undefined) {
    await handle.close()
    // the newest used is the last to go
    known.delete(identity)
    known.set(identity, before)
    return before
  }
  const reading = readIndex(file, within, origin, handle)
  known.set(identity, reading)
  try {
    const index = await reading
    kept += index.ids.length
    for (const [oldest, old] of known) {
      if (kept <= mostKept || oldest === identity) break
      known.delete(oldest)
      kept -= (await old).ids.length
    }
    return index
  } catch (error) {
    known.delete(identity)
    return `${file} could not be read (${(error as Error).message})`
  }
}

/** Calls `line` with each line that is no longer than the most, and `long` with the others; ends when `line` gives false. */
async function eachLine(
  handle: FileHandle,
  line: (bytes: Buffer, offset: number, number: number) => boolean,
  long: (number: number) => void,
): Promise<void> {
  const block = Buffer.allocUnsafe(blockBytes)
  let rest: Buffer = Buffer.alloc(0)
  /** Where `rest` begins. */
  let start = 0
  let number = 1
  let passing = false
  for (let from = 0; ;) {
    const { bytesRead } = await handle.read(block, 0, blockBytes, from)
    if (bytesRead === 0) break
    from += bytesRead
    const bytes = rest.length > 0 ? Buffer.concat([rest, block.subarray(0, bytesRead)]) : block.subarray(0, bytesRead)
    let at = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
      if (passing) passing = false
      else if (!line(bytes.subarray(at, end), start + at, number)) return
      at = end + 1
      number += 1
    }
    start += at
    rest = Buffer.from(bytes.subarray(at))
    if (rest.length > mostLineBytes || passing) {
      if (!passing) long(number)
      passing = true
      start += rest.length
      rest = Buffer.alloc(0)
    }
  }
  if (rest.length > 0 && !passing) line(rest, start, number)
}

/** Closes the handle. */
async function readIndex(
  file: string,
  within: readonly string[],
  origin: ItemsOrigin,
  handle: FileHandle,
): Promise<ItemsIndex> {
  const ids: string[] = []
  const places = new Map<string, number>()
  const offsets: number[] = []
  const lengths: number[] = []
  const correct: number[] = []
  const answers: number[] = []
  const problems: string[] = []
  let wrong = 0
  let repeated = 0
  const report = (text: string) => {
    wrong += 1
    if (wrong <= mostProblems) problems.push(text)
  }
  try {
    await eachLine(
      handle,
      (bytes, offset, number) => {
        if (ids.length === mostLines) {
          report(`only the first ${mostLines.toLocaleString('en-US')} lines are read`)
          return false
        }
        const text = bytes.toString('utf8')
        if (text.trim() === '') return true
        const read = readLine(text, origin)
        // a line of another metric of the harness says nothing here
        if (read === null) return true
        if (typeof read === 'string') report(`line ${number} ${read}`)
        else if (places.has(read.id)) repeated += 1
        else {
          places.set(read.id, ids.length)
          ids.push(read.id)
          offsets.push(offset)
          lengths.push(bytes.length)
          correct.push(read.correct ? 1 : 0)
          answers.push(read.answer === null ? 0 : hashOf(read.answer))
        }
        return true
      },
      (number) => report(`line ${number} is longer than ${mostLineBytes >> 20} MB and was passed over`),
    )
  } finally {
    await handle.close()
  }
  if (wrong > mostProblems) problems.push(`${wrong - mostProblems} more lines like these`)
  return {
    file,
    within,
    origin,
    ids,
    places,
    offsets: Float64Array.from(offsets),
    lengths: Uint32Array.from(lengths),
    correct: Uint8Array.from(correct),
    answers: Uint32Array.from(answers),
    repeated,
    problems,
  }
}

/** A line, null where it is of another metric, or what is wrong with it. */
function readLine(text: string, origin: ItemsOrigin): (Item & { id: string }) | string | null {
  let line: unknown
  try {
    checkDepth(text)
    line = JSON.parse(text)
  } catch (error) {
    if (error instanceof NestedTooDeep) return `is not read, as ${error.message}: ${short(text)}`
    return `is no JSON: ${short(text)}`
  }
  if (line === null || typeof line !== 'object' || Array.isArray(line)) return `is no JSON object: ${short(text)}`
  const ofHarness =
    origin === null ? undefined : harnesses[origin.format].item(line as Record<string, unknown>, origin.metric)
  if (ofHarness !== undefined) return ofHarness
  const { id, prompt, response, answer, given, correct } = line as Record<string, unknown>
  if (typeof id !== 'string' && typeof id !== 'number') return `has the id ${quoted(id)}; expected a text or a number`
  if (typeof id === 'string' && id.length > mostIdCharacters)
    return `has an id of ${id.length.toLocaleString('en-US')} characters; expected at most ${mostIdCharacters}`
  if (typeof correct !== 'boolean' && correct !== 0 && correct !== 1)
    return `has ${quoted(correct)} as correct; expected true or false`
  return {
    id: String(id),
    prompt: textOf(prompt) ?? '',
    response: textOf(response) ?? '',
    answer: textOf(answer),
    given: textOf(given),
    correct: correct === true || correct === 1,
  }
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : short(JSON.stringify(value))
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** FNV-1a over the characters; never 0. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0 || 1
}

/** Opens a file to read items at places of its index; null where the file is gone or another by now. Close it. */
export async function itemReader(index: ItemsIndex): Promise<{
  read: (place: number) => Promise<Item | null>
  close: () => Promise<void>
} | null> {
  const opened = await openFileHandle(index.file, index.within).catch(() => null)
  if (opened === null) return null
  const { handle } = opened
  return {
    async read(place) {
      const bytes = Buffer.allocUnsafe(index.lengths[place]!)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, index.offsets[place]!)
      const read = readLine(bytes.toString('utf8', 0, bytesRead), index.origin)
      return read === null || typeof read === 'string' || read.id !== index.ids[place] ? null : read
    },
    close: () => handle.close(),
  }
}
