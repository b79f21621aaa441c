/** A tracker's client speaks to the program that takes in runs of their own without the server between; whatever else it asks is judged as ever. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from './start-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
})

type Answer = { status: number; headers: IncomingHttpHeaders; body: string; from: number }

/** Asks over one connection after the other, the same for as long as it is kept. */
function client() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, path: string, body: object | null = null, headers: Record<string, string> = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { method, agent, headers }, (answer) => {
        // the end of the connection is forgotten with the answer
        const from = answer.socket.localPort!
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text, from }))
      })
      asked.on('error', reject)
      asked.end(body === null ? undefined : JSON.stringify(body))
    })
  return { ask, end: () => agent.destroy() }
}

const api = '/api/2.0/mlflow'

async function madeRun({ ask }: ReturnType<typeof client>): Promise<string> {
  const { body } = await ask('POST', `${api}/runs/create`, { experiment_id: '0', run_name: 'handed' })
  return (JSON.parse(body) as { run: { info: { run_id: string } } }).run.info.run_id
}

test('a client is answered while the server does not come to anything', async () => {
  const one = client()
  const run_id = await madeRun(one)
  server.process.kill('SIGSTOP')
  try {
    const logged = await one.ask('POST', `${api}/runs/log-metric`, {
      run_id,
      key: 'loss',
      value: 1,
      timestamp: 1,
      step: 1,
    })
    expect(logged).toMatchObject({ status: 200, body: '{}' })
  } finally {
    server.process.kill('SIGCONT')
    one.end()
  }
})

test('what else is asked over its connection is answered by the server, and each request is judged', async () => {
  const one = client()
  const run_id = await madeRun(one)
  const metric = { run_id, key: 'loss', value: 1, timestamp: 1, step: 1 }
  const log = (headers: Record<string, string>) => one.ask('POST', `${api}/runs/log-metric`, metric, headers)
  const answers = [
    await log({}),
    await one.ask('GET', '/healthz'),
    await one.ask('GET', '/runs/1'),
    await one.ask('GET', '/nothing/here'),
    await one.ask('POST', '/api/trpc/ownRuns.change', {}, { origin: 'http://evil.example' }),
    await log({}),
  ]
  expect(new Set(answers.map(({ from }) => from)).size).toBe(1)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 403, 200])
  expect(answers[1]!.body).toBe('ok\n')
  for (const { headers } of answers) expect(headers['x-content-type-options']).toBe('nosniff')
  // a refusal ends the connection of a client, as ever
  expect((await log({ origin: 'http://evil.example' })).status).toBe(403)
  await log({})
  expect((await log({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  await log({})
  expect((await log({ authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await log({ host: 'evil.example' })).status).toBe(403)
  expect((await one.ask('GET', '/healthz', null, { host: 'evil.example' })).status).toBe(403)
  one.end()
})

test('a request that comes in pieces is taken whole, wherever it is cut', async () => {
  const one = client()
  const run_id = await madeRun(one)
  const value = 'x'.repeat(200_000)
  const body = JSON.stringify({ run_id, tags: [{ key: 'long', value }] })
  const head = `POST ${api}/runs/log-batch HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  const whole = head + body
  for (const cut of [1, 4, 20, head.length - 2, head.length, head.length + 1, 70_000, whole.length - 1]) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      let text = ''
      socket.setNoDelay(true)
      socket.on('error', reject)
      socket.on('data', (part) => (text += part.toString()))
      socket.on('end', () => resolve(text))
      socket.write(whole.slice(0, cut), () => socket.write(whole.slice(cut)))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  }
  const { body: got } = await one.ask('GET', `${api}/runs/get?run_id=${run_id}`)
  const { run } = JSON.parse(got) as { run: { data: { tags: { key: string; value: string }[] } } }
  expect(run.data.tags.find(({ key }) => key === 'long')?.value).toBe(value.slice(0, 8000))
  one.end()
})

test('a client whose connection began with a page is answered as well', async () => {
  const one = client()
  const page = await one.ask('GET', '/healthz')
  const found = await one.ask('GET', `${api}/experiments/get?experiment_id=0`)
  expect([page.status, found.status, found.from]).toEqual([200, 200, page.from])
  one.end()
})
