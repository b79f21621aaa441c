/** One server a data folder: a lock that the operating system lets go of when its holder dies, however it dies. */
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'

/**
 * Takes the folder's lock. Gives a function that lets go, or null when another process holds it.
 * The lock is SQLite's own exclusive file lock on `lock.db`: no stale lock can be left behind by SIGKILL.
 */
export function lockFolder(folder: string): (() => void) | null {
  const lock = new SqliteDatabase(path.join(folder, 'lock.db'), { timeout: 0 })
  try {
    lock.pragma('journal_mode = DELETE')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null
    throw error
  }
  return () => lock.close()
}
