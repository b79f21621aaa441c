/** The code of an attempt as it stands now: commit, what differs from it, and the files that its command names. */
import { createHash } from 'node:crypto'
import { opendirSync, statSync } from 'node:fs'
import path from 'node:path'
import { isUtf8 } from 'node:buffer'
import {
  aSweepFile,
  type CodeSnapshot,
  type FileHashes,
  inThePatch,
  mostChangedFiles,
} from '../../domain/provenance/what-was-run.ts'
import { readFileStart } from '../attempt-files/open-file.ts'
import { codeStateOf } from '../base/preparing/code-state.ts'
import { findRepository, type Repository, RepositoryProblem } from './find-repository.ts'
import { type Changes, readPatch } from './read-patch.ts'
import { findGit, runGit } from './run-git.ts'

/** What is kept of a patch; files are kept whole or not at all. */
export const mostPatchBytes = 1 << 20
/** Names of changed files come before the patch. */
const mostAnswerBytes = mostPatchBytes + (4 << 20)
/** Of a folder with more entries than this the rest is not looked at: it holds data. */
const mostEntries = 5000
const mostBeside = 200
/** What scripts and their settings are called. Logs and results, which runs write beside them, are called otherwise. */
const isCode =
  /\.(py|pyx|ipynb|sh|bash|zsh|pl|rb|r|jl|lua|js|mjs|ts|c|cc|cpp|cu|cuh|h|hpp|rs|go|yaml|yml|toml|cfg|ini|jinja2?|j2|slurm|sbatch)$/i

/** What git said of a repository: its snapshot without the files that a command names, and the patch. */
export type RepositoryState = Pick<CodeSnapshot, 'repository' | 'commit' | 'problem' | 'changed' | 'cut'> & {
  branch: string | null
  patch: Buffer | null
  found: Repository | null
}

/** Of a command that runs in none. */
export const noRepository: RepositoryState = {
  repository: null,
  commit: null,
  problem: null,
  changed: {},
  cut: null,
  branch: null,
  patch: null,
  found: null,
}

/** What git knows of the folder that a command runs in. Whatever is wrong with it is a sentence in `problem`, never thrown. `user`: who asks. */
export async function lookAtRepository(
  directory: string,
  searchPath: string | undefined,
  user = process.getuid?.() ?? 0,
): Promise<RepositoryState> {
  let found: Repository | null = null
  try {
    found = findRepository(directory)
    if (found === null) return noRepository
    const known = { ...noRepository, found, repository: found.folder, branch: found.branch, commit: found.commit }
    if (found.commit === null) return { ...known, problem: 'The repository has no commit yet.' }
    // as git itself holds it: what somebody else put in a folder above is not read further
    if (user !== 0 && statSync(found.gitFolder).uid !== user)
      return {
        ...known,
        found: null,
        problem: 'The repository belongs to another user, so what differs from the commit is not looked at.',
      }
    const git = findGit(searchPath)
    if (git === null)
      return { ...known, problem: 'git is not installed, so what differs from the commit is not known.' }
    const at = { ...found, commit: found.commit }
    const answer = await runGit(git, at, differences, mostAnswerBytes)
    if (answer.bytes === null) return { ...known, problem: answer.problem }
    return { ...known, ...changesOf(found, readPatch(answer.bytes, answer.whole)) }
  } catch (error) {
    const problem = error instanceof RepositoryProblem ? error.message : `git could not be read: ${String(error)}`
    return { ...noRepository, found, repository: found?.folder ?? null, commit: found?.commit ?? null, problem }
  }
}

const differences = [
  'diff-index',
  '--patch-with-raw',
  '-z',
  '--full-index',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-renames',
  // what differs within a submodule would be asked of its own configuration
  '--ignore-submodules=dirty',
  '--submodule=short',
  'HEAD',
  '--',
]

function changesOf({ folder }: Repository, { changes, whole }: Changes) {
  const kept: Buffer[] = []
  let length = 0
  let isFull = false
  for (const [at, { patch }] of changes.entries()) {
    const mayBeCut = !whole && (patch.length === 0 || changes[at + 1]?.patch.length === 0 || at === changes.length - 1)
    isFull ||= mayBeCut || length + patch.length > mostPatchBytes
    if (isFull) continue
    kept.push(patch)
    length += patch.length
  }
  const files = changes.slice(0, mostChangedFiles).map(({ name }) => name)
  return {
    changed: Object.fromEntries(files.map((name) => [absolute(folder, name), hashOfName(folder, name)])),
    cut: kept.length === changes.length ? null : { kept: kept.length, of: changes.length },
    patch: kept.length === 0 ? null : Buffer.concat(kept),
  }
}

