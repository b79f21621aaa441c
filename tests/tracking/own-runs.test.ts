/**
 * Scripts that people start by hand, with nothing but an address and a key in their environment: each run of the real clients is
 * here with every value once, however the server and the clients are killed meanwhile.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { apiOf } from '../browser/sweeps.ts'
import { startServer, type TestServer } from '../start-server.ts'
import { pythonWithClients, scripts } from './clients.ts'
import { flavour } from './mlflow-flavour.ts'

let python: string
let server: TestServer
let dataFolder: string
let home: string

beforeAll(async () => {
  python = await pythonWithClients()
}, 300_000)
beforeEach(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-data-'))
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  server = await startServer({ dataFolder })
})
afterEach(async () => {
  await server.stop()
  for (const folder of [dataFolder, home]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const key = () => readFileSync(path.join(dataFolder, 'tracker-key'), 'utf8').trim()

/** What a person has in the environment who logs here. */
function environment(): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: home,
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: key(),
    WANDB_SILENT: 'true',
    WANDB_DIR: home,
    MLFLOW_TRACKING_URI: server.url,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    TRACKIO_SERVER_URL: server.url,
    TRACKIO_WRITE_TOKEN: key(),
    TRACKIO_DIR: path.join(home, 'trackio'),
    TRACKIO_DISABLE_TELEMETRY: '1',
  }
}

type Script = { child: ChildProcess; said: string; end: Promise<number | null>; output: () => string }

