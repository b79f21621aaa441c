/** Sends one alert to one channel: only where the owner typed, no redirect followed, given up after ten seconds. */
import { createTransport } from 'nodemailer'
import type { AlertChannel } from '../../../domain/life/alert-channels.ts'
import {
  alertSubject,
  alertText,
  webhookRefusal,
  webhookRequest,
  type AlertMessage,
} from '../../formats/alert-messages.ts'

const timeoutMilliseconds = 10_000
/** What is read of an answer. */
const mostAnswerBytes = 4096

/** Why it did not arrive, as the rest of a sentence that holds no secret; null: it did. Never throws. */
export async function sendAlert(channel: AlertChannel, message: AlertMessage): Promise<string | null> {
  try {
    return channel.kind === 'email' ? await sendMail(channel, message) : await postWebhook(channel, message)
  } catch (error) {
    return reasonOf(error as Error & { cause?: { code?: string; message?: string } })
  }
}

/** Messages of fetch say little, those of its cause say why; addresses, which are secret, are in neither. */
function reasonOf({ name, message, cause }: Error & { cause?: { code?: string; message?: string } }): string {
  if (name === 'TimeoutError') return `it did not answer within ${timeoutMilliseconds / 1000} s`
  return (cause?.code ?? cause?.message ?? message).slice(0, 300)
}

async function postWebhook(channel: Exclude<AlertChannel, { kind: 'email' }>, message: AlertMessage) {
  const { url, headers, body } = webhookRequest(channel, message, Date.now())
  const signal = AbortSignal.timeout(timeoutMilliseconds)
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  return webhookRefusal(channel.kind, response.status, await startOf(response))
}

async function startOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    bytes += (chunk as Uint8Array).length
    if (bytes >= mostAnswerBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, mostAnswerBytes)
}

async function sendMail(channel: Extract<AlertChannel, { kind: 'email' }>, message: AlertMessage): Promise<null> {
  const { host, port, security, user, password, from, to } = channel
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user ? { auth: { user, pass: password ?? '' } } : {}),
    connectionTimeout: timeoutMilliseconds,
    greetingTimeout: timeoutMilliseconds,
    socketTimeout: timeoutMilliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from,
      to,
      subject: alertSubject(message),
      text: alertText(message),
      // mail servers know one that comes twice by it
      messageId: `<${message.id}@sweepboard>`,
      date: new Date(message.at),
    })
  } finally {
    transport.close()
  }
  return null
}
