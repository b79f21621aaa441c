/** Alerts as their page shows them: channels without their secrets, rules, and what was told last. */
import { listAlertChannels, listAlertRules, listAlerts, listDeliveries } from '../../../db/queries/alerts.ts'
import { channelWords } from '../../../domain/life/alert-channels.ts'
import type { AlertsView, AlertView } from '../../../contract/api/alerts.ts'
import type { Context } from '../../base/context.ts'

const mostShown = 100

export function describeAlerts(context: Context): AlertsView {
  const { database } = context
  return {
    channels: listAlertChannels(database).map(({ id, name, target }) => ({
      id,
      name,
      kind: target.kind,
      words: channelWords(target),
    })),
    rules: listAlertRules(database).map(({ id, rule }) => ({ id, rule })),
    alerts: listTold(context, 0),
  }
}

/** What was told after the alert of that number, newest first. */
export function listTold({ database }: Context, after: number): AlertView[] {
  const rows = listAlerts(database, { after, limit: mostShown })
  const names = new Map(listAlertChannels(database).map(({ id, name }) => [id, name]))
  const deliveries = Map.groupBy(
    listDeliveries(
      database,
      rows.map(({ id }) => id),
    ),
    ({ alertId }) => alertId,
  )
  return rows.map(({ id, title, text, sweepId, runId, createdAt }) => ({
    id,
    title,
    text,
    sweepId,
    runId,
    at: createdAt,
    deliveries: (deliveries.get(id) ?? []).map(({ channelId, status, tries, error, nextAt }) => ({
      channel: names.get(channelId) ?? 'a channel that was removed',
      status,
      tries,
      error,
      nextAt,
    })),
  }))
}
