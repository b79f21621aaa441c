/** Scripts of other trackers' users under a sweep, unchanged, with the real clients: every logged value is here once. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listEvents, type EventRow } from '../../db/queries/events.ts'
import { findAttempt } from '../../db/queries/attempts.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { attemptFolder } from '../../server/base/context.ts'
import { cancelSweep } from '../../server/act/sweeps/change-sweep.ts'
import { openTestServer, type TestServer } from '../harness.ts'
import { pythonWithClients, scripts } from './clients.ts'

let python: string
let server: TestServer
/** A home of its own: no login of whoever runs the tests is found there. */
let home: string

beforeAll(async () => {
  python = await pythonWithClients()
}, 300_000)
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  server = openTestServer({ HOME: home, SWEEPBOARD_KILL_SECONDS: '20' })
})
afterEach(async () => {
  await server.close()
  rmSync(home, { recursive: true, force: true })
})

const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', TRACKIO_DISABLE_TELEMETRY: '1', WANDB_SILENT: 'true' }

const environment = () => ({ ...quiet, WANDB_DIR: home, TRACKIO_DIR: path.join(home, 'trackio') })

/** A training a script, each with its own file of what it logged. */
function sweepOf(names: string[], rest: string[], parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'clients',
    axes: { script: names },
    train: {
      command: [python, path.join(scripts, '${script}_run.py'), '1e-5', ...rest, path.join(home, 'said-${script}')],
      env: environment(),
    },
    score: { baseline: { B: 0.5 } },
    ...parts,
  }
}

/** The values of a metric of a run, in the order of their steps. */
function pointsOf(run: number, name: string): [number, number][] {
  const points = [...server.context.series.values(run, name)].map(({ step, value }): [number, number] => [step, value])
  return points.toSorted((a, b) => a[0] - b[0])
}

const losses = (steps: number, scale = 1) =>
  Array.from({ length: steps }, (_, step): [number, number] => [step * scale, 1 / (step + 1)])
const folder = (run = 1) => attemptFolder(server.context, run, 1)
const said = (name: string) => path.join(home, `said-${name}`)
const bodies = (run: number, type: EventRow['type']) =>
  listEvents(server.context.database, run, [type], 1000).map((event) => event.body)
/** Steps of a script's loss, as multiples of its loop's. */
const scales: Record<string, number> = { wandb: 2, mlflow: 1, trackio: 10 }

test('every value that a script logs is here once, though the intake is killed in the middle', async () => {
  const names = ['wandb', 'mlflow', 'trackio', 'tensorboard']
  const id = server.create(sweepOf(names, ['300', '0.01']))
  // each as soon as it is in its middle: one may be done before another has begun. Not before: Trackio's client sends the
  // configuration with its first batch only, and what it keeps of a batch that failed does not hold it
  const killed = names.slice(0, 3).map(async (name, index) => {
    await linesAppear(said(name), 150)
    process.kill(Number(readFileSync(path.join(folder(index + 1), 'intake/pid'), 'utf8')), 'SIGKILL')
  })
  await Promise.all(killed)
  await server.finished(id)
  const ends = [1, 2, 3, 4].map((run) => findAttempt(server.context.database, run, 1)!.exitCode)
  expect(ends).toEqual([0, 0, 0, 0])

  // W&B: curves on their own axes, configuration, a table of rollouts, a model, an alert, the summary
  expect(pointsOf(1, 'loss')).toEqual(losses(300, 2))
  expect(pointsOf(1, 'odd').filter(([, value]) => Number.isNaN(value))).toEqual([[14, NaN]])
  expect(pointsOf(1, 'actor/reward')).toEqual(losses(300, 10).map(([step]) => [step, step / 20]))
  expect(bodies(1, 'config').at(-1)).toMatchObject({ values: { lr: 1e-5, optimizer: { name: 'adamw' } } })
  expect(bodies(1, 'tags').at(-1)).toMatchObject({ values: { project: 'clients', group: 'g1', tags: ['sft'] } })
  expect(bodies(1, 'sample')).toMatchObject([
    { prompt: '1+1=', response: '2', reward: 100 },
    { prompt: '2+3=', response: '6', reward: 0 },
  ])
  expect(bodies(1, 'note')).toContainEqual(expect.objectContaining({ text: 'done: finished' }))
  expect(bodies(1, 'summary').at(-1)).toMatchObject({ values: { best: 1e-5 } })
  const model = path.join(folder(1), 'files/artifacts')
  expect(server.sweep(id).points[0]!.checkpoint).toMatchObject({ step: 300, path: expect.stringContaining(model) })

  // MLflow: parameters, tags, files, a nested run; the script itself checked what it was answered
  expect(pointsOf(2, 'loss')).toEqual(losses(300))
  expect(pointsOf(2, 'odd').filter(([, value]) => Number.isNaN(value))).toEqual([[300, NaN]])
  expect(pointsOf(2, 'child/accuracy')).toEqual([[300, 0.41]])
  expect(bodies(2, 'config')).toMatchObject([{ values: { lr: '1e-05', batch_size: '128' } }])
  expect(JSON.stringify(bodies(2, 'tags'))).toContain('"stage":"sft"')
  expect(readFileSync(path.join(folder(2), 'files/notes/a.txt'), 'utf8')).toBe('hello')

  // Trackio: the true step, configuration, a table of rollouts
  expect(pointsOf(3, 'loss')).toEqual(losses(300, 10))
  expect(bodies(3, 'config')).toMatchObject([{ values: { lr: 1e-5 } }])
  expect(bodies(3, 'sample')).toMatchObject([{ prompt: '1+1=', response: '2', reward: 100 }])

  // TensorBoard: two writers are kept apart, and steps that one of them writes again count once
  const single = losses(300).map(([step, value]) => [step, Math.fround(value)])
  expect(pointsOf(4, 'loss')).toEqual(single)
  expect(pointsOf(4, 'rank1/loss')).toEqual(single)
})

