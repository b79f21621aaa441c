/** What attempts reported that is no metric. */
import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { jobs } from './jobs.ts'

/** Samples, notes, unknown events and everything that was wrong with an events file, in the order read. */
export const events = sqliteTable(
  'events',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    jobId: integer('job_id')
      .notNull()
      .references(() => jobs.id),
    attempt: integer().notNull(),
    /** Line of events.jsonl, from 1; 0 for what the server itself noticed. */
    line: integer().notNull(),
    type: text()
      .$type<
        'sample' | 'note' | 'config' | 'summary' | 'tags' | 'file' | 'artifact' | 'checkpoint' | 'unknown' | 'problem'
      >()
      .notNull(),
    step: integer(),
    time: real(),
    body: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index('events_job').on(table.jobId, table.type, table.step)],
)
