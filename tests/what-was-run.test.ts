/** What was run: each attempt records its code, packages, machine and environment, and points of several states of the code say so. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findAttempt } from '../db/queries/attempts.ts'
import { findPart, listSnapshots } from '../db/queries/recorded.ts'
import { type BoardQuery, plainBoardQuery } from '../domain/asking/board-query.ts'
import { bestFirst } from '../domain/asking/order.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { sweepAsCsv } from '../server/http/export-sweep.ts'
import { describeComparison } from '../server/read/compare/describe-comparison.ts'
import { boardAsCsv } from '../server/read/leaderboard/export-board.ts'
import { readBoard } from '../server/read/leaderboard/read-board.ts'
import { readPointsPage } from '../server/read/sweeps/points-page.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
let work: string
beforeEach(() => {
  server = openTestServer({ HF_TOKEN: 'hf_nobodyshouldkeepthis', OMP_NUM_THREADS: '2' })
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-ran-'))
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

const firstPage = { sort: bestFirst, offset: 0, limit: 100 }
const write = (name: string, text: string) => writeFileSync(path.join(work, name), text)
const start = (definition: SweepInput) => createSweep(server.context, { definition, directory: work }).id
const git = (...given: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...given], {
    cwd: work,
    encoding: 'utf8',
  }).trim()

const definition = (axis = 'lr'): SweepInput => ({
  name: 'only-failed',
  axes: { [axis]: ['1e-5', '2e-5', '4e-5'] },
  train: { command: ['bash', 'grid.sh', `\${${axis}}`], env: { JUDGE_KEY: 'sk-abc', STYLE: 'short' } },
  evaluate: { command: ['bash', '-c', 'echo "{\\"gsm8k\\": 0.8}" > "$1"', 'bash', '${report}'] },
  score: { baseline: { gsm8k: 0.7 } },
  concurrency: 1,
})

/** One of three fails; the script is changed; what failed is tried again. */
async function scriptChanged(keep = () => {}, axis = 'lr'): Promise<number> {
  write('grid.sh', 'echo v1 $1 >> ran.txt; [ $1 != 2e-5 ]\n')
  keep()
  const id = start(definition(axis))
  expect((await server.finished(id)).counts).toMatchObject({ scored: 2, failed: 1 })
  expect(server.sweep(id).code).toEqual([])
  write('grid.sh', 'echo v2 $1 >> ran.txt\n')
  keep()
  await retrySweep(server.context, id)
  return id
}

test('a script that was changed between the attempts of a grid is told on its sweep, the leaderboard and in compare', async () => {
  const id = await scriptChanged()
  const sweep = await server.finished(id)
  expect(readFileSync(path.join(work, 'ran.txt'), 'utf8').trim().split('\n')).toEqual([
    'v1 1e-5',
    'v1 2e-5',
    'v1 4e-5',
    'v2 2e-5',
  ])
  expect(sweep.counts.scored).toBe(3)
  expect(sweep.code).toEqual([
    'The trainings came from 2 states of the code (grid.sh is not the same in all): runs 1, 3; run 2.',
  ])
  const states = 'The trainings came from 2 states of the code ('
  expect(readBoard(server.context, plainBoardQuery, 0, 1).code).toEqual([
    `${states}${path.join(work, 'grid.sh')} is not the same in all): 2 checkpoints; 1 checkpoint.`,
  ])
  const compare = async (places: number[]) => {
    const ids = places.map((place) => sweep.points[place]!.checkpoint!.id)
    return (await describeComparison(server.context, { of: 'checkpoints', ids, baselineId: null })).code
  }
  expect(await compare([0, 1])).toEqual([`${states}grid.sh is not the same in all): A; B.`])
  expect(await compare([0, 2])).toEqual([])
})

test('an attempt records the commit, what differs from it, its environment and the machine, and no secret', async () => {
  git('init', '--quiet', '--initial-branch', 'main')
  write('grid.sh', 'true\n')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'first')
  write('grid.sh', 'true # changed\n')
  write('helper.py', '')
  const sweep = await server.finished(start(definition()))
  const { database } = server.context
  const [first, second] = sweep.points.map(({ runId }) => findAttempt(database, runId, 1)!)
  expect(second!.codeSnapshot).toBe(first!.codeSnapshot)
  const snapshot = listSnapshots(database, [first!.codeSnapshot!]).get(first!.codeSnapshot!)!
  expect(snapshot).toMatchObject({ repository: work, commit: git('rev-parse', 'HEAD'), problem: null, cut: null })
  const script = path.join(work, 'grid.sh')
  expect(snapshot.changed).toEqual({ [script]: snapshot.named[script] })
  expect(Object.keys(snapshot.beside)).toEqual([path.join(work, 'helper.py')])
  expect(findPart(database, 'patch', snapshot.patch!)!.toString()).toContain('+true # changed')
  const { ran } = first!
  expect(ran).toMatchObject({
    command: ['bash', 'grid.sh', '1e-5'],
    directory: work,
    branch: 'main',
    variables: { STYLE: 'short' },
    leftOut: ['HF_TOKEN', 'JUDGE_KEY'],
  })
  expect(JSON.parse(findPart(database, 'environment', ran!.environment!)!.toString())).toMatchObject({
    OMP_NUM_THREADS: '2',
  })
  expect(JSON.parse(findPart(database, 'machine', ran!.machine!)!.toString())).toHaveProperty('host')
  // shared by all attempts: one of each
  const count = database.$client
    .prepare('select kind, count(*) from recorded_parts group by 1 order by 1')
    .raw()
    .all() as [string, number][]
  expect(count.filter(([kind]) => kind !== 'python')).toEqual([
    ['environment', 1],
    ['machine', 1],
    ['patch', 1],
  ])
  const file = readFileSync(path.join(server.dataFolder, 'sweepboard.db'))
  expect(file.includes('hf_nobodyshouldkeepthis')).toBe(false)
  expect(sweep.code).toEqual([])
})

