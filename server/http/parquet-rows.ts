/** The metrics of runs as a Parquet file, written a row group at a time: what is in memory is a group, however long the file. */
import { ByteWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer'
import type { SeriesStore } from '../../db/series/index.ts'
import { mergeMetrics } from '../read/runs/merge-metrics.ts'
import { metricNames } from '../base/finding/metric-names.ts'

export type RunOfFile = { id: number; number: number; params: Record<string, string> }

/** Values gathered before a group is written. */
const VALUES_A_GROUP = 1 << 20
const MOST_ROWS_A_GROUP = 1 << 16
/** With more metrics than this a row holds one value: readers and the writer are slow with thousands of columns. */
const MOST_METRIC_COLUMNS = 1000

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

type Row = {
  run: RunOfFile
  attempt: number
  step: number
  time: number | null
  /** In the order of the metrics of the file, or the one value. */
  values: (number | undefined)[]
  /** Where a row holds one value: the metric it is of. */
  metric?: string
}
type Column = Omit<ColumnSource, 'data'> & { read: (row: Row) => unknown }

/**
 * The bytes of the file, piece by piece: a row a step as in the CSV. A parameter is a column of numbers where each run's value is
 * one, else of texts. NaN and infinities are values; null: not logged at that step. A name that is taken already gets a prefix.
 * Beyond 1,000 metrics: a row a value, with the columns `metric` and `value`.
 */
export function* parquetPieces(series: SeriesStore, runs: RunOfFile[]): Generator<Uint8Array> {
  const metrics = new Set<string>()
  for (const run of runs) for (const name of metricNames(series, run.id)) metrics.add(name)
  const long = metrics.size > MOST_METRIC_COLUMNS
  const columns = columnsOf(runs, long ? null : [...metrics])
  const size = Math.min(MOST_ROWS_A_GROUP, Math.ceil(VALUES_A_GROUP / columns.length))

  const bytes = new ByteWriter()
  const types = columns.map(({ read: _, ...column }) => ({ ...column, data: [] }))
  // without figures of the columns: NaN has no place in them
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: types }),
    statistics: false,
  })
  const take = (): Uint8Array => {
    const piece = bytes.getBytes().slice()
    bytes.index = 0
    return piece
  }
  let rows: Row[] = []
  const writeGroup = (): void => {
    const columnData = columns.map(({ name, encoding, read }) => ({
      name,
      ...(encoding && { encoding }),
      data: rows.map(read),
    }))
    void writer.write({ columnData, rowGroupSize: rows.length })
    rows = []
  }
  for (const row of long ? rowsOfValues(series, runs) : rowsOfSteps(series, runs, [...metrics])) {
    if (rows.push(row) < size) continue
    writeGroup()
    yield take()
  }
  if (rows.length > 0) writeGroup()
  void writer.finish()
  yield take()
}

function* rowsOfSteps(series: SeriesStore, runs: RunOfFile[], metrics: string[]): Generator<Row> {
  const places = new Map(metrics.map((name, at) => [name, at]))
  for (const run of runs) {
    const names = metricNames(series, run.id)
    for (const { values, ...row } of mergeMetrics(series, run.id, names)) {
      const all: (number | undefined)[] = Array.from(metrics, () => undefined)
      for (const [at, value] of values.entries()) all[places.get(names[at]!)!] = value
      yield { run, ...row, values: all }
    }
  }
}

function* rowsOfValues(series: SeriesStore, runs: RunOfFile[]): Generator<Row> {
  for (const run of runs) {
    for (const metric of metricNames(series, run.id)) {
      for (const { attempt, step, time, value } of series.values(run.id, metric)) {
        yield { run, attempt, step, time, metric, values: [value] }
      }
    }
  }
}

/** `metrics` null: a row a value. */
function columnsOf(runs: RunOfFile[], metrics: string[] | null): Column[] {
  const taken = new Set(['run', 'attempt', 'step', 'time', ...(metrics === null ? ['metric', 'value'] : [])])
  // plain: a dictionary would take -0 for 0
  const value = (name: string, at: number): Column => ({
    name,
    type: 'DOUBLE',
    encoding: 'PLAIN',
    read: (row) => row.values[at] ?? null,
  })
  return [
    { name: 'run', type: 'INT32', nullable: false, read: (row) => row.run.number },
    ...[...new Set(runs.flatMap((run) => Object.keys(run.params)))].map((param): Column => {
      const name = freeName(taken, param, 'param.')
      if (!runs.every((run) => DECIMAL.test(run.params[param] ?? '0'))) {
        return { name, type: 'STRING', read: (row) => row.run.params[param] ?? null }
      }
      return {
        name,
        type: 'DOUBLE',
        read: ({ run }) => (run.params[param] === undefined ? null : Number(run.params[param])),
      }
    }),
    { name: 'attempt', type: 'INT32', nullable: false, read: (row) => row.attempt },
    { name: 'step', type: 'INT64', nullable: false, read: (row) => BigInt(row.step) },
    { name: 'time', type: 'DOUBLE', read: (row) => row.time },
    ...(metrics === null
      ? [
          { name: 'metric', type: 'STRING', nullable: false, read: (row: Row) => row.metric } as const,
          value('value', 0),
        ]
      : metrics.map((metric, at) => value(freeName(taken, metric, 'metric.'), at))),
  ]
}

/** The name, prefixed while it is taken; takes it. */
function freeName(taken: Set<string>, name: string, prefix: string): string {
  let free = name
  while (taken.has(free)) free = prefix + free
  taken.add(free)
  return free
}
