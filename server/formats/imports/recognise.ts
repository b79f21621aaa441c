/** What a file holds, told by its content; its name says only where to look. */
import { closeSync, readSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { isObject, quoted } from '../plain-values.ts'
import { parsePythonJson } from '../python-json.ts'
import { isEventFile, requireFile } from '../read-metric-file.ts'
import { tableSamples } from '../rollout-table.ts'
import { beginsAsEventFile } from '../tensorboard.ts'
import { separatorOf } from './csv-metrics.ts'

export const importFormats = ['jsonl', 'rollouts', 'csv', 'tensorboard', 'trainer-state', 'sweep'] as const
export type ImportFormat = (typeof importFormats)[number]

const headBytes = 1 << 16

/** Files that are known, and not read; what to do instead. */
const foreign: [bytes: Buffer, is: string][] = [
  [Buffer.from('PAR1'), 'is a Parquet file; expected the same as CSV or JSON lines'],
  [Buffer.from([0x1f, 0x8b]), 'is compressed (gzip); unpack it first'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'is compressed (zstd); unpack it first'],
  [Buffer.from('PK\u0003\u0004'), 'is a ZIP archive; unpack it first'],
]

/** The format of a file, or why it is none of them: the rest of a sentence. Throws `invalid` where no file can be read. */
export function recogniseFile(file: string): { format: ImportFormat } | { problem: string } {
  const head = readHead(file)
  if (beginsAsEventFile(head) || isEventFile(file)) return { format: 'tensorboard' }
  if (head.length === 0) return { problem: 'is empty' }
  const known = foreign.find(([bytes]) => head.subarray(0, bytes.length).equals(bytes))
  if (known) return { problem: known[1] }
  // a character may be cut at the end of what was read
  const isText = head.length < headBytes ? isUtf8(head) : isUtf8(head.subarray(0, head.lastIndexOf(10) + 1))
  if (!isText || head.includes(0)) return { problem: 'is no text in UTF-8, and no event file of TensorBoard' }
  const text = head.toString('utf8').replace(/^\uFEFF/, '')
  const [first = ''] = text.trimStart().split(/\r?\n/, 1)
  if (first.startsWith('{')) return recogniseJson(first, text)
  if (separatorOf(first) !== null) return { format: 'csv' }
  const list = first.startsWith('[') ? 'is a list in JSON; expected an object a line' : ''
  return {
    problem: list || `begins with ${quoted(first)}, which is neither JSON lines nor a table; name it with --format`,
  }
}

function recogniseJson(first: string, head: string): ReturnType<typeof recogniseFile> {
  try {
    const line = parsePythonJson(first)
    if (!isObject(line)) return { format: 'jsonl' }
    if (!looksWhole(line)) return { format: isRollout(line) ? 'rollouts' : 'jsonl' }
    return { format: Array.isArray(line.points) ? 'sweep' : 'trainer-state' }
  } catch {
    if (/"log_history"\s*:/.test(head)) return { format: 'trainer-state' }
    if (/"points"\s*:\s*\[/.test(head)) return { format: 'sweep' }
    // an object over many lines breaks where one of its parts ends; a line that was cut off, or is longer than the head, does not
    const isOverLines = head.trimStart().length > first.length && /^\{$|[,[{]$/.test(first.trimEnd())
    if (!isOverLines) return { format: 'jsonl' }
    return { problem: 'is one JSON object; expected trainer_state.json, the JSON of a sweep, or an object a line' }
  }
}

const isRollout = (line: Record<string, unknown>) =>
  line.type === undefined && tableSamples(Object.keys(line), [], 0) !== null
const looksWhole = (line: Record<string, unknown>) => Array.isArray(line.log_history) || Array.isArray(line.points)

function readHead(file: string): Buffer {
  const { descriptor } = requireFile(file)
  try {
    const head = Buffer.alloc(headBytes)
    return head.subarray(0, readSync(descriptor, head, 0, headBytes, 0))
  } finally {
    closeSync(descriptor)
  }
}
