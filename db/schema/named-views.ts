/** What a person keeps of what a list or a chart showed: a page with its query, under a name. */
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { now } from './now.ts'

export const namedViews = sqliteTable(
  'named_views',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    /** `/runs`, `/sweeps/3/curves`. */
    page: text().notNull(),
    name: text().notNull(),
    /** The query of its address, without the question mark. */
    search: text().notNull(),
    createdAt: integer('created_at').notNull().default(now),
  },
  (table) => [uniqueIndex('named_views_name').on(table.page, table.name)],
)
