/** Artifacts and files of Trackio's real client: models are checkpoints at their steps, all of it is found again by who asks, also from under a sweep. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { apiOf } from '../browser/sweeps.ts'
import { WithServer } from './with-server.ts'

const person = new WithServer()

const makes = `
import pathlib, trackio
from PIL import Image
for text in ("first", "second"):
    folder = pathlib.Path(f"model-{text}")
    (folder / "sub").mkdir(parents=True)
    (folder / "weights.bin").write_text(text)
    (folder / "sub" / "config.json").write_text("{}")
run = trackio.init(project="my.p", name="makes", embed=False)
trackio.log({"loss": 1.0}, step=40)
stated = trackio.Artifact("actor", type="model", metadata={"step": 20}, description="the first")
stated.add_dir("model-first")
trackio.log_artifact(stated)
rows = trackio.Artifact("rows", type="dataset")
pathlib.Path("rows.csv").write_text("a,b")
rows.add_file("rows.csv", name="data/rows.csv")
trackio.log_artifact(rows)
again = trackio.Artifact("rows", type="dataset")
again.add_file("rows.csv", name="data/rows.csv")
assert trackio.log_artifact(again).version == "v0"
trackio.log({"picture": trackio.Image(Image.new("RGB", (4, 4)))}, step=50)
trackio.log({"table": trackio.Table(columns=["at", "seen"], data=[[1, trackio.Image(Image.new("RGB", (2, 2)))]])}, step=55)
pathlib.Path("notes").mkdir()
pathlib.Path("notes/a.txt").write_text("hello")
trackio.save("notes/a.txt")
trackio.log({"loss": 0.5}, step=60)
# sent before what was logged just now, which goes beside the script
second = trackio.Artifact("actor", type="model")
second.add_dir("model-second")
logged = trackio.log_artifact(second, aliases=["best"])
assert logged.version == "v1", logged
trackio.finish()
`

const uses = `
import pathlib, trackio
run = trackio.init(project="my.p", name="uses", embed=False)
trackio.log({"loss": 1.0})
used = trackio.use_artifact("actor:latest", type="model")
folder = pathlib.Path(used.download("got-latest"))
assert (folder / "weights.bin").read_text() == "second"
assert (folder / "sub/config.json").read_text() == "{}"
first = trackio.use_artifact("actor:v0")
assert (first.metadata, first.description) == ({"step": 20}, "the first"), first.metadata
assert pathlib.Path(first.download("got-v0"), "weights.bin").read_text() == "first"
rows = trackio.use_artifact("rows")
assert pathlib.Path(rows.download("got-rows"), "data/rows.csv").read_text() == "a,b"
try:
    trackio.use_artifact("critic:v0")
except ValueError as error:
    assert "critic:v0" in str(error), error
else:
    raise SystemExit("what nobody logged was there")
trackio.finish()
`

test("what Trackio's client logs is a checkpoint or a file, and is found again by runs of their own and of sweeps", async () => {
  await person.run('makes', makes)
  await person.run('uses', uses)
  const [made, own] = [person.ownRun('makes'), person.ownRun('uses')]
  const run = await person.shown(made.id)
  expect(run.checkpoints.map(({ step }) => step)).toEqual([20, 60])
  expect(run.artifacts.map(({ role, name, kind }) => [role, name, kind])).toEqual([['made', 'rows', 'dataset']])
  expect(JSON.stringify(run)).toContain("Trackio's aliases are not kept: actor:v1 is not found as best.")
  const kept = readdirSync(person.filesOf(made.id), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(person.filesOf(made.id), path.join(entry.parentPath, entry.name)))
  expect(kept.filter((name) => /^media\/50\/.+\.png$/.test(name))).toHaveLength(1)
  expect(kept.filter((name) => /^media\/55\/.+\.png$/.test(name))).toHaveLength(1)
  expect(readFileSync(path.join(person.filesOf(made.id), 'saved/notes/a.txt'), 'utf8')).toBe('hello')
  // nothing waits that was logged
  expect(readdirSync(path.join(person.dataFolder, 'waiting'))).toEqual([])

  const used = [
    ['used', 'actor:v1', 'model'],
    ['used', 'actor:v0', 'model'],
    ['used', 'rows:v0', 'dataset'],
  ]
  await expect.poll(() => person.artifactsOf(own.id)).toEqual(used)
  // into another folder: what lies there already is not asked for
  const trained = await person.train('uses-in-sweep', uses.replaceAll('"got-', '"sweep-'))
  expect(existsSync(path.join(person.home, 'sweep-latest/weights.bin'))).toBe(true)
  expect(await person.artifactsOf(trained)).toEqual(used)
  const [, second] = (await person.shown(made.id)).checkpoints
  expect(second!.startedRuns.map(({ id: from }) => from).toSorted()).toEqual([own.id, trained].toSorted())
}, 180_000)

test('under a sweep a model is a checkpoint of the run, which finds what it logged itself', async () => {
  const trained = await person.train(
    'trains',
    `${makes.replace('trackio.finish()', '')}
used = trackio.use_artifact("actor:latest")
assert used.version == "v1", used
trackio.finish()
`,
  )
  const run = await person.shown(trained)
  expect(run.checkpoints.map(({ step, path: place }) => [step, place?.split('/files/')[1]])).toEqual([
    [20, 'trackio/actor-v0'],
    [60, 'trackio/actor-v1'],
  ])
  expect(run.artifacts.map(({ role, name }) => [role, name])).toEqual([['made', 'rows']])
  expect(readFileSync(path.join(person.filesOf(trained), 'saved/notes/a.txt'), 'utf8')).toBe('hello')
  expect(existsSync(path.join(person.filesOf(trained), '../intake/waiting'))).toBe(false)
}, 120_000)

const early = (name: string) => `
import pathlib, trackio
run = trackio.init(project="early", name="${name}", embed=False)
pathlib.Path("settings.yaml").write_text("${name}")
trackio.save("settings.yaml")
# what waits is sent ahead of an artifact, before anything was logged
pathlib.Path("weights.bin").write_text("${name}")
model = trackio.Artifact("actor", type="model", metadata={"step": 1})
model.add_file("weights.bin")
trackio.log_artifact(model)
trackio.log({"loss": 1.0})
trackio.finish()
`

test('a file that is saved before its run says anything is that run’s, and a question about a run is no word of it', async () => {
  await person.run('early', early('first'))
  const first = person.ownRun('first')
  const saved = (id: number) => readFileSync(path.join(person.filesOf(id), 'saved/settings.yaml'), 'utf8')
  await expect.poll(() => saved(first.id)).toBe('first')
  const api = apiOf(person.server)
  await api.ownRuns.end.mutate({ id: first.id })
  // long ago, for the program that takes it in: it is started again
  await person.startAgain()
  await person.run('early', early('second'))
  const second = person.ownRun('second')
  await expect.poll(() => saved(second.id)).toBe('second')
  expect(saved(first.id)).toBe('first')
  expect(person.ownRun('first').status).toBe('stopped')
  const list = readdirSync(path.join(person.dataFolder, 'waiting'))
  expect(list).toEqual([])
}, 120_000)

test('who looks at the files of an ended run of MLflow’s does not have it go on, and its own client does', async () => {
  const ask = (name: string, body?: object) =>
    fetch(`${person.server.url}/api/2.0/mlflow/${name}`, {
      method: body ? 'POST' : 'GET',
      ...(body && { body: JSON.stringify(body) }),
    })
  const make = async (name: string) => {
    const made = (await (await ask('runs/create', { experiment_id: '0', run_name: name })).json()) as {
      run: { info: { run_id: string } }
    }
    return made.run.info.run_id
  }
  const log = (run_id: string) => ask('runs/log-metric', { run_id, key: 'loss', value: 1, timestamp: 1 })
  const [one, two] = [await make('one'), await make('two')]
  for (const name of ['one', 'two']) await apiOf(person.server).ownRuns.end.mutate({ id: person.ownRun(name).id })
  // who was heard a moment ago is not said to be heard again
  await person.startAgain()
  expect((await ask(`artifacts/list?run_id=${one}`)).status).toBe(200)
  await log(two)
  await expect.poll(() => person.ownRun('two').status).toBe('running')
  expect(person.ownRun('one').status).toBe('stopped')
  await log(one)
  await expect.poll(() => person.ownRun('one').status).toBe('running')
}, 60_000)

test('the server hands files of any size on, and nothing of a wrong key or a name that leads elsewhere', async () => {
  const upload = (name: string, bytes: number, by = person.key()) => {
    const head = `--b\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\n`
    return fetch(`${person.server.url}/api/upload`, {
      method: 'POST',
      headers: { 'x-trackio-write-token': by, 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, 97), Buffer.from('\r\n--b--\r\n')]),
    })
  }
  const call = async (name: string, kwargs: object, by = person.key()) => {
    const headers = { 'x-trackio-write-token': by, 'content-type': 'application/json' }
    const body = JSON.stringify({ args: [], kwargs })
    return (await fetch(`${person.server.url}/api/${name}`, { method: 'POST', headers, body })).status
  }
  const waiting = () =>
    existsSync(path.join(person.dataFolder, 'waiting')) ? readdirSync(path.join(person.dataFolder, 'waiting')) : []
  const wrong = `local-${'1'.repeat(40)}`
  expect((await upload('a', 3, wrong)).status).toBe(401)
  expect((await upload('../../a', 3)).status).toBe(400)
  expect(waiting()).toEqual([])
  const large = await upload('a', 100 << 20)
  expect(large.status).toBe(200)
  const [name] = ((await large.json()) as { paths: string[] }).paths
  expect(waiting()).toEqual([name])
  const digest = name!.split('-')[0]!
  const uploads = [{ project: '../../p', digest, uploaded_file: { path: name } }]
  expect(await call('bulk_upload_artifact_blob', { project: '../../p', uploads })).toBe(200)
  const said = {
    project: '../../p',
    name: 'actor',
    type: 'model',
    metadata: { step: 1 },
    run_name: '../../r',
    run_id: '../../r',
    manifest: [{ path: 'weights', digest, size: 100 << 20 }],
  }
  expect(await call('artifact_log', said, wrong)).toBe(401)
  expect(await call('artifact_log', { ...said, manifest: [{ ...said.manifest[0], path: '../weights' }] })).toBe(400)
  expect(
    await call('log_artifact_use', { project: '../../p', version_id: '1-0-../../x', run_name: 'r', run_id: 'r' }),
  ).toBe(400)
  expect(await call('artifact_log', said)).toBe(200)
  const { id } = person.ownRun('../../r')
  expect(readdirSync(person.filesOf(id), { recursive: true }).map(String).toSorted()).toEqual([
    'trackio',
    'trackio/actor-v0',
    'trackio/actor-v0.manifest.json',
    'trackio/actor-v0/weights',
  ])
  expect(waiting()).toEqual([])
  const blob = (by: string) =>
    fetch(`${person.server.url}/artifact_blob/p/${digest}`, { headers: { 'x-trackio-write-token': by } })
  expect((await blob(wrong)).status).toBe(401)
  expect((await (await blob(person.key())).arrayBuffer()).byteLength).toBe(100 << 20)
  expect(existsSync(path.join(person.dataFolder, '../weights'))).toBe(false)
}, 60_000)
