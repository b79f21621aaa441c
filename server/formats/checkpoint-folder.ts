/** What a saved model says of itself: its step and epoch, and whether all of it is there. */
import { closeSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { namesIn } from '../attempt-files/names-in.ts'
import { openFile, readWholeFile, UnreadableFile, type OpenFile } from '../attempt-files/open-file.ts'
import { parsePythonJson } from './python-json.ts'

/** Beyond so many files nobody looks whether one is missing. */
const mostFiles = 20_000

/** Larger ones hold a log that goes on for months; what is wanted of them is not worth the wait. */
const mostStateBytes = 64 << 20
const mostHeaderBytes = 128 << 20

/** Step and epoch as the Trainer of transformers writes them beside the weights (`trainer_state.json`); null where there is none. */
export function readSavedPlace(folder: string): { step: number | null; epoch: number | null } | null {
  const text = readRegularFile(path.join(folder, 'trainer_state.json'), mostStateBytes)
  if (text === null) return null
  let state: unknown
  try {
    state = parsePythonJson(text)
  } catch {
    return null
  }
  if (typeof state !== 'object' || state === null) return null
  const { global_step: step, epoch } = state as Record<string, unknown>
  return {
    step: Number.isSafeInteger(step) && (step as number) >= 0 ? (step as number) : null,
    epoch: typeof epoch === 'number' && Number.isFinite(epoch) && epoch >= 0 ? epoch : null,
  }
}

/**
 * What a path says of step and epoch: `checkpoint-500`, `global_step_40/actor`, `epoch_3`, `epoch=2-step=1500.ckpt` (whose
 * epochs count from 0). `below`: the part of the path that may say it.
 */
export function readName(below: string): { step: number | null; epoch: number | null; epochFromZero: boolean } {
  const lightning = /epoch=(\d+)[-_]step=(\d+)/.exec(below)
  if (lightning) return { step: Number(lightning[2]), epoch: Number(lightning[1]) + 1, epochFromZero: false }
  const epoch = lastMatch(below, /epochs?[-_=]?(\d+(?:\.\d+)?)(?![\d.]*\d)/gi)
  const step =
    lastMatch(below, /(?:steps?|checkpoint|ckpt|iter|iteration)[-_=]?(\d+)(?!\d)/gi) ??
    (epoch === null ? lastMatch(below, /(?:^|\/)(\d+)$/g) : null)
  return {
    step: step === null || !Number.isSafeInteger(Number(step)) ? null : Number(step),
    epoch: epoch === null ? null : Number(epoch),
    epochFromZero: epoch !== null && Number(epoch) === 0,
  }
}

function lastMatch(text: string, pattern: RegExp): string | null {
  return [...text.matchAll(pattern)].at(-1)?.[1] ?? null
}

/**
 * What is missing of a checkpoint, as the end of "The checkpoint …": files that its index names, the end of a weights file. null
 * where nothing is known to be: formats that are not known count as whole.
 */
export function missingPart(checkpoint: string): string | null {
  let stat: ReturnType<typeof statSync>
  try {
    stat = statSync(checkpoint)
  } catch {
    return 'is not there'
  }
  if (!stat.isDirectory()) return cutFile(checkpoint, path.basename(checkpoint))
  const names = namesOf(checkpoint)
  const all = names.length <= mostFiles
  for (const name of names) {
    if (all && name.endsWith('.index.json')) {
      const absent = shardsOf(path.join(checkpoint, name)).filter((shard) => !names.includes(shard))
      if (absent.length > 0) return `lacks ${absent[0]}, which its ${name} names`
    }
    const cut = cutFile(path.join(checkpoint, name), name)
    if (cut !== null) return cut
  }
  return null
}

function shardsOf(index: string): string[] {
  const text = readRegularFile(index, mostStateBytes)
  try {
    const map = text === null ? null : (JSON.parse(text) as { weight_map?: unknown }).weight_map
    if (typeof map !== 'object' || map === null) return []
    return [...new Set(Object.values(map))].filter(
      (shard): shard is string => typeof shard === 'string' && !shard.includes('/'),
    )
  } catch {
    return []
  }
}

/** A safetensors file says how long it is; what torch saves is a zip archive, whose directory stands at its end. */
function cutFile(file: string, name: string): string | null {
  const safetensors = name.endsWith('.safetensors')
  if (!safetensors && !/\.(bin|pt|pth|ckpt)$/.test(name)) return null
  return withRegularFile(file, (descriptor, size) => {
    const said = `holds ${name}, which was not written to its end`
    if (size === 0) return said
    const head = read(descriptor, 0, Math.min(8, size))
    if (safetensors) {
      if (size < 8) return said
      const headerBytes = Number(head.readBigUInt64LE(0))
      if (headerBytes > mostHeaderBytes || 8 + headerBytes > size) return said
      return 8 + headerBytes + lastOffset(read(descriptor, 8, headerBytes).toString('utf8')) > size ? said : null
    }
    if (head.subarray(0, 4).toString('latin1') !== 'PK\u0003\u0004') return null
    const tail = read(descriptor, Math.max(0, size - 65_557), Math.min(size, 65_557))
    return tail.includes('PK\u0005\u0006', 0, 'latin1') ? null : said
  })
}

/** The end of the last tensor behind the header, in bytes. */
function lastOffset(header: string): number {
  try {
    const tensors = JSON.parse(header) as Record<string, { data_offsets?: [number, number] }>
    return Object.values(tensors).reduce((most, tensor) => Math.max(most, tensor?.data_offsets?.[1] ?? 0), 0)
  } catch {
    return Infinity
  }
}

function read(descriptor: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, from))
}

function readRegularFile(file: string, mostBytes: number): string | null {
  try {
    return readWholeFile(file, 'anywhere', mostBytes)
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
}

/** Looks into a file; null where there is none that can be read. */
function withRegularFile<Result>(file: string, look: (descriptor: number, size: number) => Result): Result | null {
  let opened: OpenFile | null
  try {
    opened = openFile(file, 'anywhere')
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
  if (opened === null) return null
  try {
    return look(opened.descriptor, opened.stats.size)
  } finally {
    closeSync(opened.descriptor)
  }
}

function namesOf(folder: string): string[] {
  try {
    return namesIn(folder, mostFiles)
  } catch {
    return []
  }
}
