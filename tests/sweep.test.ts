/** Sweeps from their definition to their scores, over real processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cancelSweep, pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { removeBaseline, saveBaseline } from '../server/act/baselines/save-baseline.ts'
import { attemptFolder, attemptOf } from '../server/base/context.ts'
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

test.each([
  ['writes-no-report', [], /The evaluation wrote no report at .*report\.json/],
  ['half-a-report', ['${report}'], /is no whole JSON/],
])('an evaluation that %s is tried again, then its point fails with the reason', async (name, args, reason) => {
  const sweep = await server.finished(
    server.create(
      smallSweep({
        axes: { a: ['1'] },
        evaluate: { command: stub(name, ...args), retries: 1, report: { accuracies: 'acc' } },
      }),
    ),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', error: expect.stringMatching(reason) })
  expect(sweep.retriedAttempts).toMatchObject([{ kind: 'evaluation', attempt: 1 }])
})

test.each([
  ['0', 'scored', 0, null],
  ['NaN', 'failed', null, /B.*NaN/],
  ['1.5', 'failed', null, /B.*1\.5/],
  ['"high"', 'failed', null, /B.*"high"/],
])('an accuracy of %s', async (value, status, score, error) => {
  const evaluate = { command: stub('evaluates', '${report}', `B=${value}`, 'C=0.5'), report: { accuracies: 'acc' } }
  const sweep = await server.finished(server.create(smallSweep({ axes: { a: ['1'] }, evaluate })))
  const point = sweep.points[0]!
  expect(point.status).toBe(status)
  expect(point.score).toBe(score)
  if (error === null) expect(point.error).toBeNull()
  else expect(point.error).toMatch(error)
  // A benchmark that the baseline lacks is kept, and does not count.
  expect(point.results.C).toMatchObject({ accuracy: 0.5, ratio: null })
})

test('a benchmark that is missing leaves the point without a score and says which', async () => {
  const evaluate = { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' } }
  const sweep = await server.finished(
    server.create(smallSweep({ axes: { a: ['1'] }, evaluate, score: { baseline: { B: 0.5, M: 0.5 } } })),
  )
  expect(sweep.points[0]).toMatchObject({ status: 'failed', score: null, error: expect.stringContaining('M') })
})

test('counts that evaluations report as events make the interval', async () => {
  const evaluate = { command: stub('evaluates-by-events', 'B=30/60') }
  const sweep = await server.finished(server.create(smallSweep({ axes: { a: ['1'] }, evaluate })))
  expect(sweep.points[0]!.results.B).toMatchObject({ correct: 30, total: 60, accuracy: 0.5, counts: 'reported' })
  expect(sweep.points[0]!.interval![0]).toBeLessThan(2)
  expect(sweep.points[0]!.interval![1]).toBeGreaterThan(2)
})

test('where a report gives accuracies alone, they make the score as they are, and `questions` make the interval only', async () => {
  const evaluate = { command: stub('evaluates', '${report}', 'B=0.333'), report: { accuracies: 'acc' } }
  const axes = { a: ['1'] }
  const known = server.create(smallSweep({ axes, evaluate, score: { baseline: { B: 0.5 }, questions: { B: 30 } } }))
  const unknown = server.create(smallSweep({ axes, evaluate, score: { baseline: { B: 0.5 } } }))
  const [withQuestions, without] = [await server.finished(known), await server.finished(unknown)]
  // 10 of 30 would be 0.3333…: the accuracy is not rounded to whole questions.
  expect(withQuestions.points[0]).toMatchObject({
    score: 0.333 / 0.5,
    interval: [expect.any(Number), expect.any(Number)],
  })
  expect(withQuestions.points[0]!.results.B).toMatchObject({
    accuracy: 0.333,
    correct: 10,
    total: 30,
    counts: 'derived',
  })
  expect(without.points[0]).toMatchObject({ score: 0.333 / 0.5, interval: null, chanceOfBest: null })
  expect(without.points[0]!.results.B).toMatchObject({ correct: null, total: null, counts: 'unknown' })
})

test('editing a stored baseline computes every score that rests on it again, with its interval', async () => {
  const { context } = server
  const baseline = saveBaseline(context, { name: 'stored', accuracies: { B: 0.25 }, note: '' })
  const id = server.create(smallSweep({ score: { baseline: 'stored', questions: { B: 40 } } }))
  const before = await server.finished(id)
  saveBaseline(context, { ...baseline, accuracies: { B: 0.5 } })
  const after = server.sweep(id)
  expect(before.points.map((point) => point.score)).toEqual([2, 2])
  expect(after.points.map((point) => point.score)).toEqual([1, 1])
  expect(after.points[0]!.interval![1]).toBeCloseTo(before.points[0]!.interval![1] / 2, 6)
  // A benchmark that was never measured leaves them without a score, and says so; mended, the scores are back.
  saveBaseline(context, { ...baseline, accuracies: { B: 0.5, M: 0.5 } })
  expect(server.sweep(id).points[0]).toMatchObject({
    status: 'failed',
    score: null,
    error: expect.stringContaining('M'),
  })
  saveBaseline(context, { ...baseline, accuracies: { B: 0.25 } })
  expect(server.sweep(id).points[0]).toMatchObject({ status: 'scored', score: 2, error: null })
  expect(() => removeBaseline(context, baseline.id)).toThrow('used by a sweep')
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

test('an evaluation whose report gave no score is run again when that is asked for, and its newer report counts', async () => {
  const report = path.join(server.dataFolder, 'evaluate.sh')
  const writes = (text: string) => writeFileSync(report, `echo '${text}' > "$1"\n`)
  writes('{"acc": {"B": 0.1}}')
  const id = server.create(
    smallSweep({
      axes: { a: ['1'] },
      evaluate: { command: ['bash', report, '${report}'], report: { accuracies: 'acc' } },
      score: { baseline: { B: 0.5, M: 0.5 } },
    }),
  )
  expect((await server.finished(id)).points[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('M') })
  // still without a usable accuracy
  writes('{"acc": {"B": "high", "M": 0.5}}')
  expect(await retrySweep(server.context, id)).toBe(1)
  expect((await server.finished(id)).points[0]!.error).toContain('"high"')
  // a report that is not written is not taken for the one before
  writeFileSync(report, '')
  expect(await retrySweep(server.context, id)).toBe(1)
  expect((await server.finished(id)).points[0]!.error).toContain('wrote no report')
  writes('{"acc": {"B": 0.5, "M": 0.5}}')
  expect(await retrySweep(server.context, id)).toBe(1)
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'done', points: [{ status: 'scored', score: 1, error: null }] })
  expect(sweep.runs.map((run) => run.attempt)).toEqual([1])
  expect(await retrySweep(server.context, id)).toBe(0)
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

test('a server that comes back finds its trainings running and its sweep where it was', async () => {
  const go = path.join(server.dataFolder, 'go')
  const id = server.create(smallSweep({ train: { command: stub('waits-for-file', go) } }))
  await server.until(id, (sweep) => sweep.runs.every((run) => run.status === 'running'))
  server.leave()
  server = server.again()
  writeFileSync(go, '')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.runs.map((run) => run.attempt)).toEqual([1, 1])
})

test('after a reboot everything that ran goes on by itself, and no retry is spent', async () => {
  const go = path.join(server.dataFolder, 'go')
  const id = server.create(smallSweep({ train: { command: stub('waits-for-file', go), retries: 0 } }))
  const before = await server.until(id, (sweep) => sweep.runs.every((run) => run.status === 'running'))
  server.leave()
  for (const run of before.runs) {
    const { control } = attemptOf(server.context, { id: run.id, attempt: 1, claimedAt: null })
    const identity = JSON.parse(readFileSync(path.join(control, 'pid.json'), 'utf8'))
    process.kill(-identity.pid, 'SIGKILL')
    // What the machine calls itself is another after a boot; the number may be anybody's by then.
    writeFileSync(path.join(control, 'pid.json'), JSON.stringify({ ...identity, pid: process.pid, boot: 'before' }))
  }
  server = server.again()
  await server.until(id, (sweep) => sweep.runs.every((run) => run.attempt === 2 && run.status === 'running'))
  writeFileSync(go, '')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.retriedAttempts).toMatchObject([
    { attempt: 1, error: expect.stringContaining('vanished') },
    { attempt: 1 },
  ])
})

test('a clean stop releases trainings, and they go on from what they saved without costing a retry', async () => {
  const id = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('saves-on-sigterm', '40') } }))
  await server.until(id, (sweep) => (sweep.runs[0]!.progress?.done ?? 0) >= 3)
  pauseSweep(server.context, id)
  await server.scheduler.release(id)
  const stopped = server.sweep(id)
  expect(stopped.runs[0]).toMatchObject({ status: 'waiting', attempt: 1 })
  server.leave()
  server = server.again()
  resumeSweep(server.context, id)
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  expect(sweep.runs[0]!.attempt).toBe(2)
  const steps = [...server.context.series.values(sweep.runs[0]!.id, 'loss')].map((point) => point.step)
  expect(steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
})

test('a full disk stops the reading, says so, and loses nothing: with room again it goes on by itself', async () => {
  const go = path.join(server.dataFolder, 'go')
  const script = `until [ -e "$1" ]; do sleep 0.02; done
for i in $(seq 5000); do
  printf '{"type":"metrics","step":%d,"values":{"loss":0.%d%d,"other":0.%d%d}}\\n' $i $RANDOM $RANDOM $RANDOM $RANDOM
done >> "$SWEEPBOARD_EVENTS"`
  const id = server.create(
    smallSweep({
      axes: { a: ['1'] },
      train: { command: ['bash', '-c', script, 'x', go] },
    }),
  )
  await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
  // SQLite's own word for a full disk, at an exact moment.
  const { $client: sqlite } = server.context.database
  sqlite.pragma(`max_page_count = ${sqlite.pragma('page_count', { simple: true })}`)
  expect(() => server.create(smallSweep({ axes: { a: { range: ['1', '5000', 5000] } } }))).toThrow('full')
  const told = Promise.withResolvers<string>()
  server.context.signals.on('change', () => {
    const problem = server.scheduler.state().problem
    if (problem !== null) told.resolve(problem)
  })
  writeFileSync(go, '')
  expect(await told.promise).toContain('The disk is full.')
  sqlite.pragma('max_page_count = 1000000')
  const sweep = await server.finished(id)
  expect(sweep.status).toBe('done')
  const steps = [...server.context.series.values(sweep.runs[0]!.id, 'loss')].map((point) => point.step)
  expect(steps).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
  expect(server.scheduler.state().problem).toBeNull()
})

test('a full disk while metrics are sealed does not end the server: it says so and goes on', async () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  const seal = vi.spyOn(server.context.series, 'maintain').mockImplementation(() => {
    throw full
  })
  const id = server.create(smallSweep())
  const told = Promise.withResolvers<string>()
  server.context.signals.on('change', () => {
    const problem = server.scheduler.state().problem
    if (problem !== null) told.resolve(problem)
  })
  expect(await told.promise).toContain('The disk is full.')
  seal.mockRestore()
  expect((await server.finished(id)).status).toBe('done')
})

test('a second server on the same data folder is refused', () => {
  expect(() => openTestServer({}, server.dataFolder)).toThrow('held by another process')
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
