/**
 * Whether the pages of the database file are what SQLite wrote. Looking at all of them takes as long as reading the file does, and nobody
 * can interrupt SQLite meanwhile: a process of its own does it, at the lowest priority, that may be killed.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import type SqliteDatabase from 'better-sqlite3'

const look = path.join(import.meta.dirname, 'damage-look.ts')

/** Whether SQLite came upon pages that it cannot have written. */
export function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code)
}

/** For a person: that the file is damaged, what to do, and at the end what SQLite said of it (`found`). */
export function damageSentence(file: string, found: string): string {
  return `${file} is damaged: some of what is shown may be wrong or missing. Stop Sweepboard, see with npm run data -- check what is concerned, and put a copy of the file back, or what can be saved of it (docs/operations.md). SQLite says: ${plainWords(found)}.`
}

/** SQLite's words on a page in one line. */
export function plainWords(found: string): string {
  return found
    .replace(/\*{3} in database \w+ \*{3}/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '')
}

/**
 * Looks through the whole file once. `onDamage` is told in SQLite's words what is wrong; `onProblem` that it could not be looked at.
 * Gives a function that ends the look.
 */
export function startDamageCheck(
  database: SqliteDatabase.Database,
  { onDamage, onProblem }: { onDamage: (found: string) => void; onProblem: (message: string) => void },
): () => void {
  let ended = false
  const child = execFile(process.execPath, [look, database.name], (error, stdout) => {
    if (ended) return
    if (error !== null) onProblem(`Whether the database is whole could not be looked at: ${error.message}`)
    else if (stdout !== '') onDamage(stdout)
  })
  child.unref()
  return () => {
    ended = true
    child.kill('SIGKILL')
  }
}
