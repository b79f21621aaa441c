/**
 * Plain downloads: a sweep as a file, files of run folders, and checkpoints as archives (checkpoints/list-files.ts says of which
 * files). Nothing else of the disk is ever served.
 */
import { createReadStream, realpathSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import type { JobRow } from '../../db/queries/jobs.ts'
import { SweepboardError } from '../../domain/errors.ts'
import type { Context } from '../context.ts'
import { describeParameters } from '../sweeps/describe-parameters.ts'
import { describeSweep } from '../sweeps/describe-sweep.ts'
import { readBoardQuery } from '../../domain/board-query.ts'
import { boardAsCsv } from '../leaderboard/export-board.ts'
import { type LineageReport, reportAsMarkdown, reportChain } from '../lineage/export-lineage.ts'
import { requireSweep } from '../sweeps/find-sweep.ts'
import { sweepResult } from '../sweeps/sweep-result.ts'
import { requireRun } from '../runs/change-run.ts'
import { sendCheckpoint } from './archive.ts'
import { type MetricsFormat, runsOf, sendMetrics } from './export-metrics.ts'
import { sendSamples } from './export-samples.ts'
import { parametersAsCsv, sweepAsCsv } from './export-sweep.ts'

/** Answers `/export/` (sweeps, runs, lineage, checkpoints, the leaderboard) and `/files/…`. False: the path is none of these. */
export function serveFile(context: Context, request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const download = /^\/export\/sweeps\/(\d+)\.(csv|json|yaml)$/.exec(pathname)
  const file = /^\/files\/(\d+)\/(\d+)\/(.+)$/.exec(pathname)
  const chain = /^\/export\/lineage\/(\d+)\.(md|json)$/.exec(pathname)
  const metrics = /^\/export\/(runs|sweeps)\/(\d+)\/metrics\.(csv|jsonl|parquet)$/.exec(pathname)
  const checkpoint = /^\/export\/checkpoints\/(\d+)\.tar$/.exec(pathname)
  const parameters = /^\/export\/sweeps\/(\d+)\/parameters\.csv$/.exec(pathname)
  const board = pathname === '/export/leaderboard.csv'
  const samples = /^\/export\/runs\/(\d+)\/samples\.jsonl$/.exec(pathname)
  if (!download && !file && !chain && !metrics && !samples && !checkpoint && !parameters && !board) return false
  try {
    if (board)
      sendDownload(response, 'leaderboard', 'csv', 'text/csv', boardAsCsv(context, readBoardQuery(searchParams)))
    else if (metrics) sendMetricsOf(context, response, metrics[1]!, Number(metrics[2]), metrics[3] as MetricsFormat)
    else if (checkpoint) sendCheckpoint(context, response, Number(checkpoint[1]))
    else if (samples) sendSamplesOf(context, response, Number(samples[1]))
    else if (download) sendSweep(context, response, Number(download[1]), download[2] as 'csv' | 'json' | 'yaml')
    else if (parameters) sendParameters(context, response, Number(parameters[1]))
    else if (chain) {
      const baseline = searchParams.get('baseline')
      const report = reportChain(context, Number(chain[1]), baseline === null ? null : Number(baseline))
      sendReport(response, report, chain[2] as 'md' | 'json')
    } else if (file) sendRunFile(context, response, file[1]!, file[2]!, file[3]!)
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(error.message)
  }
  return true
}

function sendMetricsOf(
  context: Context,
  response: ServerResponse,
  of: string,
  id: number,
  format: MetricsFormat,
): void {
  if (of === 'sweeps') {
    const { name } = requireSweep(context, id)
    sendMetrics(context, response, runsOf(context, id), { name, format })
    return
  }
  const run = requireRun(context, id)
  sendMetrics(context, response, [run], { name: nameOfRun(context, run), format })
}

function sendSamplesOf(context: Context, response: ServerResponse, id: number): void {
  const run = requireRun(context, id)
  sendSamples(context, response, run, nameOfRun(context, run))
}

function nameOfRun(context: Context, run: JobRow): string {
  return `${requireSweep(context, run.sweepId).name}-run-${run.number}`
}

function sendParameters(context: Context, response: ServerResponse, id: number): void {
  const sweep = requireSweep(context, id)
  describeParameters(context, sweep).then(
    (view) => sendDownload(response, `${sweep.name}-parameters`, 'csv', 'text/csv', parametersAsCsv(view)),
    (error: unknown) => {
      console.error(error)
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('The effects could not be computed.')
    },
  )
}

function sendReport(response: ServerResponse, report: LineageReport, format: 'md' | 'json'): void {
  const [type, text] =
    format === 'md'
      ? ['text/markdown', reportAsMarkdown(report)]
      : ['application/json', `${JSON.stringify(report, null, 2)}\n`]
  sendDownload(response, `lineage-${report.runs.at(-1)!.sweepName}`, format, type!, text!)
}

function sendSweep(context: Context, response: ServerResponse, id: number, format: 'csv' | 'json' | 'yaml'): void {
  const sweep = describeSweep(context, requireSweep(context, id), { whole: true })
  const [type, text] =
    format === 'csv'
      ? ['text/csv', sweepAsCsv(sweep)]
      : format === 'json'
        ? ['application/json', `${JSON.stringify(sweepResult(sweep), null, 2)}\n`]
        : ['application/yaml', sweep.source]
  sendDownload(response, sweep.name, format, type!, text!)
}

function sendDownload(response: ServerResponse, name: string, format: string, type: string, text: string): void {
  const safeName = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-') || 'export'
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-disposition': `attachment; filename="${safeName}.${format}"`,
  })
  response.end(text)
}

function sendRunFile(context: Context, response: ServerResponse, job: string, attempt: string, rest: string): void {
  const folder = path.join(context.config.dataFolder, 'runs', job, attempt)
  const missing = new SweepboardError('not-found', 'There is no such file in this run.')
  let file: string
  try {
    // Links are followed first, so that none leads out of the folder.
    file = realpathSync(path.join(folder, decodeURIComponent(rest)))
    if (!file.startsWith(realpathSync(folder) + path.sep) || !statSync(file).isFile()) throw missing
  } catch {
    throw missing
  }
  // Never rendered as a page: what a trainer wrote must not run in this origin.
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  })
  createReadStream(file).pipe(response)
}
