/** What scores compare with. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Measured } from '../../domain/sweep/reuse/identity.ts'
import { now } from './now.ts'

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
