/** What `stop_early` decided. */
import { integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { jobs } from './jobs.ts'

/** What a training had reached at a rung of `stop_early`, in the order that these arrived, and what was decided then: once. */
export const judgements = sqliteTable(
  'judgements',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    runId: integer('run_id')
      .notNull()
      .references(() => jobs.id),
    /** A milestone or a step; -1 where it was stopped as it diverged. */
    rung: real().notNull(),
    /** The score, or the metric that decides; null where nothing was measured, or it is not finite. */
    value: real(),
    /** null: not decided yet. `spared`: it was stopped, and a person lets it go on. */
    verdict: text().$type<'goes on' | 'stopped' | 'spared'>(),
    /** The rest of a sentence, with the figures. */
    reason: text(),
    decidedAt: integer('decided_at'),
  },
  (table) => [uniqueIndex('judgements_rung').on(table.runId, table.rung)],
)
