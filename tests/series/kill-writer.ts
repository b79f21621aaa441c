/**
 * A real process for the kill test: appends rows that follow from their number, with its place in the same transaction, seals in
 * the smallest slices, and kills itself at the given write, so that no instant is spared. Arguments: file, write, last row.
 */
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type MetricRow, SeriesStore } from '../../db/series/index.ts'

/** More than 16 chunks, so that levels are built in each attempt. */
const ATTEMPT_ROWS = 20_000

/** Row n of the run, and the attempt it belongs to: each attempt takes up 40 steps before where the one before ended. */
export function killTestRow(number: number): { attempt: number; row: MetricRow } {
  const attempt = 1 + Math.floor(number / ATTEMPT_ROWS)
  const step = (number % ATTEMPT_ROWS) + (attempt - 1) * (ATTEMPT_ROWS - 40)
  const values: Record<string, number> = { dense: Math.sin(number) }
  if (number % 3 === 0) values.third = number
  if (number % 977 === 0) values[`rare-${attempt}`] = number % 2 === 0 ? NaN : Infinity
  return { attempt, row: { step, time: number / 10, values } }
}

function write(file: string, fatalWrite: number, end: number): void {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  // every write of the store goes through here
  let writes = 0
  const prepare = database.prepare.bind(database)
  database.prepare = ((sql: string) => {
    const statement = prepare(sql)
    const { run } = statement
    statement.run = ((...parameters: unknown[]) => {
      if (++writes === fatalWrite) process.kill(process.pid, 'SIGKILL')
      return run.apply(statement, parameters)
    }) as typeof run
    return statement
  }) as typeof database.prepare
  const store = new SeriesStore(database)
  database.exec('create table if not exists place (id integer primary key, rows integer not null)')
  let place = (database.prepare('select rows from place').pluck().get() as number | undefined) ?? 0
  const savePlace = database.prepare('insert into place values (1, ?) on conflict do update set rows = excluded.rows')
  while (place < end) {
    const { attempt } = killTestRow(place)
    const rows: MetricRow[] = []
    const size = 1 + (place % 97)
    while (rows.length < size && killTestRow(place + rows.length).attempt === attempt)
      rows.push(killTestRow(place + rows.length).row)
    database
      .transaction(() => {
        store.append(1, attempt, rows)
        savePlace.run(place + rows.length)
      })
      .immediate()
    place += rows.length
    store.maintain(0)
    writeSync(1, `${place}\n`)
  }
  store.finish(1)
  while (store.maintain(0));
}

if (import.meta.main) write(process.argv[2]!, Number(process.argv[3]), Number(process.argv[4]))
