/** Forms and artifacts as a hostile client of Trackio's would send them: a refusal each, and nothing but what was told stands in the folder of the run. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request as open, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunIntake } from '../run-intake.ts'
import { answerClient } from '../serve.ts'

const key = `local-${'0'.repeat(40)}`
let root: string
let folder: string
let server: Server
let address: string
let intake: RunIntake

const openIntake = () =>
  new RunIntake(folder, { id: 'run-1-1', hexId: 'a'.repeat(32), key, uploads: () => '', ofItsOwn: false }, [])

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'sweepboard-uploads-'))
  folder = path.join(root, 'runs/1/1')
  server = createServer((request, response) => void answerClient(intake, key, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/trackio`
  intake = openIntake()
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(root, { recursive: true, force: true })
})

type Sent = { status: number; body: { paths?: string[]; data?: Record<string, unknown>; message?: string } }

async function post(url: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Sent> {
  const answer = await fetch(address + url, {
    method: 'POST',
    body,
    headers: { 'x-trackio-write-token': key, ...headers },
  })
  return { status: answer.status, body: (await answer.json()) as Sent['body'] }
}
const call = (name: string, kwargs: Record<string, unknown>) =>
  post(`/api/${name}`, JSON.stringify({ args: [], kwargs }))
/** A form as it goes over the wire: whatever stands in a name. */
const form = (name: string, text: string, end = '--b--\r\n') =>
  `--b\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\n${text}\r\n${end}`
const upload = (body: BodyInit, type = 'multipart/form-data; boundary=b', more: Record<string, string> = {}) =>
  post('/api/upload', body, { 'content-type': type, ...more })
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

async function sent(text: string): Promise<string> {
  const { body } = await upload(form('a.bin', text))
  return body.paths![0]!
}
async function sentPart(text: string): Promise<void> {
  const uploads = [{ project: 'p', digest: digestOf(text), uploaded_file: { path: await sent(text) } }]
  expect((await call('bulk_upload_artifact_blob', { project: 'p', uploads })).status).toBe(200)
}
const artifact = (entries: [name: string, text: string][], more: Record<string, unknown> = {}) =>
  call('artifact_log', {
    project: 'p',
    name: 'actor',
    type: 'model',
    metadata: { step: 5 },
    run_name: 'r',
    run_id: 'r',
    manifest: entries.map(([name, text]) => ({ path: name, digest: digestOf(text), size: text.length })),
    ...more,
  })
const filesBelow = (at: string) =>
  existsSync(at)
    ? readdirSync(at, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(at, path.join(entry.parentPath, entry.name)))
        .toSorted()
    : []
/** Everything there is, but for what an intake writes for itself. */
const everything = () =>
  filesBelow(root).filter(
    (name) => !/1\/1\/(?:events\.jsonl|intake\/(?:state\.json|before\.json|held\.jsonl|done))$/.test(name),
  )
