/** Every table except the metric store's own (db/series). Times are milliseconds since 1970. */
import { sql } from 'drizzle-orm'
import {
  type AnySQLiteColumn,
  blob,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import type { AlertRule } from '../domain/life/alerts.ts'
import type { AlertChannel } from '../domain/life/alert-channels.ts'
import type { Place } from '../domain/life/place.ts'
import type { Traces } from '../domain/life/traces.ts'
import type { AgainSettings, QuestionOutcomes } from '../domain/score/again.ts'
import type {
  AttemptStatus,
  CurriculumStatus,
  JobStatus,
  PointStatus,
  StopReason,
  SweepStatus,
} from '../domain/life/run-status.ts'
import type { Proposal } from '../domain/search/method.ts'
import type { CodeSnapshot, WhatWasRun } from '../domain/provenance/what-was-run.ts'
import type { RacePlan } from '../domain/score/race.ts'
import type { SweepAgreement } from '../domain/score/same-questions.ts'
import type { Curriculum } from '../domain/sweep/curriculum.ts'
import type { ExecutorName } from '../domain/sweep/executor.ts'
import type { Measured } from '../domain/sweep/identity.ts'
import type { EventFile } from '../domain/life/event-file.ts'
import type { Continuation } from '../domain/sweep/going-on.ts'
import type { Sweep } from '../domain/sweep/sweep.ts'
import type { TrackedClient } from '../domain/sweep/track.ts'

const now = sql`(unixepoch('subsec') * 1000)`

/** Where this folder stood, each place once a stay; the last is where it stands now. Stored paths are of that one. */
export const dataFolders = sqliteTable('data_folders', {
  id: integer().primaryKey({ autoIncrement: true }),
  /** As it was asked for. */
  path: text().notNull(),
  /** Without links. */
  real: text().notNull(),
  /** What the file system knows the folder by, so that a copy is told from the folder itself. */
  identity: text().notNull(),
  since: integer().notNull().default(now),
})

/** A named accuracy per benchmark that scores compare with. */
export const baselines = sqliteTable('baselines', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  accuracies: text({ mode: 'json' }).$type<Record<string, number>>().notNull(),
  /** How many questions each rests on, where that is known: what luck the baseline itself had. */
  questions: text({ mode: 'json' }).$type<Record<string, number>>().notNull().default({}),
  /** The checkpoint that was measured, where it is one of ours: its answers may be paired. */
  checkpointId: integer('checkpoint_id'),
  /** By which evaluation a sweep measured that checkpoint, and what stood there then: the same is not measured again. */
  measured: text({ mode: 'json' }).$type<Measured>(),
  /** Where the figures come from. */
  note: text().notNull().default(''),
  createdAt: integer('created_at').notNull().default(now),
  updatedAt: integer('updated_at').notNull().default(now),
})

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
    createdAt: integer('created_at').notNull().default(now),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    deletedAt: integer('deleted_at'),
  },
  (table) => [index('sweeps_fingerprint').on(table.fingerprint), index('sweeps_status').on(table.status)],
)

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

/** What runs of their own stand in: W&B's and Trackio's projects, MLflow's experiments. 0 is `Default`, as MLflow has it. */
export const projects = sqliteTable('projects', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  /** What MLflow's client said of its experiment. */
  tags: text({ mode: 'json' }).$type<Record<string, string>>().notNull().default({}),
  createdAt: integer('created_at').notNull().default(now),
  /** Its runs go with it, and come back with it. */
  deletedAt: integer('deleted_at'),
})

