/** Opening the database in a thread that only reads; apart from db/client.ts, whose imports take a thread long to load. */
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'

/** A connection of its own to the file in a data folder. */
export function openForReading(folder: string): SqliteDatabase.Database {
  return new SqliteDatabase(path.join(folder, 'sweepboard.db'), { readonly: true, timeout: 5000 })
}
