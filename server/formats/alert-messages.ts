/** An alert as each kind of channel wants it: what is in it is text there, and calls nobody. */
import { createHmac } from 'node:crypto'
import type { AlertChannel, WebhookKind } from '../../domain/life/alert-channels.ts'

/** `id`: the same however often it is sent; `address`: of the page that shows it. */
export type AlertMessage = { id: string; title: string; text: string; address: string; at: number }

export type WebhookRequest = { url: string; headers: Record<string, string>; body: string }

// Discord takes 2,000 characters, the others more
const mostCharacters = 1800
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/** The whole alert as lines of text. */
export function alertText({ title, text, address }: AlertMessage): string {
  const said = `${title}${text === '' ? '' : `\n${text}`}`.replaceAll(controls, ' ')
  const shown = said.length > mostCharacters ? `${said.slice(0, mostCharacters).toWellFormed()}…` : said
  return `${shown}\n${address}`
}

/** The title on one line. */
export function alertSubject({ title }: AlertMessage): string {
  return `Sweepboard: ${title.replaceAll(/\s+/g, ' ').replaceAll(controls, ' ').slice(0, 200).toWellFormed()}`
}

type Webhook = Extract<AlertChannel, { kind: WebhookKind }>

/** What is posted where. `now`: milliseconds since 1970, for signatures. */
export function webhookRequest({ kind, url, secret }: Webhook, message: AlertMessage, now: number): WebhookRequest {
  const headers = { 'content-type': 'application/json', 'idempotency-key': message.id }
  const text = alertText(message)
  const post = (body: object, to = url): WebhookRequest => ({ url: to, headers, body: JSON.stringify(body) })
  switch (kind) {
    case 'slack':
      return post({ text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') })
    case 'discord':
      return post({ content: text, allowed_mentions: { parse: [] } })
    case 'feishu': {
      const timestamp = String(Math.floor(now / 1000))
      // the key is the text that is signed, and nothing is signed with it: so the interface has it
      const sign = secret && createHmac('sha256', `${timestamp}\n${secret}`).digest('base64')
      const content = { text: text.replaceAll(/<(?=\s*\/?\s*at\b)/gi, '‹') }
      return post({ ...(sign && { timestamp, sign }), msg_type: 'text', content })
    }
    case 'dingtalk': {
      const to = new URL(url)
      if (secret) {
        to.searchParams.set('timestamp', String(now))
        to.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'))
      }
      return post({ msgtype: 'text', text: { content: text }, at: { isAtAll: false } }, to.href)
    }
    case 'json':
      return post({ ...message, time: new Date(message.at).toISOString(), text: message.text })
  }
}

/** Why an answer is no success, as the rest of a sentence; null: it is one. Feishu and DingTalk answer 200 to what they refuse. */
export function webhookRefusal(kind: WebhookKind, status: number, body: string): string | null {
  const quoted = body.trim() === '' ? '' : `: ${JSON.stringify(body.trim().slice(0, 200))}`
  if (status < 200 || status > 299) return `it answered ${status}${quoted}`
  if (kind !== 'feishu' && kind !== 'dingtalk') return null
  try {
    const { code, StatusCode, errcode } = JSON.parse(body) as Record<string, unknown>
    const said = kind === 'feishu' ? (code ?? StatusCode) : errcode
    return said === 0 ? null : `it refused it${quoted}`
  } catch {
    return `it answered with no JSON${quoted}`
  }
}
