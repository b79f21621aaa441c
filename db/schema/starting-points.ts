/** Sweeps that a person keeps to start others from. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { now } from './now.ts'

/** A definition under a name of its own: nothing was run of it. */
export const startingPoints = sqliteTable('starting_points', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  definition: text({ mode: 'json' }).$type<Sweep>().notNull(),
  /** The folder that its commands and paths start from. */
  directory: text().notNull(),
  createdAt: integer('created_at').notNull().default(now),
})
