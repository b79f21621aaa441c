/** Checkpoints as trainers name them: patterns, epochs read from what was saved, trainings that die after a milestone, resumes. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { listEvents } from '../db/queries/events.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const shell = (script: string, ...values: string[]) => ['bash', '-c', script, 'bash', ...values]

function sweepOf(script: string, parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'saved',
    axes: { batch: ['64', '128'], epoch: { milestones: ['1', '3'] } },
    train: { command: shell(script, '${batch}', 'out/${batch}') },
    checkpoint: 'out/${batch}/checkpoint-*',
    evaluate: {
      command: shell('echo "{\\"gsm8k\\": 0.8}" > "$1"; basename "$2" > "$1.of"', '${report}', '${checkpoint}'),
    },
    score: { baseline: { gsm8k: 0.7 } },
    ...parts,
  }
}
const names = (sweep: { points: { checkpoint: { path: string | null } | null }[] }) =>
  sweep.points.map((point) => point.checkpoint && path.basename(point.checkpoint.path!))
const state = (step: string, epoch: string) =>
  `mkdir -p "$2/checkpoint-${step}"; echo "{\\"epoch\\": ${epoch}, \\"global_step\\": ${step}}" > "$2/checkpoint-${step}/trainer_state.json"`

test('steps an epoch depend on the batch size, and each epoch has its checkpoint', async () => {
  const script =
    'per=$((1280 / $1)); for e in 1 2 3; do mkdir -p "$2/checkpoint-$((per * e))"; done; ln -sfn "checkpoint-$((per * 3))" "$2/latest"'
  const sweep = await server.finished(server.create(sweepOf(script)))
  expect(names(sweep)).toEqual(['checkpoint-20', 'checkpoint-60', 'checkpoint-10', 'checkpoint-30'])
  expect(sweep.points.map((point) => point.checkpoint!.step)).toEqual([20, 60, 10, 30])
  expect(sweep.status).toBe('done')
})

test('the epoch stands in trainer_state.json, and one that is nearly reached is told', async () => {
  const script = [state('333', '0.999'), state('666', '1.998'), state('999', '2.997')].join('; ')
  const sweep = await server.finished(server.create(sweepOf(script)))
  expect(names(sweep)).toEqual(['checkpoint-333', 'checkpoint-999', 'checkpoint-333', 'checkpoint-999'])
  expect(sweep.points[1]!.checkpoint).toMatchObject({ step: 999, epoch: 2.997 })
  const notes = listEvents(server.context.database, sweep.points[1]!.runId, ['note'], 9).map((row) => row.body.text)
  expect(notes).toContainEqual(expect.stringContaining('checkpoint-999 is of epoch 2.997 and is taken for epoch 3'))
})

test('steps become epochs by the metrics that the run reported', async () => {
  const script =
    'mkdir -p "$2/checkpoint-100" "$2/checkpoint-200" "$2/checkpoint-300" "$2/checkpoint-310"; echo "{\\"type\\":\\"metrics\\",\\"step\\":300,\\"values\\":{\\"epoch\\":3,\\"loss\\":1}}" >> $SWEEPBOARD_EVENTS'
  const sweep = await server.finished(server.create(sweepOf(script)))
  expect(names(sweep)).toEqual(['checkpoint-100', 'checkpoint-300', 'checkpoint-100', 'checkpoint-300'])
})

test('verl: a folder below each step', async () => {
  const definition = sweepOf(
    'for s in 20 40 60; do mkdir -p "$2/global_step_$s/actor" "$2/global_step_$s/critic"; done',
    {
      axes: { batch: ['64'], step: { milestones: ['20', '60'] } },
      checkpoint: 'out/${batch}/global_step_*/actor',
    },
  )
  const sweep = await server.finished(server.create(definition))
  expect(sweep.points.map((point) => path.relative(server.dataFolder, point.checkpoint!.path!))).toEqual([
    'out/64/global_step_20/actor',
    'out/64/global_step_60/actor',
  ])
})

test('without milestones a pattern stands for the last that was saved, links resolved', async () => {
  const script = 'mkdir -p "$2/checkpoint-9" "$2/checkpoint-10"; ln -sfn checkpoint-10 "$2/checkpoint-last"'
  const one = await server.finished(server.create(sweepOf(script, { axes: { batch: ['64'] } })))
  expect(names(one)).toEqual(['checkpoint-10'])
  const latest = sweepOf(script, { axes: { batch: ['65'] }, checkpoint: 'out/${batch}/checkpoint-last' })
  expect(names(await server.finished(server.create(latest)))).toEqual(['checkpoint-10'])
})

