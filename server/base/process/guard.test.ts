import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { judgeRequest as judge } from './guard.ts'

const spareToken = 'a-spare-token-of-enough-length'
const local = { host: '127.0.0.1', token: null, spareToken }
const open = { host: '0.0.0.0', token: 'a-token-of-enough-length', spareToken }
const request = (method: string, headers: Record<string, string>, url = '/') =>
  ({ method, headers, url }) as unknown as IncomingMessage
const judgeRequest = (
  asked: IncomingMessage,
  config: typeof local | typeof open,
  port: number,
  owner: 'allowed' | 'other' | 'unknown' = config.token === null ? 'allowed' : 'unknown',
) => judge(asked, config, { port, owner, address: new URL(asked.url!, 'http://localhost') })

test.each(['127.0.0.1:3000', 'localhost:3000', 'LOCALHOST:3000', '[::1]:3000'])('its own Host %s may ask', (host) => {
  expect(judgeRequest(request('GET', { host }), local, 3000)).toEqual({ allowed: true })
})

test.each(['evil.example:3000', '127.0.0.1:3001', '127.0.0.1', '', '127.0.0.1.evil.example:3000'])(
  'the Host %j is refused',
  (host) => {
    expect(judgeRequest(request('GET', { host }), local, 3000)).toMatchObject({ allowed: false, status: 403 })
  },
)

test('a change from its own pages or from a command is allowed, from another origin it is refused', () => {
  const host = '127.0.0.1:3000'
  expect(judgeRequest(request('POST', { host, origin: 'http://127.0.0.1:3000' }), local, 3000).allowed).toBe(true)
  expect(judgeRequest(request('POST', { host }), local, 3000).allowed).toBe(true)
  expect(judgeRequest(request('POST', { host, origin: 'http://evil.example' }), local, 3000)).toMatchObject({
    status: 403,
  })
  expect(judgeRequest(request('POST', { host, origin: 'http://127.0.0.1:8080' }), local, 3000)).toMatchObject({
    status: 403,
  })
  expect(judgeRequest(request('POST', { host, origin: 'null' }), local, 3000)).toMatchObject({ status: 403 })
  expect(judgeRequest(request('POST', { host, 'sec-fetch-site': 'cross-site' }), local, 3000)).toMatchObject({
    status: 403,
  })
  expect(judgeRequest(request('GET', { host, origin: 'http://evil.example' }), local, 3000).allowed).toBe(true)
})

test('with a token every request must bring it, and a link sets the cookie', () => {
  const host = 'machine.example:3000'
  expect(judgeRequest(request('GET', { host }), open, 3000)).toMatchObject({ allowed: false, status: 401 })
  expect(judgeRequest(request('GET', { host, authorization: 'Bearer wrong' }), open, 3000)).toMatchObject({
    status: 401,
  })
  expect(judgeRequest(request('GET', { host, authorization: `Bearer ${open.token}` }), open, 3000)).toEqual({
    allowed: true,
  })
  expect(judgeRequest(request('GET', { host, cookie: `a=b; sweepboard_token=${open.token}` }), open, 3000)).toEqual({
    allowed: true,
  })
  const link = judgeRequest(request('GET', { host }, `/?token=${open.token}`), open, 3000)
  expect(link).toMatchObject({ allowed: true, setCookie: expect.stringContaining('HttpOnly; SameSite=Strict') })
})

test('on loopback a process of another user is refused whatever it asks, and brings', () => {
  const host = '127.0.0.1:3000'
  const asked: Record<string, string>[] = [{}, { authorization: `Bearer ${spareToken}` }, { origin: `http://${host}` }]
  for (const more of asked)
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
      expect(judgeRequest(request(method, { host, ...more }), local, 3000, 'other')).toMatchObject({ status: 403 })
})

test('where it is not known whose process asks, it needs the token that only the owner can read', () => {
  const host = '127.0.0.1:3000'
  expect(judgeRequest(request('GET', { host }), local, 3000, 'unknown')).toMatchObject({
    status: 401,
    reason: expect.stringContaining('server.json'),
  })
  expect(
    judgeRequest(request('GET', { host, authorization: `Bearer ${spareToken}` }), local, 3000, 'unknown').allowed,
  ).toBe(true)
  expect(judgeRequest(request('GET', { host }, `/?token=${spareToken}`), local, 3000, 'unknown')).toMatchObject({
    allowed: true,
    setCookie: expect.stringContaining(spareToken),
  })
})
