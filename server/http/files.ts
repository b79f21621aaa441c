/**
 * Plain downloads: a sweep as a file, files of run folders, and checkpoints as archives (checkpoints/list-files.ts says of which
 * files). Nothing else of the disk is ever served.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AnyJobRow } from '../../db/queries/jobs.ts'
import { findOwnRun } from '../../db/queries/own-runs.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { openFileHandle, UnreadableFile } from '../attempt-files/open-file.ts'
import { logger } from '../base/process/log.ts'
import type { Context } from '../base/context.ts'
import { describeParameters } from '../read/sweeps/describe-parameters.ts'
import { describeWholeSweep } from '../read/sweeps/describe-sweep.ts'
import { readBoardQuery } from '../../domain/asking/board-query.ts'
import { boardAsCsv } from '../read/leaderboard/export-board.ts'
import { timelineAsSvg } from '../read/lineage/timeline-as-svg.ts'
import { reportAsMarkdown, reportChain } from '../read/lineage/export-lineage.ts'
import { requireSweep } from '../base/finding/find-sweep.ts'
import { sweepResult } from '../read/sweeps/sweep-result.ts'
import { requireAnyRun } from '../base/finding/find-run-job.ts'
import { sendCheckpoint } from './archive.ts'
import { chosenAsJsonl, impactAsCsv, readImpactQuery } from './export-impact.ts'
import { type MetricsFormat, metricsFormats, jobsOfSweep, sendMetrics } from './export-metrics.ts'
import { comparisonAsHtml } from '../read/compare/comparison-as-html.ts'
import { describeComparison } from '../read/compare/describe-comparison.ts'
import { lineageAsHtml } from '../read/lineage/lineage-as-html.ts'
import { sweepAsHtml } from '../read/sweeps/sweep-as-html.ts'
import { sendSamples } from './export-samples.ts'
import { parametersAsCsv, sweepAsCsv } from './export-sweep.ts'

const log = logger('http')

type Answer = (
  context: Context,
  response: ServerResponse,
  parts: string[],
  search: URLSearchParams,
) => void | Promise<void>

/** Address, and what answers it; `parts` are the bracketed ones. */
const addresses: [RegExp, Answer][] = [
  [
    /^\/export\/sweeps\/(\d+)\.(csv|json|yaml|html)$/,
    (context, response, [id, format]) => sendSweep(context, response, Number(id), format as SweepFormat),
  ],
  [
    /^\/export\/sweeps\/(\d+)\/parameters\.csv$/,
    (context, response, [id]) => sendParameters(context, response, Number(id)),
  ],
  [
    new RegExp(`^/export/(runs|sweeps)/(\\d+)/metrics\\.(${metricsFormats.join('|')})$`),
    (context, response, [of, id, format]) => sendMetricsOf(context, response, of!, Number(id), format as MetricsFormat),
  ],
  [
    /^\/export\/runs\/(\d+)\/samples\.jsonl$/,
    (context, response, [id]) => sendSamplesOf(context, response, Number(id)),
  ],
  [
    /^\/export\/runs\/(\d+)\/(impact\.csv|problems\.jsonl)$/,
    (context, response, [id, file], search) => sendImpact(context, response, Number(id), file!, search),
  ],
  [/^\/export\/checkpoints\/(\d+)\.tar$/, (context, response, [id]) => sendCheckpoint(context, response, Number(id))],
  [/^\/export\/compare\.html$/, (context, response, _parts, search) => sendComparison(context, response, search)],
  [
    /^\/export\/lineage\/(\d+)\.(md|json|svg|html)$/,
    (context, response, [id, format], search) =>
      sendChain(context, response, Number(id), search.get('baseline'), format as ReportFormat),
  ],
  [
    /^\/export\/leaderboard\.csv$/,
    (context, response, _parts, search) =>
      sendDownload(response, 'leaderboard', 'csv', 'text/csv', boardAsCsv(context, readBoardQuery(search))),
  ],
  [
    /^\/files\/(\d+)\/(\d+)\/(.+)$/,
    (context, response, [run, attempt, file]) => sendRunFile(context, response, [run!, attempt!, file!]),
  ],
]

/** Answers `/export/` (sweeps, runs, lineage, checkpoints, the leaderboard) and `/files/…`. False: the path is none of these. */
export function serveFile(context: Context, request: IncomingMessage, response: ServerResponse, address: URL): boolean {
  const { pathname, searchParams } = address
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  for (const [address, answer] of addresses) {
    const found = address.exec(pathname)
    if (found === null) continue
    Promise.try(answer, context, response, found.slice(1), searchParams).catch((error: unknown) =>
      sendFailure(response, pathname, error),
    )
    return true
  }
  return false
}

