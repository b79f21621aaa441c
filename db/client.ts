/** The one SQLite file of a data folder. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'

const migrationsFolder = path.join(import.meta.dirname, 'migrations')

/** A connection; queries run at once (better-sqlite3 is synchronous). `$client` is the connection itself. */
export type Database = ReturnType<typeof connect>

function connect(file: string) {
  const client = new SqliteDatabase(file, { timeout: 5000 })
  client.pragma('journal_mode = WAL')
  // What was acknowledged survives a power cut: measured, FULL costs almost nothing here.
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  client.pragma('cache_size = -65536')
  return Object.assign(drizzle(withStatementCache(client)), { $client: client })
}

/**
 * The connection as drizzle sees it: a query's text is prepared once. The queries of a tick are the same each time, and
 * preparing them took as long as running them. Others prepare their own statements on the connection itself.
 */
function withStatementCache(client: SqliteDatabase.Database): SqliteDatabase.Database {
  const statements = new Map<string, SqliteDatabase.Statement>()
  const prepare = (sql: string) => {
    const known = statements.get(sql)
    if (known) return known
    const statement = client.prepare(sql)
    // Texts of bulk inserts vary with the number of rows; only those that come again are worth their memory.
    if (sql.length < 4000 && statements.size < 1000) statements.set(sql, statement)
    return statement
  }
  return Object.create(client, { prepare: { value: prepare } }) as SqliteDatabase.Database
}

/**
 * A query whose text drizzle writes once for each connection, for those that every look of the scheduler asks: writing the
 * text takes several times as long as SQLite takes to answer. `build` gives a drizzle query that ends in `.prepare()`.
 */
export function prepared<Query>(build: (database: Database) => Query): (database: Database) => Query {
  const held = new WeakMap<Database, Query>()
  return (database) => {
    const known = held.get(database)
    if (known) return known
    const query = build(database)
    held.set(database, query)
    return query
  }
}

/**
 * Opens `<folder>/sweepboard.db`, making the folder and applying migrations where needed.
 * Throws what SQLite or the file system throws (read-only folder, full disk, a file that is no database).
 */
export function openDatabase(folder: string): Database {
  mkdirSync(folder, { recursive: true })
  const database = connect(path.join(folder, 'sweepboard.db'))
  // a table that is built anew is gone for a moment, and others refer to it: a transaction cannot switch this itself
  database.$client.pragma('foreign_keys = OFF')
  migrate(database, { migrationsFolder })
  database.$client.pragma('foreign_keys = ON')
  return database
}

/** Is another after every row that this connection wrote, and after every commit of others: what was read before may be old. */
export function stampOf({ $client }: Database): string {
  const own = $client.prepare('select total_changes()').pluck().get() as number
  return `${own} ${$client.pragma('data_version', { simple: true }) as number}`
}

/** Runs `work` in one transaction: all of it is kept, or none when it throws. May be nested. */
export function transaction<Result>(database: Database, work: () => Result): Result {
  return database.$client.transaction(work).immediate()
}
