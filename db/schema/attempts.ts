/** The processes of jobs, and what they were run with. */
import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { EventFile } from '../../domain/life/event-file.ts'
import type { Place } from '../../domain/life/place.ts'
import type { AttemptStatus } from '../../domain/life/run-status.ts'
import type { Traces } from '../../domain/life/traces.ts'
import type { CodeSnapshot, WhatWasRun } from '../../domain/provenance/what-was-run.ts'
import { jobs } from './jobs.ts'

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
  (table) => [primaryKey({ columns: [table.jobId, table.number] }), index('attempts_claimed').on(table.claimedAt)],
)

/** A state of the code, once for all attempts that ran it. */
export const codeSnapshots = sqliteTable('code_snapshots', {
  /** SHA-256 of `body`. */
  hash: text().primaryKey(),
  /** As in `body`, for those who look for it. */
  commit: text(),
  body: text({ mode: 'json' }).$type<CodeSnapshot>().notNull(),
})

/** What many attempts were run with alike: a patch, a list of packages, a machine, an environment. */
export const recordedParts = sqliteTable('recorded_parts', {
  /** SHA-256 of the content. */
  hash: text().primaryKey(),
  kind: text().$type<'patch' | 'python' | 'machine' | 'environment'>().notNull(),
  /** Deflated. */
  content: blob({ mode: 'buffer' }).notNull(),
})