/** Whatever it was, the connection does not stay open: broken off where a part was sent already. */
function sendFailure(response: ServerResponse, pathname: string, error: unknown): void {
  const expected = error instanceof SweepboardError
  if (!expected) log.error(`${pathname} failed`, error)
  if (response.headersSent) response.destroy()
  else {
    response
      .writeHead(expected ? 404 : 500, { 'content-type': 'text/plain; charset=utf-8' })
      .end(expected ? error.message : 'The server failed at this; its log says why.')
  }
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
    sendMetrics(context, response, jobsOfSweep(context, id), { name, format })
    return
  }
  const run = requireAnyRun(context, id)
  sendMetrics(context, response, [run], { name: nameOfRun(context, run), format })
}

function sendSamplesOf(context: Context, response: ServerResponse, id: number): void {
  const run = requireAnyRun(context, id)
  sendSamples(context, response, run, nameOfRun(context, run))
}

function nameOfRun(context: Context, run: AnyJobRow): string {
  const of =
    run.sweepId === null ? findOwnRun(context.database, run.id)!.project.name : requireSweep(context, run.sweepId).name
  return `${of}-run-${run.number}`
}

async function sendParameters(context: Context, response: ServerResponse, id: number): Promise<void> {
  const sweep = requireSweep(context, id)
  const view = await describeParameters(context, sweep)
  sendDownload(response, `${sweep.name}-parameters`, 'csv', 'text/csv', parametersAsCsv(view))
}

type ReportFormat = 'md' | 'json' | 'svg' | 'html'
type SweepFormat = 'csv' | 'json' | 'yaml' | 'html'

/** `?runs=1,2` or `?checkpoints=12,34`, as the page's own address has it, and `baseline`. */
async function sendComparison(context: Context, response: ServerResponse, search: URLSearchParams): Promise<void> {
  const of = search.has('runs') && !search.has('checkpoints') ? 'runs' : 'checkpoints'
  const ids = [...new Set((search.get(of) ?? '').split(',').map(Number))].filter(
    (id) => Number.isSafeInteger(id) && id > 0,
  )
  const baselineId = Number(search.get('baseline')) || null
  const view = await describeComparison(context, { of, ids, baselineId })
  sendDownload(response, 'comparison', 'html', 'text/html', comparisonAsHtml(view, Date.now()))
}

function sendChain(
  context: Context,
  response: ServerResponse,
  runId: number,
  baseline: string | null,
  format: ReportFormat,
): void {
  const report = reportChain(context, runId, baseline === null ? null : Number(baseline))
  const name = `lineage-${report.runs.at(-1)!.home.name}`
  if (format === 'json') {
    sendDownload(response, name, 'json', 'application/json', `${JSON.stringify(report, null, 2)}\n`)
    return
  }
  const timeline = timelineAsSvg(context, report.runs, report.baseline)
  if (format === 'html') sendDownload(response, name, 'html', 'text/html', lineageAsHtml(report, timeline, Date.now()))
  else if (format === 'md') sendDownload(response, name, 'md', 'text/markdown', reportAsMarkdown(report, timeline))
  else if (timeline !== null) sendDownload(response, name, 'svg', 'image/svg+xml', timeline)
  else throw new SweepboardError('not-found', 'Nothing of this line has a reward or a score to draw.')
}

async function sendImpact(
  context: Context,
  response: ServerResponse,
  id: number,
  file: string,
  search: URLSearchParams,
): Promise<void> {
  const run = requireAnyRun(context, id)
  const query = readImpactQuery(search)
  const name = nameOfRun(context, run)
  if (file === 'impact.csv')
    sendDownload(response, `${name}-impact`, 'csv', 'text/csv', await impactAsCsv(context, run.id, query))
  else {
    const text = await chosenAsJsonl(context, run.id, query)
    sendDownload(response, `${name}-chosen-${query.threshold}`, 'jsonl', 'application/jsonl', text)
  }
}

function sendSweep(context: Context, response: ServerResponse, id: number, format: SweepFormat): void {
  const sweep = describeWholeSweep(context, requireSweep(context, id))
  const [type, text] =
    format === 'html'
      ? ['text/html', sweepAsHtml(sweep, Date.now())]
      : format === 'csv'
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

async function sendRunFile(
  context: Context,
  response: ServerResponse,
  [job, attempt, rest]: [string, string, string],
): Promise<void> {
  const folder = path.join(context.config.dataFolder, 'runs', job, attempt)
  const opened = await openRunFile(path.join(folder, decodePath(rest)), folder)
  // Never rendered as a page: what a trainer wrote must not run in this origin.
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  })
  // ends, and closes the file, also where the reader leaves before
  await pipeline(opened.handle.createReadStream(), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

async function openRunFile(file: string, folder: string) {
  const missing = new SweepboardError('not-found', 'There is no such file in this run.')
  try {
    const opened = file.includes('\0') ? null : await openFileHandle(file, [folder])
    if (opened === null) throw missing
    return opened
  } catch (error) {
    if (error instanceof UnreadableFile) throw missing
    throw error
  }
}

/** As written where it is no encoding. */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
