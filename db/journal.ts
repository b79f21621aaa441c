/**
 * SQLite's journal, written back into the database file. Left to SQLite, whichever commit comes next waits for it, two
 * syncs and a copy of 4 MB. Here a thread with a connection of its own does it; writers and readers go on meanwhile.
 */
import { statSync } from 'node:fs'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'

/** How often the thread looks whether something was written. */
const LOOK_MILLISECONDS = 1000
/** Pages after which a commit does it itself after all: 64 MB, should the thread not keep up or have ended. */
const PAGES_BEFORE_COMMIT_DOES_IT = 16_000

/**
 * Hands that work of a connection to a thread; `onProblem` is told in a sentence that it ended.
 * @returns a function that ends the thread, after which the connection may be closed.
 */
export function startJournalWriter(
  database: SqliteDatabase.Database,
  onProblem: (message: string) => void,
): () => Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { journalOf: database.name } })
  worker.unref()
  worker.on('error', (error) => {
    onProblem(`The journal is written back by commits from now on: ${error.message}`)
    if (database.open) database.pragma('wal_autocheckpoint = 1000')
  })
  database.pragma(`wal_autocheckpoint = ${PAGES_BEFORE_COMMIT_DOES_IT}`)
  return async () => {
    await worker.terminate()
  }
}

/** In the thread: the journal is written back whenever it has changed. A full disk is told to whoever writes next, not here. */
function work(file: string): void {
  const database = new SqliteDatabase(file, { timeout: 1000 })
  // what is left at the end is for the main connection
  let seen = 0
  setInterval(() => {
    const { mtimeMs } = statSync(`${file}-wal`, { throwIfNoEntry: false }) ?? { mtimeMs: seen }
    if (mtimeMs === seen) return
    try {
      database.pragma('wal_checkpoint(PASSIVE)')
      seen = mtimeMs
    } catch {
      // tried again at the next look
    }
  }, LOOK_MILLISECONDS)
}

const of = (workerData as { journalOf?: string } | null)?.journalOf
if (!isMainThread && of !== undefined) work(of)
