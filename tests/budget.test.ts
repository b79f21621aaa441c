/** `budget.gpu_hours`, over real processes: what is spent, what is not started for it, and what leaves when it is spent. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listAttempts } from '../db/queries/attempts.ts'
import { resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { setBudget } from '../server/act/sweeps/set-budget.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const seconds = (count: number) => ({ gpu_hours: count / 3600 })
const command = (script: string) => ['bash', '-c', script]
/** Two slots; without a score the trainings are all. */
const trains = (script: string, budget: { gpu_hours: number }, axes = ['1', '2', '3']) =>
  smallSweep({
    axes: { a: axes },
    train: { command: command(script), gpus: 2 },
    evaluate: undefined,
    score: undefined,
    concurrency: 1,
    budget,
  })

test('what would pass the budget by the length of those before is not started; raised, the sweep goes on to its end', async () => {
  const id = server.create(trains('sleep 1', seconds(5)))
  const paused = await server.until(id, (sweep) => sweep.status === 'paused' && sweep.slotsHeld === 0)
  expect(paused.counts.trainingsDone).toBeGreaterThan(0)
  expect(paused.counts.trainingsDone).toBeLessThan(3)
  expect(paused.pauseReason).toContain('GPU hours of its budget are spent, and a training')
  const { gpu_hours } = sweepResult(paused)
  expect(gpu_hours.budget).toBeCloseTo(5 / 3600)
  expect(gpu_hours.spent * 3600).toBeGreaterThan(1.9)
  expect(gpu_hours.spent).toBeLessThan(gpu_hours.budget!)
  setBudget(server.context, id, { gpuHours: 1 })
  resumeSweep(server.context, id)
  const ended = await server.finished(id)
  expect([ended.status, ended.counts.trainingsDone]).toEqual(['done', 3])
})

test('what runs when the budget is spent saves and leaves before it is; failed attempts have counted', async () => {
  // fails once after a second, then goes on until it is asked to leave
  const script =
    'if [ "$SWEEPBOARD_ATTEMPT" = 1 ]; then sleep 1; exit 3; fi; trap "touch $SWEEPBOARD_RUN_DIR/saved; exit 0" TERM; while :; do sleep 0.05; done'
  const sweep = trains(script, seconds(8), ['1'])
  const id = server.create({ ...sweep, train: { ...sweep.train, retries: 1 } })
  const paused = await server.until(id, (one) => one.status === 'paused' && one.slotsHeld === 0)
  expect(paused.runs[0]!.status).toBe('waiting')
  expect(listAttempts(server.context.database, paused.runs[0]!.id).map(({ status }) => status)).toEqual([
    'released',
    'failed',
  ])
  const ran = listAttempts(server.context.database, paused.runs[0]!.id).map((attempt) => attempt.ranMilliseconds!)
  expect(ran.every((milliseconds) => milliseconds > 0)).toBe(true)
  expect(paused.slotHoursSpent).toBeCloseTo((2 * (ran[0]! + ran[1]!)) / 3_600_000, 9)
  expect(paused.pauseReason).toContain('GPU hours of its budget are spent. Raise')
})

test('a training that goes on while no server runs counts, and the next server asks it to leave', async () => {
  const id = server.create(trains('trap "exit 0" TERM; while :; do sleep 0.05; done', seconds(4), ['1']))
  await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
  server.leave()
  await new Promise((resolve) => setTimeout(resolve, 2500))
  server = server.again()
  const paused = await server.until(id, (sweep) => sweep.status === 'paused' && sweep.slotsHeld === 0)
  expect(paused.slotHoursSpent * 3600).toBeGreaterThan(4.5)
  // let go on without a higher budget, it starts nothing
  resumeSweep(server.context, id)
  const again = await server.until(id, (sweep) => sweep.status === 'paused')
  expect(again.runs[0]!.attempt).toBe(1)
})

test('one that was asked and lives is asked again by the server after the one that asked', async () => {
  const id = server.create(trains(`trap "" TERM; while :; do sleep 0.05; done`, seconds(1), ['1']))
  await server.until(id, (sweep) => sweep.status === 'paused')
  server.leave()
  server = server.again()
  const ended = await server.until(id, (sweep) => sweep.slotsHeld === 0)
  expect(ended.status).toBe('paused')
})

test('evaluations of what is trained are paid before another training starts', async () => {
  const id = server.create(
    smallSweep({
      axes: { a: ['1', '2', '3'] },
      train: { command: ['bash', '-c', 'sleep 1; exec "$@"', 'x', ...stub('finishes', '2')] },
      evaluate: {
        command: ['bash', '-c', 'sleep 1; exec "$@"', 'x', ...stub('evaluates', '${report}', 'B=0.5')],
        report: { accuracies: 'acc' },
      },
      concurrency: 1,
      max_slots: 1,
      budget: seconds(6.5),
    }),
  )
  const paused = await server.until(id, (sweep) => sweep.status === 'paused' && sweep.slotsHeld === 0)
  expect(paused.counts.trainingsDone).toBeGreaterThan(0)
  expect(paused.counts.trainingsDone).toBeLessThan(3)
  expect(paused.counts.scored).toBeGreaterThan(0)
  expect(paused.runs[2]!.attempt).toBe(0)
})