const events = () =>
  readFileSync(path.join(folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const badNames = [
  '../../escaped',
  '/etc/escaped',
  'a/../../../escaped',
  'a\\..\\b',
  '..',
  'a//b',
  'a\0b',
  'x'.repeat(256),
]

test.each(badNames)('a file called %j is refused wherever it is named, and nothing is written', async (name) => {
  const text = form(name, 'x')
  const inForm = await upload(text)
  expect(inForm.status).toBe(400)
  expect(inForm.body.message).toMatch(/is no name of a file here|is no whole form/)
  expect(everything()).toEqual([])

  await sentPart('x')
  const waiting = everything()
  expect((await artifact([[name, 'x']])).body.message).toContain('is no name of a file here')
  const media = (more: object) =>
    sent('m').then((at) =>
      call('bulk_upload_media', {
        uploads: [{ project: 'p', run: 'r', step: 1, uploaded_file: { path: at, orig_name: name }, ...more }],
      }),
    )
  expect((await media({})).status).toBe(400)
  const saved = {
    run: null,
    step: null,
    relative_path: name,
    uploaded_file: { path: await sent('m'), orig_name: 'a.txt' },
  }
  expect((await call('bulk_upload_media', { uploads: [saved] })).status).toBe(400)
  expect(
    (await media({ step: '../../escaped', uploaded_file: { path: await sent('m'), orig_name: 'a' } })).status,
  ).toBe(400)
  // all that is there waits, and goes with the intake
  expect(everything().filter((each) => !each.startsWith('runs/1/1/intake/waiting/'))).toEqual([])
  expect(everything()).toEqual(expect.arrayContaining(waiting))
  intake.end()
  expect(everything()).toEqual([])
})

test.each(['', '..', 'a/b', '../x', 'a\0', 'x'.repeat(201), 7])('an artifact called %j is refused', async (name) => {
  await sentPart('x')
  const { status, body } = await artifact([['a', 'x']], { name })
  expect([status, body.message]).toEqual([400, expect.stringContaining('is no name of an artifact')])
  expect(filesBelow(path.join(folder, 'files'))).toEqual([])
})

test.each([
  ['no file', '--b--\r\n', 'multipart/form-data; boundary=b'],
  ['no boundary', form('a', 'x'), 'multipart/form-data'],
  ['another boundary', form('a', 'x'), 'multipart/form-data; boundary=other'],
  ['an end in the middle', form('a', 'x', ''), 'multipart/form-data; boundary=b'],
  ['nothing', '', 'multipart/form-data; boundary=b'],
  ['a boundary of 10,000', form('a', 'x'), `multipart/form-data; boundary=${'b'.repeat(10_000)}`],
  ['no form', 'a=1', 'application/x-www-form-urlencoded'],
  ['a part without a head', '--b\r\n\r\nx\r\n--b--\r\n', 'multipart/form-data; boundary=b'],
])('a form with %s is refused, and keeps nothing', async (_what, body, type) => {
  const answer = await upload(body, type)
  expect(answer.status).toBe(400)
  expect(answer.body.message).toMatch(/form|multipart/)
  expect(everything()).toEqual([])
})

test('a packed form, and one of 101 files, are refused, and keep nothing', async () => {
  expect((await upload(form('a', 'x'), undefined, { 'content-encoding': 'gzip' })).status).toBe(415)
  const many = Array.from({ length: 101 }, (_, at) => form(`f${at}`, 'x', '')).join('')
  expect((await upload(`${many}--b--\r\n`)).status).toBe(413)
  expect(everything()).toEqual([])
})

test('a wrong key is refused before anything is written', async () => {
  for (const url of ['/api/upload', '/api/artifact_log', '/api/bulk_upload_media']) {
    const answer = await post(url, form('a', 'x'), {
      'content-type': 'multipart/form-data; boundary=b',
      'x-trackio-write-token': 'local-1',
    })
    expect([answer.status, answer.body.message]).toEqual([401, 'The key is not that of this run.'])
  }
  expect(everything()).toEqual([])
})

/** Begins a form of 100 MB, which is on the disk before its end was sent; gives how to go on. */
async function beginLarge() {
  const block = Buffer.alloc(1 << 20, 'a')
  const sending = open(`${address}/api/upload`, {
    method: 'POST',
    headers: { 'x-trackio-write-token': key, 'content-type': 'multipart/form-data; boundary=b' },
  })
  const answered = new Promise<number>((resolve) => {
    sending.on('response', (response) => resolve(response.resume().statusCode!))
    sending.on('error', () => resolve(0))
  })
  sending.write('--b\r\ncontent-disposition: form-data; name="files"; filename="w"\r\n\r\n')
  for (let at = 0; at < 100; at++)
    if (!sending.write(block)) await new Promise((resolve) => sending.once('drain', resolve))
  const waiting = path.join(folder, 'intake/waiting')
  const written = () => filesBelow(waiting).reduce((sum, name) => sum + statSync(path.join(waiting, name)).size, 0)
  // all but what may be the beginning of the end
  await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan((100 << 20) - 1000)
  return { sending, answered, waiting }
}

test('a file of 100 MB is on the disk before its form has ended, and no part of one whose client leaves stays', async () => {
  const whole = await beginLarge()
  whole.sending.end('\r\n--b--\r\n')
  expect(await whole.answered).toBe(200)
  const [name] = filesBelow(whole.waiting)
  expect(statSync(path.join(whole.waiting, name!)).size).toBe(100 << 20)
  rmSync(path.join(whole.waiting, name!))

  const left = await beginLarge()
  left.sending.destroy()
  await expect.poll(() => filesBelow(left.waiting)).toEqual([])
})

test('a file that was not uploaded here, holds something else, or is used, is no part of an artifact', async () => {
  const at = await sent('x')
  const claim = (given: unknown, digest: unknown) =>
    call('bulk_upload_artifact_blob', { uploads: [{ digest, uploaded_file: { path: given } }] })
  for (const given of ['/etc/passwd', '../state.json', `${'0'.repeat(64)}-${'0'.repeat(16)}`, '', null, { a: 1 }])
    expect((await claim(given, digestOf('x'))).body.message).toContain('is no file that was uploaded here')
  expect((await claim(at, digestOf('y'))).body.message).toContain(`the digest ${digestOf('x')}, and not`)
  expect((await claim(at, digestOf('x'))).status).toBe(200)
  expect((await claim(at, digestOf('x'))).status).toBe(400)
  expect((await artifact([['a', 'y']])).body.message).toContain('was not uploaded')
  const wrongSize = [{ path: 'a', digest: digestOf('x'), size: 2 }]
  expect((await artifact([], { manifest: wrongSize })).body.message).toBe('a has 1 bytes; the manifest says 2.')
  for (const paths of [
    ['a', 'a'],
    ['a', 'a/b'],
    ['a/b/c', 'a/b'],
  ])
    expect((await artifact(paths.map((name) => [name, 'x']))).status).toBe(400)
  expect(filesBelow(path.join(folder, 'files'))).toEqual([])
})

test('an artifact of another run stands in the folder of this one, once, though its client asks again and the intake is killed', async () => {
  await sentPart('w')
  const first = await artifact(
    [
      ['sub/weights', 'w'],
      ['copy', 'w'],
    ],
    { run_id: '../../2/1', run_name: '/etc' },
  )
  intake = openIntake()
  const again = await artifact(
    [
      ['sub/weights', 'w'],
      ['copy', 'w'],
    ],
    { run_id: '../../2/1', run_name: '/etc' },
  )
  expect([first, again].map(({ status, body }) => [status, body.data!.version])).toEqual([
    [200, 0],
    [200, 0],
  ])
  await sentPart('v')
  expect((await artifact([['weights', 'v']])).body.data).toMatchObject({ version: 1, aliases: ['latest'] })
  expect(events().filter(({ type }) => type === 'checkpoint')).toMatchObject([
    { step: 5, path: path.join(folder, 'files/trackio/actor-v0') },
    { step: 5, path: path.join(folder, 'files/trackio/actor-v1') },
  ])
  expect(everything()).toEqual(
    [
      'actor-v0.manifest.json',
      'actor-v0/copy',
      'actor-v0/sub/weights',
      'actor-v1.manifest.json',
      'actor-v1/weights',
    ].map((name) => `runs/1/1/files/trackio/${name}`),
  )
  // one that somebody broke hides itself alone, and is not written over
  writeFileSync(path.join(folder, 'files/trackio/actor-v1.manifest.json'), '{"name": ')
  const blob = (digest: string) =>
    fetch(`${address}/artifact_blob/p/${digest}`, { headers: { 'x-trackio-write-token': key } })
  expect(await (await blob(digestOf('w'))).text()).toBe('w')
  expect((await blob(digestOf('z'))).status).toBe(404)
  expect((await blob('../../state.json')).status).toBe(404)
  expect((await call('get_artifact_manifest', { project: 'p', name: 'actor', spec: 'v1' })).body.message).toContain(
    'actor:v1 cannot be read any more',
  )
  await sentPart('v')
  expect((await artifact([['weights', 'v']])).body.data).toMatchObject({ version: 2 })
})

const logged = (step: number) => ({ run: 'r', run_id: 'r', step, metrics: { loss: 1 }, log_id: `l${step}` })

test('a model without a step stands where the values that came next end, and says so; what was killed meanwhile too', async () => {
  await call('bulk_log', { logs: [logged(3)] })
  await sentPart('w')
  await artifact([['w', 'w']], { metadata: {} })
  await call('bulk_log', { logs: [logged(4), logged(5)] })
  await call('bulk_log', { logs: [logged(6)] })
  intake.releaseDue(Date.now())
  expect(events().filter(({ type }) => type === 'checkpoint')).toEqual([])
  intake = openIntake()
  intake.end()
  expect(events().filter(({ type }) => type === 'checkpoint' || type === 'note')).toMatchObject([
    { type: 'checkpoint', step: 5 },
    { type: 'note', text: expect.stringContaining('a step from 3 to 5') },
  ])
})

test('no server answers: what other runs logged is asked for in vain, with a sentence', async () => {
  const { status, body } = await call('get_artifact_manifest', { project: 'p', name: 'other', spec: null })
  expect([status, body]).toEqual([
    200,
    { error: 'Artifacts of other runs are found through the server, and it does not answer here.' },
  ])
})
