/** MLflow's SQLite store (`mlflow.db`), of any version: what it has no table or column for was not logged. */
import path from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { localFolder } from '../../formats/imports/mlflow-meta.ts'
import { databaseError, openTrackerDatabase, columnsIn } from '../../formats/imports/tracker-database.ts'
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import type { Telling } from '../../formats/imports/telling.ts'
import { isStep, quoted } from '../../formats/plain-values.ts'
import { firstProblems } from '../../formats/read-metric-file.ts'
import type { StoredModel, UsedModel } from './mlflow-models.ts'
import { MlflowPoints } from './mlflow-points.ts'
import { deletedRuns, inputsBody, tellMlflowRun, type StoredMlflowRun } from './mlflow-run.ts'

type Database = SqliteDatabase.Database
type Row = Record<string, unknown>

/** SQL knows no infinity: MLflow writes the largest number for it. */
const largest = 1.7976931348623157e308

/** What the runs of the database tell, the oldest run first. Throws `invalid` where it is damaged. */
export function* readMlflowDatabase(store: FoundStore, options: StoreOptions): Generator<Telling> {
  const [[file]] = store.attempts
  const { database } = openTrackerDatabase(file)
  try {
    const reader = new RunReader(database, store.place, firstProblems(file, options.tell))
    const experiments = new Map(rowsOf(database, 'experiments').map((row) => [row.experiment_id, row]))
    const deleted = new Map<string, number>()
    for (const row of rowsOf(database, 'runs').toSorted((a, b) => Number(a.start_time) - Number(b.start_time))) {
      const experiment = experiments.get(row.experiment_id)
      const name = textOf(experiment?.name) ?? String(row.experiment_id)
      if (row.lifecycle_stage === 'deleted' || experiment?.lifecycle_stage === 'deleted')
        deleted.set(name, (deleted.get(name) ?? 0) + 1)
      else if (textOf(row.run_uuid) !== null) yield* tellMlflowRun(reader.read(row, name))
    }
    for (const [name, count] of deleted) options.note(deletedRuns(count, name))
  } catch (error) {
    throw databaseError(file, error)
  } finally {
    database.close()
  }
}

class RunReader {
  private readonly database: Database
  private readonly place: string
  private readonly report: (text: string) => void
  private readonly metrics: string
  private readonly has: (table: string) => boolean

  constructor(database: Database, place: string, report: (text: string) => void) {
    this.database = database
    this.place = place
    this.report = report
    this.metrics = metricsByRun(database)
    this.has = (table) => columnsIn(database, table).length > 0
  }

  read(row: Row, experiment: string): StoredMlflowRun {
    const id = textOf(row.run_uuid)!
    const tags = this.texts('tags', id)
    return {
      id,
      name: textOf(row.name) ?? tags.get('mlflow.runName') ?? id,
      experiment,
      status: textOf(row.status) ?? '',
      start: wholeIn(row.start_time),
      end: wholeIn(row.end_time),
      params: this.texts('params', id),
      tags,
      points: this.points(id),
      ...this.inputs(id),
      models: this.models(id),
      artifacts: this.localOf(row.artifact_uri),
    }
  }

  private localOf(uri: unknown): string | null {
    return localFolder(textOf(uri), path.dirname(this.place))
  }

  private all(sql: string, ...values: unknown[]): Row[] {
    return this.database.prepare(sql).all(...values) as Row[]
  }

  private texts(table: 'params' | 'tags', id: string): Map<string, string> {
    const rows = this.all(`select key, value from ${table} where run_uuid = ? order by rowid`, id)
    return new Map(
      rows.flatMap(({ key, value }) => (typeof key === 'string' && typeof value === 'string' ? [[key, value]] : [])),
    )
  }