test('a script that is killed loses nothing of what it had said a second before', async () => {
  const names = ['wandb', 'mlflow', 'trackio']
  const id = server.create(sweepOf(names, ['10000', '0.05']))
  const killedAt: number[] = []
  for (const name of names) {
    await linesAppear(said(name), 60)
    const pid = pidOf(path.join(scripts, `${name}_run.py`))
    killedAt.push(Date.now() / 1000)
    process.kill(pid, 'SIGKILL')
  }
  await server.finished(id)
  for (const [index, name] of names.entries()) {
    const logged = readFileSync(said(name), 'utf8').trim().split('\n')
    const sure = logged.filter((line) => Number(line.split(' ')[1]) < killedAt[index]! - 1.2).length
    const points = pointsOf(index + 1, 'loss')
    expect(points).toEqual(losses(points.length, scales[name]))
    expect(points.length, name).toBeGreaterThanOrEqual(sure)
    expect(points.length, name).toBeLessThanOrEqual(logged.length + 1)
  }
})

test("W&B's client is told to stop before any signal, and a cancelled run has all that it logged", async () => {
  const id = server.create(sweepOf(['wandb'], ['10000', '0.05']))
  await linesAppear(said('wandb'), 40)
  cancelSweep(server.context, id)
  await server.until(id, (sweep) => sweep.slotsHeld === 0)
  const logged = readFileSync(said('wandb'), 'utf8').trim().split('\n').length
  const points = pointsOf(1, 'loss')
  expect(points.length).toBeGreaterThanOrEqual(logged)
  expect(points).toEqual(losses(points.length, 2))
  expect(server.sweep(id).points[0]!.status).toBe('cancelled')
})

test("W&B's offline folder is followed, and the run says why its client does not log here", async () => {
  const offline = sweepOf(['wandb'], ['300', '0'], { track: { files: home } })
  const env = { ...environment(), WANDB_MODE: 'offline' }
  await server.finished(server.create({ ...offline, train: { ...offline.train!, env } }))
  expect(pointsOf(1, 'loss')).toEqual(losses(300, 2))
  expect(pointsOf(1, 'actor/reward')).toEqual(losses(300, 10).map(([step]) => [step, step / 20]))
  expect(bodies(1, 'note')[0]).toMatchObject({ text: expect.stringContaining('W&B logs where WANDB_MODE says') })
})

test('track: none leaves the environment as it is', async () => {
  const command = [
    python,
    '-c',
    'import os; print([n for n in os.environ if n.startswith(("WANDB", "MLFLOW", "TRACKIO"))])',
  ]
  await server.finished(server.create({ ...sweepOf(['wandb'], []), track: 'none', train: { command } }))
  expect(readFileSync(path.join(folder(1), 'stdout.log'), 'utf8')).toBe('[]\n')
  expect(existsSync(path.join(folder(1), 'intake'))).toBe(false)
})

test('whoever is logged in to W&B stays there, and the run says so; the others log here', async () => {
  writeFileSync(path.join(home, '.netrc'), 'machine api.wandb.ai\n  login user\n  password secret\n')
  const command = [python, '-c', 'import os; print("WANDB_API_KEY" in os.environ, "MLFLOW_TRACKING_URI" in os.environ)']
  await server.finished(server.create({ ...sweepOf(['wandb'], []), train: { command } }))
  expect(readFileSync(path.join(folder(1), 'stdout.log'), 'utf8')).toBe('False True\n')
  expect(bodies(1, 'note')).toMatchObject([{ text: expect.stringContaining('.netrc says, and not here') }])
})

test('a followed file that held lines before the attempt gives only what the attempt adds', async () => {
  mkdirSync(path.join(server.dataFolder, 'logs'))
  const file = path.join(server.dataFolder, 'logs/metrics.jsonl')
  writeFileSync(file, '{"step": 0, "data": {"loss": 9}}\n')
  const command = [
    'sh',
    '-c',
    'echo \'{"step": 1, "data": {"loss": 0.5}}\' >> logs/metrics.jsonl; printf \'{"step": 2, "loss": NaN}\' >> logs/metrics.jsonl',
  ]
  await server.finished(server.create(sweepOf(['one'], [], { train: { command }, track: { files: 'logs/*.jsonl' } })))
  expect(pointsOf(1, 'loss')).toEqual([
    [1, 0.5],
    [2, NaN],
  ])
})

async function linesAppear(file: string, count: number): Promise<void> {
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= count)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** The process of this test whose command line holds the script: others run the same beside it. */
function pidOf(script: string): number {
  const found = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      return words[0] === python && words[1] === script && words.some((word) => word.startsWith(home))
    } catch {
      return false
    }
  })
  return Number(found)
}
