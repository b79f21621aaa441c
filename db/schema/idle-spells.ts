/** What stood idle. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { IdleReason } from '../../domain/life/idle-reason.ts'

/** A slot of this machine that was free, and why nothing was started on it: one for as long as that stayed the same. */
export const idleSpells = sqliteTable(
  'idle_spells',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    slot: text().notNull(),
    reason: text().$type<IdleReason['code']>().notNull(),
    /** The sweep that could not start there; null where none wanted to. */
    sweepId: integer('sweep_id'),
    /** Who else used it, or how many slots the job needs that waits. */
    detail: text(),
    since: integer().notNull(),
    /** Up to when it was seen to be so: of one that lasts, as of a minute ago or less. */
    until: integer().notNull(),
  },
  (table) => [index('idle_spells_until').on(table.until)],
)
