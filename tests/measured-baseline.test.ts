/** A baseline that the sweep measures: first, once, kept, and without it no score; evaluations are counted outside the data folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findBaselineByName, listBaselines } from '../db/queries/baselines.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { saveBaseline } from '../server/act/baselines/save-baseline.ts'
import { setSweepBaseline } from '../server/act/baselines/set-sweep-baseline.ts'
import { prepareSweep } from '../server/base/preparing/prepare-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { describeAgainstBaseline } from '../server/read/sweeps/against-baseline.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { openTestServer, stub, type TestServer } from './harness.ts'

let server: TestServer
let work: string
beforeEach(() => {
  server = openTestServer()
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-measured-'))
  write('base.bin', 'weights')
  write('eval.sh', evaluates)
  write('right-base', '100')
  write('right-trained', '120')
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})
const write = (name: string, text: string) => writeFileSync(path.join(work, name), text)
const lines = (name: string) =>
  existsSync(path.join(work, name)) ? readFileSync(path.join(work, name), 'utf8').trim().split('\n') : []

/** CHECKPOINT REPORT NAME: of 200 questions as many are right as the file `right-…` says, each with its answer. Waits while `hold` is there. */
const evaluates = `kind=$(case "$1" in *base.bin) echo base;; *) echo trained;; esac)
echo "$kind $3" >> evaluated.txt
while [ -e "hold-$kind" ]; do sleep 0.02; done
right=$(cat "right-$kind") || exit 3
items="$SWEEPBOARD_RUN_DIR/items.jsonl"
awk -v right="$right" 'BEGIN { for (q = 1; q <= 200; q++) printf "{\\"id\\":\\"q%d\\",\\"correct\\":%s}\\n", q, q <= right ? "true" : "false" }' > "$items"
echo "{\\"type\\":\\"evaluation\\",\\"step\\":0,\\"benchmark\\":\\"B\\",\\"correct\\":$right,\\"total\\":200,\\"items\\":\\"items.jsonl\\"}" >> "$SWEEPBOARD_EVENTS"
echo "{\\"acc\\":{\\"B\\":{\\"correct\\":$right,\\"total\\":200}}}" > "$2"
`

function sweepOf(parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'measures',
    axes: { a: ['1', '2'] },
    train: { command: stub('finishes', '4') },
    track: 'none',
    evaluate: { command: ['bash', 'eval.sh', '${checkpoint}', '${report}', '${a}'], report: { accuracies: 'acc' } },
    score: { baseline: { measure: 'base.bin' } },
    ...parts,
  }
}
const create = (parts: Partial<SweepInput> = {}, how: { reuse?: boolean } = {}) =>
  createSweep(server.context, { definition: sweepOf(parts), directory: work, ...how }).id
const issuesOf = (parts: Partial<SweepInput>) =>
  prepareSweep(server.context, { definition: sweepOf(parts), directory: work }).issues.map(({ message }) => message)
const measurements = () => lines('evaluated.txt').filter((line) => line.startsWith('base'))

test('the checkpoint is measured first; everything is scored against it; counts and answers are there for pairs', async () => {
  const id = create()
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'done', counts: { scored: 2, trainings: 2 } })
  expect(sweep.points.map((point) => point.score)).toEqual([1.2, 1.2])
  expect(lines('evaluated.txt')[0]).toBe('base baseline')
  expect(listSweepJobs(server.context.database, id)[0]).toMatchObject({ kind: 'evaluation', number: 0, status: 'done' })
  expect(findBaselineByName(server.context.database, 'measures: base.bin')).toMatchObject({
    accuracies: { B: 0.5 },
    questions: { B: 200 },
    note: `Measured by sweep ${id}, measures, of ${path.join(work, 'base.bin')}.`,
  })
  const against = (await describeAgainstBaseline(server.context, requireSweep(server.context, id)))!
  expect(against).toMatchObject({ assumed: [], paired: ['B'] })
  expect(sweepResult(sweep).scoring).toEqual({
    aggregate: 'harmonic-mean',
    baseline: { B: 0.5 },
    measured: {
      checkpoint: 'base.bin',
      reused: false,
      accuracies: { B: { correct: 100, total: 200, accuracy: 0.5 } },
      error: null,
    },
  })
  const page = describeRun(server.context, requireRun(server.context, sweep.score.measured!.runId!))
  expect(page).toMatchObject({ number: 0, status: 'done', checkpoints: [{ path: path.join(work, 'base.bin') }] })
})

test('the same checkpoint, evaluation and scripts are not measured again; any other is', async () => {
  await server.finished(create())
  const again = await server.finished(create({ name: 'second' }))
  expect(again.points.map((point) => point.score)).toEqual([1.2, 1.2])
  expect(again.score.measured).toMatchObject({ reused: true, status: 'done', reason: null })
  expect(measurements()).toHaveLength(1)
  await server.finished(create({}, { reuse: false }))
  expect(measurements()).toHaveLength(2)
  write('eval.sh', `${evaluates}true\n`)
  await server.finished(create())
  expect(measurements()).toHaveLength(3)
  write('base.bin', 'other weights')
  await server.finished(create())
  expect(measurements()).toHaveLength(4)
  await server.finished(create({ evaluate: { ...sweepOf().evaluate, env: { SAMPLES: '4' } } }))
  expect(measurements()).toHaveLength(5)
})

