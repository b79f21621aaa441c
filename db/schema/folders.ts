/** Where the data folder stood. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { now } from './now.ts'

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
