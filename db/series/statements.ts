/** The statements that sealing and reading share, prepared once. */
import type Database from 'better-sqlite3'
import { type AttemptStates, PAGES_PER_ATTEMPT } from './state.ts'
import type { OpenTails } from './tail.ts'

/** What the parts of the store work on. */
export type ChunkStore = {
  database: Database.Database
  states: AttemptStates
  statements: ChunkStatements
  /** Tails that readers opened, by attempt: they stay true while the version does. */
  tails: Map<number, { token: number; tailVersion: number; tails: OpenTails; bytes: number }>
}

export type ChunkRow = { data: Buffer; axis_id: number; points: number }
export type ChunkPlace = { level: number; sequence: number; first_step: number; last_step: number; points: number }

export type ChunkStatements = Record<
  | 'insertTail'
  | 'tails'
  | 'tailBytes'
  | 'replaceTail'
  | 'deleteTails'
  | 'axis'
  | 'insertAxis'
  | 'chunk'
  | 'values'
  | 'places'
  | 'insertChunk'
  | 'summary'
  | 'keepSummary'
  | 'attemptsOf'
  | 'pagesOf'
  | 'listsOf'
  | 'due',
  Database.Statement
>

/** Needs the tables to be there. */
export function prepareStatements(database: Database.Database): ChunkStatements {
  return {
    insertTail: database.prepare('insert into series_tails (attempt_id, data) values (?, ?)'),
    tails: database.prepare('select id, data from series_tails where attempt_id = ? and id > ? order by id'),
    tailBytes: database.prepare('select coalesce(sum(length(data)), 0) from series_tails where attempt_id = ?').pluck(),
    replaceTail: database.prepare('update series_tails set data = ? where id = ?'),
    deleteTails: database.prepare('delete from series_tails where attempt_id = ? and id <= ?'),
    axis: database.prepare('select data from series_axes where id = ?'),
    insertAxis: database.prepare('insert into series_axes (attempt_id, points, data) values (?, ?, ?)'),
    chunk: database.prepare(
      'select data, axis_id, points from series_chunks where attempt_id = ? and slot = ? and level = ? and sequence = ?',
    ),
    values: database.prepare(
      'select series_chunks.data, series_axes.data as axis, series_chunks.points from series_chunks ' +
        'cross join series_axes on series_axes.id = axis_id ' +
        'where series_chunks.attempt_id = ? and slot = ? and level = 0 and sequence >= ? order by sequence',
    ),
    places: database.prepare(
      'select level, sequence, first_step, last_step, points from series_chunks ' +
        'where attempt_id = ? and slot = ? and level = ? and sequence >= ? order by sequence',
    ),
    insertChunk: database.prepare(
      'insert into series_chunks (attempt_id, slot, level, sequence, first_step, last_step, points, axis_id, data) ' +
        'values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    summary: database
      .prepare('select data from series_summaries where attempt_id = ? and slot = ? and chunks = ?')
      .pluck(),
    keepSummary: database.prepare(
      'insert into series_summaries (attempt_id, slot, chunks, data) values (?, ?, ?, ?) ' +
        'on conflict do update set chunks = excluded.chunks, data = excluded.data',
    ),
    attemptsOf: database.prepare(
      'select series_attempts.id, run_id, attempt, first_step, token, tail_bytes, tail_version, due ' +
        'from json_each(?) as wanted join series_attempts on run_id = wanted.value order by run_id, attempt',
    ),
    // cross join: the other way round SQLite would scan every page
    pagesOf: database
      .prepare(
        'select wanted.value, names_id, names, data from json_each(?) as wanted cross join series_pages ' +
          `where series_pages.id >= wanted.value * ${PAGES_PER_ATTEMPT} ` +
          `and series_pages.id < (wanted.value + 1) * ${PAGES_PER_ATTEMPT}`,
      )
      .raw(),
    listsOf: database
      .prepare(
        'select distinct names_id, names from json_each(?) as wanted cross join series_attempts on run_id = wanted.value ' +
          `cross join series_pages where series_pages.id >= series_attempts.id * ${PAGES_PER_ATTEMPT} ` +
          `and series_pages.id < (series_attempts.id + 1) * ${PAGES_PER_ATTEMPT}`,
      )
      .raw(),
    due: database.prepare(
      'select id, run_id, attempt, first_step, token, tail_bytes, tail_version, due from series_attempts ' +
        'where due <> 0 order by due, id limit 1',
    ),
  }
}
