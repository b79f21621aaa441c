/** Runs that no sweep started, and the projects that they stand in. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { OwnClient } from '../../domain/sweep/track.ts'
import { jobs } from './jobs.ts'
import { now } from './now.ts'

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

/**
 * What a run of its own has beside its job: who logs it, and what it is called. Its job holds no slots and has attempt 1; one that was
 * imported has as many as its files tell of.
 */
export const ownRuns = sqliteTable(
  'own_runs',
  {
    jobId: integer('job_id')
      .primaryKey()
      .references(() => jobs.id),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id),
    client: text().$type<OwnClient>().notNull(),
    /** The id that its client knows it by, of an import where it was read from: unique in its project, for each client. */
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
    /** When its client last said anything at all, or an import brought something new. */
    heardAt: integer('heard_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    uniqueIndex('own_runs_identity').on(table.projectId, table.client, table.clientId),
    // finds the newest of a project
    index('own_runs_project').on(table.projectId),
  ],
)
