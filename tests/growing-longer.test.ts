/** A sweep grows in length, and while it still runs: shorter trainings are gone on from, and those under way are waited for. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findJob, listSweepJobs } from '../db/queries/jobs.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { cancelSweep, pauseSweep } from '../server/act/sweeps/change-sweep.ts'
import { planCleanUp } from '../server/act/checkpoints/clean-up.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { previewSweep } from '../server/read/sweeps/preview-sweep.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
/** Where the sweep's file stands: not the data folder. */
let work: string
beforeEach(() => {
  server = openTestServer()
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-longer-'))
  // saves each epoch up to $2, from the one after what it resumes from; tells that it started, and from what
  writeFileSync(
    path.join(work, 'train.sh'),
    `from=0; [ -n "$SWEEPBOARD_RESUME" ] && from=$(cat "$SWEEPBOARD_RESUME/epoch")
echo "$1 $from to $2" >> trained.txt
for ((e = from + 1; e <= $2; e++)); do
  mkdir -p "out/$1/$e"; echo $e > "out/$1/$e/epoch"
  printf '{"type":"checkpoint","step":%d,"epoch":%d,"path":"%s"}\\n' $((e * 10)) $e "$PWD/out/$1/$e" >> "$SWEEPBOARD_EVENTS"
  printf '{"type":"metrics","step":%d,"values":{"loss":1}}\\n' $((e * 10)) >> "$SWEEPBOARD_EVENTS"
done
while [ -n "$3" ] && [ ! -e "$3" ]; do sleep 0.05; done
[ ! -e fails ]
`,
  )
  writeFileSync(
    path.join(work, 'evaluate.sh'),
    'echo "$2 $3" >> evaluated.txt; echo "{\\"acc\\": {\\"gsm8k\\": 0.5}}" > "$1"\n',
  )
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

function sweepOf(milestones: string[], parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'longer',
    axes: { lr: ['1e-5'], epoch: { milestones } },
    train: { command: ['bash', 'train.sh', '${lr}', '${epoch.last}'] },
    track: 'none',
    evaluate: { command: ['bash', 'evaluate.sh', '${report}', '${lr}', '${epoch}'], report: { accuracies: 'acc' } },
    score: { baseline: { gsm8k: 0.5 } },
    ...parts,
  }
}
type How = { reuse?: boolean; continue?: boolean }
const create = (definition: SweepInput, how: How = {}) =>
  createSweep(server.context, { definition, directory: work, reuse: true, ...how }).id
const preview = (definition: SweepInput, how: How = {}) =>
  previewSweep(server.context, { definition, directory: work, ...how })
const lines = (file: string) =>
  existsSync(path.join(work, file)) ? readFileSync(path.join(work, file), 'utf8').trim().split('\n') : []

test('later milestones of a command: trained from the start, and from the last checkpoint when told', async () => {
  await server.finished(create(sweepOf(['1', '3'])))
  const later = preview(sweepOf(['1', '3', '5']))
  expect(later.work).toEqual({ trainings: 1, evaluations: 3, continued: 0, continuable: 1 })
  expect(later.reuse).toEqual([
    'The training was done to epoch 3 by sweep 1 (longer) and is trained again from the start: whether the learning rate, the warm-up or the data of a command depend on the whole length is not known. Told to (--continue), it goes on from there.',
  ])
  const told = preview(sweepOf(['1', '3', '5']), { continue: true })
  expect(told.work).toEqual({ trainings: 1, evaluations: 1, continued: 1, continuable: 0 })
  expect(told.reuse[0]).toMatch(
    /^The training goes on from epoch 3, where sweep 1 \(longer\) ended: as told\. It may differ/,
  )
  const id = create(sweepOf(['1', '3', '5']), { continue: true })
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'done', counts: { scored: 3 } })
  expect(lines('trained.txt')).toEqual(['1e-5 0 to 3', '1e-5 3 to 5'])
  expect(lines('evaluated.txt').toSorted()).toEqual(['1e-5 1', '1e-5 3', '1e-5 5'])
  const run = describeRun(server.context, findJob(server.context.database, sweep.runs[0]!.id)!)
  expect(run.continues).toMatchObject({ number: 1, sweepName: 'longer', checkpoint: 'step 30', told: true })
  expect(run.attempts[0]!.resumedFrom).toBe(path.join(work, 'out/1e-5/3'))
  const measuredIn = run.checkpoints.map((checkpoint) => [checkpoint.epoch, checkpoint.measuredIn?.sweepName])
  expect(Object.fromEntries(measuredIn)).toEqual({ 1: 'longer', 3: 'longer', 4: undefined, 5: undefined })
  expect(run.notes[0]!.text).toContain('as told: whether the learning rate')
  // it does not pass for a training to 5 from the start, where nobody says so
  expect(preview(sweepOf(['5'])).reuse[0]).toContain('there it went on from the end of a shorter one as told')
  expect(preview(sweepOf(['5']), { continue: true }).work).toMatchObject({ trainings: 0, evaluations: 0 })
})

