/** Alerts from a real server to a real webhook and mail server: each once, also when the server is killed on the way. */
import { createServer as createMailServer, type AddressInfo, type Server as MailServer } from 'node:net'
import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { once } from 'node:events'
import { createTRPCClient, httpLink } from '@trpc/client'
import superjson from 'superjson'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AppRouter } from '../server/api/root.ts'
import { startServer, type TestServer } from './start-server.ts'

type Posted = { id: string; title: string; text: string; address: string }

let data: string
let server: TestServer
let hook: Server
let posted: Posted[]
/** What the webhook answers; null: nothing, ever. */
let answer: number | null
let heard: () => void

beforeEach(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'sweepboard-alerts-'))
  posted = []
  answer = 200
  heard = () => {}
  hook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    posted.push(JSON.parse(body) as Posted)
    if (answer !== null) response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end()
    heard()
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  server = await startServer({ dataFolder: data })
})
afterEach(async () => {
  await server.stop()
  hook.closeAllConnections()
  hook.close()
  rmSync(data, { recursive: true, force: true, maxRetries: 5 })
})

const api = () =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/api/trpc`, transformer: superjson, headers: { origin: server.url } })],
  })
const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/secret-path`
const addHook = () => api().alerts.addChannel.mutate({ name: 'hook', target: { kind: 'json', url: hookUrl() } })
const create = (script: string, name = 'watched') =>
  api().sweeps.create.mutate({
    definition: { name, axes: { a: ['1'] }, train: { command: ['bash', '-c', script], retries: 0 } },
    directory: data,
  })
async function untilPosted(count: number): Promise<void> {
  while (posted.length < count) await new Promise<void>((resolve) => (heard = resolve))
}
const delivered = () => api().alerts.get.query()

test('what was so before is not told; what comes is told once, and its channel keeps its secret', async () => {
  const before = await create('exit 3', 'before')
  await expect
    .poll(async () => (await api().sweeps.get.query({ id: before.id })).status, { timeout: 20_000 })
    .toBe('failed')
  await addHook()
  for (const kind of ['run-failed', 'sweep-ended'] as const) await api().alerts.addRule.mutate({ kind })
  await api().alerts.addRule.mutate({ kind: 'above', metric: 'loss', value: 5 })
  await api().alerts.addRule.mutate({ kind: 'not-finite', metric: null })
  await api().alerts.addRule.mutate({ kind: 'client' })
  const line = '{"type":"metrics","step":1,"values":{"loss":9,"kl":NaN}}'
  const note = '{"type":"note","level":"warning","text":"reward <b>fell</b>","alert":true}'
  await create(`echo '${line}' >> "$SWEEPBOARD_EVENTS"; echo '${note}' >> "$SWEEPBOARD_EVENTS"; sleep 1; exit 3`)
  await untilPosted(5)
  expect(posted.map(({ title }) => title).toSorted()).toEqual([
    'Run 1 of watched failed',
    'Run 1 of watched says',
    'kl is not finite',
    'loss is above 5',
    'watched failed',
  ])
  expect(posted.find(({ title }) => title.endsWith('says'))!.text).toBe('reward <b>fell</b>')
  expect(posted[0]!.address).toMatch(new RegExp(`^${server.url}/(runs|sweeps)/\\d+$`))
  // a server that starts again tells nothing a second time
  await server.stop()
  server = await startServer({ dataFolder: data })
  await expect
    .poll(async () => (await delivered()).alerts.flatMap(({ deliveries }) => deliveries.map(({ status }) => status)))
    .toEqual(Array.from({ length: 5 }, () => 'sent'))
  expect(posted).toHaveLength(5)
  const shown = await delivered()
  expect(JSON.stringify(shown)).not.toContain('secret-path')
  expect(shown.channels).toEqual([{ id: 1, name: 'hook', kind: 'json', words: expect.stringMatching(/^at 127/) }])
})

