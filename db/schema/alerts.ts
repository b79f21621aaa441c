/** What a person is told of, and by which way. */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AlertChannel } from '../../domain/life/alert-channels.ts'
import type { AlertRule } from '../../domain/life/alerts.ts'
import { now } from './now.ts'

/** Where alerts go. What it holds is secret: it leaves the database only towards where it says. */
export const alertChannels = sqliteTable('alert_channels', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  target: text({ mode: 'json' }).$type<AlertChannel>().notNull(),
  /** When a person removed it: a minute later it is forgotten. */
  removedAt: integer('removed_at'),
  createdAt: integer('created_at').notNull().default(now),
})

/** What a person wants to be told of. */
export const alertRules = sqliteTable('alert_rules', {
  id: integer().primaryKey({ autoIncrement: true }),
  rule: text({ mode: 'json' }).$type<AlertRule>().notNull(),
  createdAt: integer('created_at').notNull().default(now),
  /** Up to when what ended was looked at, and the last event that was. */
  checkedAt: integer('checked_at').notNull(),
  checkedEvent: integer('checked_event').notNull(),
})

/** Something that a rule told of: once, by an index. */
export const alerts = sqliteTable(
  'alerts',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    ruleId: integer('rule_id').notNull(),
    /** The same for the same happening. */
    key: text().notNull(),
    title: text().notNull(),
    text: text().notNull(),
    sweepId: integer('sweep_id'),
    runId: integer('run_id'),
    /** It was so before anyone asked to be told of it: it is known, and told to nobody. */
    old: integer({ mode: 'boolean' }).notNull().default(false),
    createdAt: integer('created_at').notNull().default(now),
  },
  (table) => [uniqueIndex('alerts_key').on(table.ruleId, table.key)],
)

/** An alert on its way to a channel; written with the alert, in one transaction. */
export const alertDeliveries = sqliteTable(
  'alert_deliveries',
  {
    alertId: integer('alert_id')
      .notNull()
      .references(() => alerts.id),
    channelId: integer('channel_id').notNull(),
    status: text().$type<'waiting' | 'sending' | 'sent' | 'given-up'>().notNull().default('waiting'),
    tries: integer().notNull().default(0),
    /** Not tried before. */
    nextAt: integer('next_at').notNull(),
    /** Why the last try failed. */
    error: text(),
    sentAt: integer('sent_at'),
  },
  (table) => [
    primaryKey({ columns: [table.alertId, table.channelId] }),
    index('alert_deliveries_due')
      .on(table.nextAt)
      .where(sql`${table.status} in ('waiting', 'sending')`),
  ],
)
