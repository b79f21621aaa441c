/** SQLite files in which trackers keep their runs, read and never written. */
import { closeSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { SweepboardError } from '../../../domain/errors.ts'
import { requireFile } from '../read-metric-file.ts'
import { localFolder } from './mlflow-meta.ts'

export type TrackerDatabase = { kind: 'mlflow-database' | 'trackio-database'; database: SqliteDatabase.Database }

/** A database of something else. */
export class OtherDatabase extends SweepboardError {}

const beginning = Buffer.from('SQLite format 3\0')
/** Tables, and columns of them, without which it is none of the tracker's. */
const needed: Record<TrackerDatabase['kind'], Record<string, string[]>> = {
  'mlflow-database': {
    experiments: ['experiment_id', 'name'],
    runs: ['run_uuid', 'experiment_id', 'status', 'start_time', 'end_time', 'lifecycle_stage'],
    metrics: ['run_uuid', 'key', 'value', 'timestamp', 'step', 'is_nan'],
    params: ['run_uuid', 'key', 'value'],
    tags: ['run_uuid', 'key', 'value'],
  },
  'trackio-database': { metrics: ['id', 'run_name', 'timestamp', 'step', 'metrics'] },
}

/** Whether the file begins as SQLite's do. Throws `invalid` where it cannot be read. */
export const isDatabaseFile = (file: string): boolean => headOf(file).subarray(0, beginning.length).equals(beginning)

/** A file's first bytes. Throws `invalid` where it cannot be read. */
export function headOf(file: string): Buffer {
  const { descriptor } = requireFile(file)
  try {
    const head = Buffer.alloc(100)
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * SQLite makes two files beside a database with a write-ahead log, and removes them when the last who may write leaves: where nobody has
 * it open it is opened as by one of these, who then writes nothing.
 */
function isLogAlone(file: string): boolean {
  const isLogged = headOf(file)[18] === 2
  return isLogged && (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** Opens one, whose tracker its tables say; whoever asked for it closes it. Throws `invalid`, with the reason. */
export function openTrackerDatabase(file: string): TrackerDatabase {
  let database: SqliteDatabase.Database | undefined
  try {
    database = new SqliteDatabase(file, { readonly: !isLogAlone(file), fileMustExist: true, timeout: 5000 })
    database.pragma('query_only = ON')
    // nothing that the file defines is run
    database.pragma('trusted_schema = OFF')
    const kinds = Object.keys(needed) as TrackerDatabase['kind'][]
    const kind = kinds.find((each) => hasTables(database!, needed[each]))
    if (kind !== undefined) return { kind, database }
    const tables = database.prepare(`select name from sqlite_master where type = 'table' limit 20`).pluck().all()
    const has = tables.length === 0 ? 'no tables' : `the tables ${tables.join(', ')}`
    throw new OtherDatabase(
      'invalid',
      `${file} is a SQLite database of no tracker that is known; it has ${has}; expected MLflow's (experiments, runs, metrics, params, tags) or Trackio's (metrics, with run_name).`,
    )
  } catch (error) {
    database?.close()
    throw databaseError(file, error)
  }
}

/** An error of SQLite's as one of ours; any other as it is. */
export function databaseError(file: string, error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError)) return error
  return new SweepboardError('invalid', `${file} cannot be read as a SQLite database: ${error.message}.`)
}

/** The columns of a table; none where there is no such table, or something else of that name. */
export function columnsIn(database: SqliteDatabase.Database, table: string): string[] {
  const sql = database.prepare(`select sql from sqlite_master where type = 'table' and name = ?`).pluck().get(table)
  if (typeof sql !== 'string' || !/^create table/i.test(sql)) return []
  return database.prepare('select name from pragma_table_info(?)').pluck().all(table) as string[]
}

function hasTables(database: SqliteDatabase.Database, tables: Record<string, string[]>): boolean {
  return Object.entries(tables).every(([table, columns]) => {
    const found = columnsIn(database, table)
    return columns.every((column) => found.includes(column))
  })
}

/** Which tracker's a database is, and the folders beside it in which that keeps files of its runs. Throws `invalid`. */
export function describeDatabase(file: string): { kind: TrackerDatabase['kind']; folders: string[] } {
  const { kind, database } = openTrackerDatabase(file)
  try {
    return { kind, folders: kind === 'trackio-database' ? [mediaFolder(file)] : artifactFolders(file, database) }
  } catch (error) {
    throw databaseError(file, error)
  } finally {
    database.close()
  }
}

function artifactFolders(file: string, database: SqliteDatabase.Database): string[] {
  if (!columnsIn(database, 'experiments').includes('artifact_location')) return []
  const addresses = database.prepare('select artifact_location from experiments').pluck().all()
  const beside = path.dirname(path.resolve(file))
  return addresses
    .flatMap((at) => (typeof at === 'string' ? (localFolder(at, beside) ?? []) : []))
    .filter((folder) => folder.startsWith(beside + path.sep))
}

/** Where Trackio keeps the images, sounds and films of a project. */
export const mediaFolder = (file: string): string =>
  path.join(path.dirname(path.resolve(file)), 'media', path.parse(file).name)
