/** A checkpoint as an archive: whole, streamed, and nothing that does not belong to it. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateCheckpoint } from '../db/queries/checkpoints.ts'
import { serveFile } from '../server/http/files.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { readModel } from '../trainer/checkpoint.ts'
import { openTestServer, smallSweep, type TestServer } from './harness.ts'

let server: TestServer
let downloads: Server
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-archive-'))
beforeAll(async () => {
  server = openTestServer()
  downloads = createServer((asked, response) =>
    serveFile(server.context, asked, response, new URL(asked.url!, 'http://localhost')),
  ).listen(0, '127.0.0.1')
  await once(downloads, 'listening')
})
afterAll(async () => {
  downloads.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (id: number, method = 'GET') =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { port } = downloads.address() as AddressInfo
    request(`http://127.0.0.1:${port}/export/checkpoints/${id}.tar`, { method }, resolve).on('error', reject).end()
  })
async function read(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
/** What a tar of the system makes of it: names and the folder they are in. */
function unpack(archive: Buffer): string {
  const into = mkdtempSync(path.join(folder, 'unpacked-'))
  execFileSync('tar', ['-xf', '-', '-C', into], { input: archive })
  return path.join(into, readdirSync(into)[0]!)
}
const checkpointOf = (sweepId: number, at = 0) =>
  describeRun(server.context, requireRun(server.context, server.sweep(sweepId).runs[0]!.id)).checkpoints.at(at)!
const refusal = async (id: number) => {
  const response = await ask(id)
  expect(response.statusCode).toBe(404)
  return (await read(response)).toString()
}

test('a model that the built-in trainer made opens where it is unpacked, with a card that says what it is', async () => {
  const { id } = await server.finished(
    server.create({
      name: 'tiny <one>',
      axes: { seed: ['7'] },
      trainer: 'sft',
      config: {
        layers: 1,
        width: 16,
        heads: 2,
        dataset_size: 64,
        batch_size: 4,
        row_length: 32,
        maximum_new_tokens: 8,
        maximum_questions: 5,
        benchmarks: ['level-1'],
        steps: 4,
      },
      score: { baseline: { 'level-1': 0.5 } },
    }),
  )
  const checkpoint = checkpointOf(id)
  const response = await ask(checkpoint.id)
  expect(response.headers['content-disposition']).toBe('attachment; filename="step-4-of-tiny-one-run-1.tar"')
  const archive = await read(response)
  expect((await read(await ask(checkpoint.id, 'HEAD'))).length).toBe(0)
  expect(archive.length).toBe(Number(response.headers['content-length']))
  const unpacked = unpack(archive)
  expect(path.basename(unpacked)).toBe('step-4-of-tiny-one-run-1')
  expect(readdirSync(unpacked).toSorted()).toEqual([
    'README.md',
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ])
  const [there, here] = [readModel(unpacked), readModel(checkpoint.path!)]
  expect(there.config).toEqual(here.config)
  expect(there.weights).toEqual(here.weights)
  const card = readFileSync(path.join(unpacked, 'README.md'), 'utf8')
  expect(card).toContain('# tiny \\<one\\>, run 1, step 4')
  expect(card).toContain('| seed | 7 |')
  expect(card).toMatch(/\| level-1 \| [\d.]+ \| \d of 5 \| [\d.]+ to [\d.]+ \| 50\.0 \| [\d.]+ \|/)
  expect(card).toContain('- new weights\n- tiny \\<one\\>, run 1, step 4')
}, 60_000)