test('a trainer that does not heed what it is to go on from is told on its run', async () => {
  await server.finished(create(sweepOf(['3'])))
  const script = readFileSync(path.join(work, 'train.sh'), 'utf8')
  const deaf = { command: ['env', '-u', 'SWEEPBOARD_RESUME', 'bash', 'train.sh', '${lr}', '${epoch.last}'] }
  await server.finished(create(sweepOf(['3'], { train: deaf })))
  expect(readFileSync(path.join(work, 'train.sh'), 'utf8')).toBe(script)
  const sweep = await server.finished(create(sweepOf(['3', '4'], { train: deaf }), { continue: true }))
  const run = describeRun(server.context, findJob(server.context.database, sweep.runs[0]!.id)!)
  expect(run.notes.at(-1)!.text).toMatch(/of step 30 to go on from, and began at step 10: it trained from the start\.$/)
})

test('built-in trainer: on a constant learning rate it goes on by itself, and to the same weights; on a cosine it does not', async () => {
  const of = (milestones: string[], schedule: string): SweepInput => ({
    name: schedule,
    axes: { learning_rate: ['1e-3'], epoch: { milestones } },
    trainer: 'sft',
    config: {
      schedule,
      layers: 1,
      width: 16,
      heads: 2,
      dataset_size: 32,
      batch_size: 16,
      maximum_questions: 1,
      maximum_new_tokens: 2,
      benchmarks: ['level-1'],
    },
    score: { baseline: { 'level-1': 0.5 } },
  })
  const short = await server.finished(create(of(['1'], 'constant')))
  expect(short.status).toBe('done')
  expect(preview(of(['1', '2'], 'constant')).reuse).toEqual([
    expect.stringContaining(
      'The training goes on from epoch 1, where sweep 1 (constant) ended: the learning rate is constant',
    ),
  ])
  // what a training is to go on from stays, also where no point rests on it
  const planned = create(of(['2'], 'constant'))
  pauseSweep(server.context, planned)
  const rule = { last: 0, best: 0 } as const
  expect(planCleanUp(server.context, short.id, rule)).toMatchObject({ remove: [], kept: { used: 1 } })
  cancelSweep(server.context, planned)
  const longer = await server.finished(create(of(['1', '2'], 'constant')))
  const afresh = await server.finished(create(of(['1', '2'], 'constant'), { reuse: false }))
  const weights = (sweep: typeof longer) =>
    readFileSync(path.join(sweep.points[1]!.checkpoint!.path!, 'model.safetensors'))
  expect(longer.points[0]!.checkpoint!.path).toBe(short.points[0]!.checkpoint!.path)
  expect(longer.points[1]!.checkpoint!.step).toBe(4)
  expect(weights(longer).equals(weights(afresh))).toBe(true)
  await server.finished(create(of(['1'], 'cosine')))
  expect(preview(of(['1', '2'], 'cosine')).reuse[0]).toContain(
    'the learning rate falls along a cosine over the whole length',
  )
}, 120_000)

