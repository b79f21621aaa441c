/** Metrics as files: streamed, however many there are. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { listSweepJobs, type AnyJobRow, type JobRow } from '../../db/queries/jobs.ts'
import { logger } from '../base/process/log.ts'
import type { Context } from '../base/context.ts'
import { writeNumber } from '../formats/write-number.ts'
import { mergeMetrics } from '../read/runs/merge-metrics.ts'
import { metricNames } from '../base/finding/metric-names.ts'
import { csvCell } from '../formats/csv.ts'
import type { ParquetOrder } from './parquet-thread.ts'
import { ownValue } from '../../domain/own-value.ts'

const log = logger('http')

export const metricsFormats = ['csv', 'jsonl', 'parquet'] as const
export type MetricsFormat = (typeof metricsFormats)[number]

const types: Record<MetricsFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}
/** Text gathered before it is sent; between two pieces the server does its other work. */
const charactersEachPiece = 1 << 16

/** Sends the metrics of these runs under a name. */
export function sendMetrics(
  context: Context,
  response: ServerResponse,
  runs: AnyJobRow[],
  options: { name: string; format: MetricsFormat },
): void {
  const { name, format } = options
  const body =
    format === 'parquet'
      ? parquetPieces(context, runs)
      : pieces(format === 'csv' ? csvLines(context, runs) : jsonLines(context, runs))
  sendPieces(response, `${name}-metrics.${format}`, types[format], body)
}

/** Sends lines as they are made, as a download. */
export function sendLines(response: ServerResponse, name: string, type: string, lines: Iterable<string>): void {
  sendPieces(response, name, `${type}; charset=utf-8`, pieces(lines))
}

/** A reader that leaves ends it; so does a failure, with a file cut off. */
function sendPieces(
  response: ServerResponse,
  name: string,
  type: string,
  body: Iterable<Uint8Array> | AsyncIterable<string | Uint8Array>,
): void {
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}"`,
  })
  pipeline(Readable.from(body, { objectMode: false }), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.error(`The download ${name} was broken off`, error)
  })
}

/** The pieces of a Parquet file from a thread, each written when the one before was taken. */
async function* parquetPieces(context: Context, runs: AnyJobRow[]): AsyncGenerator<Uint8Array> {
  const order: ParquetOrder = {
    folder: context.config.dataFolder,
    runs: runs.map(({ id, number, params }) => ({ id, number, params })),
  }
  const thread = new Worker(new URL('./parquet-thread.ts', import.meta.url), { workerData: order })
  try {
    for (;;) {
      const answer = once(thread, 'message') as Promise<[Uint8Array | null]>
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      thread.postMessage('next')
      const [piece] = await answer
      if (piece === null) return
      yield piece
    }
  } finally {
    void thread.terminate()
  }
}

/** The trainings of a sweep by number. */
export function jobsOfSweep(context: Context, sweepId: number): JobRow[] {
  return listSweepJobs(context.database, sweepId, 'training')
}

/**
 * A table, a row a step: run and its parameters, attempt, step, seconds since 1970, then each metric that any of the runs
 * has. An empty cell: not logged at that step.
 */
export function* csvLines(context: Context, runs: AnyJobRow[]): Generator<string> {
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))]
  const places = new Map<string, number>()
  for (const run of runs)
    for (const name of metricNames(context.series, run.id)) if (!places.has(name)) places.set(name, places.size)
  const head = ['run', ...params, 'attempt', 'step', 'time', ...places.keys()]
  yield `${head.map(csvCell).join(',')}\r\n`
  for (const run of runs) {
    const names = metricNames(context.series, run.id)
    const first = [run.number, ...params.map((name) => ownValue(run.params, name))].map(csvCell).join(',')
    const cells: string[] = Array.from({ length: places.size }, () => '')
    for (const { attempt, step, time, values } of mergeMetrics(context.series, run.id, names)) {
      values.forEach((value, at) => (cells[places.get(names[at]!)!] = value === undefined ? '' : String(value)))
      yield `${first},${attempt},${step},${time ?? ''}${cells.length > 0 ? ',' : ''}${cells.join(',')}\r\n`
    }
  }
}

/** An object a step, its metrics as a trainer reports them: NaN and infinities are strings. */
export function* jsonLines(context: Context, runs: AnyJobRow[]): Generator<string> {
  for (const run of runs) {
    const names = metricNames(context.series, run.id)
    const keys = names.map((name) => JSON.stringify(name))
    const head = `{"type":"metrics","run":${run.number},"params":${JSON.stringify(run.params)}`
    for (const { attempt, step, time, values } of mergeMetrics(context.series, run.id, names)) {
      const logged = values.flatMap((value, at) =>
        value === undefined ? [] : `${keys[at]}:${Number.isFinite(value) ? writeNumber(value) : `"${value}"`}`,
      )
      const when = time === null ? '' : `,"time":${time}`
      yield `${head},"attempt":${attempt},"step":${step}${when},"values":{${logged.join(',')}}}\n`
    }
  }
}

async function* pieces(lines: Iterable<string>): AsyncGenerator<string> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < charactersEachPiece) continue
    yield piece
    piece = ''
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (piece !== '') yield piece
}
