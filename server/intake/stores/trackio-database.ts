/** Trackio's local store, a SQLite file a project: what its client would have sent here, by the code that takes it live. */
import path from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { isFolderThere } from '../../attempt-files/names-in.ts'
import { NestedTooDeep } from '../../attempt-files/json-depth.ts'
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import type { Telling, ToldRun } from '../../formats/imports/telling.ts'
import { columnsIn, databaseError, mediaFolder, openTrackerDatabase } from '../../formats/imports/tracker-database.ts'
import { isObject, quoted } from '../../formats/plain-values.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { firstProblems } from '../../formats/read-metric-file.ts'
import type { IntakeOutcome } from '../protocol.ts'
import { Trackio } from '../trackio/index.ts'
import { storedRun } from './stored-run.ts'

/** Entries that are read at once. */
const together = 500
/** A row's columns beside its run: a version without one of them has null there. */
const columns = {
  metrics: ['timestamp', 'step', 'metrics', 'log_id'],
  configs: ['config'],
  alerts: ['title', 'text', 'level', 'step', 'alert_id'],
}

type Row = Record<string, unknown>

/** What the runs of the project tell, in the order in which they began. Throws `invalid` where the file is damaged. */
export function* readTrackioDatabase(store: FoundStore, options: StoreOptions): Generator<Telling> {
  const [[file]] = store.attempts
  const { database } = openTrackerDatabase(file)
  const report = firstProblems(file, options.tell)
  const project = path.parse(store.place).name
  try {
    const tables = (Object.keys(columns) as (keyof typeof columns)[]).filter((table) => hasTable(database, table))
    const reading = { file, database, tables, project, report }
    // the first versions knew a run by its name
    for (const { run, run_id: id } of runsIn(database, tables)) {
      if (typeof run !== 'string' || typeof id !== 'string' || id === '')
        report(`it has the run ${quoted(run)} with the id ${quoted(id)}; expected texts, so it was passed over`)
      else yield* tellRun({ key: id, name: run, tracked: { project, parent: null } }, reading)
    }
  } catch (error) {
    throw databaseError(file, error)
  } finally {
    database.close()
  }
}

type Reading = {
  file: string
  database: SqliteDatabase.Database
  tables: (keyof typeof columns)[]
  project: string
  report: (text: string) => void
}

function* tellRun(run: ToldRun, reading: Reading): Generator<Telling> {
  const { database, tables, project, report } = reading
  const live = new Trackio(storedRun(run.key))
  const of = { project, run: run.name, run_id: run.key }
  const telling = (outcome: IntakeOutcome): Telling => {
    outcome.commit?.()
    return { run, attempt: 1, events: outcome.events }
  }
  const rowsOf = (table: keyof typeof columns) =>
    tables.includes(table)
      ? (database.prepare(selectOf(database, table)).iterate(run.key) as IterableIterator<Row>)
      : [].values()
  const objectIn = (row: Row, column: string): Row | null => {
    const problem = (text: string) => report(`the row ${worded(row.id)} of ${run.name} ${text}; it was passed over`)
    try {
      const value = parsePythonJson(textOf(row[column]) ?? '')
      if (isObject(value)) return value
      problem(`has the ${column} ${quoted(value)}; expected an object`)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const why = error instanceof NestedTooDeep ? 'is nested too deep' : 'is no JSON'
      problem(`has ${column} that ${why}: ${quoted(textOf(row[column]))}`)
    }
    return null
  }
  const [config = null] = [...rowsOf('configs')].map((row) => objectIn(row, 'config'))
  yield dated(telling(live.log([{ ...of, config: config ?? {}, metrics: {}, log_id: 'config' }])), config?._Created)
  let entries: Row[] = []
  for (const row of rowsOf('metrics')) {
    const metrics = objectIn(row, 'metrics')
    if (metrics === null) continue
    const { timestamp, step, log_id: mark } = row
    entries.push({ ...of, metrics, step, timestamp, log_id: mark ?? `row ${worded(row.id)}` })
    if (entries.length < together) continue
    yield telling(live.log(entries))
    entries = []
  }
  yield telling(live.log(entries))
  yield telling(live.alert([...rowsOf('alerts')]))
  yield { run, attempt: 1, events: [...artifactsOf(run, reading), ...mediaOf(run, reading)] }
}

/** What it used and made: the files of all artifacts lie together there, by what they hold, so that none is a folder of its own. */
function artifactsOf({ key }: ToldRun, { database }: Reading): TrainerEvent[] {
  if (!['run_artifact_links', 'artifact_versions', 'artifacts'].every((table) => hasTable(database, table))) return []
  const links = database
    .prepare(
      `select artifacts.name, artifacts.type, version, direction from run_artifact_links as link
       join artifact_versions on artifact_versions.id = link.artifact_version_id
       join artifacts on artifacts.id = artifact_versions.artifact_id where link.run_id = ? order by link.id`,
    )
    .all(key) as Row[]
  return links.map(({ name, type, version, direction }) => ({
    type: 'artifact',
    role: direction === 'input' ? 'used' : 'made',
    name: String(name),
    kind: String(type),
    about: `v${String(version)}`,
  }))
}

/** The folder of its images, sounds and films, where it has one. */
function mediaOf({ name }: ToldRun, { file }: Reading): TrainerEvent[] {
  const all = mediaFolder(file)
  const folder = path.join(all, name)
  if (path.dirname(folder) !== all || !isFolderThere(folder)) return []
  return [{ type: 'artifact', role: 'made', name: 'media', kind: 'files', about: folder }]
}

/** The settings of a run say when it began. */
function dated(telling: Telling, created: unknown): Telling {
  const time = typeof created === 'string' ? Date.parse(created) / 1000 : NaN
  if (!Number.isFinite(time)) return telling
  return { ...telling, events: telling.events.map((event): TrainerEvent => ({ ...event, time })) }
}

/** Every run that has a row anywhere, by its id, which in the first versions was its name. */
function runsIn(database: SqliteDatabase.Database, tables: (keyof typeof columns)[]): Row[] {
  const parts = tables.map(
    (table, at) =>
      `select ${idIn(database, table)} as run_id, run_name as run, min(${table === 'configs' ? at : 0}) as place, min(id) as first
       from ${table} group by 1`,
  )
  const sql = `select run_id, run, min(first) from (${parts.join(' union all ')}) group by run_id order by min(place), min(first)`
  return database.prepare(sql).all() as Row[]
}

const idIn = (database: SqliteDatabase.Database, table: string) =>
  columnsIn(database, table).includes('run_id') ? 'run_id' : 'run_name'

function selectOf(database: SqliteDatabase.Database, table: keyof typeof columns): string {
  const there = columnsIn(database, table)
  const own = columns[table].map((name) => (there.includes(name) ? name : `null as ${name}`))
  return `select id, ${own.join(', ')} from ${table} where ${idIn(database, table)} = ? order by id`
}

const hasTable = (database: SqliteDatabase.Database, table: string) => columnsIn(database, table).length > 0
/** Texts are bytes here: its JSON writer gives these. */
const textOf = (value: unknown) =>
  Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : null
const worded = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : quoted(value)
