/** The server from outside: who may ask, what is served, what an error says, how it leaves. */
import { spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { connect } from 'node:net'
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

/** What comes back on a connection of its own for bytes as they stand. */
function send(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.on('close', () => resolve(answer))
    socket.on('error', (error: NodeJS.ErrnoException) => (answer === '' ? reject(error) : resolve(answer)))
  })
}
const own = () => `Host: ${new URL(server.url).host}\r\nConnection: close\r\n`

test.each(['//', '//evil.example/', '///', 'http://[', '/\\\\[', '*', '?', 'x', 'http://evil.example/', '//%'])(
  'the malformed address %s is answered with 400 at once, and the server goes on',
  async (target) => {
    expect(await send(`GET ${target} HTTP/1.1\r\n${own()}\r\n`)).toMatch(/^HTTP\/1\.1 (400|404) /)
    expect((await ask('GET', '/healthz')).status).toBe(200)
  },
)

test('addresses with encodings that are none, long ones and odd methods are answered, whatever they ask for', async () => {
  for (const target of [
    '/%',
    '/%E0%A4%A',
    '/sweeps/%',
    '/runs/%00',
    '/api/trpc/%',
    `/${'x'.repeat(8000)}`,
    '/files/1/1/%',
  ])
    expect((await send(`GET ${target} HTTP/1.1\r\n${own()}\r\n`)).slice(0, 12), target).toMatch(/^HTTP\/1\.1 4\d\d/)
  for (const method of ['POST', 'PUT', 'DELETE', 'TRACE'])
    expect((await send(`${method} / HTTP/1.1\r\n${own()}Content-Length: 0\r\n\r\n`)).slice(0, 12), method).toBe(
      'HTTP/1.1 405',
    )
  expect(await send('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
  expect((await ask('GET', '/healthz')).status).toBe(200)
})

test('a body above what an address takes is refused before it is read', async () => {
  const head = (length: number) =>
    `POST /api/trpc/baselines.save HTTP/1.1\r\n${own()}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  expect(await send(head(50_000_000))).toMatch(/^HTTP\/1\.1 413 [\s\S]*50,000,000 bytes; at most 1,048,576 are taken/)
  // one that does not say its length is counted
  const piece = 'x'.repeat(1 << 20)
  const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`
  const chunked = `POST /api/trpc/sweeps.create HTTP/1.1\r\n${own()}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
  expect(await send(`${chunked}${chunk.repeat(12)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 (413|400) /)
  expect((await ask('GET', '/healthz')).status).toBe(200)
})

test.each([
  ['a length below 0', 'Content-Length: -1\r\n', ''],
  ['a length that is none', 'Content-Length: 1e9\r\n', ''],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n', '{}'],
  ['a length and pieces', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  ['a piece of a length that is none', 'Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'],
  ['no JSON', 'Content-Length: 3\r\n', '{a}'],
  ['JSON nested 100,000 deep', 'Content-Length: 200000\r\n', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['bytes that are no text', 'Content-Length: 4\r\n', '\u00ff\u00fe\u0000\u0000'],
  ['a kind that is none', 'Content-Encoding: gzip\r\nContent-Length: 2\r\n', '{}'],
  ['a header of 100 kB', `X: ${'x'.repeat(100_000)}\r\nContent-Length: 2\r\n`, '{}'],
])('a body with %s is refused, and the server goes on', async (_what, headers, body) => {
  const head = `POST /api/trpc/baselines.save HTTP/1.1\r\n${own()}Content-Type: application/json\r\n`
  expect(await send(`${head}${headers}\r\n${body}`)).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect((await ask('GET', '/healthz')).status).toBe(200)
})

test('health says how the process is, for a supervisor', async () => {
  const { status, text } = await ask('GET', '/api/health')
  expect(status).toBe(200)
  expect(JSON.parse(text)).toMatchObject({
    status: 'ok',
    problem: null,
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    loop_delay_milliseconds: { mean: expect.any(Number), max: expect.any(Number) },
    last_look: { milliseconds_ago: expect.any(Number) },
    queue: { waiting: 0, live: 0 },
    streams: 0,
    disk: { free_bytes: expect.any(Number) },
  })
})

test('pages listen up to a number, then it is said that there are too many; who leaves makes room', async () => {
  const { hostname, port } = new URL(server.url)
  const listen = () =>
    new Promise<{ status: number; leave: () => void }>((resolve, reject) => {
      const asked = request(
        { hostname, port, agent: false, path: '/api/trpc/changes.subscribe', headers: { accept: 'text/event-stream' } },
        (response) => {
          response.resume()
          resolve({ status: response.statusCode!, leave: () => asked.destroy() })
        },
      )
      asked.on('error', reject)
      asked.end()
    })
  const streams = []
  for (let at = 0; at < 8; at++) streams.push(...(await Promise.all(Array.from({ length: 50 }, listen))))
  expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
  const refused = await listen()
  expect(refused.status).toBe(503)
  expect(JSON.parse((await ask('GET', '/api/health')).text).streams).toBe(400)
  for (const { leave } of [...streams, refused]) leave()
  await expect.poll(async () => JSON.parse((await ask('GET', '/api/health')).text).streams).toBe(0)
  const again = await listen()
  expect(again.status).toBe(200)
  again.leave()
})

/** When whoever asked goes away. */
const leaves = {
  'before the answer': (asked: ClientRequest) => void asked.on('finish', () => asked.destroy()),
  'at its head': (asked: ClientRequest) => void asked.on('response', () => asked.destroy()),
  'at its first bytes': (asked: ClientRequest) =>
    void asked.on('response', (response) => response.once('data', () => asked.destroy())),
  'having read nothing': (asked: ClientRequest) =>
    void asked.on('response', (response) => {
      response.pause()
      response.socket.pause()
      setImmediate(() => asked.destroy())
    }),
}

test.each([
  ['files/9002/1/large.bin', 200],
  ['export/sweeps/1.csv', 40],
  ['export/sweeps/1.json', 40],
  ['export/sweeps/1.yaml', 40],
  ['export/sweeps/1.html', 12],
  ['export/sweeps/1/metrics.csv', 40],
  ['export/sweeps/1/metrics.jsonl', 40],
  ['export/sweeps/1/metrics.parquet', 12],
  ['export/sweeps/1/parameters.csv', 40],
  ['export/runs/1/samples.jsonl', 40],
  ['export/leaderboard.csv', 40],
  ['export/compare.html?of=runs&ids=1,2', 12],
  ['nothing/here', 40],
])('downloads of %s that are broken off leave nothing open', async (target, times) => {
  const folder = path.join(server.dataFolder, 'runs/9002/1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'large.bin'), Buffer.alloc(8 << 20))
  const { hostname, port } = new URL(server.url)
  // the first answer opens what stays open: the database's files, a thread's
  await ask('GET', `/${target}`)
  const openFiles = () =>
    readdirSync(`/proc/${server.process.pid}/fd`).filter((descriptor) => {
      try {
        const file = readlinkSync(`/proc/${server.process.pid}/fd/${descriptor}`)
        return file.startsWith('/') && !file.includes('sweepboard.db')
      } catch {
        return false
      }
    }).length
  const before = openFiles()
  for (const leave of Object.values(leaves))
    for (let at = 0; at < times / 4; at += 10)
      await Promise.all(
        Array.from({ length: Math.min(10, times / 4) }, () => {
          const asked = request({ hostname, port, agent: false, path: `/${target}` })
          // the connection's end is what is waited for, whatever it is told of
          asked.on('error', () => {})
          asked.on('response', (response) => response.on('error', () => {}))
          leave(asked)
          asked.end()
          return new Promise<void>((resolve) => asked.on('close', () => resolve()))
        }),
      )
  await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThanOrEqual(before)
  expect((await ask('GET', '/healthz')).status).toBe(200)
})

test('scripts of a page come from this server or are named by the policy of the page', async () => {
  for (const target of ['/', '/leaderboard', '/sweeps/1', '/runs/1', '/nothing/here']) {
    const { headers, text } = await ask('GET', target)
    const policy = String(headers['content-security-policy'])
    const scripts = /script-src ([^;]*)/.exec(policy)![1]!.split(' ')
    expect(scripts, target).not.toContain("'unsafe-inline'")
    const [nonce] = scripts.flatMap((source) => /^'nonce-(.+)'$/.exec(source)?.[1] ?? [])
    const inline = [...text.matchAll(/<script(?![^>]*\ssrc=)([^>]*)>([\s\S]*?)<\/script>/g)]
    expect(inline.length, target).toBeGreaterThan(0)
    for (const [, attributes, script] of inline)
      expect(
        attributes!.includes(`nonce="${nonce}"`) || scripts.includes(`'sha256-${hash('sha256', script!, 'base64')}'`),
        `${target}: ${script!.slice(0, 80)}`,
      ).toBe(true)
    expect(policy).toContain("frame-ancestors 'none'")
  }
})

test.skipIf(process.getuid?.() !== 0)(
  'a second user of the machine gets 403 on every route, the owner and root none',
  async () => {
    const script = `
    const [url] = process.argv.slice(1)
    const routes = ['/', '/api/trpc/system.get', '/api/trpc/changes.subscribe', '/export/sweeps/1.csv', '/files/1/1/stdout.log', '/healthz', '/api/health', '/_next/static/x.js', '//']
    const statuses = []
    for (const route of routes) statuses.push((await fetch(url + route)).status)
    statuses.push((await fetch(url + '/api/trpc/examples.loadStudy', { method: 'POST', body: '{}' })).status)
    console.log(JSON.stringify(statuses))
  `
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, server.url], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toEqual([403, 403, 403, 403, 403, 403, 403, 403, 400, 403])
    expect((await ask('GET', '/healthz')).status).toBe(200)
    expect(statSync(server.dataFolder).mode & 0o077).toBe(0)
  },
)
