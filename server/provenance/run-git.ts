/**
 * Asking git about a repository without running anything that the repository names. Its configuration is not read, where a file system
 * monitor, filters, programs that show differences, hooks and remotes would be named: git is given a folder of its own in which the
 * commit, the objects and the index are the repository's, and the rest is ours. So nothing is fetched either, and nothing is written.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
// oxlint-disable-next-line no-restricted-imports -- into a folder that was made a moment before, and is nobody else's
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Repository } from './find-repository.ts'

/** As long as a start may wait for git; on a busy machine it takes a second now and then. */
const mostMilliseconds = 5000
/** Where it did not answer in time, it is not asked again for so long: other starts need not wait for the same. */
const restMilliseconds = 60_000
const restsUntil = new Map<string, number>()

export type GitAnswer =
  /** `whole`: false where it said more than was asked for. */
  { bytes: Buffer; whole: boolean; problem: null } | { bytes: null; problem: string }

const tooLate: GitAnswer = { bytes: null, problem: `git did not answer within ${mostMilliseconds / 1000} seconds.` }

/** Folders of the PATH that cannot be the repository's: absolute ones. */
export function findGit(searchPath: string | undefined): string | null {
  for (const folder of (searchPath ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue
    const file = path.join(folder, 'git')
    try {
      const stats = statSync(file)
      if (stats.isFile() && (stats.mode & 0o111) !== 0) return file
    } catch {
      // not in this folder
    }
  }
  return null
}

/** Runs a command of git that only reads, over `repository` as it stands at `commit`. Never throws for what git does. */
export async function runGit(
  git: string,
  repository: Repository & { commit: string },
  command: string[],
  mostBytes: number,
): Promise<GitAnswer> {
  if (performance.now() < (restsUntil.get(repository.folder) ?? 0)) return tooLate
  const own = mkdtempSync(path.join(tmpdir(), 'sweepboard-git-'))
  try {
    prepare(own, repository)
    const answer = await answerOf(git, own, repository, command, mostBytes)
    if (answer === tooLate) restsUntil.set(repository.folder, performance.now() + restMilliseconds)
    return answer
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

function prepare(own: string, { gitFolder, commit, settings }: Repository & { commit: string }): void {
  mkdirSync(path.join(own, 'refs'))
  writeFileSync(path.join(own, 'HEAD'), `${commit}\n`)
  const format = commit.length === 64 ? '[extensions]\n\tobjectFormat = sha256\n' : ''
  const core = Object.entries(settings).map(([name, value]) => `\t${name} = ${value}\n`)
  writeFileSync(
    path.join(own, 'config'),
    `[core]\n\trepositoryFormatVersion = ${format === '' ? 0 : 1}\n\tbare = false\n${core.join('')}${format}`,
  )
  // an index may stand on a second file beside it
  for (const name of readdirSync(gitFolder))
    if (/^sharedindex\.[0-9a-f]+$/.test(name)) symlinkSync(path.join(gitFolder, name), path.join(own, name))
}

function answerOf(
  git: string,
  own: string,
  { folder, gitFolder, commonFolder }: Repository,
  command: string[],
  mostBytes: number,
): Promise<GitAnswer> {
  return new Promise((resolve) => {
    const child = spawn(git, ['--no-pager', '--literal-pathspecs', ...command], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // nothing of the server's own variables: GIT_* among them would lead elsewhere
      env: {
        PATH: path.dirname(git),
        HOME: own,
        XDG_CONFIG_HOME: own,
        LC_ALL: 'C',
        GIT_DIR: own,
        GIT_WORK_TREE: folder,
        GIT_OBJECT_DIRECTORY: path.join(commonFolder, 'objects'),
        GIT_INDEX_FILE: path.join(gitFolder, 'index'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_NO_LAZY_FETCH: '1',
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_ALLOW_PROTOCOL: '',
        GIT_TERMINAL_PROMPT: '0',
      } as unknown as NodeJS.ProcessEnv,
    })
    const chunks: Buffer[] = []
    let length = 0
    let errors = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, mostMilliseconds)
    child.stdout.on('data', (chunk: Buffer) => {
      if (length > mostBytes) return
      chunks.push(chunk)
      length += chunk.length
      if (length > mostBytes) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 2000) errors += chunk.toString('utf8')
    })
    const end = (answer: GitAnswer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    child.on('error', (error) => end({ bytes: null, problem: `git could not be started: ${error.message}.` }))
    child.on('close', (code) => {
      const bytes = Buffer.concat(chunks)
      if (bytes.length > mostBytes) end({ bytes: bytes.subarray(0, mostBytes), whole: false, problem: null })
      else if (late) end(tooLate)
      else if (code === 0) end({ bytes, whole: true, problem: null })
      else end({ bytes: null, problem: `git refused: ${errors.trim().split('\n')[0] || `exit code ${code}`}.` })
    })
  })
}
