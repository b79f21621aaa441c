/** What checkpoints reached on benchmarks. */
import { blob, index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { QuestionOutcomes } from '../../domain/score/again.ts'
import { jobs, checkpoints } from './jobs.ts'
import { now } from './now.ts'

/** A checkpoint on a benchmark. */
export const evaluations = sqliteTable(
  'evaluations',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    checkpointId: integer('checkpoint_id')
      .notNull()
      .references(() => checkpoints.id),
    benchmark: text().notNull(),
    /** As reported. Null where the report gave something that is no accuracy; `error` says what. */
    accuracy: real(),
    correct: integer(),
    total: integer(),
    /** JSONL of each question's outcome, absolute. */
    items: text(),
    error: text(),
    /** The job that measured it: an evaluation, or the training itself. Null where imported. */
    jobId: integer('job_id').references(() => jobs.id),
    createdAt: integer('created_at').notNull().default(now),
  },
  (table) => [uniqueIndex('evaluations_benchmark').on(table.checkpointId, table.benchmark)],
)

/**
 * A share of a benchmark's questions, in the race's order, that a checkpoint was or is to be asked. Unique: no question is asked
 * twice. Their sums are the checkpoint's rows of `evaluations`.
 */
export const evaluationRungs = sqliteTable(
  'evaluation_rungs',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    checkpointId: integer('checkpoint_id')
      .notNull()
      .references(() => checkpoints.id),
    benchmark: text().notNull(),
    /** The rung that it completes, from 1. */
    rung: integer().notNull(),
    /** The questions from this place on in the race's order, from 0, and up to that one without it. */
    first: integer().notNull(),
    end: integer().notNull(),
    /** The job that asks them. */
    jobId: integer('job_id')
      .notNull()
      .references(() => jobs.id),
    /** As reported; null until then. */
    correct: integer(),
    total: integer(),
    /** JSONL of each question's outcome, absolute. */
    items: text(),
    error: text(),
  },
  (table) => [
    uniqueIndex('evaluation_rungs_rung').on(table.checkpointId, table.benchmark, table.rung),
    index('evaluation_rungs_job').on(table.jobId),
  ],
)

/** Which questions an evaluation answered right, as its items file said: read once, as those of thousands are compared. */
export const answers = sqliteTable('answers', {
  evaluationId: integer('evaluation_id')
    .primaryKey()
    .references(() => evaluations.id),
  /** The evaluation's `createdAt`: one that was measured again has other answers. */
  readOf: integer('read_of').notNull(),
  /** Hash of the questions' ids and reference answers: the same for whoever was asked the same. Null where the file does not serve. */
  questions: text(),
  /** How many questions there are. */
  count: integer().notNull(),
  /** A bit a question, in the order of their ids, 1 where it was answered right; 32-bit words, the lowest byte first. */
  bits: blob({ mode: 'buffer' }),
})

/**
 * A checkpoint on a benchmark, measured again beside its evaluation: never read where a point is scored. `samples` of each
 * question, so that outcomes of one question stand together.
 */
export const repeatEvaluations = sqliteTable(
  'repeat_evaluations',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    checkpointId: integer('checkpoint_id')
      .notNull()
      .references(() => checkpoints.id),
    benchmark: text().notNull(),
    /** Samples a question, as asked for. */
    samples: integer().notNull(),
    temperature: real().notNull(),
    seed: integer().notNull(),
    /** Of all samples of all questions. Null where the report gave something that is no accuracy; `error` says what. */
    accuracy: real(),
    correct: integer(),
    total: integer(),
    /** Null where nobody said how many there were. */
    questions: integer(),
    /** Of the accuracy, clustered by question; null without the number of questions. */
    standardError: real('standard_error'),
    /** Right samples of each question by its id, and how many samples it had; null where the command did not say. */
    outcomes: text({ mode: 'json' }).$type<QuestionOutcomes>(),
    /** JSONL of each sample's outcome, absolute. */
    items: text(),
    error: text(),
    jobId: integer('job_id')
      .notNull()
      .references(() => jobs.id),
    createdAt: integer('created_at').notNull().default(now),
  },
  (table) => [
    uniqueIndex('repeat_evaluations_benchmark').on(table.jobId, table.benchmark),
    index('repeat_evaluations_checkpoint').on(table.checkpointId),
  ],
)