function start(parameters: string[], more: Record<string, string | undefined> = {}): Script {
  const child = spawn(python, parameters, {
    cwd: home,
    env: { ...environment(), ...more } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  return {
    child,
    said: parameters.at(-1)!,
    end: once(child, 'exit').then(([code]) => code as number),
    output: () => output,
  }
}

const client = (name: string, steps: number, pause: number, more?: Record<string, string | undefined>) =>
  start(
    [path.join(scripts, `${name}_run.py`), '1e-5', String(steps), String(pause), path.join(home, `said-${name}`)],
    more,
  )

/** Runs a piece of Python to its end. Throws with what it said where it fails. */
async function python3(code: string, more: Record<string, string | undefined> = {}): Promise<string> {
  const file = path.join(home, 'script.py')
  writeFileSync(file, code)
  const script = start([file], more)
  const status = await script.end
  if (status !== 0) throw new Error(script.output())
  return script.output()
}

type Row = { id: number; project: string; client: string; client_id: string; name: string; status: string } & Record<
  'group' | 'job_type' | 'tags' | 'parent' | 'params' | 'exit_code' | 'deleted_at',
  string | null
>

function runs(): Row[] {
  const database = new SqliteDatabase(path.join(dataFolder, 'sweepboard.db'), { readonly: true })
  try {
    return database
      .prepare(
        `select jobs.id, projects.name as project, own_runs.*, jobs.status, jobs.params, attempts.exit_code from own_runs
         join jobs on jobs.id = own_runs.job_id join projects on projects.id = own_runs.project_id
         join attempts on attempts.job_id = jobs.id order by jobs.id`,
      )
      .all() as Row[]
  } finally {
    database.close()
  }
}

/** Resolves when the runs are as wanted: what clients said is read a moment after it was taken. */
async function until(wanted: (rows: Row[]) => boolean): Promise<Row[]> {
  for (;;) {
    const rows = runs()
    if (wanted(rows)) return rows
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The values of a metric in the order of their steps. */
async function pointsOf(id: number, name: string): Promise<[number, number][]> {
  const text = await (await fetch(`${server.url}/export/runs/${id}/metrics.csv`)).text()
  const [head, ...lines] = text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  const [step, column] = [head!.indexOf('step'), head!.indexOf(name)]
  const points = lines.flatMap((cells): [number, number][] =>
    cells[column] ? [[Number(cells[step]), Number(cells[column])]] : [],
  )
  return points.toSorted((a, b) => a[0] - b[0])
}

async function pointsAre(id: number, name: string, expected: [number, number][]): Promise<void> {
  let points = await pointsOf(id, name)
  for (let look = 0; look < 200 && points.length < expected.length; look++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    points = await pointsOf(id, name)
  }
  expect(points).toEqual(expected)
}

const losses = (steps: number, scale = 1) =>
  Array.from({ length: steps }, (_, step): [number, number] => [step * scale, 1 / (step + 1)])

async function linesAppear({ said, output, child }: Script, count: number): Promise<void> {
  while (!existsSync(said) || readFileSync(said, 'utf8').split('\n').length <= count) {
    if (child.exitCode !== null) throw new Error(output())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The same server again, on its port. */
async function startAgain(): Promise<void> {
  server = await startServer({ dataFolder, environment: { PORT: new URL(server.url).port } })
}

async function killServer(): Promise<void> {
  const gone = once(server.process, 'exit')
  server.process.kill('SIGKILL')
  await gone
}

test('scripts of three clients make runs of their own, in their project, with all that they say of them', async () => {
  const ends = await Promise.all(['wandb', 'mlflow', 'trackio'].map((name) => client(name, 300, 0).end))
  expect(ends).toEqual([0, 0, 0])
  const rows = await until(
    (found) => found.length === 4 && found.filter(({ status }) => status === 'done').length === 3,
  )
  const of = (name: string) => rows.find((row) => row.client === name && row.parent === null)!
  expect(rows.every(({ project }) => project === 'clients')).toBe(true)

  const [wandb, mlflow, trackio] = [of('wandb'), of('mlflow'), of('trackio')]
  expect(wandb).toMatchObject({ group: 'g1', tags: '["sft"]', status: 'done', exit_code: 0 })
  expect(JSON.parse(wandb.params!)).toEqual({ lr: '0.00001', 'optimizer.name': 'adamw' })
  await pointsAre(wandb.id, 'loss', losses(300, 2))
  await pointsAre(
    wandb.id,
    'actor/reward',
    losses(300, 10).map(([step]) => [step, step / 20]),
  )

  expect(mlflow).toMatchObject({ name: 'parent', tags: '["stage: sft"]', status: 'done' })
  await pointsAre(mlflow.id, 'loss', losses(300))
  const child = rows.find(({ parent }) => parent === mlflow.client_id)!
  expect(child).toMatchObject({ name: 'child', status: 'done' })
  await pointsAre(child.id, 'accuracy', [[300, 0.41]])

  // nobody says that a run of Trackio ends
  expect(trackio).toMatchObject({ name: 'run', status: 'running' })
  await pointsAre(trackio.id, 'loss', losses(300, 10))
}, 120_000)

test('a server that is killed and comes back after a while is not noticed by scripts, and every value is here once', async () => {
  // MLflow's client stands still at each call unless it is told to send beside the script
  const started = [
    client('wandb', 400, 0.05),
    client('mlflow', 400, 0.05, { MLFLOW_ENABLE_ASYNC_LOGGING: 'true' }),
    client('trackio', 400, 0.05),
  ]
  await Promise.all(started.map((script) => linesAppear(script, 60)))
  await killServer()
  await Promise.all(started.map((script) => linesAppear(script, 160)))
  await startAgain()
  const ends = await Promise.all(started.map(({ end }) => end))
  expect(started.map(({ output }, at) => (ends[at] === 0 ? '' : output()))).toEqual(['', '', ''])
  for (const { said } of started) {
    const times = readFileSync(said, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[1]))
    expect(Math.max(...times.slice(1).map((time, at) => time - times[at]!))).toBeLessThan(10)
  }
  const rows = await until((found) => found.filter(({ status }) => status === 'done').length === 3)
  const scales: Record<string, number> = { wandb: 2, mlflow: 1, trackio: 10 }
  for (const row of rows.filter(({ parent }) => parent === null))
    await pointsAre(row.id, 'loss', losses(400, scales[row.client]))
  expect(rows.filter(({ parent }) => parent === null)).toHaveLength(3)
}, 180_000)

test('a script that is killed has what it had sent, and its run says that it has not ended', async () => {
  const script = client('wandb', 10_000, 0.05, { WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: '1' })
  await linesAppear(script, 60)
  script.child.kill('SIGKILL')
  await script.end
  const [row] = await until((found) => found.length === 1)
  await pointsAre(row!.id, 'loss', losses((await pointsOf(row!.id, 'loss')).length, 2))
}, 120_000)

test('resume of W&B goes on with its run, refuses one that is not there, and never goes on where that was said', async () => {
  const steps = (from: number, resume: string, id = 'one') => `
import wandb
run = wandb.init(project="p", id="${id}", resume="${resume}", job_type="train", config={"from": ${from}})
for step in range(3):
    run.log({"loss": ${from} + step})
run.finish()
`
  await python3(steps(0, 'allow'))
  await python3(steps(3, 'allow'))
  await python3(steps(6, 'must'))
  await expect(python3(steps(0, 'must', 'another'))).rejects.toThrow(/another/)
  await expect(python3(steps(0, 'never'))).rejects.toThrow(/one/)
  const rows = await until((found) => found.length === 1 && found[0]!.status === 'done')
  expect(rows).toMatchObject([{ client_id: 'one', job_type: 'train', project: 'p' }])
  await pointsAre(
    rows[0]!.id,
    'loss',
    Array.from({ length: 9 }, (_, step) => [step, step]),
  )
}, 120_000)

test("a model that a run of W&B's logged is used by another, with its files, and the lineage says so", async () => {
  await python3(`
import pathlib, wandb
for text in ("first", "second"):
    pathlib.Path("weights.bin").write_text(text)
    with wandb.init(project="p", id=f"trains-{text}") as run:
        run.log({"loss": 1.0})
        artifact = wandb.Artifact("actor", type="model", metadata={"step": 20})
        artifact.add_file("weights.bin")
        run.log_artifact(artifact)
        table = wandb.Table(columns=["benchmark", "correct", "total", "step"], data=[["AMC23", 16, 40, 20]])
        run.log({"evaluations": table})
with wandb.init(project="p", id="goes-on") as run:
    for version, text in (("latest", "second"), ("v0", "first")):
        used = run.use_artifact(f"actor:{version}")
        folder = pathlib.Path(used.download(f"got-{version}"))
        assert used.metadata == {"step": 20}, used.metadata
        assert (folder / "weights.bin").read_text() == text
    try:
        run.use_artifact("critic:latest")
    except Exception as error:
        assert "critic:latest" in str(error), error
    else:
        raise SystemExit("a model that nobody logged was there")
`)
  await until((rows) => rows.length === 3 && rows.every(({ status }) => status === 'done'))
  const { runs: shown } = await apiOf(server).lineage.tree.query({})
  const [second, goesOn] = ['trains-second', 'goes-on'].map((name) =>
    shown.find(({ runName }) => runName === name)!,
  ) as [(typeof shown)[number], (typeof shown)[number]]
  // what it used first is where it started
  expect(goesOn).toMatchObject({ parentId: second.id, round: 1 })
  const { rows } = await apiOf(server).leaderboard.get.query({})
  expect(rows.map(({ runName, step }) => [runName, step]).toSorted()).toEqual([
    ['trains-first', 20],
    ['trains-second', 20],
  ])
}, 120_000)

test('data sets that runs used and made are listed, found again, and a run of a sweep goes on from a model of one of its own', async () => {
  await python3(`
import pathlib, wandb
pathlib.Path("weights.bin").write_text("w")
pathlib.Path("rows.csv").write_text("a,b")
with wandb.init(project="p", id="makes") as run:
    for name, kind, file in (("actor", "model", "weights.bin"), ("rows", "dataset", "rows.csv")):
        artifact = wandb.Artifact(name, type=kind)
        artifact.add_file(file)
        run.log_artifact(artifact)
    run.log({"table": wandb.Table(columns=["a"], data=[[1]])})
`)
  const uses = path.join(home, 'uses.py')
  writeFileSync(
    uses,
    `
import pathlib, wandb
with wandb.init(project="p", id="uses" if not pathlib.Path("in-sweep").exists() else None) as run:
    run.use_artifact("actor:v0")
    folder = pathlib.Path(run.use_artifact("rows:latest", type="dataset").download("got"))
    assert (folder / "rows.csv").read_text() == "a,b"
    try:
        run.use_artifact("nothing:latest")
    except Exception as error:
        assert "nothing:latest" in str(error), error
    else:
        raise SystemExit("what nobody logged was there")
`,
  )
  const script = start([uses])
  expect([await script.end, script.output()]).toEqual([0, expect.anything()])
  const definition = {
    name: 'uses',
    axes: { seed: ['1'] },
    train: { command: ['sh', '-c', `touch in-sweep && exec ${python} ${uses}`], env: { WANDB_SILENT: 'true' } },
    track: 'here' as const,
  }
  const { id } = await apiOf(server).sweeps.create.mutate({ definition, directory: home } as never)
  const trained = await runOfSweep(id)
  const [makes, own] = await until((found) => found.length === 2 && found.every(({ status }) => status === 'done'))
  const used = [
    ['used', 'actor:v0', 'model'],
    ['used', 'rows:v0', 'dataset'],
  ]
  expect(await artifactsOf(makes!.id)).toEqual([['made', 'rows', 'dataset']])
  expect(await artifactsOf(own!.id)).toEqual(used)
  expect(await artifactsOf(trained)).toEqual(used)
  const [actor] = await checkpointsOf(makes!.id, 1)
  expect(actor!.startedRuns.map(({ id: from }) => from).toSorted()).toEqual([own!.id, trained].toSorted())
}, 120_000)

const artifactsOf = async (id: number) =>
  (await apiOf(server).runs.get.query({ id })).artifacts.map(({ role, name, kind }) => [role, name, kind])

/** The only run of a sweep, when it has ended. */
async function runOfSweep(id: number): Promise<number> {
  for (;;) {
    const database = new SqliteDatabase(path.join(dataFolder, 'sweepboard.db'), { readonly: true })
    const run = database.prepare('select id, status from jobs where sweep_id = ?').get(id) as Row | undefined
    database.close()
    if (run !== undefined && ['done', 'failed'].includes(run.status)) {
      if (run.status === 'failed')
        throw new Error(readFileSync(path.join(dataFolder, `runs/${run.id}/1/stdout.log`), 'utf8'))
      return run.id
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test("models that MLflow's client logs are checkpoints at their steps, and who uses one started from it", async () => {
  await python3(`${flavour}
with mlflow.start_run(run_name="trains") as run:
    mlflow.log_metric("loss", 1.0, step=60)
    first = Model.log(artifact_path=None, name="actor", flavor=folder, step=50, params={"a": 1})
    second = Model.log(artifact_path=None, name="actor", flavor=folder, text="second")
    third = Model.log(artifact_path=None, name="actor", flavor=folder, text="third", below="data")
    mlflow.log_artifacts(write("sent"), "checkpoint-70")
    mlflow.log_artifacts(write("sent"), "deep/model")
    pathlib.Path("config.json").write_text("{}")
    mlflow.log_artifact("config.json", "no-model")
    assert [(each.model_id, each.step) for each in mlflow.get_run(run.info.run_id).outputs.model_outputs] == [
        (first.model_id, 50), (second.model_id, 0), (third.model_id, 0)]
# without a run
alone = Model.log(artifact_path=None, name="alone", flavor=folder)
model = mlflow.get_logged_model(first.model_id)
assert (model.name, str(model.status), model.source_run_id) == ("actor", "READY", run.info.run_id), model
assert model.params == {"a": "1"}, model.params
mlflow.set_logged_model_tags(first.model_id, {"kind": "best"})
found = mlflow.search_logged_models(filter_string="name = 'actor' AND tags.kind = 'best'", output_format="list")
assert [each.model_id for each in found] == [first.model_id], found
names = [each.name for each in mlflow.search_logged_models(output_format="list")]
assert sorted(names) == ["actor", "actor", "actor", "alone"], names
for uri in (f"models:/{second.model_id}", f"runs:/{run.info.run_id}/actor"):
    got = pathlib.Path(mlflow.artifacts.download_artifacts(uri))
    assert got.joinpath("MLmodel").exists(), list(got.rglob("*"))
assert (pathlib.Path(mlflow.artifacts.download_artifacts(f"models:/{second.model_id}")) / "artifacts/checkpoint-40/tokenizer.json").read_text() == "second"
with mlflow.start_run(run_name="uses") as run:
    from mlflow.entities import Dataset, DatasetInput, InputTag
    rows = Dataset(name="rows", digest="d1", source_type="local", source="rows.csv")
    mlflow.MlflowClient().log_inputs(run.info.run_id, [DatasetInput(rows, [InputTag("mlflow.data.context", "train")])])
    mlflow.log_input(model=mlflow.entities.LoggedModelInput(second.model_id))
with mlflow.start_run(run_name="measures") as run:
    mlflow.set_active_model(model_id=first.model_id)
    mlflow.log_metric("accuracy", 0.5)
    assert [each.model_id for each in mlflow.get_run(run.info.run_id).inputs.model_inputs] == [first.model_id]
try:
    mlflow.get_logged_model("m-" + "0" * 33)
except mlflow.exceptions.MlflowException as error:
    assert error.error_code == "RESOURCE_DOES_NOT_EXIST", error
else:
    raise SystemExit("a model that nobody logged was there")
print(second.model_id)
`)
  const rows = await until((found) => found.length === 4 && found.every(({ status }) => status === 'done'))
  const saved = await checkpointsOf(rows.find(({ name }) => name === 'trains')!.id, 5)
  const below = (place: string) => place.split('/files/')[1]
  expect(saved.map(({ step, path: place }) => [step, below(place!)])).toEqual([
    [40, 'models/actor-v2/artifacts/checkpoint-40'],
    [50, 'models/actor-v1/artifacts/checkpoint-40'],
    [60, 'models/actor-v3/data'],
    [60, 'deep/model'],
    [70, 'checkpoint-70'],
  ])
  const alone = await checkpointsOf(rows.find(({ name }) => name === 'alone')!.id, 1)
  expect(alone.map(({ step }) => step)).toEqual([40])
  const idOf = (wanted: string) => rows.find(({ name }) => name === wanted)!.id
  const { artifacts } = await apiOf(server).runs.get.query({ id: idOf('uses') })
  expect(artifacts.map(({ kind, name, about }) => [kind, name, about])).toEqual([
    ['dataset', 'rows', 'train, digest d1'],
    ['model', expect.stringMatching(/^m-/), ''],
  ])
  const [at40, at50] = await checkpointsOf(idOf('trains'), 5)
  expect([at40, at50].map((saved) => saved!.startedRuns.map(({ id }) => id))).toEqual([
    [idOf('uses')],
    [idOf('measures')],
  ])
}, 120_000)

/** Its checkpoints in the order of their steps, as soon as there are so many. */
async function checkpointsOf(id: number, count: number) {
  for (;;) {
    const run = await apiOf(server).runs.get.query({ id })
    if (run.checkpoints.length >= count) return run.checkpoints
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('a folder that W&B wrote offline is synced into a run of its own, once, however often it is synced', async () => {
  const script = client('wandb', 50, 0, { WANDB_MODE: 'offline' })
  expect(await script.end).toBe(0)
  const sync = () =>
    python3(`
import glob, subprocess, sys
for folder in glob.glob("wandb/offline-run-*"):
    subprocess.run([sys.executable, "-m", "wandb", "sync", "--include-synced", folder], check=True)
`)
  await sync()
  await sync()
  const [row, ...others] = await until((found) => found.some(({ status }) => status === 'done'))
  expect(others).toEqual([])
  await pointsAre(row!.id, 'loss', losses(50, 2))
}, 120_000)

test('a wrong key is refused with a sentence, and without one MLflow logs as the user of this machine', async () => {
  const send = (headers: Record<string, string>) =>
    fetch(`${server.url}/api/2.0/mlflow/runs/create`, { method: 'POST', headers, body: '{"experiment_id": "0"}' })
  const wrong = await send({ authorization: `Bearer local-${'1'.repeat(40)}` })
  expect([wrong.status, ((await wrong.json()) as { message: string }).message]).toEqual([
    401,
    'The key is not that of this data folder; the page Runs shows it.',
  ])
  expect((await send({ authorization: `Bearer ${key()}` })).status).toBe(200)
  expect((await send({})).status).toBe(200)
  expect((await send({ origin: 'http://elsewhere.example' })).status).toBe(403)
  const login = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('api:wrong').toString('base64')}` },
    body: '{"query": "query Viewer { viewer { id } }"}',
  })
  expect(login.status).toBe(401)
})

test("what MLflow's users rely on holds: experiments, runs, metrics, parameters, tags, search, artifacts", async () => {
  const script = start([path.join(scripts, 'mlflow_checks.py'), server.url], { MLFLOW_TRACKING_TOKEN: key() })
  const status = await script.end
  const failed = script
    .output()
    .split('\n')
    .filter((line) => line.startsWith('FAILED'))
  expect(failed).toEqual([])
  expect(script.output()).toMatch(/(\d+) of \1 checks hold/)
  expect(status).toBe(0)
}, 120_000)

type Answer = { run: { info: { run_id: string } }; runs: { data: { metrics: { value: number }[] } }[] }

const mlflow = async (name: string, body: object): Promise<Answer> => {
  const answer = await fetch(`${server.url}/api/2.0/mlflow/${name}`, { method: 'POST', body: JSON.stringify(body) })
  return (await answer.json()) as Answer
}

/** The program that takes in runs of their own. */
function intakeOf({ process: { pid } }: TestServer): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('intake/own/main.ts'))!
}

test.runIf(process.platform === 'linux')(
  'the intake is started again when it is killed, and knows what it had taken',
  async () => {
    const { run } = await mlflow('runs/create', { experiment_id: '0', run_name: 'one' })
    const point = (step: number) => ({ run_id: run.info.run_id, key: 'loss', value: step, timestamp: step, step })
    for (let step = 0; step < 3; step++) await mlflow('runs/log-metric', point(step))
    const pid = intakeOf(server)
    process.kill(pid, 'SIGKILL')
    while (existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '')
      await new Promise((resolve) => setTimeout(resolve, 10))
    // a client tries again at 503, and where its connection breaks; the last point was answered, and its client did not hear of it
    for (const step of [2, 3]) {
      const body = JSON.stringify(point(step))
      const send = async () =>
        (await fetch(`${server.url}/api/2.0/mlflow/runs/log-metric`, { method: 'POST', body }).catch(() => null))
          ?.status
      while ((await send()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { runs: found } = await mlflow('runs/search', { experiment_ids: ['0'], filter: 'metrics.loss > 2' })
    expect(found.map(({ data }) => data.metrics[0]!.value)).toEqual([3])
    await pointsAre(
      (await until((rows) => rows.length === 1))[0]!.id,
      'loss',
      [0, 1, 2, 3].map((step) => [step, step]),
    )
  },
)

test('bodies of 100 MB, what unpacks to as much, uploads nobody gave out and names that lead elsewhere are refused; the server answers', async () => {
  const authorization = `Basic ${Buffer.from(`api:${key()}`).toString('base64')}`
  const send = async (
    url: string,
    body: BodyInit,
    headers: Record<string, string> = {},
    method: 'POST' | 'PUT' = 'POST',
  ) => {
    const answer = await fetch(`${server.url}${url}`, { method, body, headers: { authorization, ...headers } }).catch(
      () => null,
    )
    return answer?.status ?? 'cut off'
  }
  const stream = '/files/me/..%2F..%2Fx/..%2F..%2Fy/file_stream'
  const rows = { 'wandb-history.jsonl': { offset: 0, content: ['{"loss": 1, "__proto__": 2, "_step": 0}'] } }
  expect(await send(stream, JSON.stringify({ files: rows, complete: true, exitcode: 0 }))).toBe(200)
  expect([413, 'cut off']).toContain(await send(stream, Buffer.alloc(100 << 20, 32)))
  expect(await send('/graphql', gzipSync(Buffer.alloc(100 << 20, 32)), { 'content-encoding': 'gzip' })).toBe(413)
  const variables = { project: '../../x', run: '../../y', files: ['../../../../escaped'] }
  expect(await send('/graphql', JSON.stringify({ query: 'mutation CreateRunFiles { a }', variables }))).toBe(400)
  const [row] = await until((found) => found.some(({ status }) => status === 'done'))
  expect(row).toMatchObject({ project: '../../x', client_id: '../../y' })
  await pointsAre(row!.id, 'loss', [[0, 1]])
  await pointsAre(row!.id, '__proto__', [[0, 2]])
  const mark = createHash('sha256').update(`own ${row!.id}`).digest('hex').slice(0, 32)
  expect(await send(`/upload/${mark}/${'0'.repeat(32)}/a.txt`, 'x', {}, 'PUT')).toBe(403)
  expect(await send(`/upload/${'0'.repeat(32)}/${'0'.repeat(32)}/a.txt`, 'x', {}, 'PUT')).toBe(404)
  expect(readdirSync(path.join(dataFolder, 'runs', String(row!.id), '1')).toSorted()).toEqual([
    'events.jsonl',
    'intake',
  ])
  expect(existsSync(path.join(dataFolder, 'escaped'))).toBe(false)
  expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('ok\n')
})
