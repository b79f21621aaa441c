/** What an evaluation measured, from the files that it wrote: what stood there before it began says nothing about it. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { listCheckpoints, listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { findAttempt, listAttempts } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import { listRungsOfJob } from '../../../db/queries/rungs.ts'
import { listMeasuredAgain } from '../../../db/queries/repeat-evaluations.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { initPath, reportPlaces, type ReportPlace } from '../../../domain/sweep/commands.ts'
import { isUnchanged, type Traces } from '../../../domain/life/traces.ts'
import { substitute } from '../../../domain/sweep/placeholders.ts'
import { isPattern } from '../../../domain/sweep/shared-paths.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { readAside, readSlowly, StillReading } from '../../attempt-files/read-aside.ts'
import { matchPattern, substitutePattern } from '../../base/path-pattern.ts'
import { realPath, traceOf, tracesOf, writtenTime } from '../../base/traces.ts'
import type { ReportSettings } from '../../../domain/sweep/sweep.ts'
import type { ReportedResult } from '../../formats/read-report.ts'
import { metricOf } from '../../formats/reports/harness.ts'
import { baselineOf } from '../../base/baseline-of.ts'
import { isMeasurement, whyUnmeasured } from '../../base/measured-baseline.ts'
import { layOutDetails } from '../../base/lay-out-details.ts'
import { readReportFile } from '../../base/read-report-file.ts'

/** Which questions an evaluation is to ask, in its attempt's folder. */
export const questionsFile = 'questions.json'

/** What stands where the evaluation is to write its report, before it begins. */
export function reportsBefore(context: Context, sweep: SweepRow, job: JobRow): Traces | null {
  if (sweep.definition.evaluate?.command === undefined) return null
  const files = placesOf(context, sweep, job).flatMap((place) => {
    const found = filesAt(sweep, place)
    return typeof found === 'string' ? [] : found
  })
  return tracesOf(files)
}

/**
 * The report's results, or why it gives none. An evaluation that reported events needs no report. Throws StillReading while a
 * large one is read in a thread.
 */
export function readEvaluation(context: Context, sweep: SweepRow, job: JobRow): ReportedResult[] | string {
  const { definition } = sweep
  const hasEvents = () =>
    job.rung !== null
      ? listRungsOfJob(context.database, job.id).some(({ total }) => total !== null)
      : job.again === null
        ? listEvaluations(context.database, [job.checkpointId!]).some((row) => isOfThisEvaluation(context, job, row))
        : listMeasuredAgain(context.database, job.id).length > 0
  if (definition.evaluate?.command === undefined) return hasEvents() ? [] : 'The evaluation reported no results.'
  const before = findAttempt(context.database, job.id, job.attempt)?.before ?? {}
  const results = new Map<string, ReportedResult>()
  const wanted = whyUnmeasured(context, sweep) === null ? Object.keys(baselineOf(context, sweep).accuracies) : 'all'
  for (const place of placesOf(context, sweep, job)) {
    const own = ownReports(sweep, place, before)
    if ('missing' in own) {
      if (!own.stale && hasEvents()) return []
      return own.missing
    }
    // of a benchmark that stands in several files the newest counts, which is the last
    for (const file of own.files) {
      const folder = attemptFolder(context, job.id, job.attempt)
      const read = readAside(file, readReportFile, {
        module: new URL('../../base/read-report-file.ts', import.meta.url),
        given: [file, definition.evaluate.report, { benchmark: place.benchmark, wanted, folder }],
      })
      if (typeof read === 'string') return read
      for (const result of read) results.set(result.benchmark, layOut(result, definition.evaluate.report, folder))
    }
  }
  return [...results.values()]
}

/** Answers that stand in a Parquet file become a file of items in the attempt's folder. Throws StillReading until it is there. */
function layOut(result: ReportedResult, report: ReportSettings, folder: string): ReportedResult {
  const { details, ...rest } = result
  if (!details) return rest
  const target = path.join(folder, `items-${result.benchmark.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.jsonl`)
  try {
    const problem = readSlowly(details, layOutDetails, {
      module: new URL('../../base/lay-out-details.ts', import.meta.url),
      given: [details, target, metricOf(report, result.benchmark)],
    })
    return { ...rest, items: problem === null ? target : null }
  } catch (error) {
    if (error instanceof StillReading) throw error
    // the accuracy stands without its answers
    return { ...rest, items: null }
  }
}

/** Whether the job measured it since it was last done: one that gave no score may be run again, and its report is new then. */
export function isOfThisEvaluation({ database }: Context, job: JobRow, row: EvaluationRow): boolean {
  if (row.jobId !== job.id) return false
  const attempts = listAttempts(database, job.id)
  const done = attempts.find((attempt) => attempt.status === 'done' && attempt.number < job.attempt)
  const first = attempts.findLast((attempt) => attempt.number > (done?.number ?? 0))
  return done === undefined || row.createdAt >= (first?.claimedAt ?? 0)
}

function placesOf(context: Context, { definition, directory }: SweepRow, job: JobRow): ReportPlace[] {
  const checkpoint = listCheckpoints(context.database, job.runId!).find((row) => row.id === job.checkpointId)
  const init = initPath(definition, isMeasurement(job) ? {} : job.params)
  return reportPlaces(definition, job.params, {
    run: job.runId!,
    slots: job.slots ?? [],
    init: init === null ? null : path.resolve(directory, init),
    checkpoint: checkpoint?.path ?? '',
    report: path.join(attemptFolder(context, job.id, job.attempt), 'report.json'),
    questions: path.join(attemptFolder(context, job.id, job.attempt), questionsFile),
  })
}

/** Files where a report is expected: one, or what the pattern matches now. */
function filesAt({ directory }: SweepRow, { template, values }: ReportPlace): string[] | string {
  if (!isPattern(template)) return [path.resolve(directory, substitute(template, values))]
  return matchPattern(directory, substitutePattern(template, values))
}

type Own = { files: string[] } | { missing: string; stale: boolean }

/**
 * The reports that this evaluation wrote, oldest first; or why there are none. Without a format only the newest: of a harness' files each
 * may hold another benchmark.
 */
function ownReports(sweep: SweepRow, place: ReportPlace, before: Traces): Own {
  const expected = path.resolve(sweep.directory, substitute(place.template, place.values))
  const files = filesAt(sweep, place)
  if (typeof files === 'string') return { missing: `The report cannot be looked for: ${files}.`, stale: false }
  const own: { path: string; changedAt: number }[] = []
  let stale: { path: string; newestAt: number } | null = null
  for (const file of files) {
    const trace = traceOf(file)
    if (trace === null) continue
    if (!isUnchanged(before, realPath(file), trace)) {
      // a copy keeps its old time of writing: the time of the last change says which came last
      own.push({ path: file, changedAt: statSync(file).ctimeMs })
    } else if (stale === null || trace.newestAt > stale.newestAt) stale = { path: file, newestAt: trace.newestAt }
  }
  const sorted = own.toSorted((a, b) => a.changedAt - b.changedAt).map((one) => one.path)
  if (sorted.length > 0)
    return { files: sweep.definition.evaluate!.report.format === undefined ? sorted.slice(-1) : sorted }
  if (stale === null) return { missing: `The evaluation wrote no report at ${expected}.`, stale: false }
  return {
    missing: `The evaluation left the report ${stale.path} as it was before, of ${writtenTime(stale.newestAt)}; it wrote none. Let it write over the file, or to one of its own such as \${report}.`,
    stale: true,
  }
}
