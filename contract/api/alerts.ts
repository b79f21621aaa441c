/** What the API gives of alerts. Times are milliseconds since 1970. Nothing of a channel that is secret is in it. */
import type { AlertChannel } from '../../domain/life/alert-channels.ts'
import type { AlertRule } from '../../domain/life/alerts.ts'

export type AlertChannelView = { id: number; name: string; kind: AlertChannel['kind']; words: string }
export type AlertRuleView = { id: number; rule: AlertRule }

export type AlertView = {
  id: number
  title: string
  text: string
  sweepId: number | null
  runId: number | null
  at: number
  deliveries: {
    channel: string
    status: 'waiting' | 'sending' | 'sent' | 'given-up'
    tries: number
    error: string | null
    nextAt: number
  }[]
}

export type AlertsView = { channels: AlertChannelView[]; rules: AlertRuleView[]; alerts: AlertView[] }