test('accuracies that a person edits are no measurement any more', async () => {
  await server.finished(create())
  const { id, name } = findBaselineByName(server.context.database, 'measures: base.bin')!
  saveBaseline(server.context, { id, name, accuracies: { B: 0.4 }, note: '' })
  await server.finished(create())
  expect(measurements()).toHaveLength(2)
})

test('two sweeps at once measure it once: the second waits, and goes on by itself where the first gives nothing', async () => {
  write('hold-base', '')
  const [first, second] = [create(), create({ name: 'second' })]
  await server.until(first, ({ score }) => score.measured!.status === 'running')
  await server.until(second, ({ counts }) => counts.done === 2)
  expect(server.sweep(second).points[0]!.error).toBe('Scored once the baseline, base.bin, is measured.')
  rmSync(path.join(work, 'hold-base'))
  expect((await server.finished(second)).points.map(({ score }) => score)).toEqual([1.2, 1.2])
  expect((await server.finished(first)).status).toBe('done')
  expect(measurements()).toHaveLength(1)
  write('base.bin', 'other')
  write('hold-base', '')
  const [third, fourth] = [create(), create({ name: 'fourth' })]
  await server.until(third, ({ score }) => score.measured!.status === 'running')
  cancelSweep(server.context, third)
  await server.until(third, ({ slotsHeld }) => slotsHeld === 0)
  rmSync(path.join(work, 'hold-base'))
  expect((await server.finished(fourth)).counts.scored).toBe(2)
  expect(measurements()).toHaveLength(3)
})

test('a measurement that fails fails no point: they say why they have no score, and have one when it is tried again', async () => {
  rmSync(path.join(work, 'right-base'))
  const id = create()
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'failed', counts: { done: 2, failed: 0, scored: 0 } })
  const reason = sweep.points[0]!.error!
  expect(reason).toMatch(/^Not scored: the baseline, base\.bin, could not be measured\. Exit code 3: /)
  expect(sweep.score.measured).toMatchObject({ status: 'failed', reason })
  const trained = lines('evaluated.txt').filter((line) => line.startsWith('trained'))
  write('right-base', '80')
  expect(await retrySweep(server.context, id)).toBe(1)
  const mended = await server.finished(id)
  expect(mended).toMatchObject({ status: 'done', counts: { scored: 2 } })
  expect(mended.points[0]).toMatchObject({ score: expect.closeTo(1.5, 9), error: null })
  expect(lines('evaluated.txt').filter((line) => line.startsWith('trained'))).toEqual(trained)
})

test('an accuracy of 0 is no baseline, and said so; a person may choose another', async () => {
  write('right-base', '0')
  const id = create()
  const sweep = await server.finished(id)
  expect(sweep.points[1]!.error).toContain('It has 0 on B, and a baseline accuracy must be above 0')
  expect(listBaselines(server.context.database)).toEqual([])
  setSweepBaseline(server.context, { id, accuracies: { B: 0.3 } })
  expect(server.sweep(id).points.map(({ score }) => score)).toEqual([2, 2])
})

test('a checkpoint that changes while it is measured is no baseline', async () => {
  write('hold-base', '')
  const id = create()
  await server.until(id, ({ score }) => score.measured!.status === 'running')
  write('base.bin', 'trained over')
  rmSync(path.join(work, 'hold-base'))
  const sweep = await server.finished(id)
  expect(sweep.points[0]!.error).toContain('was changed while it was measured')
})

test('killed at any time, nothing is measured twice', async () => {
  write('hold-base', '')
  const id = create()
  server.leave()
  server = server.again()
  await server.until(id, ({ score }) => score.measured!.status === 'running')
  server.leave()
  rmSync(path.join(work, 'hold-base'))
  server = server.again()
  await server.until(id, ({ score }) => score.measured!.status === 'done')
  server.leave()
  server = server.again()
  expect((await server.finished(id)).points.map(({ score }) => score)).toEqual([1.2, 1.2])
  expect(measurements()).toHaveLength(1)
  expect(listBaselines(server.context.database)).toHaveLength(1)
})

test('the checkpoint may be the one that every run starts from; what cannot be one baseline is refused', async () => {
  const measure = (of: string) => ({ score: { baseline: { measure: of } } })
  expect(issuesOf(measure('base.bin'))).toEqual([])
  expect(issuesOf({ ...measure('init'), init: 'base.bin' })).toEqual([])
  expect(issuesOf(measure('init'))[0]).toContain('measure is init, and the sweep has no init')
  expect(issuesOf(measure('nowhere'))[0]).toContain(`There is no checkpoint ${path.join(work, 'nowhere')} to measure`)
  expect(issuesOf(measure('models/${a}'))[0]).toContain('${a} differs from point to point')
  expect(issuesOf({ ...measure('init'), init: 'models/${a}' })[0]).toContain('init is models/${a}')
  expect(issuesOf({ ...measure('base.bin'), evaluate: undefined })[0]).toContain(
    'has no evaluation to measure base.bin',
  )
  const builtIn = { trainer: 'sft' as const, train: undefined, evaluate: undefined, ...measure('base.bin') }
  expect(issuesOf({ ...builtIn, axes: { maximum_new_tokens: ['32', '64'] } }).join()).toContain(
    'depends on the axis maximum_new_tokens',
  )
  const { id } = requireSweep(server.context, create({ ...measure('init'), init: 'base.bin' }))
  expect((await server.finished(id)).counts.scored).toBe(2)
})
