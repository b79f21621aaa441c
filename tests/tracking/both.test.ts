/** `track: both` with the real clients: what they log is here, and at the trackers that a person has set, each value once. Those are played by a second server. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listCheckpoints } from '../../db/queries/checkpoints.ts'
import { listEvents } from '../../db/queries/events.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { openTestServer, type TestServer } from '../harness.ts'
import { startServer, type TestServer as Theirs } from '../start-server.ts'
import { pythonWithClients, scriptCommand } from './clients.ts'

let python: string
let here: TestServer
let theirs: Theirs
let theirFolder: string
let home: string

beforeAll(async () => {
  python = await pythonWithClients()
}, 300_000)
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  theirFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-theirs-'))
  theirs = await startServer({ dataFolder: theirFolder })
  here = openTestServer({ HOME: home })
})
afterEach(async () => {
  await here.close()
  await theirs.stop()
  for (const folder of [home, theirFolder]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const key = () => readFileSync(path.join(theirFolder, 'tracker-key'), 'utf8').trim()

function sweepOf(names: string[], steps: number, pause: number, env: Record<string, string>): SweepInput {
  return {
    name: 'both',
    axes: { script: names },
    train: {
      command: scriptCommand(python, home, steps, pause),
      env: {
        WANDB_BASE_URL: theirs.url,
        WANDB_API_KEY: key(),
        WANDB_SILENT: 'true',
        WANDB_DIR: home,
        MLFLOW_TRACKING_URI: theirs.url,
        MLFLOW_TRACKING_TOKEN: key(),
        MLFLOW_DISABLE_TELEMETRY: 'true',
        TRACKIO_SERVER_URL: theirs.url,
        TRACKIO_WRITE_TOKEN: key(),
        TRACKIO_DIR: path.join(home, 'trackio'),
        TRACKIO_DISABLE_TELEMETRY: '1',
        ...env,
      },
    },
    track: 'both',
  }
}

type Row = {
  id: number
  project: string
  client: string
  name: string
  status: string
  group: string | null
  parent: string | null
}

/** The runs at theirs. */
function rows(): Row[] {
  const database = new SqliteDatabase(path.join(theirFolder, 'sweepboard.db'), { readonly: true })
  try {
    return database
      .prepare(
        `select jobs.id, projects.name as project, own_runs.*, jobs.status from own_runs join jobs on jobs.id = own_runs.job_id
         join projects on projects.id = own_runs.project_id order by jobs.id`,
      )
      .all() as Row[]
  } finally {
    database.close()
  }
}

/** The values of a metric of one of theirs, in the order of their steps. */
async function theirPoints(id: number, name: string): Promise<[number, number][]> {
  const text = await (await fetch(`${theirs.url}/export/runs/${id}/metrics.csv`)).text()
  const [head, ...lines] = text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  const [step, column] = [head!.indexOf('step'), head!.indexOf(name)]
  return lines
    .flatMap((cells): [number, number][] => (cells[column] ? [[Number(cells[step]), Number(cells[column])]] : []))
    .toSorted((a, b) => a[0] - b[0])
}

const ourPoints = (run: number, name: string) =>
  [...here.context.series.values(run, name)]
    .map(({ step, value }): [number, number] => [step, value])
    .toSorted((a, b) => a[0] - b[0])
const losses = (steps: number, scale: number) =>
  Array.from({ length: steps }, (_, step): [number, number] => [step * scale, 1 / (step + 1)])
const notes = (run: number) =>
  listEvents(here.context.database, run, ['note'], 1000).map(({ body }) => (body as { text: string }).text)

async function linesAppear(name: string, count: number): Promise<void> {
  const file = path.join(home, `said-${name}`)
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= count)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

