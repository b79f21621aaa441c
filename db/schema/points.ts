/** The cells of a grid. */
import { index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { PointStatus } from '../../domain/life/run-status.ts'
import { jobs, checkpoints } from './jobs.ts'
import { sweeps } from './sweeps.ts'

/** One cell of the grid. Unique in its sweep: it can never be run or scored twice. */
export const points = sqliteTable(
  'points',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    sweepId: integer('sweep_id')
      .notNull()
      .references(() => sweeps.id),
    number: integer().notNull(),
    /** The literals of every axis. */
    params: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    /** `params` in the axes' order, as one text: what makes the point unique. */
    key: text().notNull(),
    runId: integer('run_id')
      .notNull()
      .references(() => jobs.id),
    milestone: text(),
    checkpointId: integer('checkpoint_id').references(() => checkpoints.id),
    evaluationJobId: integer('evaluation_job_id').references(() => jobs.id),
    status: text().$type<PointStatus>().notNull().default('waiting'),
    /** Why it has no score. */
    error: text(),
    score: real(),
    /** Accuracy ÷ baseline per benchmark of the baseline. */
    ratios: text({ mode: 'json' }).$type<Record<string, number>>(),
    intervalLow: real('interval_low'),
    intervalHigh: real('interval_high'),
    chanceOfBest: real('chance_of_best'),
    /** Whether its questions cannot tell it from the best of the sweep. */
    tiedWithBest: integer('tied_with_best', { mode: 'boolean' }).notNull().default(false),
    /** A published score that is known only rounded; not computed from accuracies. */
    rounded: integer({ mode: 'boolean' }).notNull().default(false),
    scoredAt: integer('scored_at'),
    /** Where the value of `objective` was logged that stands in place of a score. */
    objectiveStep: integer('objective_step'),
    /** Of several objectives the values in the file's order, null where one is not known, and for the score. */
    objectives: text({ mode: 'json' }).$type<(number | null)[]>(),
    /** What its constraints are about, in the file's order; null where it is not known. */
    constrained: text({ mode: 'json' }).$type<(number | null)[]>(),
    /** Which constraints it breaks, in a sentence: then it is not the best, whatever its score. */
    broken: text(),
    /** Of a point whose evaluation raced and that can no longer win: how many questions it was asked. null: all that there are. */
    asked: integer(),
    /** Whether a person wants all of its questions asked, whatever the race says. */
    toItsEnd: integer('to_its_end', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    uniqueIndex('points_key').on(table.sweepId, table.key),
    uniqueIndex('points_number').on(table.sweepId, table.number),
    index('points_run').on(table.runId),
    index('points_checkpoint').on(table.checkpointId),
  ],
)
