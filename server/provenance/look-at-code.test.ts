/** What is recorded of repositories as people have them, and of hostile ones: nothing that a repository names is run. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isDirty } from '../../domain/provenance/what-was-run.ts'
import { filesBeside, lookAtRepository, mostPatchBytes, namedFiles } from './look-at-code.ts'

let root: string
let folder: string
const { PATH } = process.env

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sweepboard-provenance-'))
  folder = path.join(root, 'repository')
  mkdirSync(folder)
  git('init', '--quiet', '--initial-branch', 'main')
  write('train.py', 'print(1)\n')
  commit()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const write = (name: string | Buffer, text: string | Buffer) =>
  writeFileSync(typeof name === 'string' ? path.join(folder, name) : name, text)
function git(...given: string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always']
  const environment = { PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' } as unknown as NodeJS.ProcessEnv
  return execFileSync('git', [...who, ...given], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}
function commit(): string {
  git('add', '--all')
  git('commit', '--quiet', '--message', 'more')
  return git('rev-parse', 'HEAD')
}
const look = (at = folder) => lookAtRepository(at, PATH)
const names = (changed: Record<string, string>) => Object.keys(changed).map((file) => path.relative(folder, file))

test('a clean repository: its commit and branch, and no patch; a file whose time alone is another differs in nothing', async () => {
  const head = git('rev-parse', 'HEAD')
  write('train.py', 'print(1)\n')
  const state = await look()
  expect(state).toMatchObject({
    repository: folder,
    commit: head,
    branch: 'main',
    problem: null,
    patch: null,
    changed: {},
  })
  expect(isDirty({ ...state, patch: null, named: {}, beside: {} })).toBe(false)
})

test('what differs is a patch that applies to the commit, staged or not', async () => {
  write('train.py', 'print(2)\n')
  write('new.py', 'staged\n')
  git('add', 'new.py')
  const { patch, changed } = await look()
  expect(names(changed)).toEqual(['new.py', 'train.py'])
  git('stash', '--quiet')
  execFileSync('git', ['apply', '--check'], { cwd: folder, input: patch! })
})

test('branches packed into one file, a commit checked out by itself, and a worktree of another repository', async () => {
  const head = git('rev-parse', 'HEAD')
  git('pack-refs', '--all')
  expect(await look()).toMatchObject({ commit: head, branch: 'main', problem: null })
  git('checkout', '--quiet', '--detach')
  expect(await look()).toMatchObject({ commit: head, branch: null, problem: null })
  const other = path.join(root, 'worktree')
  git('worktree', 'add', '--quiet', '-b', 'other', other)
  writeFileSync(path.join(other, 'train.py'), 'print(3)\n')
  mkdirSync(path.join(other, 'scripts'))
  const state = await look(path.join(other, 'scripts'))
  expect(state).toMatchObject({ repository: other, commit: head, branch: 'other', problem: null })
  expect(Object.keys(state.changed)).toEqual([path.join(other, 'train.py')])
  expect(names((await look()).changed)).toEqual([])
})

test('a submodule: its commit is looked at from above, its own changes from within', async () => {
  const inner = path.join(root, 'inner')
  execFileSync('git', ['clone', '--quiet', folder, inner], { stdio: 'pipe' })
  git('submodule', '--quiet', 'add', inner, 'library')
  commit()
  writeFileSync(path.join(folder, 'library/train.py'), 'print(4)\n')
  expect((await look()).changed).toEqual({})
  const within = await look(path.join(folder, 'library'))
  expect(within).toMatchObject({ repository: path.join(folder, 'library'), problem: null })
  expect(names(within.changed)).toEqual(['library/train.py'])
})

test('nothing that a repository names is run: monitors, filters, programs that show differences, hooks, remotes', async () => {
  const trap = path.join(root, 'trap.sh')
  const sprung = path.join(root, 'sprung')
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${sprung}\ncat\n`)
  chmodSync(trap, 0o755)
  write('.gitattributes', '*.py filter=trap diff=trap\n*.txt diff=trap merge=trap\n')
  write('a.txt', 'a\n')
  commit()
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'core.sshCommand',
    'core.alternateRefsCommand',
    'diff.external',
    'diff.trap.command',
    'diff.trap.textconv',
    'filter.trap.clean',
    'filter.trap.smudge',
    'filter.trap.process',
    'pager.diff-index',
    'alias.diff-index',
    'credential.helper',
  ])
    git('config', key, trap)
  for (const name of ['post-index-change', 'pre-auto-gc', 'fsmonitor-watchman', 'reference-transaction']) {
    mkdirSync(path.join(folder, '.git/hooks'), { recursive: true })
    symlinkSync(trap, path.join(folder, '.git/hooks', name))
  }
  // its objects are promised by a remote that would be asked for what is not there
  git('config', 'remote.origin.url', `ext::${trap}`)
  git('config', 'remote.origin.promisor', 'true')
  git('config', 'extensions.partialClone', 'origin')
  write('train.py', 'print(2)\n')
  write('a.txt', 'b\n')
  const before = process.env.GIT_EXTERNAL_DIFF
  process.env.GIT_EXTERNAL_DIFF = trap
  try {
    const state = await look()
    expect(state.problem).toBeNull()
    expect(names(state.changed)).toEqual(['a.txt', 'train.py'])
    expect(await filesBeside(namedFiles(['python', 'train.py'], folder, []), state, PATH)).toEqual({})
  } finally {
    if (before === undefined) delete process.env.GIT_EXTERNAL_DIFF
    else process.env.GIT_EXTERNAL_DIFF = before
  }
  expect(existsSync(sprung)).toBe(false)
  // the trap works: git asked plainly falls into it
  expect(() => git('diff')).not.toThrow()
  expect(existsSync(sprung)).toBe(true)
})

test('of a repository that belongs to another user the commit is known, and nothing is asked of git', async () => {
  write('train.py', 'print(2)\n')
  const other = statSync(folder).uid + 1
  expect(await lookAtRepository(folder, PATH, other)).toMatchObject({
    commit: git('rev-parse', 'HEAD'),
    patch: null,
    problem: 'The repository belongs to another user, so what differs from the commit is not looked at.',
  })
})

test('a git of the repository is not taken for git', async () => {
  write('git', '#!/bin/sh\ntouch sprung\n')
  chmodSync(path.join(folder, 'git'), 0o755)
  const state = await lookAtRepository(folder, `.:${PATH}`)
  expect([state.problem, existsSync(path.join(folder, 'sprung'))]).toEqual([null, false])
})

test('nothing is written: the index stays as it is, and a lock of another git is no hindrance', async () => {
  write('train.py', 'print(1)\n')
  const index = () => execFileSync('sha256sum', [path.join(folder, '.git/index')], { encoding: 'utf8' })
  const before = index()
  writeFileSync(path.join(folder, '.git/index.lock'), '')
  expect(await look()).toMatchObject({ problem: null, changed: {} })
  expect(index()).toBe(before)
})

test('a patch of more than a megabyte is kept up to its last whole file, and says so', async () => {
  write('a.py', 'a\n')
  write('b.txt', 'b\n')
  write('c.py', 'c\n')
  commit()
  write('a.py', 'other\n')
  write('b.txt', `${'a line of sixty-four bytes, which stands there again and again\n'.repeat(90_000)}`)
  write('c.py', 'other\n')
  const state = await look()
  expect(state.problem).toBeNull()
  expect(state.cut).toEqual({ kept: 1, of: 3 })
  expect(state.patch!.length).toBeLessThan(mostPatchBytes)
  expect(state.patch!.toString()).toContain('+other')
  // what is not kept is told apart all the same
  expect(names(state.changed)).toEqual(['a.py', 'b.txt', 'c.py'])
})

test('names that are no UTF-8, or hold line ends and quotes, are told apart', async () => {
  const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x62, 0xff]), Buffer.from('.py')])
  write(odd, 'b\n')
  write('a\n"diff --git a.py', 'c\n')
  write('ü.py', 'd\n')
  commit()
  write(odd, 'other\n')
  write('a\n"diff --git a.py', 'other\n')
  write('ü.py', 'other\n')
  const state = await look()
  expect(state.problem).toBeNull()
  expect(names(state.changed).toSorted()).toEqual(['a\n"diff --git a.py', 'b\\xff.py', 'ü.py'])
  expect(state.cut).toBeNull()
})

test('a git that does not answer is given up, and not waited for again', { timeout: 30_000 }, async () => {
  const programs = path.join(root, 'programs')
  mkdirSync(programs)
  writeFileSync(path.join(programs, 'git'), `#!/bin/sh\necho >> ${root}/asked.txt\nexec /bin/sleep 60\n`)
  chmodSync(path.join(programs, 'git'), 0o755)
  const problem = 'git did not answer within 5 seconds.'
  expect(await lookAtRepository(folder, `${programs}:${PATH}`)).toMatchObject({
    commit: git('rev-parse', 'HEAD'),
    problem,
  })
  expect(await lookAtRepository(folder, `${programs}:${PATH}`)).toMatchObject({ problem })
  expect(readFileSync(path.join(root, 'asked.txt'), 'utf8')).toBe('\n')
})

test('no repository, no git, no commit yet, and broken ones: each is recorded as what it is', async () => {
  expect(await lookAtRepository(root, PATH)).toMatchObject({ repository: null, commit: null, problem: null })
  expect(await lookAtRepository(folder, '/nonexistent')).toMatchObject({
    commit: git('rev-parse', 'HEAD'),
    problem: 'git is not installed, so what differs from the commit is not known.',
  })
  write('.git/HEAD', 'ref: refs/heads/nothing-yet\n')
  expect(await look()).toMatchObject({
    commit: null,
    branch: 'nothing-yet',
    problem: 'The repository has no commit yet.',
  })
  write('.git/HEAD', 'ref: refs/heads/../../../../etc/passwd\n')
  expect((await look()).problem).toContain('names no commit and no branch')
  write('.git/HEAD', `${'0123456789'.repeat(4)}\n`)
  expect((await look()).problem).toContain('git refused: ')
  rmSync(path.join(folder, '.git/HEAD'))
  expect((await look()).problem).toContain('has no HEAD')
  renameSync(path.join(folder, '.git'), path.join(root, 'gone'))
  write('.git', 'gitdir: ../nowhere\n')
  expect((await look()).problem).toContain('which is not there')
  rmSync(path.join(folder, '.git'))
  execFileSync('mkfifo', [path.join(folder, '.git')])
  expect((await look()).problem).toContain('a named pipe')
})

test('files beside the named ones: scripts and settings that git does not know, by their hash; data and logs are none', async () => {
  write('helper.py', 'x = 1\n')
  write('log.txt', 'epoch 1\n')
  write('model.bin', 'weights\n')
  const named = namedFiles(['python', 'train.py', 'helper.py'], folder, [])
  expect(names(named)).toEqual(['train.py', 'helper.py'])
  write('settings.yaml', 'lr: 1\n')
  write('sweep.yaml', 'name: a\naxes: { lr: [1] }\n')
  const state = await look()
  expect(names(await filesBeside(named, state, PATH))).toEqual(['settings.yaml'])
  git('add', 'settings.yaml')
  expect(await filesBeside(named, state, PATH)).toEqual({})
  // what an attempt reads or writes as its data is no code
  expect(namedFiles(['python', 'train.py', 'model.bin'], folder, [path.join(folder, 'model.bin')])).toEqual(
    namedFiles(['python', 'train.py'], folder, []),
  )
})
