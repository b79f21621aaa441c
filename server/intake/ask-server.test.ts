import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { currentBoot } from '../executors/local/processes.ts'
import { askServer } from './ask-server.ts'

test('the server is asked on its own machine alone: on another one, whoever listens at its address never hears the key', async () => {
  const data = mkdtempSync(path.join(tmpdir(), 'sweepboard-ask-'))
  const heard: (string | undefined)[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization)
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    rmSync(data, { recursive: true })
  })
  const folder = path.join(data, 'runs/7/1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(data, 'tracker-key'), 'local-key\n')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const write = (boot: string) =>
    writeFileSync(path.join(data, 'server.json'), JSON.stringify({ pid: 1, url, token: null, boot }))
  write('another machine')
  expect(await askServer(folder, '/graphql')).toBe(null)
  expect(heard).toEqual([])
  write(currentBoot())
  expect((await askServer(folder, '/graphql'))?.status).toBe(200)
  expect(heard).toHaveLength(1)
})
