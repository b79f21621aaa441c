import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { alertSubject, webhookRefusal, webhookRequest, type AlertMessage } from './alert-messages.ts'

const message: AlertMessage = {
  id: 'alert-1-2',
  title: '<!channel> "loss" & @everyone',
  text: '<at user_id="all">all</at>\r\nBcc: x@example.org\u0000',
  address: 'http://127.0.0.1:3000/runs/7',
  at: 1_700_000_000_000,
}
const url = 'https://hooks.example.org/secret?access_token=abc'
const body = (kind: 'slack' | 'discord' | 'feishu' | 'dingtalk' | 'json') =>
  JSON.parse(webhookRequest({ kind, url }, message, 0).body) as Record<string, unknown>

test('what a message holds calls nobody', () => {
  expect(body('slack').text).toContain('&lt;!channel&gt; "loss" &amp; @everyone')
  expect(body('discord')).toMatchObject({ allowed_mentions: { parse: [] } })
  expect(JSON.stringify(body('feishu'))).not.toContain('<at')
  expect(body('dingtalk')).toMatchObject({ at: { isAtAll: false } })
  expect(body('json')).toMatchObject({ id: 'alert-1-2', title: message.title, time: '2023-11-14T22:13:20.000Z' })
  for (const kind of ['slack', 'discord', 'feishu', 'dingtalk'] as const)
    expect(JSON.stringify(body(kind))).toContain('http://127.0.0.1:3000/runs/7')
})

test('a subject is one line', () => {
  expect(alertSubject({ ...message, title: 'a\r\nBcc: x@example.org' })).toBe('Sweepboard: a Bcc: x@example.org')
})

test('a long text is cut, and its address stays', () => {
  const { content } = JSON.parse(
    webhookRequest({ kind: 'discord', url }, { ...message, text: '😀'.repeat(5000) }, 0).body,
  )
  expect(content.length).toBeLessThan(2000)
  expect(content.isWellFormed()).toBe(true)
  expect(content).toMatch(/runs\/7$/)
})

test('Feishu and DingTalk are signed with their key', () => {
  const feishu = JSON.parse(webhookRequest({ kind: 'feishu', url, secret: 'key' }, message, 1_700_000_000_999).body)
  expect(feishu).toMatchObject({
    timestamp: '1700000000',
    sign: createHmac('sha256', '1700000000\nkey').update('').digest('base64'),
  })
  const ding = new URL(webhookRequest({ kind: 'dingtalk', url, secret: 'key' }, message, 1_700_000_000_999).url)
  expect(ding.searchParams.get('access_token')).toBe('abc')
  expect(ding.searchParams.get('sign')).toBe(createHmac('sha256', 'key').update('1700000000999\nkey').digest('base64'))
})

test.each([
  ['slack', 200, 'ok', null],
  ['slack', 302, '', 'it answered 302'],
  ['slack', 404, 'no_service', 'it answered 404: "no_service"'],
  ['feishu', 200, '{"code":0}', null],
  ['feishu', 200, '{"StatusCode":0}', null],
  ['feishu', 200, '{"code":19021,"msg":"sign match fail"}', expect.stringContaining('it refused it')],
  ['dingtalk', 200, '{"errcode":310000}', expect.stringContaining('it refused it')],
  ['dingtalk', 200, '<html>', expect.stringContaining('no JSON')],
] as const)('%s that answers %i %s', (kind, status, text, refusal) => {
  expect(webhookRefusal(kind, status, text)).toEqual(refusal)
})
