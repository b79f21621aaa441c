/** Sweeps from their definition to their end, over real processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cancelSweep, pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { attemptFolder } from '../server/base/context.ts'
import { fileAppears, openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

test('a grid is trained, evaluated and scored', async () => {
  const id = server.create(smallSweep())
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.counts).toMatchObject({ points: 2, scored: 2, trainings: 2, trainingsDone: 2 })
  expect(sweep.points.map((point) => point.score)).toEqual([2, 2])
  expect(sweep.points[0]!.checkpoint).toMatchObject({ step: 4 })
})

test('with milestones one training gives several points, each evaluated at its own checkpoint', async () => {
  const id = server.create(
    smallSweep({
      axes: { a: ['1', '2'], epoch: { milestones: ['3', '6'] } },
      train: { command: stub('finishes', '6', '3', '6') },
      evaluate: {
        command: [
          'bash',
          '-c',
          'echo "{\\"acc\\":{\\"B\\":0.$(basename $0 | tr -dc 0-9)}}" > $1',
          '${checkpoint}',
          '${report}',
        ],
        report: { accuracies: 'acc' },
      },
    }),
  )
  const sweep = await server.finished(id)
  expect(sweep.counts).toMatchObject({ points: 4, scored: 4, trainings: 2 })
  expect(sweep.points.map((point) => [point.params.epoch, point.checkpoint!.step, point.score])).toEqual([
    ['3', 3, 1.2],
    ['6', 6, 2.4],
    ['3', 3, 1.2],
    ['6', 6, 2.4],
  ])
})

test('a failed training is tried again from its last checkpoint, and what it did before is kept', async () => {
  const id = server.create(
    smallSweep({ axes: { a: ['1'] }, train: { command: stub('crashes-once', '3'), retries: 1 } }),
  )
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.retriedAttempts).toMatchObject([
    { runNumber: 1, kind: 'training', attempt: 1, error: expect.stringContaining('Exit code 3') },
  ])
})

test('without retries left the run fails with the last line it wrote, and the other points go on', async () => {
  const command = [
    'bash',
    '-c',
    'if [ "$0" = 1 ]; then echo "out of memory" >&2; exit 7; fi; exec "$@"',
    '${a}',
    ...stub('finishes', '2'),
  ]
  const sweep = await server.finished(server.create(smallSweep({ train: { command } })))
  expect(sweep.status).toBe('failed')
  expect(sweep.points[0]).toMatchObject({ status: 'failed', error: 'Exit code 7: out of memory' })
  expect(sweep.points[1]).toMatchObject({ status: 'scored', score: 2 })
})

test('three runs in a row that fail at once pause the sweep, and a person can let it go on', async () => {
  const id = server.create(
    smallSweep({
      axes: { a: { range: ['1', '9', 9] } },
      train: { command: stub('crashes-always', '5') },
      concurrency: 1,
    }),
  )
  const paused = await server.until(id, (sweep) => sweep.status === 'paused' && sweep.slotsHeld === 0)
  expect(paused.counts.failed).toBe(3)
  expect(paused.pauseReason).toMatch(/^3 runs in a row failed within 10 seconds\. The last one, run 3: Exit code 5/)
  resumeSweep(server.context, id)
  const again = await server.until(id, (sweep) => sweep.status === 'paused' && sweep.slotsHeld === 0)
  expect(again.counts.failed).toBe(6)
})

test('values, placeholders and commands arrive as they are: nothing of them is run by a shell', async () => {
  const awkward = ['$(touch pwned)', '${a}', '; touch pwned', '--help', 'a b', "'", '"', '`touch pwned`', '*']
  const definition = smallSweep({
    axes: { value: awkward },
    train: {
      command: [
        process.execPath,
        path.join(import.meta.dirname, 'stub-trainers/records-call.mjs'),
        '${value}',
        'x=${value}',
      ],
      env: { STUB_VALUE: '${value}' },
    },
  })
  const sweep = await server.finished(server.create(definition))
  expect(sweep.status).toBe('done')
  for (const point of sweep.points) {
    const call = JSON.parse(readFileSync(path.join(attemptFolder(server.context, point.runId, 1), 'call.json'), 'utf8'))
    expect(call.arguments).toEqual([point.params.value, `x=${point.params.value}`])
    expect(call.environment.STUB_VALUE).toBe(point.params.value)
  }
  expect(existsSync(path.join(server.dataFolder, 'pwned'))).toBe(false)
})

test('a paused sweep starts nothing new, lets what runs end, and goes on where it stopped', async () => {
  const go = path.join(server.dataFolder, 'go')
  const id = server.create(
    smallSweep({
      axes: { a: ['1', '2', '3'] },
      concurrency: 1,
      train: { command: stub('waits-for-file', go) },
    }),
  )
  await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
  pauseSweep(server.context, id)
  writeFileSync(go, '')
  const paused = await server.until(id, (sweep) => sweep.runs[0]!.status === 'done')
  expect(paused.status).toBe('paused')
  expect(paused.runs[1]!.status).toBe('waiting')
  resumeSweep(server.context, id)
  expect((await server.finished(id)).status).toBe('done')
})

test('cancel asks with SIGTERM and then kills the whole group; what is scored stays', async () => {
  const command = [
    'bash',
    '-c',
    'a=$0; s=$1; shift; if [ "$a" = 1 ]; then exec "$@"; fi; exec bash "$s" 60',
    '${a}',
    stub('ignores-sigterm')[1]!,
    ...stub('finishes', '2'),
  ]
  const id = server.create(smallSweep({ train: { command }, concurrency: 1 }))
  await server.until(id, (sweep) => sweep.points[0]!.status === 'scored' && sweep.runs[1]!.status === 'running')
  cancelSweep(server.context, id)
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('cancelled')
  expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'cancelled'])
  expect(sweep.runs[1]!.status).toBe('cancelled')
})

test('a training that takes longer than timeout_seconds is stopped, and the reason says so', async () => {
  const sweep = await server.finished(
    server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('slow', '60'), timeout_seconds: 0.3 } })),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', error: 'Stopped after 0.3 s (timeout_seconds).' })
})

test('what failed can be tried again; what is scored is not repeated', async () => {
  const flag = path.join(server.dataFolder, 'mended')
  const command = [
    'bash',
    '-c',
    'if [ "$0" = 2 ] && [ ! -e "$1" ]; then exit 9; fi; shift; exec "$@"',
    '${a}',
    flag,
    ...stub('finishes', '2'),
  ]
  const id = server.create(smallSweep({ train: { command } }))
  expect((await server.finished(id)).status).toBe('failed')
  writeFileSync(flag, '')
  expect(await retrySweep(server.context, id)).toBe(1)
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.runs.map((run) => run.attempt)).toEqual([1, 2])
})

test('garbage in an events file is told on the run, and nothing good around it is lost', async () => {
  const sweep = await server.finished(
    server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('emits-garbage') } })),
  )
  expect(sweep.status).toBe('done')
  const run = sweep.runs[0]!.id
  const good = [...server.context.series.values(run, 'good')].map((point) => point.step)
  expect(good).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
})

test('a log, a job file and the environment of a run are what the protocol says', async () => {
  const command = [
    process.execPath,
    path.join(import.meta.dirname, 'stub-trainers/records-call.mjs'),
    '${run}',
    '${gpu}',
  ]
  const other = openTestServer({ SWEEPBOARD_GPUS: '5,7', NPM_TOKEN: 'x', npm_config_x: 'y' })
  try {
    const id = other.create(smallSweep({ axes: { a: ['1e-5'] }, train: { command, gpus: 2 } }))
    const sweep = await other.finished(id)
    const folder = attemptFolder(other.context, sweep.runs[0]!.id, 1)
    const call = JSON.parse(await fileAppears(path.join(folder, 'call.json')))
    expect(call.arguments).toEqual([String(sweep.runs[0]!.id), '5,7'])
    expect(call.environment).toMatchObject({
      CUDA_VISIBLE_DEVICES: '5,7',
      SWEEPBOARD_RUN_DIR: folder,
      SWEEPBOARD_JOB: path.join(folder, 'job.json'),
      SWEEPBOARD_EVENTS: path.join(folder, 'events.jsonl'),
      SWEEPBOARD_ATTEMPT: '1',
    })
    expect(call.environment).not.toHaveProperty('SWEEPBOARD_RESUME')
    const job = JSON.parse(readFileSync(path.join(folder, 'job.json'), 'utf8'))
    expect(job).toMatchObject({
      kind: 'training',
      attempt: 1,
      params: { a: '1e-5' },
      slots: ['5', '7'],
      init: null,
      resume: null,
    })
  } finally {
    await other.close()
  }
})