test('what cannot be looked at is no error of the attempt', async () => {
  write('.git', 'gitdir: nowhere\n')
  write('grid.sh', 'true\n')
  const sweep = await server.finished(start(definition()))
  expect(sweep.counts.scored).toBe(3)
  const { codeSnapshot } = findAttempt(server.context.database, sweep.points[0]!.runId, 1)!
  const snapshot = listSnapshots(server.context.database, [codeSnapshot!]).get(codeSnapshot!)!
  expect(snapshot.problem).toContain('which is not there')
})

test('the leaderboard says so too, shows commits, filters by them and keeps groups of each apart; exports carry them', async () => {
  git('init', '--quiet', '--initial-branch', 'main')
  const id = await scriptChanged(() => {
    git('add', 'grid.sh')
    git('commit', '--quiet', '--message', 'a state')
  }, 'seed')
  const sweep = await server.finished(id)
  const [first, second] = git('log', '--reverse', '--format=%H').split('\n') as [string, string]
  const board = (parts: Partial<BoardQuery> = {}) => readBoard(server.context, { ...plainBoardQuery, ...parts }, 0, 100)
  expect(board().code).toEqual([
    `The trainings and evaluations came from 2 states of the code (several commits; grid.sh is not the same in all): 2 checkpoints at ${first.slice(0, 8)}; 1 checkpoint at ${second.slice(0, 8)}.`,
  ])
  expect(board().settings).toContain('commit')
  const of = (filter: string) => board({ filter }).rows.map(({ runNumber }) => runNumber)
  expect(of(`commit = ${second.slice(0, 10)}`)).toEqual([2])
  expect(of(`commit != ${second.slice(0, 10)}`).toSorted()).toEqual([1, 3])
  expect(of('changes = yes').toSorted()).toEqual([])
  expect(board({ filter: 'commit < 3' }).error).toBe('commit < means nothing; expected commit = or commit !=.')
  const groups = (byCommit: boolean) => board({ grouped: true, byCommit }).rows.map(({ group }) => group!.count)
  expect([groups(false), groups(true)]).toEqual([[3], [2, 1]])
  const points = (filter: string) =>
    readPointsPage(server.context, requireSweep(server.context, id), { ...firstPage, filter }).rows.map(
      ({ point }) => point.runNumber,
    )
  expect(points(`commit = ${first}`).toSorted()).toEqual([1, 3])
  expect(points('changes = no')).toHaveLength(3)
  expect(sweepAsCsv(sweep)).toContain(`,${second},false,`)
  expect(boardAsCsv(server.context, plainBoardQuery)).toContain(`,${second},false,`)
  expect(sweepResult(sweep).points[1]!.code).toEqual({ commit: second, changes: false })
})

test('a comparison shows what two were run with otherwise: files, packages, variables', async () => {
  git('init', '--quiet', '--initial-branch', 'main')
  write('grid.sh', 'true\n')
  git('add', 'grid.sh')
  git('commit', '--quiet', '--message', 'first')
  const first = await server.finished(start(definition()))
  write('grid.sh', 'true # other\n')
  const changed = { ...definition(), name: 'changed' }
  const second = await server.finished(
    start({ ...changed, train: { ...changed.train!, env: { ...changed.train!.env, STYLE: 'long' } } }),
  )
  const compare = (ids: number[]) => describeComparison(server.context, { of: 'runs', ids, baselineId: null })
  const { code, ran, compared } = await compare([first.runs[0]!.id, second.runs[0]!.id])
  const commit = git('rev-parse', 'HEAD').slice(0, 8)
  expect(code).toEqual([
    `The trainings and evaluations came from 2 states of the code (grid.sh is not the same in all): A at ${commit}; B at ${commit} with changes.`,
  ])
  const of = (title: string) =>
    Object.fromEntries(ran.find((group) => group.title === title)!.differing.map(({ key, values }) => [key, values]))
  expect(of('Code')).toEqual({
    'uncommitted changes': ['no', 'yes'],
    'grid.sh': ['as committed', expect.stringMatching(/^[0-9a-f]{12}$/)],
  })
  expect([of('Variables'), of('Packages'), of('Machine')]).toEqual([{ STYLE: ['short', 'long'] }, {}, {}])
  expect(compared.map((one) => one.ran!.hasPatch)).toEqual([false, true])
  const alike = await compare([first.runs[0]!.id, first.runs[1]!.id])
  expect([alike.code, alike.ran.flatMap(({ differing }) => differing)]).toEqual([[], []])
})
