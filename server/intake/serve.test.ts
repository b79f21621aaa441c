/** What hostile and repeating clients send: a clear refusal each, nothing lost, nothing doubled, nothing outside the folder. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mostNames } from './journal.ts'
import { mostIntakeBytes } from './read-body.ts'
import { RunIntake } from './run-intake.ts'
import { answerClient } from './serve.ts'

const key = `local-${'0'.repeat(40)}`
let folder: string
let server: Server
let address: string
let intake: RunIntake

const open = () =>
  new RunIntake(
    folder,
    { id: 'run-1-1', hexId: 'a'.repeat(32), key, uploads: () => `${address}/wandb/upload`, ofItsOwn: false },
    [],
  )

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-intake-'))
  server = createServer((request, response) => void answerClient(intake, key, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  intake = open()
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

type Sent = { status: number; body: Record<string, unknown> }

async function send(url: string, body: unknown, more: RequestInit & { by?: string } = {}): Promise<Sent> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const authorization = `Basic ${Buffer.from(`api:${more.by ?? key}`).toString('base64')}`
  const response = await fetch(address + url, {
    method: 'POST',
    body: text as BodyInit,
    ...more,
    headers: { authorization, ...more.headers },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const stream = (offset: number, content: string[], more: Record<string, unknown> = {}) => ({
  files: { 'wandb-history.jsonl': { offset, content } },
  ...more,
})
const streamUrl = '/wandb/files/sweepboard/p/run-1-1/file_stream'
const events = () =>
  readFileSync(path.join(folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; step: number; values: Record<string, number>; text?: string })
const metrics = () => events().filter((event) => event.type === 'metrics')
const row = (step: number, values: Record<string, unknown> = { loss: step }) =>
  JSON.stringify({ ...values, _step: step, _timestamp: 1.7e9 + step })

test.each([
  ['/wandb/graphql', { query: 'query Viewer { viewer { id } }' }],
  [streamUrl, stream(0, [row(0)])],
  ['/mlflow/api/2.0/mlflow/runs/log-metric', { run_id: 'a'.repeat(32), key: 'loss', value: 1, timestamp: 1, step: 0 }],
  ['/trackio/api/bulk_log', { args: [], kwargs: { logs: [] } }],
])('%s with a wrong key is refused, and nothing is written', async (url, body) => {
  const { status, body: told } = await send(url, body, { by: 'local-1'.padEnd(46, '1') })
  expect(status).toBe(401)
  expect(told.message).toBe('The key is not that of this run.')
  expect(events()).toEqual([])
})

test('rows that are sent again, at other offsets, in another order, with other orders of their keys, count once', async () => {
  const rows = [row(0), row(1), row(2)]
  await send(streamUrl, stream(2, [rows[2]!]))
  await send(streamUrl, stream(0, rows.slice(0, 2)))
  await send(streamUrl, stream(0, rows))
  await send(streamUrl, stream(17, rows.toReversed()))
  await send(streamUrl, stream(3, ['{"_timestamp": 1700000000, "loss": 0, "_step": 0}'], { complete: true }))
  intake.end()
  expect(metrics().map(({ step, values }) => [step, values])).toEqual([
    [2, { loss: 2 }],
    [0, { loss: 0 }],
    [1, { loss: 1 }],
  ])
})

test('rows that waited for their axis when the intake was killed are there after it, at their axis', async () => {
  await send(streamUrl, stream(0, [row(5, { 'a/x': 1, global_step: 50 })]))
  expect(metrics()).toEqual([])
  intake = open()
  const m = [{ 1: 'global_step' }, { 2: 'a/*', 5: 1 }]
  const config = JSON.stringify({ _wandb: { value: { m } }, lr: { value: 1 } })
  await send('/wandb/graphql', { query: 'mutation UpsertBucket { x }', variables: { name: 'run-1-1', config } })
  await send(streamUrl, stream(0, [row(5, { 'a/x': 1, global_step: 50 })]))
  intake.end()
  expect(metrics().map(({ step, values }) => [step, { ...values }])).toEqual([[50, { 'a/x': 1, global_step: 50 }]])
})

test('a row that has its axis alone stands at its value, not at the number of its call', async () => {
  const m = [{ 1: 'train/global_step' }, { 2: '*', 5: 1 }]
  const config = JSON.stringify({ _wandb: { value: { m } } })
  await send('/wandb/graphql', { query: 'mutation UpsertBucket { x }', variables: { name: 'run-1-1', config } })
  await send(
    streamUrl,
    stream(0, [row(36, { reward: 1, 'train/global_step': 4 }), row(37, { 'train/global_step': 4 })]),
  )
  await send(streamUrl, stream(2, [row(38, { 'train/global_step': 5 })], { complete: true }))
  intake.end()
  expect(metrics().map(({ step, values }) => [step, values])).toEqual([
    [4, { reward: 1, 'train/global_step': 4 }],
    [4, { 'train/global_step': 4 }],
    [5, { 'train/global_step': 5 }],
  ])
})

test("MLflow's points that are sent again count once, also after a kill; the last value is the one of the highest step", async () => {
  const url = '/mlflow/api/2.0/mlflow/runs/'
  const run_id = 'a'.repeat(32)
  const point = (step: number, value: number) => ({ key: 'loss', value, timestamp: 1000 + step, step })
  for (const step of [2, 0, 1]) await send(`${url}log-batch`, { run_id, metrics: [point(step, step)] })
  intake = open()
  await send(`${url}log-batch`, { run_id, metrics: [point(0, 0), point(1, 1), point(1, 1)] })
  expect(metrics().map(({ step }) => step)).toEqual([2, 0, 1])
  const response = await fetch(`${address}${url}get?run_id=${run_id}`, { headers: { authorization: `Bearer ${key}` } })
  const { run } = (await response.json()) as { run: { data: { metrics: unknown[] } } }
  expect(run.data.metrics).toEqual([point(2, 2)])
})

test.each([
  ['a body of 100 MB', () => new Uint8Array(100 << 20), {}],
  ['a gzip bomb', () => gzipSync(Buffer.alloc(300 << 20)), { 'content-encoding': 'gzip' }],
])('%s is refused, and the intake goes on', async (_name, body, headers) => {
  const refused = await send(streamUrl, body(), { headers }).catch((error: Error) => error)
  // a client that is still sending may only see the connection close
  if (!(refused instanceof Error))
    expect([refused.status, refused.body.message]).toEqual([
      413,
      `The body is larger than ${mostIntakeBytes} bytes, the most that is taken.`,
    ])
  expect((await send(streamUrl, stream(0, [row(0)]))).status).toBe(200)
})

test('metrics called __proto__ and constructor are metrics', async () => {
  const line = '{"__proto__": 1, "constructor": 2, "a": {"__proto__": 3}, "_step": 0}'
  await send(streamUrl, stream(0, [line], { complete: true }))
  intake.end()
  const text = readFileSync(path.join(folder, 'events.jsonl'), 'utf8')
  expect(text).toContain('"values":{"__proto__":1,"constructor":2,"a.__proto__":3}')
})

test('names beyond the limit are left out, and told; the others are kept', async () => {
  const values = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, index]))
  await send(streamUrl, stream(0, [row(0, values), row(1, { m0: 7 })], { complete: true }))
  intake.end()
  expect(Object.keys(metrics()[0]!.values)).toHaveLength(mostNames)
  expect(metrics()[1]!.values).toEqual({ m0: 7 })
  expect(events().find((event) => event.type === 'note')!.text).toContain(`More than ${mostNames} metrics`)
})

test.each(['../../escaped', '/etc/escaped', 'a/../../../escaped', 'a\\..\\b', '..', 'a//b', 'a\0b'])(
  'a file called %j is refused, and nothing is written outside',
  async (name) => {
    const asked = { query: 'mutation CreateRunFiles { x }', variables: { run: 'run-1-1', files: [name] } }
    const { status, body } = await send('/wandb/graphql', asked)
    expect(status).toBe(400)
    expect(body.message).toContain('is no name of a file here')
    const encoded = encodeURIComponent(name)
    const put = { method: 'PUT', headers: { authorization: `Bearer ${key}` } }
    const artifact = `/mlflow/api/2.0/mlflow-artifacts/artifacts/0/${'a'.repeat(32)}/artifacts/${encoded}`
    expect((await fetch(address + artifact, { ...put, body: 'x' })).status).toBeGreaterThanOrEqual(400)
    expect(
      (await fetch(`${address}/wandb/upload/${'0'.repeat(32)}/${encoded}`, { ...put, body: 'x' })).status,
    ).toBeGreaterThanOrEqual(400)
    expect(readdirSync(folder).toSorted()).toEqual(['events.jsonl', 'intake'])
    expect(existsSync('/etc/escaped')).toBe(false)
  },
)

test('an upload to an address that was not given out is refused', async () => {
  const response = await fetch(`${address}/wandb/upload/${'0'.repeat(32)}/a.txt`, { method: 'PUT', body: 'x' })
  expect(response.status).toBe(403)
  expect(existsSync(path.join(folder, 'files/a.txt'))).toBe(false)
})

test('a line that is no JSON is told, the others of its stream are kept', async () => {
  const { status } = await send(streamUrl, stream(0, ['{"loss": ', row(1), '[1]'], { complete: true }))
  expect(status).toBe(200)
  intake.end()
  expect(metrics()).toHaveLength(1)
  expect(events().filter((event) => event.type === 'note')).toHaveLength(2)
})

test('after a line that a kill tore off, the next stands on its own', async () => {
  writeFileSync(path.join(folder, 'events.jsonl'), '{"type":"metrics","step":1,"val')
  intake = open()
  await send('/trackio/api/bulk_log', { kwargs: { logs: [{ run: 'r', metrics: { loss: 1 }, step: 0, log_id: 'x' }] } })
  expect(readFileSync(path.join(folder, 'events.jsonl'), 'utf8')).toContain('"val\n{"type":"')
})

const whole = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')])
const putArtifact = (name: string, body: string | Buffer) =>
  fetch(`${address}/mlflow/api/2.0/mlflow-artifacts/artifacts/0/${'a'.repeat(32)}/artifacts/${name}`, {
    method: 'PUT',
    body: body as BodyInit,
    headers: { authorization: `Bearer ${key}` },
  })
const said = () => events().filter(({ type }) => type === 'checkpoint' || type === 'note')

test('a folder of a model is a checkpoint once it is whole, also after a kill, and one that is written over is told', async () => {
  await send('/mlflow/api/2.0/mlflow/runs/log-metric', {
    run_id: 'a'.repeat(32),
    key: 'l',
    value: 1,
    timestamp: 1,
    step: 7,
  })
  for (const folder of ['model', 'half']) await putArtifact(`${folder}/config.json`, '{}')
  await putArtifact('model/model.safetensors', whole)
  await putArtifact('half/model.safetensors', whole.subarray(0, 9))
  await putArtifact('no/config.json', '{}')
  intake.releaseDue(Date.now())
  expect(said()).toEqual([])
  intake = open()
  intake.releaseDue(Date.now() + 60_000)
  intake.releaseDue(Date.now() + 120_000)
  const at = path.join(folder, 'files/model')
  expect(said()).toEqual([{ type: 'checkpoint', step: 7, path: at }])
  await putArtifact('model/model.safetensors', whole)
  await putArtifact('half/config.json', '{}')
  intake.end()
  expect(said().slice(1)).toMatchObject([
    { text: 'model/model.safetensors was sent again: the model that was logged in model before is written over.' },
    { type: 'checkpoint', step: 7, path: at },
    {
      text: 'The model that was logged in half is no checkpoint: it holds model.safetensors, which was not written to its end.',
    },
  ])
})

test("a model of MLflow 2's client is one checkpoint, where its files are", async () => {
  await putArtifact('actor/MLmodel', '')
  await putArtifact('actor/model/config.json', '{}')
  await putArtifact('actor/model/model.safetensors', whole)
  const model = JSON.stringify({ artifact_path: 'actor' })
  await send('/mlflow/api/2.0/mlflow/runs/log-model', { run_id: 'a'.repeat(32), model_json: model })
  intake.end()
  expect(said()).toEqual([{ type: 'checkpoint', step: 0, path: path.join(folder, 'files/actor/model') }])
})

test('a model of which the intake has no files, and one that is not there, are no checkpoints', async () => {
  const url = '/mlflow/api/2.0/mlflow/logged-models'
  const { body } = await send(url, { experiment_id: '0', name: '../a b', tags: [{ key: '__proto__', value: '1' }] })
  const { info } = body.model as { info: { model_id: string; artifact_uri: string } }
  expect(info.artifact_uri).toMatch(/\/artifacts\/models\/_.*a_b-v1$/)
  const ready = { method: 'PATCH' }
  expect((await send(`${url}/${info.model_id}`, { status: 'LOGGED_MODEL_READY' }, ready)).status).toBe(200)
  expect((await send(`${url}/m-${'a'.repeat(32)}9`, { status: 'LOGGED_MODEL_READY' }, ready)).status).toBe(404)
  expect((await send(`${url}/${info.model_id}/tags/%ff`, {}, { method: 'DELETE' })).status).toBe(400)
  intake.end()
  expect(said()).toEqual([])
})
