import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { limitBodyTime } from './limits.ts'

test('a body that does not come ends its connection; one that has come is answered however long that takes', async () => {
  const server = createServer((request, response) => {
    limitBodyTime(request, 100)
    request.resume().on('end', () => setTimeout(() => response.end('late'), 200))
    request.on('error', () => {})
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const slow = send({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 10 } })
  slow.write('half')
  const [error] = (await once(slow, 'error').catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNRESET')
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'whole' })
  expect(await answer.text()).toBe('late')
})
