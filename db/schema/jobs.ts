/** Trainings and evaluations, and the checkpoints that trainings save and start from: each names the other. */
import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { JobStatus, StopReason } from '../../domain/life/run-status.ts'
import type { AgainSettings } from '../../domain/score/again.ts'
import type { Proposal } from '../../domain/search/method.ts'
import type { ExecutorName } from '../../domain/sweep/executor.ts'
import type { Continuation } from '../../domain/sweep/reuse/going-on.ts'
import { sweeps } from './sweeps.ts'
import { now } from './now.ts'

/** A training or an evaluation: what holds slots while a process of it is alive. A *run* is a training. */
export const jobs = sqliteTable(
  'jobs',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    /** null: a run of its own, which no sweep of ours started (`own_runs`). */
    sweepId: integer('sweep_id').references(() => sweeps.id),
    kind: text().$type<'training' | 'evaluation'>().notNull(),
    /**
     * Trainings are numbered from 1 in their sweep ("run 8"); an evaluation has the number of its point, one that was asked for
     * again a number after all points. 0: the evaluation that measures the sweep's baseline, which is its checkpoint's run too.
     */
    number: integer().notNull(),
    /** An evaluation's training and checkpoint; null for a training. */
    runId: integer('run_id'),
    checkpointId: integer('checkpoint_id'),
    /** Literals of the axes that multiply trainings, and the milestone axis' last value. */
    params: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    status: text().$type<JobStatus>().notNull(),
    /** Number of the newest attempt; 0 before the first. */
    attempt: integer().notNull().default(0),
    /** Attempts that failed since a person last started or retried the job: compared with `retries`. */
    failures: integer().notNull().default(0),
    /** Attempts in a row whose process vanished without a trace of how it ended (a reboot, a killed wrapper). */
    losses: integer().notNull().default(0),
    slotCount: integer('slot_count').notNull(),
    /** Ids of the slots held now; null when not live. */
    slots: text({ mode: 'json' }).$type<string[]>(),
    stopReason: text('stop_reason').$type<StopReason>(),
    stopRequestedAt: integer('stop_requested_at'),
    /** When it became able to start: the queue's order. */
    readyAt: integer('ready_at'),
    claimedAt: integer('claimed_at'),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    progressDone: real('progress_done'),
    progressTotal: real('progress_total'),
    lastStep: integer('last_step'),
    error: text(),
    /**
     * The checkpoint that a training starts from, where it is one of ours: stays known when files move. Written once, when
     * the sweep is made.
     */
    initCheckpointId: integer('init_checkpoint_id').references((): AnySQLiteColumn => checkpoints.id),
    /** The training that did the same in an earlier sweep, so that this one need not run; null where it runs itself. */
    reusedFrom: integer('reused_from').references((): AnySQLiteColumn => jobs.id),
    /** The training of another sweep that does the same and has not ended: this one waits whether it can be reused. */
    awaits: integer().references((): AnySQLiteColumn => jobs.id),
    /** The rung at which it waits until it is judged (`stop_early`); null where it does not. */
    held: real(),
    /** The checkpoint of an earlier, shorter training that it goes on from; null where it begins at its own start. */
    continues: text({ mode: 'json' }).$type<Continuation>(),
    /** Of a training that a search proposed: why, as it was known then. */
    proposal: text({ mode: 'json' }).$type<Proposal>(),
    /** What runs its newest attempt. */
    executor: text().$type<ExecutorName>().notNull().default('local'),
    /** How a person asked to evaluate its checkpoint again; null for a training and for the evaluation of a point. */
    again: text({ mode: 'json' }).$type<AgainSettings>(),
    /** What a person wrote of a run, in Markdown; runs of their own have it in `own_runs`. */
    note: text().notNull().default(''),
    /** The rung that an evaluation which races answers up to, from 1; null for all others. */
    rung: integer(),
  },
  (table) => [
    index('jobs_again')
      .on(table.status, table.sweepId)
      .where(sql`${table.again} is not null`),
    index('jobs_awaits')
      .on(table.awaits)
      .where(sql`${table.awaits} is not null`),
    index('jobs_rung')
      .on(table.sweepId, table.status)
      .where(sql`${table.rung} is not null`),
    index('jobs_init')
      .on(table.initCheckpointId)
      .where(sql`${table.initCheckpointId} is not null`),
    index('jobs_measurement')
      .on(table.id)
      .where(sql`${table.number} = 0`),
    uniqueIndex('jobs_identity').on(table.sweepId, table.kind, table.number),
    index('jobs_queue').on(table.sweepId, table.status, table.kind, table.number),
    index('jobs_live')
      .on(table.status)
      .where(sql`${table.status} in ('starting', 'running')`),
    index('jobs_run').on(table.runId),
  ],
)

export const checkpoints = sqliteTable(
  'checkpoints',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    runId: integer('run_id')
      .notNull()
      .references(() => jobs.id),
    attempt: integer().notNull(),
    /** null where the checkpoint was found by the sweep file's `checkpoint` path: nobody said its step. */
    step: integer(),
    epoch: real(),
    /** Absolute; null where a trainer reported evaluations of a step and no checkpoint. */
    path: text(),
    createdAt: integer('created_at').notNull().default(now),
    /** What its files take on disk, measured when it was saved; null where there are none, or nobody looked. */
    sizeBytes: integer('size_bytes'),
    /** When a person picked it, to go on from or to keep; null while nobody did. */
    pickedAt: integer('picked_at'),
    /** What a person called it; `picked` and `best` are not among these. */
    tags: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    note: text().notNull().default(''),
    /** When a keep rule deleted its files. The path stays, to say what was there. */
    removedAt: integer('removed_at'),
    /** Why it is never scored: what stands there is not known to be what its run trained. */
    problem: text(),
    /** The checkpoint of an earlier sweep that this one was taken over from; no reference, as that may be deleted. */
    copyOf: integer('copy_of'),
  },
  (table) => [
    // runs of their own may save several models at one step
    uniqueIndex('checkpoints_step').on(table.runId, table.step, table.path),
    index('checkpoints_path').on(table.path),
    index('checkpoints_picked')
      .on(table.pickedAt)
      .where(sql`${table.pickedAt} is not null`),
  ],
)