test('extended while it runs: what is under way is waited for and not started again', async () => {
  const gate = path.join(work, 'gate')
  const train = { command: ['bash', 'train.sh', '${lr}', '${epoch.last}', gate] }
  const of = (values: string[]) => sweepOf(['1'], { axes: { lr: values, epoch: { milestones: ['1'] } }, train })
  const first = create(of(['1', '2']))
  await server.until(first, (sweep) => sweep.counts.trainingsLive === 2)
  const planned = preview(of(['1', '2', '3']))
  expect(planned.reuse).toEqual([
    '2 of 3 trainings are under way in sweep 1 (longer): they are waited for, and not started again.',
  ])
  expect(planned.work).toEqual({ trainings: 1, evaluations: 1, continued: 0, continuable: 0 })
  const second = create(of(['1', '2', '3']))
  await server.until(second, (sweep) => sweep.counts.trainingsLive === 1)
  const [run] = listSweepJobs(server.context.database, second, 'training')
  expect(describeRun(server.context, run!).awaits).toMatchObject({ number: 1, sweepName: 'longer' })
  await expect.poll(() => lines('trained.txt').length, { timeout: 60_000 }).toBe(3)
  // a server that was killed meanwhile looks again
  server.leave()
  server = server.again()
  writeFileSync(gate, '')
  const sweep = await server.finished(second)
  expect(sweep).toMatchObject({ status: 'done', counts: { scored: 3 } })
  expect(sweep.points.map((point) => point.reused)).toEqual([true, true, false])
  expect(lines('trained.txt').toSorted()).toEqual(['1 0 to 1', '2 0 to 1', '3 0 to 1'])
  expect(lines('evaluated.txt').toSorted()).toEqual(['1 1', '2 1', '3 1'])
  // the gate is a file that the command names and that was not there when it started: it does not make it another command
  expect(preview(of(['3'])).work).toMatchObject({ trainings: 0 })
})

test('what was waited for and did not end well is trained here; what a paused sweep holds is not waited for', async () => {
  const gate = path.join(work, 'gate')
  const train = { command: ['bash', 'train.sh', '${lr}', '${epoch.last}', gate] }
  const of = (name: string) =>
    sweepOf(['1'], { name, axes: { lr: ['1', '2'], epoch: { milestones: ['1'] } }, train, concurrency: 1 })
  const first = create(of('first'))
  await server.until(first, (sweep) => sweep.counts.trainingsLive === 1)
  pauseSweep(server.context, first)
  expect(preview(of('second')).work).toMatchObject({ trainings: 1 })
  const second = create(of('second'))
  await server.until(second, (sweep) => sweep.counts.trainingsLive === 1)
  cancelSweep(server.context, first)
  // with the gate open it could still have ended well
  await server.until(first, (sweep) => sweep.counts.trainingsLive === 0)
  writeFileSync(gate, '')
  const sweep = await server.finished(second)
  expect(sweep).toMatchObject({ status: 'done', counts: { scored: 2 } })
  const [run] = listSweepJobs(server.context.database, second, 'training')
  expect(describeRun(server.context, run!).notes[0]!.text).toContain('did not end well. It is trained here.')
})

test('results that were taken over are not kept when the script that measured them has changed', async () => {
  await server.finished(create(sweepOf(['1'])))
  const other = (gsm8k: number) => sweepOf(['1'], { score: { baseline: { gsm8k } } })
  await server.finished(create(other(0.4)))
  expect(lines('evaluated.txt')).toHaveLength(1)
  writeFileSync(path.join(work, 'evaluate.sh'), `${readFileSync(path.join(work, 'evaluate.sh'), 'utf8')}true\n`)
  expect(preview(other(0.3)).work).toMatchObject({ trainings: 0, evaluations: 1 })
  await server.finished(create(other(0.3)))
  expect(lines('evaluated.txt')).toHaveLength(2)
})
