/** From a sweep to its next rounds and their lineage, over real trainers. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, planCleanUp } from '../server/act/checkpoints/clean-up.ts'
import { describeNextRound } from '../server/read/checkpoints/describe-next-round.ts'
import { pickCheckpoint } from '../server/act/checkpoints/pick-checkpoint.ts'
import { tagCheckpoint } from '../server/act/checkpoints/tag-checkpoint.ts'
import { loadStudy } from '../server/act/examples/load-study.ts'
import { describeLineage } from '../server/read/lineage/describe-lineage.ts'
import { timelineAsSvg } from '../server/read/lineage/timeline-as-svg.ts'
import { reportAsMarkdown, reportChain } from '../server/read/lineage/export-lineage.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { removeSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { findBaselineByName } from '../db/queries/baselines.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

const runOf = (id: number) => describeRun(server.context, requireRun(server.context, id))
const firstCheckpoint = (sweepId: number) => runOf(server.sweep(sweepId).runs[0]!.id).checkpoints[0]!
const placed = (runId: number) => describeLineage(server.context, null).runs.find(({ id }) => id === runId)

test('a checkpoint is a row: its size, its tags and note, and whether it is still on disk', async () => {
  const { runs } = await server.finished(server.create(smallSweep()))
  const checkpoint = runOf(runs[0]!.id).checkpoints[0]!
  const bytes = readFileSync(path.join(checkpoint.path!, 'model.txt')).length
  expect(checkpoint).toMatchObject({ exists: true, sizeBytes: bytes, best: true, picked: false, tags: [], note: '' })

  pickCheckpoint(server.context, { id: checkpoint.id, picked: true })
  tagCheckpoint(server.context, { id: checkpoint.id, tags: [' keep ', 'keep', ''], note: ' the one ' })
  expect(runOf(runs[0]!.id).checkpoints[0]).toMatchObject({ picked: true, tags: ['keep'], note: 'the one' })
  tagCheckpoint(server.context, { id: checkpoint.id, note: '' })
  pickCheckpoint(server.context, { id: checkpoint.id, picked: false })
  expect(runOf(runs[0]!.id).checkpoints[0]).toMatchObject({ picked: false, tags: ['keep'], note: '' })
  expect(() => tagCheckpoint(server.context, { id: checkpoint.id, tags: ['Best'] })).toThrow(
    'The tag “Best” cannot be written by hand: it is computed from the scores. Expected any other text.',
  )

  rmSync(checkpoint.path!, { recursive: true })
  expect(runOf(runs[0]!.id).checkpoints[0]).toMatchObject({ exists: false, sizeBytes: bytes, removedAt: null })
  expect(() => describeNextRound(server.context, [checkpoint.id])).toThrow(`${checkpoint.path} is not there`)
})

test('a round knows what it started from, also when the files move; the lineage says what each changed', async () => {
  const first = await server.finished(
    server.create(smallSweep({ name: 'first', train: { command: stub('finishes', '4') } })),
  )
  const start = firstCheckpoint(first.id)
  const round = (name: string, parts: Partial<SweepInput> = {}) => {
    const { definition, directory } = describeNextRound(server.context, [start.id])
    return createSweep(server.context, { definition: { ...definition, name, ...parts }, directory: directory! }).id
  }
  const same = await server.finished(round('same'))
  const other = await server.finished(round('other', { train: { command: stub('finishes', '6') } }))
  expect(same.points.map(({ params }) => params)).toEqual([{ a: '1' }])
  expect(firstCheckpoint(first.id)).toMatchObject({
    picked: true,
    startedRuns: [{ title: 'same, run 1' }, { title: 'other, run 1' }],
  })

  const moved = `${start.path}-moved`
  renameSync(start.path!, moved)
  expect(runOf(same.runs[0]!.id)).toMatchObject({ round: 1, startedFrom: { checkpoint: { id: start.id } } })
  expect(placed(same.runs[0]!.id)).toMatchObject({ parentId: first.runs[0]!.id, round: 1, changes: [] })
  expect(placed(other.runs[0]!.id)!.changes).toMatchObject([{ key: 'train.command' }])
  expect(placed(first.runs[0]!.id)).toMatchObject({ round: null, base: 'Model of the command', others: 0 })

  // a deleted sweep stays as long as something came from it
  removeSweep(server.context, first.id)
  expect(placed(first.runs[0]!.id)).toMatchObject({ deleted: true })
  removeSweep(server.context, other.id)
  expect(placed(other.runs[0]!.id)).toBeUndefined()
})

test('several starting points and settings are axes of one round', async () => {
  const first = await server.finished(server.create(smallSweep({ name: 'starts' })))
  const paths = first.runs.map(({ id }) => runOf(id).checkpoints[0]!.path!)
  const second = await server.finished(
    server.create(smallSweep({ name: 'from-both', axes: { start: paths, b: ['1', '2'] }, init: '${start}' })),
  )
  expect(second.runs.map(({ id }) => runOf(id).startedFrom!.checkpoint!.runId)).toEqual(
    first.runs.flatMap(({ id }) => [id, id]),
  )
  // each start has two runs of the round, and nobody chose between them: one stands for both
  const shown = describeLineage(server.context, null).runs.filter(({ home }) => home.id === second.id)
  expect(shown.map(({ others }) => others)).toEqual([1, 1])
})

test('the study’s five rounds are a chain from its base model to the published score', () => {
  loadStudy(server.context)
  const { id } = findBaselineByName(server.context.database, 'grpo')!
  const { runs } = describeLineage(server.context, id)
  const rounds = runs.filter(({ imported }) => imported)
  expect(rounds.map(({ home, round, chosen }) => [home.name, round, chosen!.step])).toEqual([
    ['grpo_test1', 1, 120],
    ['grpo_test2', 2, 30],
    ['grpo_test3', 3, 40],
    ['grpo_quality_test1', 4, 260],
    ['grpo_quality_round2', 5, 110],
  ])
  expect(rounds.map(({ changes }) => changes)).toEqual([
    [],
    [],
    [],
    [{ key: 'reward', before: 'basic', after: 'quality' }],
    [{ key: 'clip_high', before: '0.2', after: '0.28' }],
  ])
  expect(rounds[0]!.base).toBe('Qwen2.5-Math-1.5B')
  // harmonic mean of 0.525/0.5, 0.775/0.741, 0.618/0.613 and 0.246/0.174
  expect(rounds.map(({ chosen }) => chosen!.score)).toEqual([null, null, null, null, expect.closeTo(1.10873, 5)])
  expect(rounds.at(-1)!.chosen).toMatchObject({ rounded: true, exists: false, picked: true })

  const report = reportChain(server.context, rounds.at(-1)!.id, id)
  expect(JSON.parse(JSON.stringify(report)).runs).toHaveLength(5)
  const timeline = timelineAsSvg(server.context, report.runs, report.baseline)!
  // the last round's score with its whisker, and no run's name that could close a tag
  expect(timeline).toMatch(/>1\.109<\/text>/)
  expect(timeline.match(/<circle /g)).toHaveLength(1)
  expect(timeline).toContain('>grpo_quality_test1</text>')
  expect(
    timelineAsSvg(server.context, [{ ...report.runs[4]!, home: { ...report.runs[4]!.home, name: '<b>&' } }], null),
  ).toContain('>&lt;b&gt;&amp;</text>')
  const unscored = report.runs.slice(0, 3).map((run) => ({ ...run, checkpoints: [] }))
  expect(timelineAsSvg(server.context, unscored, null)).toBeNull()
  const text = reportAsMarkdown(report, timeline)
  const picture = /!\[[^\]]+\]\(data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)\)/.exec(text)![1]!
  expect(Buffer.from(picture, 'base64').toString()).toBe(timeline)
  expect(text).toContain('# From Qwen2.5-Math-1.5B to grpo\\_quality\\_round2')
  expect(text).toMatch(/\| 5 \| .*\| ≈ 1\.109 \| \d\.\d\d to \d\.\d\d \|/)
  expect(text).toContain('- `reward: basic → quality`')
  expect(() => reportChain(server.context, 4711, null)).toThrow('Run 4711 is in no lineage.')
})

test('a model that is none of ours is the start of a lineage of its own', async () => {
  const model = mkdtempSync(path.join(tmpdir(), 'sweepboard-model-'))
  mkdirSync(path.join(model, 'Qwen/small'), { recursive: true })
  const sweep = await server.finished(
    server.create(smallSweep({ name: 'from-a-model', init: path.join(model, 'Qwen/small') })),
  )
  const run = sweep.runs[0]!.id
  expect(runOf(run)).toMatchObject({
    round: 1,
    startedFrom: { checkpoint: null, init: path.join(model, 'Qwen/small') },
  })
  expect(placed(run)).toMatchObject({ base: 'Qwen/small', parentId: null, round: 1, others: 1 })
  rmSync(model, { recursive: true })
})

test('a keep rule says which files would go, deletes those and no other, and never what is picked or used', async () => {
  const { context } = server
  // three checkpoints a run, at epochs 1, 2 and 3
  const sweep = await server.finished(
    server.create(
      smallSweep({
        name: 'many',
        axes: { a: ['1', '2'], epoch: { milestones: ['1', '2', '3'] } },
        train: { command: stub('finishes', '6', '1', '2', '3') },
      }),
    ),
  )
  const [first, second] = sweep.runs.map(({ id }) => id)
  const of = (runId: number) => runOf(runId).checkpoints.toSorted((a, b) => a.step! - b.step!)
  pickCheckpoint(context, { id: of(first!)[0]!.id, picked: true })
  const { definition, directory } = describeNextRound(context, [of(second!)[1]!.id])
  await server.finished(createSweep(context, { definition: { ...definition, name: 'used' }, directory: directory! }).id)
  pickCheckpoint(context, { id: of(second!)[1]!.id, picked: false })

  const rule = { last: 1, best: 0 }
  const plan = planCleanUp(context, sweep.id, rule)
  expect(plan.remove.map(({ runNumber, name }) => [runNumber, name])).toEqual([
    [1, 'step 4'],
    [2, 'step 2'],
  ])
  expect(plan.kept).toEqual({ picked: 1, used: 1, needed: 0, best: 0, last: 2, elsewhere: 0 })
  expect(plan.bytes).toBeGreaterThan(0)

  // picked between the list and the click: nothing at all is deleted
  const [gone, meanwhile] = plan.remove.map(({ id }) => id)
  pickCheckpoint(context, { id: meanwhile!, picked: true })
  const checkpointIds = [gone!, meanwhile!]
  expect(() => cleanUp(context, { sweepId: sweep.id, rule, checkpointIds })).toThrow('nothing was deleted')
  expect(of(first!).every(({ exists }) => exists)).toBe(true)
  pickCheckpoint(context, { id: meanwhile!, picked: false })

  expect(cleanUp(context, { sweepId: sweep.id, rule, checkpointIds })).toEqual({ removed: 2, bytes: plan.bytes })
  expect(of(first!).map(({ exists, removedAt }) => [exists, removedAt !== null])).toEqual([
    [true, false],
    [false, true],
    [true, false],
  ])
  expect(of(second!).map(({ exists }) => exists)).toEqual([false, true, true])
  expect(server.sweep(sweep.id).counts.scored).toBe(6)
  expect(() => describeNextRound(context, [gone!])).toThrow('a keep rule deleted')
  expect(planCleanUp(context, sweep.id, rule).remove).toEqual([])
})

test('a keep rule leaves alone what stands outside the run’s own folder, and what holds one that stays', async () => {
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'sweepboard-elsewhere-'))
  const sweep = await server.finished(
    server.create(
      smallSweep({
        name: 'elsewhere',
        axes: { a: ['1'] },
        train: { command: ['bash', '-c', 'mkdir -p "$1" && echo weights > "$1/model"', 'bash', `${elsewhere}/\${a}`] },
        checkpoint: `${elsewhere}/\${a}`,
      }),
    ),
  )
  expect(sweep.counts.scored).toBe(1)
  const plan = planCleanUp(server.context, sweep.id, { last: 0, best: 0 })
  expect(plan).toMatchObject({ remove: [], kept: { elsewhere: 1 } })
  rmSync(elsewhere, { recursive: true })
})
