/** The program that looks through a database file for db/damage.ts, and prints the first thing that is wrong, in SQLite's words. */
import { constants, setPriority } from 'node:os'
import SqliteDatabase from 'better-sqlite3'
import { isDamage } from './damage.ts'

setPriority(constants.priority.PRIORITY_LOW)
const database = new SqliteDatabase(process.argv[2]!, { readonly: true, timeout: 5000 })
try {
  const first = database.pragma('quick_check(1)', { simple: true }) as string
  if (first !== 'ok') process.stdout.write(first)
} catch (error) {
  if (!isDamage(error)) throw error
  process.stdout.write((error as Error).message)
} finally {
  database.close()
}
