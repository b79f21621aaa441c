/** The server from outside: who may ask, what is served, what an error says, how it leaves. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { smallSweep } from './harness.ts'
import { startServer, surroundings, type TestServer } from './start-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

type Answer = { status: number; text: string; headers: Record<string, unknown> }

/** Without fetch, which keeps Host and Origin to itself. */
function ask(method: string, target: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path: target, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
const json = { 'content-type': 'application/json' }
const call = (procedure: string, input: unknown) =>
  ask('POST', `/api/trpc/${procedure}`, json, JSON.stringify({ json: input }))

test('a request for another Host is refused, whatever it asks for', async () => {
  for (const target of ['/', '/api/trpc/system.get', '/export/sweeps/1.csv', '/healthz']) {
    expect(await ask('GET', target, { host: 'evil.example' })).toMatchObject({
      status: 403,
      text: expect.stringContaining('"evil.example"'),
    })
  }
  expect((await ask('GET', '/healthz')).text).toBe('ok\n')
})

test('a second server on the data folder refuses, says who holds it, and leaves that one alone', async () => {
  const second = spawn(process.execPath, ['server/main.ts'], {
    cwd: path.join(import.meta.dirname, '..'),
    env: { ...surroundings(), PORT: '0', SWEEPBOARD_DATA: server.dataFolder },
  })
  let said = ''
  second.stderr.on('data', (chunk) => (said += String(chunk)))
  expect(await new Promise((resolve) => second.on('close', resolve))).toBe(1)
  expect(said).toBe(
    `Another Sweepboard holds the data folder ${server.dataFolder} (process ${server.process.pid}, ${server.url}). ` +
      'Use that one, or choose another folder with SWEEPBOARD_DATA.\n',
  )
  expect((await ask('GET', '/healthz')).status).toBe(200)
})

test('only this machine can connect', async () => {
  const { port } = new URL(server.url)
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => !entry.internal && entry.family === 'IPv4')
  for (const { address } of others)
    await expect(fetch(`http://${address}:${port}/healthz`)).rejects.toThrow('fetch failed')
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).resolves.toMatchObject({ status: 200 })
})

test('with HOST=0.0.0.0 the token is printed, and asked of every request', async () => {
  const open = await startServer({ environment: { HOST: '0.0.0.0' } })
  try {
    const link = /http:\S+\?token=(\S+)/.exec(open.output())!
    const { origin } = new URL(link[0])
    expect((await fetch(`${origin}/healthz`)).status).toBe(401)
    expect((await fetch(`${origin}/api/trpc/system.get`)).status).toBe(401)
    const opened = await fetch(link[0])
    expect(opened.status).toBe(200)
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    expect((await fetch(`${origin}/api/trpc/system.get`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${origin}/healthz`, { headers: { authorization: `Bearer ${link[1]}` } })).status).toBe(200)
  } finally {
    await open.stop()
  }
})

test('a change from another origin is refused, and nothing of it happens', async () => {
  const refused = await ask('POST', '/api/trpc/examples.loadStudy', { ...json, origin: 'http://evil.example' }, '{}')
  expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('http://evil.example') })
  expect(JSON.parse((await ask('GET', '/api/trpc/sweeps.list')).text).result.data.json).toEqual([])
})

test('what is wrong with a sweep is told with its place, and nothing is stored', async () => {
  const answer = await call('sweeps.create', { definition: { ...smallSweep(), axes: { a: ['1', '1'] } } })
  expect(answer.status).toBe(400)
  const { data } = JSON.parse(answer.text).error.json
  expect(data.issues).toMatchObject([{ path: ['axes', 'a', 1], message: expect.stringContaining('1') }])
  expect(data).not.toHaveProperty('stack')
})

test('a sweep, a run and a baseline that are not there are a 404 with a sentence', async () => {
  for (const [procedure, word] of [
    ['sweeps.pause', 'sweep'],
    ['runs.cancel', 'run'],
    ['baselines.remove', 'baseline'],
  ] as const) {
    const answer = await call(procedure, { id: 4711 })
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.text).error.json.message).toBe(`There is no ${word} 4711.`)
  }
})

test('the study downloads as CSV, JSON and as its file', async () => {
  const { sweepIds } = JSON.parse((await call('examples.loadStudy', undefined)).text).result.data.json
  const csv = await ask('GET', `/export/sweeps/${sweepIds[0]}.csv`)
  expect(csv.headers['content-disposition']).toBe('attachment; filename="short-cot-sft.csv"')
  expect(csv.text.split('\r\n')).toHaveLength(20)
  expect(csv.text).toContain('16,8,0,scored,512,2e-5,6,1.0758890919394155,false')
  const result = JSON.parse((await ask('GET', `/export/sweeps/${sweepIds[0]}.json`)).text)
  expect(result).toMatchObject({
    trainings: 9,
    best: { score: 1.0758890919394155, params: { batch_size: '512', learning_rate: '2e-5', epoch: '6' } },
  })
  expect((await ask('GET', `/export/sweeps/${sweepIds[0]}.yaml`)).text).toContain('learning_rate: [1e-5, 2e-5, 4e-5]')
  // Loaded again, they are the same sweeps.
  expect(JSON.parse((await call('examples.loadStudy', undefined)).text).result.data.json.sweepIds).toEqual(sweepIds)
})

test('files come from run folders only: no way up, no link out, never as a page', async () => {
  const folder = path.join(server.dataFolder, 'runs/9001/1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'page.html'), '<script>alert(1)</script>')
  const secret = path.join(mkdtempSync(path.join(tmpdir(), 'secret-')), 'secret')
  writeFileSync(secret, 'secret')
  symlinkSync(secret, path.join(folder, 'link'))
  const page = await ask('GET', '/files/9001/1/page.html')
  expect(page).toMatchObject({ status: 200, text: '<script>alert(1)</script>' })
  expect(page.headers['content-type']).toBe('text/plain; charset=utf-8')
  for (const name of [
    '../../../sweepboard.db',
    '..%2f..%2f..%2fsweepboard.db',
    'link',
    '%2fetc%2fpasswd',
    '%00',
    '%',
  ]) {
    expect((await ask('GET', `/files/9001/1/${name}`)).status, name).toBe(404)
  }
})
