/** What a person sets of alerts: where they go, and what they are told of. */
import {
  deleteAlertRule,
  insertAlertChannel,
  insertAlertRule,
  listAlertChannels,
  setAlertChannelRemoved,
} from '../../../db/queries/alerts.ts'
import type { AlertChannel } from '../../../domain/life/alert-channels.ts'
import type { AlertRule } from '../../../domain/life/alerts.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../../base/context.ts'
import { raiseAlerts } from './raise-alerts.ts'
import { sendAlert } from './send-alert.ts'

const tell = (context: Context) => context.signals.emit('change', { topic: 'alert', sweepId: null, runId: null })

export function addAlertChannel(context: Context, name: string, target: AlertChannel): { id: number } {
  const { id } = insertAlertChannel(context.database, name, target)
  tell(context)
  return { id }
}

/** For a minute it can be had back (`restoreAlertChannel`), as its address is shown to nobody. */
export function removeAlertChannel(context: Context, id: number): void {
  markRemoved(context, id, Date.now())
}

export function restoreAlertChannel(context: Context, id: number): void {
  markRemoved(context, id, null)
}

function markRemoved(context: Context, id: number, removedAt: number | null): void {
  if (!setAlertChannelRemoved(context.database, id, removedAt))
    throw new SweepboardError('not-found', `There is no channel ${id}.`)
  tell(context)
}

/** Sends a message that says it is a test, now; why it did not arrive as a sentence, null: it did. */
export async function testAlertChannel(context: Context, id: number, home: string): Promise<string | null> {
  const channel = listAlertChannels(context.database).find((one) => one.id === id)
  if (!channel) throw new SweepboardError('not-found', `There is no channel ${id}.`)
  const at = Date.now()
  const message = {
    id: `test-${id}-${at}`,
    title: 'A test',
    text: 'Alerts arrive here.',
    address: `${home}/alerts`,
    at,
  }
  const error = await sendAlert(channel.target, message)
  return error === null ? null : `It did not arrive: ${error}.`
}

/** What is so already is not told of: the rule is for what comes. */
export function addAlertRule(context: Context, rule: AlertRule): { id: number } {
  const row = insertAlertRule(context.database, rule, Date.now())
  raiseAlerts(context, { rules: [row], old: true })
  tell(context)
  return { id: row.id }
}

export function removeAlertRule(context: Context, id: number): void {
  if (!deleteAlertRule(context.database, id)) throw new SweepboardError('not-found', `There is no rule ${id}.`)
  tell(context)
}
