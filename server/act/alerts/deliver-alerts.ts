/**
 * Sends what is due. A delivery is claimed by a conditional update before anything is sent and marked by another after it, so that it
 * is never on its way twice; one that a kill left on its way is sent again (docs/alerts.md).
 */
import { listDueDeliveries, moveDelivery } from '../../../db/queries/alerts.ts'
import { channelWords } from '../../../domain/life/alert-channels.ts'
import { retryDelay } from '../../../domain/life/alerts.ts'
import type { AlertMessage } from '../../formats/alert-messages.ts'
import { logger } from '../../base/process/log.ts'
import type { Context } from '../../base/context.ts'
import { sendAlert } from './send-alert.ts'

const log = logger('alerts')
const mostAtOnce = 20

type Due = ReturnType<typeof listDueDeliveries>[number]

/** Sends everything that is due, a few at a time. `home`: the server's own address, that messages lead to. */
export async function deliverAlerts(context: Context, home: string): Promise<void> {
  const due = listDueDeliveries(context.database, Date.now(), mostAtOnce)
  await Promise.all(due.map((one) => deliver(context, home, one)))
}

async function deliver({ database, signals }: Context, home: string, { delivery, alert, channel }: Due): Promise<void> {
  const tries = delivery.tries + 1
  if (!moveDelivery(database, delivery, 'waiting', { status: 'sending', tries })) return
  const error = await sendAlert(channel.target, messageOf(alert, home))
  const now = Date.now()
  const delay = error === null ? null : retryDelay(tries)
  const values =
    error === null
      ? { status: 'sent' as const, sentAt: now, error: null }
      : { status: delay === null ? ('given-up' as const) : ('waiting' as const), error, nextAt: now + (delay ?? 0) }
  moveDelivery(database, delivery, 'sending', values)
  if (error !== null)
    log.warning(`An alert to ${channel.name} (${channelWords(channel.target)}) did not arrive: ${error}`)
  signals.emit('change', { topic: 'alert', sweepId: null, runId: null })
}

function messageOf({ id, title, text, sweepId, runId, createdAt }: Due['alert'], home: string): AlertMessage {
  const place = runId !== null ? `/runs/${runId}` : sweepId !== null ? `/sweeps/${sweepId}` : '/alerts'
  return { id: `alert-${id}-${createdAt}`, title, text, address: `${home}${place}`, at: createdAt }
}