test('epochs that a trainer counts from 0', async () => {
  const definition = sweepOf('mkdir -p "$2/epoch_0" "$2/epoch_1" "$2/epoch_2"', { checkpoint: 'out/${batch}/epoch_*' })
  expect(names(await server.finished(server.create(definition)))).toEqual(['epoch_0', 'epoch_2', 'epoch_0', 'epoch_2'])
})

test('which epoch a checkpoint is of is not known: no score, and what was there', async () => {
  const sweep = await server.finished(
    server.create(sweepOf('for s in 7 30 90 91 92; do mkdir -p "$2/checkpoint-$s"; done')),
  )
  expect(sweep.points.map((point) => point.score)).toEqual([null, null, null, null])
  expect(sweep.points[0]!.error).toMatch(
    /Which checkpoint is of epoch 1 is not known: of .*checkpoint-7, .* none says its epoch/,
  )
})

test.each<[string, string, string]>([
  ['a path for each', 'out/${batch}/epoch_${epoch}', 'mkdir -p "$2/epoch_1"; echo "CUDA out of memory" >&2; exit 1'],
  ['a pattern', 'out/${batch}/checkpoint-*', `${state('333', '1.0')}; echo "CUDA out of memory" >&2; exit 1`],
])('a training that dies after a milestone has that milestone scored: %s', async (_what, checkpoint, script) => {
  const sweep = await server.finished(server.create(sweepOf(script, { checkpoint })))
  expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'failed', 'scored', 'failed'])
  expect(sweep.points[1]!.error).toContain('CUDA out of memory')
  expect(sweep.status).toBe('failed')
})

test('a training without milestones that dies has nothing scored, whatever it saved', async () => {
  const sweep = await server.finished(
    server.create(sweepOf('mkdir -p "$2/checkpoint-5"; exit 1', { axes: { batch: ['64'] } })),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', score: null })
})

test('a milestone that was half written when its training died is not scored', async () => {
  const script = 'mkdir -p "$2/epoch_1"; : > "$2/epoch_1/model.safetensors"; exit 1'
  const sweep = await server.finished(server.create(sweepOf(script, { checkpoint: 'out/${batch}/epoch_${epoch}' })))
  expect(sweep.points.every((point) => point.status === 'failed')).toBe(true)
})

test('a resume whose newest checkpoint is gone takes the newest that is there', async () => {
  const report = (step: number) =>
    `mkdir -p "$2/s${step}"; echo "{\\"type\\":\\"checkpoint\\",\\"step\\":${step},\\"path\\":\\"$PWD/$2/s${step}\\"}" >> $SWEEPBOARD_EVENTS`
  const script = `if [ "$SWEEPBOARD_ATTEMPT" = 1 ]; then ${report(10)}; ${report(20)}; ${report(30)}; rmdir "$2/s30"; : > "$2/s20/a.bin"; exit 1; fi; echo "$SWEEPBOARD_RESUME" > resumed; ${report(40)}`
  const definition = sweepOf(script, { axes: { batch: ['64'] }, checkpoint: undefined })
  definition.train!.retries = 1
  await server.finished(server.create(definition))
  expect(readFileSync(path.join(server.dataFolder, 'resumed'), 'utf8').trim()).toBe(
    path.join(server.dataFolder, 'out/64/s10'),
  )
})

test('a resume of a trainer that reports nothing finds what it saved by the pattern', async () => {
  const script =
    'if [ "$SWEEPBOARD_ATTEMPT" = 1 ]; then mkdir -p "$2/checkpoint-10" "$2/checkpoint-20"; exit 1; fi; echo "$SWEEPBOARD_RESUME" > resumed; mkdir -p "$2/checkpoint-30"'
  const definition = sweepOf(script, { axes: { batch: ['64'] } })
  definition.train!.retries = 1
  const sweep = await server.finished(server.create(definition))
  expect(readFileSync(path.join(server.dataFolder, 'resumed'), 'utf8').trim()).toBe(
    path.join(server.dataFolder, 'out/64/checkpoint-20'),
  )
  expect(names(sweep)).toEqual(['checkpoint-30'])
})
