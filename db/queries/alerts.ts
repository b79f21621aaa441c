import { and, desc, eq, gt, gte, inArray, isNull, lt, lte, or, sql, type SQLWrapper } from 'drizzle-orm'
import type { AlertChannel } from '../../domain/life/alert-channels.ts'
import type { AlertRule, NewAlert } from '../../domain/life/alerts.ts'
import type { Database } from '../client.ts'
import { alertChannels, alertDeliveries, alertRules, alerts } from '../schema/alerts.ts'
import { events } from '../schema/events.ts'
import { jobs } from '../schema/jobs.ts'
import { sweeps } from '../schema/sweeps.ts'

export type AlertRow = typeof alerts.$inferSelect
export type AlertRuleRow = typeof alertRules.$inferSelect
export type AlertChannelRow = typeof alertChannels.$inferSelect
export type AlertDeliveryRow = typeof alertDeliveries.$inferSelect

export function listAlertChannels(database: Database): AlertChannelRow[] {
  return database.select().from(alertChannels).where(isNull(alertChannels.removedAt)).orderBy(alertChannels.id).all()
}

export function insertAlertChannel(database: Database, name: string, target: AlertChannel): AlertChannelRow {
  return database.insert(alertChannels).values({ name, target }).returning().get()
}

/** Removes a channel, or takes that back; what waits for it waits on. False: there is none. */
export function setAlertChannelRemoved(database: Database, id: number, removedAt: number | null): boolean {
  return database.update(alertChannels).set({ removedAt }).where(eq(alertChannels.id, id)).run().changes === 1
}

/** Forgets channels that were removed before, with their secrets, and gives up what waits for one that is not there. */
export function forgetAlertChannels(database: Database, removedBefore: number): void {
  if (database.delete(alertChannels).where(lt(alertChannels.removedAt, removedBefore)).run().changes === 0) return
  database
    .update(alertDeliveries)
    .set({ status: 'given-up', error: 'the channel was removed' })
    .where(
      and(
        inArray(alertDeliveries.status, ['waiting', 'sending']),
        sql`${alertDeliveries.channelId} not in (select id from alert_channels)`,
      ),
    )
    .run()
}

export function listAlertRules(database: Database): AlertRuleRow[] {
  return database.select().from(alertRules).orderBy(alertRules.id).all()
}

export function insertAlertRule(database: Database, rule: AlertRule, checkedAt: number): AlertRuleRow {
  const checkedEvent = lastEventId(database)
  return database.insert(alertRules).values({ rule, checkedAt, checkedEvent }).returning().get()
}

export function deleteAlertRule(database: Database, id: number): boolean {
  return database.delete(alertRules).where(eq(alertRules.id, id)).run().changes === 1
}

export function setAlertRuleChecked(
  database: Database,
  id: number,
  values: Pick<AlertRuleRow, 'checkedAt' | 'checkedEvent'>,
): void {
  database.update(alertRules).set(values).where(eq(alertRules.id, id)).run()
}

/** The alert's row; null: it was told before. */
export function insertAlert(database: Database, ruleId: number, alert: NewAlert, old: boolean): AlertRow | null {
  const values = { ...alert, ruleId, old }
  return database.insert(alerts).values(values).onConflictDoNothing().returning().get() ?? null
}

export function insertDeliveries(database: Database, alertId: number, channelIds: number[], nextAt: number): void {
  if (channelIds.length > 0)
    database
      .insert(alertDeliveries)
      .values(channelIds.map((channelId) => ({ alertId, channelId, nextAt })))
      .run()
}

/** The newest alerts that were told, newest first, those after `after` only. */
export function listAlerts(database: Database, { after, limit }: { after: number; limit: number }): AlertRow[] {
  const told = and(eq(alerts.old, false), gt(alerts.id, after))
  return database.select().from(alerts).where(told).orderBy(desc(alerts.id)).limit(limit).all()
}

export function listDeliveries(database: Database, alertIds: number[]): AlertDeliveryRow[] {
  return database.select().from(alertDeliveries).where(inArray(alertDeliveries.alertId, alertIds)).all()
}

/** What a server that was killed had begun to send is sent again: whether it arrived, nobody knows. */
export function releaseDeliveries(database: Database): void {
  database.update(alertDeliveries).set({ status: 'waiting' }).where(eq(alertDeliveries.status, 'sending')).run()
}

/** When the next delivery is due, in milliseconds since 1970; null: none waits. */
export function nextDeliveryAt(database: Database): number | null {
  const next = sql<number | null>`min(${alertDeliveries.nextAt})`
  return database.select({ next }).from(alertDeliveries).where(eq(alertDeliveries.status, 'waiting')).get()!.next
}

/** What is due and has its channel, with both. */
export function listDueDeliveries(database: Database, now: number, limit: number) {
  return database
    .select({ delivery: alertDeliveries, alert: alerts, channel: alertChannels })
    .from(alertDeliveries)
    .innerJoin(alerts, eq(alerts.id, alertDeliveries.alertId))
    .innerJoin(alertChannels, eq(alertChannels.id, alertDeliveries.channelId))
    .where(
      and(eq(alertDeliveries.status, 'waiting'), lte(alertDeliveries.nextAt, now), isNull(alertChannels.removedAt)),
    )
    .orderBy(alertDeliveries.nextAt)
    .limit(limit)
    .all()
}

/** Moves a delivery on from `from`; false: somebody else did. */
export function moveDelivery(
  database: Database,
  { alertId, channelId }: Pick<AlertDeliveryRow, 'alertId' | 'channelId'>,
  from: AlertDeliveryRow['status'],
  values: Partial<AlertDeliveryRow>,
): boolean {
  const own = and(
    eq(alertDeliveries.alertId, alertId),
    eq(alertDeliveries.channelId, channelId),
    eq(alertDeliveries.status, from),
  )
  return database.update(alertDeliveries).set(values).where(own).run().changes === 1
}

/** Sweeps that ended since, or are paused; no imported ones. */
export function listWatchedSweeps(database: Database, since: number) {
  return database
    .select()
    .from(sweeps)
    .where(
      and(
        sql`${sweeps.origin} <> 'imported' and ${sweeps.deletedAt} is null`,
        or(eq(sweeps.status, 'paused'), gte(sweeps.finishedAt, since)),
      ),
    )
    .all()
}

/** What was imported ended elsewhere, and nobody waits for it. */
const isNotImported = (jobId: SQLWrapper) =>
  sql`not exists (select 1 from own_runs where own_runs.job_id = ${jobId} and own_runs.client = 'import')`

/** Jobs that live, or ended since; no imported ones. */
export function listWatchedJobs(database: Database, since: number) {
  return database
    .select()
    .from(jobs)
    .where(and(or(inArray(jobs.status, ['starting', 'running']), gte(jobs.finishedAt, since)), isNotImported(jobs.id)))
    .all()
}

/** Notes that scripts asked to be alerted by, after that event and up to the other. */
export function listAlertNotes(database: Database, after: number, to: number) {
  return database
    .select({ id: events.id, jobId: events.jobId, body: events.body })
    .from(events)
    .where(
      and(
        gt(events.id, after),
        lte(events.id, to),
        eq(events.type, 'note'),
        sql`json_extract(${events.body}, '$.alert') = 1`,
        isNotImported(events.jobId),
      ),
    )
    .all()
}

export function lastEventId(database: Database): number {
  return database
    .select({ last: sql<number>`coalesce(max(${events.id}), 0)` })
    .from(events)
    .get()!.last
}
