/** Looks at what stands at a path, for domain/life/traces.ts to compare with what stands there later. */
import { createHash } from 'node:crypto'
import { lstatSync, realpathSync, statSync, type BigIntStats } from 'node:fs'
import path from 'node:path'
import type { Trace, Traces } from '../../../domain/life/traces.ts'
import { namesIn } from '../../attempt-files/names-in.ts'

const mostFiles = 10_000
const weightFile = /\.(safetensors|bin|pt|pth|ckpt|distcp|gguf|npz|msgpack|h5|onnx)$|^model_states|_states\.pt$/i

/** The path without links: of what `latest` points to. The path itself where nothing is there. */
export function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}

/**
 * What a path really is, said from the same folder: `out/latest` becomes `out/checkpoint-60`, also where the folder itself is
 * reached by a link.
 */
export function resolveLinks(directory: string, file: string): string {
  const real = realPath(file)
  if (real === file) return file
  const below = path.relative(realPath(directory), real)
  return below === '' || below.startsWith('..') || path.isAbsolute(below) ? real : path.join(directory, below)
}

/** The trace of a file or folder; null where nothing is there. */
export function traceOf(file: string): Trace | null {
  const entries: { name: string; stat: BigIntStats }[] = []
  const root = statOf(file, true)
  if (root === null) return null
  let whole = true
  const add = (at: string, name: string, stat: BigIntStats) => {
    if (entries.length >= mostFiles) {
      whole = false
      return
    }
    entries.push({ name, stat })
    if (!stat.isDirectory()) return
    for (const child of namesOf(at)) {
      const childPath = path.join(at, child)
      const childStat = statOf(childPath, false)
      if (childStat) add(childPath, `${name}/${child}`, childStat)
    }
  }
  add(file, '', root)
  const files = entries.filter(({ stat }) => !stat.isDirectory())
  const weights = files.filter(({ name }) => weightFile.test(path.basename(name === '' ? file : name)))
  return {
    all: whole ? digestOf(entries) : null,
    weights: weights.length > 0 ? digestOf(weights) : null,
    newestAt: Number((files.length > 0 ? files : entries).reduce((most, { stat }) => max(most, stat.mtimeMs), 0n)),
  }
}

/**
 * Whether everything at the path was last changed before the file of ours was, by the clock of the file system that both stand
 * on. false where they stand on different ones: two clocks tell nothing.
 */
export function isOlderThan(file: string, ours: string): boolean {
  const mark = statOf(ours, true)
  const root = statOf(file, true)
  if (mark === null || root === null || root.dev !== mark.dev) return false
  let looked = 0
  const isOld = (at: string, stat: BigIntStats): boolean => {
    looked += 1
    if (stat.ctimeNs >= mark.ctimeNs || looked > mostFiles) return false
    return (
      !stat.isDirectory() ||
      namesOf(at).every((name) => {
        const child = statOf(path.join(at, name), false)
        return child === null || isOld(path.join(at, name), child)
      })
    )
  }
  return isOld(file, root)
}

/** Traces of these paths, of those that are there. */
export function tracesOf(files: readonly string[]): Traces {
  const traces: Traces = {}
  for (const file of files) {
    const trace = traceOf(file)
    if (trace) traces[realPath(file)] = trace
  }
  return traces
}

/** A time as sentences write it: to the second, in the machine's time zone. */
export function writtenTime(milliseconds: number): string {
  const date = new Date(milliseconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

function digestOf(entries: readonly { name: string; stat: BigIntStats }[]): string {
  const hash = createHash('sha256')
  for (const { name, stat } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    // a folder's own size says nothing, and differs between file systems
    const size = stat.isDirectory() ? 'folder' : stat.size
    hash.update(`${name}\0${size}\0${stat.mtimeNs}\0${stat.ctimeNs}\0${stat.ino}\n`)
  }
  return hash.digest('base64url')
}

function statOf(file: string, follow: boolean): BigIntStats | null {
  try {
    return follow ? statSync(file, { bigint: true }) : lstatSync(file, { bigint: true })
  } catch {
    return null
  }
}

function namesOf(folder: string): string[] {
  try {
    return namesIn(folder, mostFiles)
  } catch {
    return []
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