  private points(id: string): MlflowPoints {
    const points = new MlflowPoints()
    const rows = this.database
      .prepare(`select key, value, timestamp, step, is_nan from ${this.metrics} where run_uuid = ? order by rowid`)
      .iterate(id) as IterableIterator<Row>
    for (const { key, value, timestamp, step, is_nan: isNan } of rows) {
      const time = wholeIn(timestamp)
      if (typeof key === 'string' && typeof value === 'number' && time !== null && isStep(step))
        points.add(key, { time, step, value: isNan ? NaN : valueOf(value) })
      else {
        const [what, given] =
          typeof key !== 'string'
            ? ['name', key]
            : time === null
              ? ['timestamp', timestamp]
              : isStep(step)
                ? ['value', value]
                : ['step', step]
        this.report(`the run ${id} has a point of ${quoted(key)} with the ${what} ${quoted(given)}; it was passed over`)
      }
    }
    return points
  }

  private inputs(id: string): Pick<StoredMlflowRun, 'inputs' | 'used'> {
    if (!this.has('inputs')) return { inputs: inputsBody([], []), used: [] }
    const links = this.all(`select * from inputs where destination_id = ? or source_id = ? order by rowid`, id, id)
    const datasets = links.flatMap((link) => {
      if (link.source_type !== 'DATASET' || !this.has('datasets')) return []
      const [row] = this.all('select name, digest from datasets where dataset_uuid = ?', link.source_id)
      if (row === undefined) return []
      const tags = this.has('input_tags')
        ? this.all('select name, value from input_tags where input_uuid = ? order by rowid', link.input_uuid)
        : []
      const pairs = tags.map(({ name, value }) => [String(name), String(value)] as const)
      return [{ name: textOf(row.name) ?? '', digest: textOf(row.digest) ?? '', tags: Object.fromEntries(pairs) }]
    })
    const models = links
      .filter((link) => link.destination_type === 'MODEL_INPUT')
      .flatMap((link) => textOf(link.destination_id) ?? [])
    return { inputs: inputsBody(datasets, models), used: this.used(models) }
  }

  private used(ids: string[]): UsedModel[] {
    if (ids.length === 0 || !this.has('logged_models')) return []
    return ids.flatMap((id) => {
      const [row] = this.all(`select * from logged_models where model_id = ? and lifecycle_stage <> 'deleted'`, id)
      const run = textOf(row?.source_run_id)
      return row === undefined || run === null ? [] : [{ run, model: this.modelOf(row, null) }]
    })
  }

  private models(id: string): StoredModel[] {
    if (!this.has('logged_models')) return []
    const outputs = new Map(
      this.all(`select * from inputs where source_id = ? and destination_type = 'MODEL_OUTPUT'`, id).map((link) => [
        link.destination_id,
        wholeIn(link.step),
      ]),
    )
    const rows = this.all('select * from logged_models where source_run_id = ? order by creation_timestamp_ms', id)
    return rows
      .filter((row) => row.lifecycle_stage !== 'deleted')
      .map((row) => this.modelOf(row, outputs.get(row.model_id) ?? null))
  }

  private modelOf(row: Row, step: number | null): StoredModel {
    return {
      id: textOf(row.model_id),
      name: textOf(row.name) ?? 'model',
      folder: this.localOf(row.artifact_location),
      step,
      created: wholeIn(row.creation_timestamp_ms),
    }
  }
}

/** The table of points to ask for those of one run: a copy with an index beside the file, where the database is of a version that had none. */
function metricsByRun(database: Database): string {
  const names = database.prepare(`select name from pragma_index_list('metrics')`).pluck().all() as string[]
  const first = database.prepare('select name from pragma_index_info(?) where seqno = 0').pluck()
  if (names.some((name) => first.get(name) === 'run_uuid')) return 'main.metrics'
  // it is SQLite's own file, not the store's
  database.pragma('query_only = OFF')
  database.exec(`create temp table points as select run_uuid, key, value, timestamp, step, is_nan from main.metrics
                 order by main.metrics.rowid; create index temp.points_of_run on points (run_uuid)`)
  database.pragma('query_only = ON')
  return 'temp.points'
}

const valueOf = (value: number) => (Math.abs(value) < largest ? value : value > 0 ? Infinity : -Infinity)
const rowsOf = (database: Database, table: string) => database.prepare(`select * from ${table}`).all() as Row[]
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const wholeIn = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null)