/** Bytes that are no UTF-8 stand as `\xff`. */
function absolute(folder: string, name: Buffer): string {
  const text = isUtf8(name) ? name.toString('utf8') : [...name].map(readableByte).join('')
  return path.join(folder, text)
}

const readableByte = (byte: number) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`

function hashOfName(folder: string, name: Buffer): string {
  // such a file is told apart by the patch
  return isUtf8(name) ? hashOfFile(path.join(folder, name.toString('utf8'))) : inThePatch
}

/** What a sweep is made of is no code: it grows, and what was trained stays comparable. */
function isSweepFile(file: string): boolean {
  if (!/\.(ya?ml|json)$/i.test(file)) return false
  try {
    return /^\s*"?(axes|stages)"?\s*:/m.test(readFileStart(file, 'anywhere', 1 << 16)?.toString('utf8') ?? '')
  } catch {
    return false
  }
}

function hashOfFile(file: string): string {
  if (isSweepFile(file)) return aSweepFile
  const hash = codeStateOf([file], '/')[file]
  if (hash !== undefined) return hash
  try {
    const stats = statSync(file)
    return stats.isFile() ? `${stats.size} bytes` : 'no plain file'
  } catch {
    return 'gone'
  }
}

/** The files that a command names, without what the attempt itself reads or writes: `apart` are such files and folders, absolute. */
export function namedFiles(command: readonly string[] | null, directory: string, apart: readonly string[]): FileHashes {
  const named = Object.entries(codeStateOf(command, directory)).map(
    ([name, hash]) => [command === null ? `trainer/${name}` : path.resolve(directory, name), hash] as const,
  )
  return Object.fromEntries(
    named.filter(([file]) => !apart.some((other) => file === other || file.startsWith(`${other}${path.sep}`))),
  )
}

const trackedOf = new Map<string, { identity: string; tracked: Set<string> }>()

/** Scripts and settings beside the named files of which git knows nothing. */
export async function filesBeside(
  named: FileHashes,
  { found }: RepositoryState,
  searchPath: string | undefined,
): Promise<FileHashes> {
  const folders = new Set(Object.keys(named).map((file) => path.dirname(file)))
  const files = [...folders].flatMap(codeIn).filter((file) => !Object.hasOwn(named, file))
  const tracked =
    found === null || files.length === 0 ? new Set<string>() : await trackedAmong(files, found, searchPath)
  return Object.fromEntries(
    files
      .filter((file) => !tracked.has(file) && !isSweepFile(file))
      .slice(0, mostBeside)
      .map((file) => [file, hashOfFile(file)]),
  )
}

function codeIn(folder: string): string[] {
  const files: string[] = []
  try {
    const entries = opendirSync(folder)
    try {
      for (let count = 0; count < mostEntries; count++) {
        const entry = entries.readSync()
        if (entry === null) break
        if (entry.isFile() && isCode.test(entry.name)) files.push(path.join(folder, entry.name))
      }
    } finally {
      entries.closeSync()
    }
  } catch {
    // a folder that nobody may look into names nothing
  }
  return files.toSorted()
}

/** Which of these files git keeps; asked again when its index changed. All of them where it cannot be asked: nothing is claimed then. */
async function trackedAmong(
  files: string[],
  repository: Repository,
  searchPath: string | undefined,
): Promise<Set<string>> {
  const inside = files.filter((file) => file.startsWith(`${repository.folder}${path.sep}`))
  const git = findGit(searchPath)
  if (inside.length === 0 || git === null || repository.commit === null) return new Set()
  const index = statSync(path.join(repository.gitFolder, 'index'), { bigint: true, throwIfNoEntry: false })
  const identity = `${index?.ino} ${index?.size} ${index?.mtimeNs} ${index?.ctimeNs}`
  const key = createHash('sha256').update(JSON.stringify(inside)).digest('hex')
  const known = trackedOf.get(key)
  if (known?.identity === identity) return known.tracked
  const names = inside.map((file) => path.relative(repository.folder, file))
  const at = { ...repository, commit: repository.commit }
  const answer = await runGit(git, at, ['ls-files', '-z', '--cached', '--', ...names], 4 << 20)
  if (answer.bytes === null) return new Set(inside)
  const listed = answer.bytes.toString('utf8').split('\0').filter(Boolean)
  const tracked = new Set(listed.map((name) => path.join(repository.folder, name)))
  if (trackedOf.size > 1000) trackedOf.clear()
  trackedOf.set(key, { identity, tracked })
  return tracked
}