/** What a run of its own has beside its job: who logs it, and what it is called. Its job has attempt 1 and holds no slots. */
export const ownRuns = sqliteTable(
  'own_runs',
  {
    jobId: integer('job_id')
      .primaryKey()
      .references(() => jobs.id),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id),
    client: text().$type<TrackedClient>().notNull(),
    /** The id that its client knows it by: unique in its project, for each client. */
    clientId: text('client_id').notNull(),
    name: text().notNull(),
    group: text(),
    jobType: text('job_type'),
    tags: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    note: text().notNull().default(''),
    /** The client's id of the run that it is a part of. */
    parent: text(),
    /** What its client said last of name, group, tags and note: only what is new of it goes over what a person wrote. */
    told: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull().default({}),
    /** When its client last said anything at all. */
    heardAt: integer('heard_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (table) => [uniqueIndex('own_runs_identity').on(table.projectId, table.client, table.clientId)],
)

/** A state of the code, once for all attempts that ran it. */
export const codeSnapshots = sqliteTable('code_snapshots', {
  /** SHA-256 of `body`. */
  hash: text().primaryKey(),
  /** As in `body`, for those who look for it. */
  commit: text(),
  body: text({ mode: 'json' }).$type<CodeSnapshot>().notNull(),
})

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

/** What many attempts were run with alike: a patch, a list of packages, a machine, an environment. */
export const recordedParts = sqliteTable('recorded_parts', {
  /** SHA-256 of the content. */
  hash: text().primaryKey(),
  kind: text().$type<'patch' | 'python' | 'machine' | 'environment'>().notNull(),
  /** Deflated. */
  content: blob({ mode: 'buffer' }).notNull(),
})

/** One process of a job. What the ingest has read of its events file stands here. */
export const attempts = sqliteTable(
  'attempts',
  {
    jobId: integer('job_id')
      .notNull()
      .references(() => jobs.id),
    number: integer().notNull(),
    status: text().$type<AttemptStatus>().notNull(),
    slots: text({ mode: 'json' }).$type<string[]>().notNull(),
    pid: integer(),
    claimedAt: integer('claimed_at').notNull(),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    /**
     * How long it ran by a clock that nobody sets, in milliseconds: to its end, or as long as it was seen to run. While it lives: as of a
     * while ago. null: it has not begun, or was started by a version that did not keep it.
     */
    ranMilliseconds: integer('ran_milliseconds'),
    exitCode: integer('exit_code'),
    signal: text(),
    error: text(),
    /** Bytes of events.jsonl that are in the database, and the lines in them. */
    eventOffset: integer('event_offset').notNull().default(0),
    eventLines: integer('event_lines').notNull().default(0),
    /** Which events file these bytes were read of; null where nothing was, or by a version that did not look. */
    eventFile: text('event_file', { mode: 'json' }).$type<EventFile>(),
    /** Bytes of the control folder's system.jsonl that are in the metric store. */
    systemOffset: integer('system_offset').notNull().default(0),
    firstStep: integer('first_step'),
    lastStep: integer('last_step'),
    /** The checkpoint it resumed from. */
    resumedFrom: text('resumed_from'),
    /**
     * What stood, before its process started, where its checkpoints or its report are expected, by real path. Written once.
     * null: nothing is expected at a known place, or it was started by a version that did not look.
     */
    before: text({ mode: 'json' }).$type<Traces>(),
    /** Hashes of the files that its command names, as they were when it started. */
    code: text({ mode: 'json' }).$type<Record<string, string>>(),
    /** Where a cluster runs it, or why it waits there; null on this machine. */
    place: text({ mode: 'json' }).$type<Place>(),
    /** The code that it ran. null: it was started by a version that did not look. */
    codeSnapshot: text('code_snapshot').references(() => codeSnapshots.hash),
    /** What else it was run with; written together with `codeSnapshot`. */
    ran: text({ mode: 'json' }).$type<WhatWasRun>(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.number] })],
)

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
    uniqueIndex('checkpoints_step').on(table.runId, table.step),
    index('checkpoints_path').on(table.path),
    index('checkpoints_picked')
      .on(table.pickedAt)
      .where(sql`${table.pickedAt} is not null`),
  ],
)

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
      .$type<'sample' | 'note' | 'config' | 'summary' | 'tags' | 'file' | 'checkpoint' | 'unknown' | 'problem'>()
      .notNull(),
    step: integer(),
    time: real(),
    body: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index('events_job').on(table.jobId, table.type, table.step)],
)

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
