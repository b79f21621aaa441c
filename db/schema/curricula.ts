/** Sweeps one after the other. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { CurriculumStatus } from '../../domain/life/run-status.ts'
import type { Curriculum } from '../../domain/sweep/rounds/curriculum.ts'
import { points } from './points.ts'
import { sweeps } from './sweeps.ts'
import { now } from './now.ts'

/** Sweeps that are trained one after the other, each from the checkpoint that a rule picked in an earlier one. */
export const curricula = sqliteTable(
  'curricula',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull(),
    definition: text({ mode: 'json' }).$type<Curriculum>().notNull(),
    /** The file as it was written. */
    source: text().notNull(),
    /** The folder that commands run in and relative paths start from. */
    directory: text().notNull(),
    /** Hash of definition and folder: the same file run again finds its curriculum by it. */
    fingerprint: text().notNull(),
    /** Whether stages are trained anew although a sweep of the same definition is there. */
    afresh: integer({ mode: 'boolean' }).notNull().default(false),
    status: text().$type<CurriculumStatus>().notNull().default('running'),
    /** Why it is paused, failed or was cancelled. */
    reason: text(),
    createdAt: integer('created_at').notNull().default(now),
    finishedAt: integer('finished_at'),
  },
  (table) => [index('curricula_fingerprint').on(table.fingerprint), index('curricula_status').on(table.status)],
)

/** A stage that was started: its sweep, and what the rule picked of it once it has ended well. */
export const curriculumStages = sqliteTable(
  'curriculum_stages',
  {
    curriculumId: integer('curriculum_id')
      .notNull()
      .references(() => curricula.id),
    /** From 0, in the order of the file. */
    place: integer().notNull(),
    sweepId: integer('sweep_id')
      .notNull()
      .references(() => sweeps.id),
    /** The point whose checkpoint the rule picked; null until then. */
    pickedPointId: integer('picked_point_id').references(() => points.id),
    /** Why the rule picked it, as the rest of a sentence. */
    pickReason: text('pick_reason'),
    /** The stored baseline that its accuracies became. */
    baseline: text(),
  },
  (table) => [
    primaryKey({ columns: [table.curriculumId, table.place] }),
    index('curriculum_stages_sweep').on(table.sweepId),
  ],
)
