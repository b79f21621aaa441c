/**
 * `track: both` with the trackers' real servers as theirs, and MLflow's checks against its own server. By command, as their packages are
 * heavy: `pip install mlflow==3.17.2 trackio==0.43.0` somewhere, and `PEERS=THAT_BIN_FOLDER npm test -- tests/tracking/peers`.
 * W&B's server is no package: a second Sweepboard stands for it in both.test.ts.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listEvents } from '../../db/queries/events.ts'
import { openTestServer, type TestServer } from '../harness.ts'
import { startServer } from '../start-server.ts'
import { pythonWithClients, scriptCommand, scripts } from './clients.ts'
import { startMlflow, startTrackio, type Peer } from './peer-servers.ts'

const programs = process.env.PEERS ?? ''
const token = 'a-token-of-their-own'
let python: string
let here: TestServer
let home: string
let mlflow: Peer
let trackio: Peer

beforeAll(async () => {
  if (programs !== '') python = await pythonWithClients()
}, 300_000)
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-peers-'))
  here = openTestServer({ HOME: home })
})
afterEach(async () => {
  await here.close()
  await Promise.all([mlflow, trackio].map((peer) => peer?.kill()))
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

type Point = { step: number; value: number | string }

async function call<Answer>(name: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${mlflow.url}/api/2.0/mlflow/${name}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return (await answer.json()) as Answer
}

type MlflowRun = {
  info: { run_id: string; status: string; run_name: string }
  data: { params?: { key: string; value: string }[]; tags: { key: string; value: string }[] }
}

async function mlflowRuns(): Promise<MlflowRun[]> {
  const { experiment } = await call<{ experiment: { experiment_id: string } }>(
    'experiments/get-by-name?experiment_name=clients',
  )
  const { runs = [] } = await call<{ runs?: MlflowRun[] }>('runs/search', {
    experiment_ids: [experiment.experiment_id],
  })
  return runs
}

async function history(run: string, key: string): Promise<[number, number | string][]> {
  const { metrics = [] } = await call<{ metrics?: Point[] }>(
    `metrics/get-history?run_id=${run}&metric_key=${key}&max_results=25000`,
  )
  return metrics
    .map(({ step, value }): [number, number | string] => [Number(step), value])
    .toSorted((a, b) => a[0] - b[0])
}

/** What Trackio's own server has of the project's runs, each entry as it was logged. */
async function trackioEntries(): Promise<Record<string, unknown>[]> {
  const ask = async <Answer>(name: string, kwargs: object): Promise<Answer> => {
    const answer = await fetch(`${trackio.url}/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-trackio-write-token': token },
      body: JSON.stringify({ args: [], kwargs }),
    })
    return ((await answer.json()) as { data: Answer }).data
  }
  const runs = await ask<{ id: string; name: string }[]>('get_runs_for_project', { project: 'clients' })
  const all = await Promise.all(
    runs.map(({ id, name }) =>
      ask<Record<string, unknown>[]>('get_logs', { project: 'clients', run: name, run_id: id }),
    ),
  )
  return all.flat()
}

const losses = (steps: number, scale: number) =>
  Array.from({ length: steps }, (_, step): [number, number] => [step * scale, 1 / (step + 1)])

async function linesAppear(name: string, count: number): Promise<void> {
  const file = path.join(home, `said-${name}`)
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= count)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

const steps = 1200

test.runIf(programs !== '')(
  'what MLflow’s and Trackio’s clients log is here and at their real servers once, though these are killed in the middle and started again',
  async () => {
    ;[mlflow, trackio] = await Promise.all([
      startMlflow(path.join(programs, 'mlflow'), home),
      startTrackio(path.join(programs, 'trackio'), path.join(home, 'theirs'), token),
    ])
    const names = ['mlflow', 'trackio']
    const id = here.create({
      name: 'peers',
      axes: { script: names },
      train: {
        command: scriptCommand(python, home, steps, 0.1),
        env: {
          MLFLOW_TRACKING_URI: mlflow.url,
          MLFLOW_DISABLE_TELEMETRY: 'true',
          TRACKIO_SERVER_URL: trackio.url,
          TRACKIO_WRITE_TOKEN: token,
          TRACKIO_DIR: path.join(home, 'trackio'),
          TRACKIO_DISABLE_TELEMETRY: '1',
        },
      },
      track: 'both',
    })
    await Promise.all(names.map((name) => linesAppear(name, 100)))
    await Promise.all([mlflow.kill(), trackio.kill()])
    await Promise.all([mlflow.restart(), trackio.restart()])
    await here.finished(id)
    expect(here.sweep(id).points.map(({ status }) => status)).toEqual(['done', 'done'])
    const ours = (run: number) =>
      [...here.context.series.values(run, 'loss')]
        .map(({ step, value }): [number, number] => [step, value])
        .toSorted((a, b) => a[0] - b[0])
    expect(ours(1)).toEqual(losses(steps, 1))
    expect(ours(2)).toEqual(losses(steps, 10))

    const [child, parent] = await mlflowRuns()
    expect(await history(parent!.info.run_id, 'loss')).toEqual(losses(steps, 1))
    expect((await history(parent!.info.run_id, 'odd')).at(-1)).toEqual([steps, 'NaN'])
    expect(await history(child!.info.run_id, 'accuracy')).toEqual([[steps, 0.41]])
    expect([parent!.info.status, child!.info.status]).toEqual(['FINISHED', 'FINISHED'])
    expect(parent!.data.params).toEqual(
      expect.arrayContaining([
        { key: 'lr', value: '1e-05' },
        { key: 'batch_size', value: '128' },
      ]),
    )
    expect(parent!.data.tags).toContainEqual({ key: 'stage', value: 'sft' })
    expect(child!.data.tags).toContainEqual({ key: 'mlflow.parentRunId', value: parent!.info.run_id })

    const entries = await trackioEntries()
    const logged = entries.filter((entry) => typeof entry.loss === 'number')
    expect(
      logged
        .map((entry): [number, number] => [entry['train/global_step'] as number, entry.loss as number])
        .toSorted((a, b) => a[0] - b[0]),
    ).toEqual(losses(steps, 10))
    const notes = [1, 2].flatMap((run) =>
      listEvents(here.context.database, run, ['note'], 1000).map(({ body }) => (body as { text: string }).text),
    )
    expect(notes.filter((text) => /not passed on/.test(text))).toEqual([])
  },
  900_000,
)

/** Runs one of the scripts with MLflow's own packages against a server; gives the lines that it prints. */
async function linesOf(script: string, address: string, more: Record<string, string> = {}): Promise<string[]> {
  const child = spawn(path.join(programs, 'python'), [path.join(scripts, script), address], {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  await once(child, 'exit')
  return output.trimEnd().split('\n')
}

test.runIf(programs !== '')(
  'MLflow’s own server holds what the checks ask of this one, and differs from it in what the docs say',
  async () => {
    mlflow = await startMlflow(path.join(programs, 'mlflow'), home)
    const checked = await linesOf('mlflow_checks.py', mlflow.url)
    expect(checked.filter((line) => line.startsWith('FAILED'))).toEqual([])
    expect(checked.at(-1)).toBe('44 of 44 checks hold')

    const server = await startServer()
    try {
      const ours = await linesOf('mlflow_differences.py', server.url)
      const theirs = await linesOf('mlflow_differences.py', mlflow.url)
      expect(
        ours.flatMap((line, at) => (line === theirs[at] ? [] : [`${line} | ${theirs[at]!.replace(/^.*?: /, '')}`])),
      ).toEqual([
        'infinity as text: 200, read as Infinity | 200, read as 1.7976931348623157e+308',
        'bare nan: 400 MALFORMED_REQUEST, read as None | 200, read as 0.0',
        'bare infinity: 400 MALFORMED_REQUEST, read as None | 200, read as 0.0',
        'negative step: 400 INVALID_PARAMETER_VALUE, read as None | 200, read as 1.0',
        'step beyond 53 bits: 400 INVALID_PARAMETER_VALUE, read as None | 200, read as 1.0',
        'metric name that climbs: 200 | 400 INVALID_PARAMETER_VALUE',
        'body that is no json: 400 MALFORMED_REQUEST | 400 INVALID_PARAMETER_VALUE',
        'delete of the default experiment: 400 INVALID_PARAMETER_VALUE | 200',
        'dataset inputs: 200, 0 read back | 200, 1 read back',
        'many histories at once: 404 ENDPOINT_NOT_FOUND | 200',
        'registered model: 404 ENDPOINT_NOT_FOUND | 200',
        'trace: 404 ENDPOINT_NOT_FOUND | 200',
      ])
    } finally {
      await server.stop()
    }
  },
  900_000,
)
