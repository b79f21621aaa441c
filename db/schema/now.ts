/** What tables begin with. They are all here, except the metric store's own (db/series); times are milliseconds since 1970. */
import { sql } from 'drizzle-orm'

/** The default of a time: when the row is written. */
export const now = sql`(unixepoch('subsec') * 1000)`
