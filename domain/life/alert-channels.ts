/** Where alerts can be sent, as a person types it. */
import { z } from 'zod'

export const webhookKinds = ['slack', 'discord', 'feishu', 'dingtalk', 'json'] as const
export type WebhookKind = (typeof webhookKinds)[number]

const address = z
  .string()
  .trim()
  .max(2000)
  .refine(
    (text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text),
    'expected an address that begins with https:// or http://',
  )
const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^[^\r\n\0]*$/, 'expected one line')
const mailbox = line(300).regex(/^[^@\s]+@[^@\s]+$/, 'expected an address such as anna@example.org')

export const alertChannelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(webhookKinds),
    url: address,
    /** Feishu's and DingTalk's key for signatures. */
    secret: line(500).optional(),
  }),
  z.strictObject({
    kind: z.literal('email'),
    host: line(300).min(1, 'expected the host of an SMTP server'),
    port: z.number().int().min(1).max(65_535),
    /** `tls` from the start (465), `starttls` (587), or `none`. */
    security: z.enum(['tls', 'starttls', 'none']),
    user: line(300).optional(),
    password: line(500).optional(),
    from: mailbox,
    to: z.array(mailbox).min(1, 'expected somebody to write to').max(20),
  }),
])
export type AlertChannel = z.infer<typeof alertChannelSchema>

/** What may be shown of a channel: never what makes its address secret. */
export function channelWords(channel: AlertChannel): string {
  if (channel.kind === 'email') return `to ${channel.to.join(', ')} by ${channel.host}:${channel.port}`
  return `at ${new URL(channel.url).host}`
}