test('a refusal is tried again, a redirect is not followed, and a kill on the way loses nothing', async () => {
  answer = 302
  await addHook()
  await api().alerts.addRule.mutate({ kind: 'sweep-ended' })
  await create('true')
  await untilPosted(1)
  await expect
    .poll(async () => (await delivered()).alerts[0]?.deliveries[0])
    .toMatchObject({ status: 'waiting', tries: 1, error: 'it answered 302' })
  // taken, and never answered: the server is killed meanwhile
  answer = null
  await untilPosted(2)
  server.process.kill('SIGKILL')
  await once(server.process, 'exit')
  answer = 200
  server = await startServer({ dataFolder: data })
  await untilPosted(3)
  await expect.poll(async () => (await delivered()).alerts[0]?.deliveries[0]?.status).toBe('sent')
  // whoever got it twice can tell by its id
  expect(new Set(posted.map(({ id }) => id)).size).toBe(1)
}, 60_000)

test('a test says whether it arrived, and why not', async () => {
  const { id } = await addHook()
  const send = () => api().alerts.testChannel.mutate({ id, home: server.url })
  expect(await send()).toBeNull()
  expect(posted[0]).toMatchObject({ title: 'A test', address: `${server.url}/alerts` })
  answer = 500
  expect(await send()).toBe('It did not arrive: it answered 500.')
  hook.closeAllConnections()
  await new Promise((resolve) => hook.close(resolve))
  expect(await send()).toBe('It did not arrive: ECONNREFUSED.')
  await api().alerts.removeChannel.mutate({ id })
  expect((await delivered()).channels).toEqual([])
  await api().alerts.restoreChannel.mutate({ id })
  expect((await delivered()).channels).toHaveLength(1)
  await expect(
    api().alerts.addChannel.mutate({ name: 'x', target: { kind: 'slack', url: 'file:///etc/passwd' } }),
  ).rejects.toThrow('https://')
})

/** Takes every message; gives them as they came. */
async function openMailServer(): Promise<{ mails: string[]; server: MailServer; port: number }> {
  const mails: string[] = []
  const mailServer = createMailServer((socket) => {
    let mail: string | null = null
    socket.write('220 test\r\n')
    socket.on('error', () => {})
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (mail !== null) {
        mail += text
        if (!mail.endsWith('\r\n.\r\n')) return
        mails.push(mail)
        mail = null
        socket.write('250 taken\r\n')
      } else if (/^DATA/i.test(text)) {
        mail = ''
        socket.write('354 go on\r\n')
      } else if (/^QUIT/i.test(text)) socket.end('221 bye\r\n')
      else socket.write('250 ok\r\n')
    })
  }).listen(0, '127.0.0.1')
  await once(mailServer, 'listening')
  return { mails, server: mailServer, port: (mailServer.address() as AddressInfo).port }
}

test('an alert comes by e-mail, on one line of subject whatever a sweep is called', async () => {
  const mail = await openMailServer()
  try {
    const target = {
      kind: 'email' as const,
      host: '127.0.0.1',
      port: mail.port,
      security: 'none' as const,
      from: 'sweepboard@example.org',
      to: ['anna@example.org'],
    }
    await api().alerts.addChannel.mutate({ name: 'mail', target })
    await api().alerts.addRule.mutate({ kind: 'sweep-ended' })
    await create('true', 'odd\r\nBcc: someone@example.org')
    await expect.poll(() => mail.mails.length, { timeout: 30_000 }).toBe(1)
    const head = mail.mails[0]!.slice(0, mail.mails[0]!.indexOf('\r\n\r\n'))
    expect(head).toMatch(/^To: anna@example\.org$/m)
    expect(head).toMatch(/^Message-ID: <alert-1-\d+@sweepboard>$/m)
    expect(head).not.toMatch(/^Bcc:/m)
    expect(head).toContain('Subject: Sweepboard: odd Bcc: someone@example.org is done')
  } finally {
    mail.server.close()
  }
}, 40_000)
