/** The state of the scripts that a command names: a hash of each file, so that it is known later whether they were the same. */
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'

/** Hashes of the files by their path as the command names them. */
export type ScriptHashes = Record<string, string>

/** What is larger is data, and no script. */
const mostBytes = 4 << 20
const builtInTrainer = path.resolve(import.meta.dirname, '../../../trainer')

/** A file's hash stays known while nothing of it changed. */
const known = new Map<string, { identity: string; hash: string }>()

/** Of every argument that is a file, seen from the folder that the command runs in. `command` null: the built-in trainer. */
export function codeStateOf(command: readonly string[] | null, directory: string): ScriptHashes {
  const files = command === null ? sourcesOf(builtInTrainer) : command
  const from = command === null ? builtInTrainer : directory
  return Object.fromEntries(
    files.flatMap((name) => {
      const hash = name === '' || name.length > 4096 || name.includes('\0') ? null : hashOf(path.resolve(from, name))
      return hash === null ? [] : [[name, hash] as const]
    }),
  )
}

function hashOf(file: string): string | null {
  let identity: string
  try {
    const stat = statSync(file, { bigint: true })
    if (!stat.isFile() || stat.size > BigInt(mostBytes)) return null
    identity = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
  } catch {
    return null
  }
  const before = known.get(file)
  if (before?.identity === identity) return before.hash
  try {
    const text = readWholeFile(file, 'anywhere', mostBytes)
    if (text === null) return null
    const hash = createHash('sha256').update(text).digest('hex')
    if (known.size > 10_000) known.clear()
    known.set(file, { identity, hash })
    return hash
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted()
}

/** Files that differ between two states, or stand in one alone. */
export function changedFiles(before: ScriptHashes, now: ScriptHashes): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name])
}
