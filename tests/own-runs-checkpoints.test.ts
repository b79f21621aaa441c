/** A model that a run of its own saved is a checkpoint: picked, gone on from, in the lineage, and on the leaderboard where it was evaluated. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertBaseline } from '../db/queries/baselines.ts'
import { findOwnRun } from '../db/queries/own-runs.ts'
import { plainBoardQuery, type BoardQuery } from '../domain/asking/board-query.ts'
import { describeAgainOptions, evaluateAgain } from '../server/act/checkpoints/evaluate-again.ts'
import { pickCheckpoint } from '../server/act/checkpoints/pick-checkpoint.ts'
import { tagCheckpoint } from '../server/act/checkpoints/tag-checkpoint.ts'
import { changeOwnRun, markDeleted } from '../server/act/own-runs/change-own-run.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { attemptFolder } from '../server/base/context.ts'
import { describeNextRound } from '../server/read/checkpoints/describe-next-round.ts'
import { modelCard } from '../server/read/checkpoints/model-card.ts'
import { describeComparison } from '../server/read/compare/describe-comparison.ts'
import { boardAsCsv } from '../server/read/leaderboard/export-board.ts'
import { describeChoices, readBoard } from '../server/read/leaderboard/read-board.ts'
import { describeLineage, describeTree } from '../server/read/lineage/describe-lineage.ts'
import { reportAsMarkdown, reportChain } from '../server/read/lineage/export-lineage.ts'
import { describeOwnRun } from '../server/read/own-runs/describe-own-run.ts'
import { findCheckpoint } from '../db/queries/checkpoints.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'
import { configOf, logOwnRun, metricsAt } from './own-runs.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const own = (id: number) => describeOwnRun(server.context, findOwnRun(server.context.database, id)!)
const board = (query: Partial<BoardQuery> = {}) => readBoard(server.context, { ...plainBoardQuery, ...query }, 0, 100)

/** A run with a model at step 20; gives the run's id, and the model's id and place. */
function withModel(name: string, more: object[] = []) {
  const { context } = server
  const id = logOwnRun(context, 'mine', name, [configOf({ lr: '1e-5' }), metricsAt(20, { loss: 1 })])
  const model = path.join(attemptFolder(context, id, 1), 'files', 'artifacts', 'actor-v1')
  mkdirSync(model, { recursive: true })
  writeFileSync(path.join(model, 'weights.bin'), '')
  logOwnRun(context, 'mine', name, [{ type: 'checkpoint', step: 20, path: model }, ...more])
  return { id, model, checkpointId: own(id).checkpoints[0]!.id }
}

const evaluation = (correct: number) => ({ type: 'evaluation', step: 20, benchmark: 'B', correct, total: 40 })