test('what three clients log is here and at theirs, though theirs is killed in the middle', async () => {
  const names = ['wandb', 'mlflow', 'trackio']
  const id = here.create(sweepOf(names, 400, 0.05, {}))
  await Promise.all(names.map((name) => linesAppear(name, 100)))
  const gone = once(theirs.process, 'exit')
  theirs.process.kill('SIGKILL')
  await gone
  theirs = await startServer({ dataFolder: theirFolder, environment: { PORT: new URL(theirs.url).port } })
  await here.finished(id)
  expect(here.sweep(id).points.map(({ status }) => status)).toEqual(['done', 'done', 'done'])

  for (const [index, [name, scale]] of [
    ['wandb', 2],
    ['mlflow', 1],
    ['trackio', 10],
  ].entries() as Iterable<[number, [string, number]]>) {
    expect(ourPoints(index + 1, 'loss'), name).toEqual(losses(400, scale))
    const own = rows().filter(({ client, parent }) => client === name && parent === null)
    expect(own).toMatchObject([{ project: 'clients' }])
    await expect.poll(() => theirPoints(own[0]!.id, 'loss'), { message: name }).toEqual(losses(400, scale))
  }
  const [wandb, mlflow] = ['wandb', 'mlflow'].map((name) => rows().find(({ client }) => client === name)!)
  expect(wandb).toMatchObject({ group: 'g1', status: 'done' })
  expect(await theirPoints(wandb!.id, 'actor/reward')).toEqual(losses(400, 10).map(([step]) => [step, step / 20]))
  expect(mlflow).toMatchObject({ status: 'done' })
  // the nested run is nested there as well
  const child = rows().find(({ client, parent }) => client === 'mlflow' && parent !== null)!
  expect(child.name).toBe('child')
  expect(await theirPoints(child.id, 'accuracy')).toEqual([[400, 0.41]])
  expect(notes(1).filter((text) => !text.startsWith('done'))).toEqual([
    `W&B logs here, and what it logs is passed on to ${theirs.url}, as WANDB_BASE_URL says.`,
    `MLflow logs here, and what it logs is passed on to ${theirs.url}, as MLFLOW_TRACKING_URI says.`,
    `Trackio logs here, and what it logs is passed on to ${theirs.url}, as TRACKIO_SERVER_URL says.`,
  ])
}, 240_000)

test("artifacts and files of Trackio's client stay here, and what is logged beside them is passed on", async () => {
  const script = path.join(home, 'trackio_model.py')
  writeFileSync(
    script,
    `import pathlib, trackio
trackio.init(project="clients", name="run", embed=False)
trackio.log({"loss": 0.5}, step=7)
pathlib.Path("weights.bin").write_text("w")
model = trackio.Artifact("actor", type="model", metadata={"step": 7})
model.add_file("weights.bin")
trackio.log_artifact(model)
assert trackio.use_artifact("actor").version == "v0"
trackio.save("weights.bin")
trackio.finish()
`,
  )
  const sweep = sweepOf(['trackio'], 0, 0, {})
  const id = here.create({ ...sweep, train: { ...sweep.train!, command: [python, script] } })
  await here.finished(id)
  const [model] = listCheckpoints(here.context.database, 1)
  expect(model).toMatchObject({ step: 7, path: expect.stringMatching(/files\/trackio\/actor-v0$/) })
  const [own] = rows()
  await expect.poll(() => theirPoints(own!.id, 'loss')).toEqual([[7, 0.5]])
  const atTheirs = path.join(theirFolder, 'runs', String(own!.id), '1')
  expect([path.join(atTheirs, 'files'), path.join(theirFolder, 'waiting')].filter((each) => existsSync(each))).toEqual(
    [],
  )
  // and its run says nothing of what was not passed on
  expect(notes(1).filter((text) => /passed on/.test(text))).toHaveLength(3)
}, 120_000)

test('theirs that is gone, or refuses, holds nothing up here, and the run says so', async () => {
  const id = here.create(
    sweepOf(['wandb', 'mlflow'], 100, 0, {
      WANDB_API_KEY: `local-${'0'.repeat(40)}`,
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    }),
  )
  await here.finished(id)
  expect(here.sweep(id).points.map(({ status }) => status)).toEqual(['done', 'done'])
  expect(ourPoints(1, 'loss')).toEqual(losses(100, 2))
  expect(ourPoints(2, 'loss')).toEqual(losses(100, 1))
  expect(notes(1)).toContainEqual(
    expect.stringMatching(
      /^Something was not passed on to your W&B, which refused it: 401 .*not that of this data folder/,
    ),
  )
  expect(notes(2)).toContainEqual(
    expect.stringMatching(/^\d+ calls were not passed on to your MLflow before the run ended \(.+\); they are here\.$/),
  )
  expect(rows()).toEqual([])
})
