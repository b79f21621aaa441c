/** Sweeps. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { SweepStatus } from '../../domain/life/run-status.ts'
import type { FinalistsDecision } from '../../domain/search/finalists.ts'
import type { RacePlan } from '../../domain/score/race.ts'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { baselines } from './baselines.ts'
import { now } from './now.ts'

export const sweeps = sqliteTable(
  'sweeps',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull(),
    definition: text({ mode: 'json' }).$type<Sweep>().notNull(),
    /** The file as it was written, where the sweep came from one. */
    source: text(),
    /** The folder that commands run in and relative paths start from. */
    directory: text().notNull(),
    /** Hash of definition and folder: the same file run again finds its sweep by it. */
    fingerprint: text().notNull(),
    status: text().$type<SweepStatus>().notNull().default('waiting'),
    /** Why it is paused: asked for by a person, or what the breaker saw. */
    pauseReason: text('pause_reason'),
    /** The breaker counts failures after this: set when a person lets a paused sweep go on. */
    breakerResetAt: integer('breaker_reset_at').notNull().default(0),
    /** Where a stored baseline is used. Its accuracies are read afresh whenever scores are computed. */
    baselineId: integer('baseline_id').references(() => baselines.id),
    /** After a change of the baseline: the last point whose score rests on the new one; null when all do. */
    rescoredTo: integer('rescored_to'),
    /** 'imported' sweeps carry published figures: nothing of them is ever scheduled. */
    origin: text().$type<'file' | 'form' | 'imported'>().notNull().default('file'),
    note: text().notNull().default(''),
    /** How alike its checkpoints answered the same questions, as of the last intervals; null where no answers are known. */
    agreement: text({ mode: 'json' }).$type<SweepAgreement>(),
    /** The rungs of its evaluations, as they were planned when it was made: the same questions for all its points. null: it does not race. */
    race: text({ mode: 'json' }).$type<RacePlan>(),
    /** Which points were looked at once more as they could not be told from the best, and how: decided once. null: not yet, or never. */
    finalists: text({ mode: 'json' }).$type<FinalistsDecision>(),
    createdAt: integer('created_at').notNull().default(now),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    deletedAt: integer('deleted_at'),
  },
  (table) => [index('sweeps_fingerprint').on(table.fingerprint), index('sweeps_status').on(table.status)],
)