test('it is picked, tagged and gone on from; its page and the lineage say what came of it', async () => {
  const { context } = server
  const { id, model, checkpointId } = withModel('by-hand')
  pickCheckpoint(context, { id: checkpointId, picked: true })
  tagCheckpoint(context, { id: checkpointId, tags: ['good'], note: 'the first' })
  expect(own(id).checkpoints).toMatchObject([{ step: 20, path: model, exists: true, picked: true, tags: ['good'] }])

  const next = describeNextRound(context, [checkpointId])
  expect(next).toMatchObject({ checkpointName: 'step 20 of mine, by-hand', round: 1, before: null, directory: null })
  expect(next.definition).toEqual({ name: 'by-hand-round-1', search: 'grid', axes: { seed: ['1'] }, init: model })
  const folder = path.join(attemptFolder(context, id, 1), 'files')
  const metadata = { program: '/code/x/train.py', codePathLocal: 'x/train.py', args: ['--model=Q', '--lr', '1e-5'] }
  writeFileSync(path.join(folder, 'wandb-metadata.json'), JSON.stringify({ ...metadata, host: 'elsewhere.example' }))
  const recorded = describeNextRound(context, [checkpointId])
  expect(recorded.directory).toBe('/code')
  expect(recorded.definition).toMatchObject({
    axes: { learning_rate: ['1e-5'] },
    train: { command: ['python', 'x/train.py', '--model=${init}', '--lr', '${learning_rate}'] },
  })
  expect(recorded.unknown[0]).toBe('It ran on elsewhere.example: its paths are those of that machine.')
  const definition = smallSweep({ name: 'round', axes: { lr: ['2e-5'] }, init: model })
  const sweep = await server.finished(createSweep(context, { definition, directory: server.dataFolder }).id)
  const runId = sweep.runs[0]!.id
  expect(own(id).checkpoints[0]!.startedRuns).toEqual([{ id: runId, title: 'round, run 1' }])

  const { runs } = describeLineage(context, null)
  expect(runs).toMatchObject([
    { id, home: { kind: 'project', name: 'mine' }, runName: 'by-hand', trainer: 'wandb', base: 'Model of the script' },
    { id: runId, home: { kind: 'sweep', name: 'round' }, parentId: id, startCheckpointId: checkpointId, round: 1 },
  ])
  // each names its settings its own way: what only one names is no change
  expect(runs[1]!.changes).toEqual([{ key: 'lr', before: '1e-5', after: '2e-5' }])
  expect(describeTree(context, null).runs.map(({ runName }) => runName)).toEqual(['by-hand', 'run 1'])
  const report = reportAsMarkdown(reportChain(context, runId, null), null)
  expect(report).toContain('mine, by-hand')
  expect(report).toContain('| 1 | round, run 1 | mine, step 20 |')

  // a deleted run stays as long as something came from it
  markDeleted(context, [id], true)
  expect(describeLineage(context, null).runs.map((run) => [run.id, run.deleted])).toEqual([
    [id, true],
    [runId, false],
  ])
})

test('a second model at a step is one more, the same said again is none, and one that is gone starts no round', () => {
  const { context } = server
  const { id, model } = withModel('by-hand')
  const gone = path.join(path.dirname(model), 'critic-v2')
  const events = [model, gone].map((at) => ({ type: 'checkpoint', step: 20, path: at }))
  logOwnRun(context, 'mine', 'by-hand', events)
  expect(own(id).checkpoints.map(({ path: at, exists }) => [at, exists])).toEqual([
    [model, true],
    [gone, false],
  ])
  expect(() => describeNextRound(context, [own(id).checkpoints[1]!.id])).toThrow(
    `No round can start from step 20 of mine, by-hand: ${gone} is not there.`,
  )
})

test('evaluated ones stand on the leaderboard, without a score until a baseline is chosen for all, and in its CSV', async () => {
  const { context } = server
  const swept = await server.finished(server.create(smallSweep({ name: 'swept', axes: { lr: ['1e-5'] } })))
  withModel('not-evaluated')
  const { id, checkpointId } = withModel('by-hand', [evaluation(30)])
  const rowOf = (query: Partial<BoardQuery> = {}) => board(query).rows.find(({ runId }) => runId === id)
  expect(board().total).toBe(2)
  expect(describeChoices(context).unevaluated).toBe(1)
  expect(rowOf()).toMatchObject({
    home: { kind: 'project', name: 'mine' },
    runName: 'by-hand',
    trainer: 'wandb',
    score: null,
    error: 'No score: a run of its own has no baseline. Choose one for all to see its score.',
  })
  expect(board().mixed.baselines).toBe(false)
  const baseline = insertBaseline(context.database, { name: 'B', accuracies: { B: 0.5 }, questions: {}, note: '' })
  // the sweep's accuracy is 0.5, this one's 30 of 40
  expect(board({ baselineId: baseline.id }).rows.map(({ runName, score }) => [runName, score])).toEqual([
    ['by-hand', 1.5],
    ['run 1', 1],
  ])
  expect(rowOf({ baselineId: baseline.id })!.interval![0]).toBeLessThan(1.5)
  expect(rowOf({ filter: 'project = mine and lr = 1e-5 and B >= 0.75' })!.checkpointIds).toEqual([checkpointId])
  expect(board({ filter: 'sweep = swept' }).rows.map(({ runId }) => runId)).toEqual([swept.runs[0]!.id])
  expect(board({ trainer: 'wandb' }).rows.map(({ runId }) => runId)).toEqual([id])
  expect(describeChoices(context).trainers).toEqual(['command', 'wandb'])

  const [head, ...lines] = boardAsCsv(context, { ...plainBoardQuery, baselineId: baseline.id }).split('\r\n')
  const cells = lines[0]!.split(',')
  expect(['sweep', 'project', 'run', 'score'].map((name) => cells[head!.split(',').indexOf(name)])).toEqual([
    '',
    'mine',
    'by-hand',
    '1.5',
  ])

  // what a person or its client says later of it is seen at once
  changeOwnRun(context, { id, name: 'renamed' })
  logOwnRun(context, 'mine', 'by-hand', [configOf({ lr: '4e-5' }), { ...evaluation(20), step: 30 }])
  expect(board({ filter: 'lr = 4e-5' }).rows.map(({ runName, step }) => [runName, step])).toEqual([
    ['renamed', 20],
    ['renamed', 30],
  ])
  const view = await describeComparison(context, { of: 'runs', ids: [id, swept.runs[0]!.id], baselineId: null })
  expect(view.compared.map(({ name, score }) => [name, score])).toEqual([
    ['renamed, its last evaluated at step 30', 2],
    [expect.stringMatching(/^run 1, its best/), 2],
  ])
  markDeleted(context, [id], true)
  expect(board().rows.map(({ runId }) => runId)).toEqual([swept.runs[0]!.id])
})