test('a file that changes or shrinks while it is sent breaks the archive off', async () => {
  const { id } = await server.finished(server.create(smallSweep()))
  const { id: checkpointId, path: place } = checkpointOf(id)
  const big = path.join(place!, 'weights.bin')
  const size = 64 << 20
  const write = () => writeFileSync(big, Buffer.alloc(size, 7))
  const interfered = async (interfere: () => void) => {
    write()
    const response = await ask(checkpointId)
    expect(response.statusCode).toBe(200)
    // no more of it was read by then than fits the buffers: the rest waits for us
    const halfway = async () => {
      let bytes = 0
      for await (const part of response) {
        const before = bytes
        bytes += (part as Buffer).length
        if (before < 4 << 20 && bytes >= 4 << 20) interfere()
      }
    }
    await expect(halfway()).rejects.toThrow('aborted')
  }
  await interfered(() => appendFileSync(big, 'more'))
  await interfered(() => truncateSync(big, size / 2))
  write()
  expect((await read(await ask(checkpointId))).length).toBeGreaterThan(size)
  // a reader that leaves leaves nothing open
  const left = await ask(checkpointId)
  left.destroy()
  await once(left, 'close')
})

test('links lead nowhere, names may be any, and what is missing is said', async () => {
  const { id } = await server.finished(server.create(smallSweep()))
  const { id: checkpointId, path: place } = checkpointOf(id)
  writeFileSync(path.join(folder, 'secret.txt'), 'secret')
  symlinkSync(path.join(folder, 'secret.txt'), path.join(place!, 'link.txt'))
  symlinkSync(folder, path.join(place!, 'folder'))
  mkdirSync(path.join(place!, 'sub'))
  const long = `${'ü'.repeat(60)}${'x'.repeat(100)}.json`
  writeFileSync(path.join(place!, 'sub', long), '{}')
  writeFileSync(path.join(place!, 'README.md'), 'its own')
  const response = await ask(checkpointId)
  expect(response.headers['content-length']).toBeUndefined()
  const unpacked = unpack(await read(response))
  expect(readdirSync(unpacked).toSorted()).toEqual(['README.md', 'SWEEPBOARD.md', 'model.txt', 'sub'])
  expect(readdirSync(path.join(unpacked, 'sub'))).toEqual([long])
  expect(readFileSync(path.join(unpacked, 'README.md'), 'utf8')).toBe('its own')

  rmSync(place!, { recursive: true })
  expect(await refusal(checkpointId)).toBe(`There is no archive of step 4: its files are missing on disk, at ${place}.`)
  expect(await refusal(4711)).toBe('There is no checkpoint 4711.')
  updateCheckpoint(server.context.database, checkpointId, { path: null })
  expect(await refusal(checkpointId)).toBe('There is no archive of step 4: nobody said where its files are.')
})

test('outside of the run’s folder a Hugging Face folder is sent, and only what belongs to one', async () => {
  const outside = path.join(folder, 'ckpts')
  const train = { command: ['bash', '-c', 'mkdir -p "$0" && echo "{}" > "$0/config.json"', `${outside}/\${a}`] }
  const { id } = await server.finished(server.create(smallSweep({ train, checkpoint: `${outside}/\${a}` })))
  const { id: checkpointId, path: place } = checkpointOf(id)
  expect(place).toBe(path.join(outside, '1'))
  expect(await refusal(checkpointId)).toBe(
    `There is no archive of checkpoint: ${place} is outside of the run’s folder and no Hugging Face folder ` +
      '(config.json beside model.safetensors); nothing else is sent from there.',
  )
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json']
  for (const name of [...names, '.env', 'id_rsa', 'dump.sql']) writeFileSync(path.join(place!, name), 'x')
  mkdirSync(path.join(place!, 'private'))
  writeFileSync(path.join(place!, 'private', 'keys.json'), '{}')
  symlinkSync('/etc/hosts', path.join(place!, 'vocab.txt'))
  const unpacked = unpack(await read(await ask(checkpointId)))
  expect(readdirSync(unpacked).toSorted()).toEqual(['README.md', 'config.json', ...names])

  // whatever path a trainer names
  updateCheckpoint(server.context.database, checkpointId, { path: '/etc' })
  expect(await refusal(checkpointId)).toContain('/etc is outside of the run’s folder')
  updateCheckpoint(server.context.database, checkpointId, { path: '/etc/hosts' })
  expect(await refusal(checkpointId)).toBe('There is no archive of checkpoint: /etc/hosts is no folder.')
})
