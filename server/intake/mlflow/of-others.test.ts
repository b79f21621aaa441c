/** What is asked of other runs: passed on to the server as it is, and told in a sentence where none answers; what is the attempt's own needs none. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { currentBoot } from '../../executors/local/processes.ts'
import { nobodyAnswers } from '../ask-server.ts'
import { RunIntake } from '../run-intake.ts'
import { answerClient } from '../serve.ts'

const key = `local-${'0'.repeat(40)}`
const [own, other] = ['a'.repeat(32), 'b'.repeat(32)]
let dataFolder: string
let intake: RunIntake
const servers: Server[] = []

async function listen(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer!)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let address: string
beforeEach(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-others-'))
  writeFileSync(path.join(dataFolder, 'tracker-key'), 'local-of-the-server\n')
  const folder = path.join(dataFolder, 'runs/7/2')
  mkdirSync(folder, { recursive: true })
  intake = new RunIntake(folder, { id: 'run-7-2', hexId: own, key, uploads: () => '', ofItsOwn: false }, [])
  address = await listen((request, response) => void answerClient(intake, key, request, response))
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  rmSync(dataFolder, { recursive: true, force: true })
})

/** A server of which the data folder says that it answers; gives what it was asked. */
async function serverThatSays(say: (asked: URL, body: string) => [number, unknown]): Promise<IncomingMessage[]> {
  const asked: IncomingMessage[] = []
  const url = await listen((request, response) => {
    asked.push(request)
    let body = ''
    request.on('data', (text) => (body += text))
    request.on('end', () => {
      const [status, answer] = say(new URL(request.url!, 'http://x'), body)
      response.writeHead(status).end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer))
    })
  })
  writeFileSync(path.join(dataFolder, 'server.json'), JSON.stringify({ url, boot: currentBoot() }))
  return asked
}

async function call(method: 'GET' | 'POST', name: string, body?: object): Promise<[number, Record<string, unknown>]> {
  const answer = await fetch(`${address}/mlflow/api/2.0/${name}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  return [answer.status, (await answer.json()) as Record<string, unknown>]
}
const notes = () =>
  readFileSync(path.join(intake.folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"note"'))
    .map((line) => (JSON.parse(line) as { text: string }).text)
const makeModel = (name: string) => call('POST', 'mlflow/logged-models', { name, source_run_id: own })
const search = (body: object) => call('POST', 'mlflow/logged-models/search', body)
const namesIn = ([, body]: [number, Record<string, unknown>]) =>
  (body.models as { info: { name: string } }[]).map(({ info }) => info.name)

test('where no server answers, what is of another run is refused with a sentence, and what is of this one is not', async () => {
  for (const name of [
    `mlflow/runs/get?run_id=${other}`,
    `mlflow/artifacts/list?run_id=${other}`,
    `mlflow/metrics/get-history?run_id=${other}&metric_key=loss`,
    `mlflow/logged-models/m-${other}1`,
    `mlflow-artifacts/artifacts/3/${other}/artifacts/models/a-v1/MLmodel`,
    `mlflow-artifacts/artifacts?path=3/${other}/artifacts`,
  ])
    expect(await call('GET', name), name).toEqual([404, expect.objectContaining({ message: nobodyAnswers })])
  expect(await search({ experiment_ids: ['0'] })).toEqual([404, expect.objectContaining({ message: nobodyAnswers })])
  expect((await call('GET', `mlflow/runs/get?run_id=${own}`))[0]).toBe(200)
  expect((await call('GET', 'mlflow/experiments/get-by-name?experiment_name=p'))[0]).toBe(404)
  expect(notes()).toEqual([])
})

test('where no server answers, a search gives models of this run with a note, and a use is noted, each once', async () => {
  await makeModel('mine')
  for (let times = 0; times < 2; times++) expect(namesIn(await search({ experiment_ids: ['0'] }))).toEqual(['mine'])
  const used = { run_id: own, models: [{ model_id: `m-${other}1` }, { model_id: `m-${own}1` }] }
  for (let times = 0; times < 2; times++) expect((await call('POST', 'mlflow/runs/log-inputs', used))[0]).toBe(200)
  expect(notes()).toEqual([
    `A search found the models of this run alone: ${nobodyAnswers}`,
    `The lineage does not say that this run used m-${other}1: ${nobodyAnswers}`,
  ])
})

test('a server is asked as the run of the sweep, and all pages of its models are one order with those of the attempt', async () => {
  await call('POST', 'mlflow/experiments/create', { name: 'p' })
  await makeModel('m')
  const told = (name: string) => ({
    info: {
      model_id: `m-${other}1`,
      name,
      experiment_id: '9',
      artifact_uri: `mlflow-artifacts:/9/${other}/artifacts/models/x`,
    },
  })
  const asked = await serverThatSays(({ pathname }, body) => {
    if (pathname.endsWith('get-by-name'))
      return [200, { experiment: { experiment_id: '9', name: 'p', lifecycle_stage: 'active' } }]
    const { experiment_ids: ids, page_token: token } = JSON.parse(body) as {
      experiment_ids: string[]
      page_token?: string
    }
    if (ids.join() !== '9') return [400, { message: `asked for ${ids.join()}` }]
    return [200, token === 'more' ? { models: [told('a')] } : { models: [told('z')], next_page_token: 'more' }]
  })
  const order_by = [{ field_name: 'name' }]
  const first = await search({ experiment_ids: ['1'], order_by, max_results: 2 })
  expect(namesIn(first)).toEqual(['a', 'm'])
  const rest = await search({ experiment_ids: ['1'], order_by, max_results: 2, page_token: first[1].next_page_token })
  expect(rest[1]).toMatchObject({
    models: [
      { info: { name: 'z', experiment_id: '1', artifact_uri: `mlflow-artifacts:/9/${other}/artifacts/models/x` } },
    ],
  })
  const authorization = `Basic ${Buffer.from('api:local-of-the-server').toString('base64')}`
  for (const { headers } of asked) expect(headers).toMatchObject({ 'x-sweepboard-attempt-of': '7', authorization })
})

test('what the server refuses is refused in its words, what is no JSON is nobody, and files come as they are', async () => {
  const said: Record<string, [number, unknown]> = {
    [`/api/2.0/mlflow/runs/get`]: [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'not found' }],
    [`/api/2.0/mlflow/logged-models/m-${other}1`]: [200, Buffer.from('<html>')],
    [`/api/2.0/mlflow-artifacts/artifacts/3/${other}/artifacts/gone`]: [404, { message: 'There is no artifact gone.' }],
    [`/api/2.0/mlflow-artifacts/artifacts/3/${other}/artifacts/a%20b`]: [200, Buffer.from([0, 255, 10])],
  }
  await serverThatSays(({ pathname }) => said[pathname] ?? [500, {}])
  expect(await call('GET', `mlflow/runs/get?run_id=${other}`)).toEqual([
    404,
    expect.objectContaining({ message: 'not found' }),
  ])
  expect(await call('GET', `mlflow/logged-models/m-${other}1`)).toEqual([
    404,
    expect.objectContaining({ message: nobodyAnswers }),
  ])
  const files = `mlflow-artifacts/artifacts/3/${other}/artifacts`
  expect(await call('GET', `${files}/gone`)).toEqual([
    404,
    expect.objectContaining({ message: 'There is no artifact gone.' }),
  ])
  const file = await fetch(`${address}/mlflow/api/2.0/${files}/a%20b`, { headers: { authorization: `Bearer ${key}` } })
  expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 255, 10])
})
