/** The repository that a folder stands in, read from its files alone: no program is run to find it. */
import { lstatSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile, UnreadableFile } from '../attempt-files/open-file.ts'

export type Repository = {
  /** The folder that git keeps. */
  folder: string
  /** Where its HEAD and index stand; of a worktree or a submodule not its `.git`. */
  gitFolder: string
  /** Where its objects and branches stand. */
  commonFolder: string
  /** null: it has no commit yet. */
  commit: string | null
  /** null: a commit is checked out by itself. */
  branch: string | null
  /** What of its configuration says how files are compared, and names no program. */
  settings: Record<string, string>
}

const mostBytes = 64 << 20
const commitPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/

/** null: none. Throws a RepositoryProblem with a sentence where one begins that cannot be read. */
export function findRepository(folder: string): Repository | null {
  let at = realFolder(folder)
  for (;;) {
    const candidate = path.join(at, '.git')
    if (isThere(candidate)) return readRepository(at, candidate)
    const above = path.dirname(at)
    if (above === at) return null
    at = above
  }
}

export class RepositoryProblem extends Error {}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return path.resolve(folder)
  }
}

function isThere(file: string): boolean {
  try {
    lstatSync(file)
    return true
  } catch {
    return false
  }
}

function readRepository(folder: string, dotGit: string): Repository {
  const gitFolder = gitFolderOf(folder, dotGit)
  const common = read(path.join(gitFolder, 'commondir'), 4096)?.trim()
  const commonFolder = common ? path.resolve(gitFolder, common) : gitFolder
  const head = read(path.join(gitFolder, 'HEAD'), 4096)?.trim()
  if (head === undefined)
    throw new RepositoryProblem(`${dotGit} has no HEAD, so it is no repository that git can read.`)
  const settings = readSettings(commonFolder)
  const found = { folder, gitFolder, commonFolder, settings }
  if (commitPattern.test(head)) return { ...found, commit: head, branch: null }
  const ref = /^ref: (refs\/[^\0\n]+)$/.exec(head)?.[1]
  if (ref === undefined || ref.split('/').includes('..'))
    throw new RepositoryProblem(`${path.join(gitFolder, 'HEAD')} names no commit and no branch.`)
  if (isThere(path.join(commonFolder, 'reftable')))
    throw new RepositoryProblem(`${commonFolder} keeps its branches as a reftable, which is not read here.`)
  const branch = ref.replace(/^refs\/heads\//, '')
  return { ...found, commit: commitOf(ref, gitFolder, commonFolder), branch }
}

/** `.git` itself, or what it names where it is a file: a worktree's, a submodule's. */
function gitFolderOf(folder: string, dotGit: string): string {
  if (statSync(dotGit, { throwIfNoEntry: false })?.isDirectory()) return dotGit
  const named = /^gitdir: ([^\0\n]+)\s*$/.exec(read(dotGit, 4096) ?? '')?.[1]
  if (named === undefined) throw new RepositoryProblem(`${dotGit} is no folder, and names none.`)
  const gitFolder = path.resolve(folder, named.trim())
  if (!statSync(gitFolder, { throwIfNoEntry: false })?.isDirectory())
    throw new RepositoryProblem(`${dotGit} names ${gitFolder}, which is not there.`)
  return gitFolder
}

/** The commit of a branch; null where nothing was committed to it yet. */
function commitOf(ref: string, gitFolder: string, commonFolder: string): string | null {
  for (const folder of new Set([gitFolder, commonFolder])) {
    const text = read(path.join(folder, ref), 4096)?.trim()
    if (text !== undefined && commitPattern.test(text)) return text
    // a branch that stands for another one
    const other = /^ref: (refs\/[^\0\n]+)$/.exec(text ?? '')?.[1]
    if (other !== undefined && other !== ref && !other.split('/').includes('..'))
      return commitOfPacked(other, commonFolder) ?? read(path.join(commonFolder, other), 4096)?.trim() ?? null
  }
  return commitOfPacked(ref, commonFolder)
}

function commitOfPacked(ref: string, commonFolder: string): string | null {
  const line = read(path.join(commonFolder, 'packed-refs'), mostBytes)
    ?.split('\n')
    .find((text) => text.slice(text.indexOf(' ') + 1) === ref)
  const commit = line?.split(' ')[0] ?? ''
  return commitPattern.test(commit) ? commit : null
}

const harmless =
  /^\s*(fileMode|autocrlf|eol|symlinks|ignoreCase|trustctime|checkStat)\s*=\s*(true|false|input|lf|crlf|native|minimal|default)\s*$/i

/** Lines of its `[core]` that say how files are compared. Anything else of its configuration stays unread. */
function readSettings(commonFolder: string): Record<string, string> {
  const settings: Record<string, string> = {}
  let inCore = false
  for (const line of (read(path.join(commonFolder, 'config'), 1 << 20) ?? '').split('\n')) {
    if (/^\s*\[/.test(line)) inCore = /^\s*\[core\]\s*$/i.test(line)
    const found = inCore ? harmless.exec(line) : null
    if (found) settings[found[1]!] = found[2]!
  }
  return settings
}

function read(file: string, most: number): string | undefined {
  try {
    return readWholeFile(file, 'anywhere', most) ?? undefined
  } catch (error) {
    if (error instanceof UnreadableFile) throw new RepositoryProblem(`${error.message}.`)
    throw error
  }
}