test('a model that comes after it was evaluated is the one that was', () => {
  const { context } = server
  const id = logOwnRun(context, 'mine', 'by-hand', [evaluation(30)])
  expect(own(id).checkpoints).toMatchObject([{ step: 20, path: null, exists: false }])
  const model = withModel('by-hand')
  expect(own(id).checkpoints).toMatchObject([{ step: 20, path: model.model, results: { B: { correct: 30 } } }])
})

test('seeds of a script are one group, what differs otherwise is another', () => {
  const { context } = server
  for (const [name, seed, lr] of [
    ['a', '1', '1e-5'],
    ['b', '2', '0.00001'],
    ['c', '1', '2e-5'],
  ] as const)
    logOwnRun(context, 'mine', name, [configOf({ seed, lr }), evaluation(20 + Number(seed))])
  const baseline = insertBaseline(context.database, { name: 'B', accuracies: { B: 0.5 }, questions: {}, note: '' })
  const groups = board({ grouped: true, baselineId: baseline.id }).rows.map(({ group }) => group!.count)
  expect(groups.toSorted()).toEqual([1, 2])
})

test('what only a sweep can say of a checkpoint is refused with a sentence, and its model card says who logged it', () => {
  const { context } = server
  const { id, checkpointId } = withModel('by-hand', [evaluation(30)])
  const again = { checkpointIds: [checkpointId], benchmarks: [], samples: 4, temperature: 1 }
  expect(() => evaluateAgain(context, again)).toThrow(
    'The step 20 of mine, by-hand cannot be evaluated again: no sweep says how.',
  )
  expect(describeAgainOptions(context, [checkpointId]).checkpoints).toMatchObject([
    { runTitle: 'mine, by-hand', why: 'it is of a run of its own: no sweep says how to evaluate it' },
  ])
  const run = findOwnRun(context.database, id)!.job
  const card = modelCard(context, run, findCheckpoint(context.database, checkpointId)!)
  expect(card).toContain("Logged to Sweepboard by W&B's client at step 20")
  expect(card).toContain('It has no score against a baseline, as a run of its own has none.')
  expect(card).toContain('- the model of a script')
})

test('a run of its own that the lineage knows is no trouble to a sweep that fails and to one that is deleted', async () => {
  const { context } = server
  const { id, model, checkpointId } = withModel('by-hand')
  const definition = smallSweep({ name: 'fails', train: { command: stub('crashes-always', '1') }, init: model })
  const { id: sweepId } = createSweep(context, { definition, directory: server.dataFolder })
  await server.until(sweepId, ({ runs }) => runs.some(({ status }) => status === 'failed'))
  expect(own(id).checkpoints[0]).toMatchObject({ id: checkpointId, picked: true })
  expect(describeLineage(context, null).runs.filter(({ parentId }) => parentId === id)).not.toEqual([])
})
