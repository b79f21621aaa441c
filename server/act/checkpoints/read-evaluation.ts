/** What an evaluation measured, from the files that it wrote: what stood there before it began says nothing about it. */
import path from 'node:path'
import { listCheckpoints, listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { findAttempt, listAttempts } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import { listRungsOfJob } from '../../../db/queries/rungs.ts'
import { listMeasuredAgain } from '../../../db/queries/repeat-evaluations.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { initPath, reportPlaces, type ReportPlace } from '../../../domain/sweep/commands/commands.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { readAside, readSlowly, StillReading } from '../../attempt-files/read-aside.ts'
import { tracesOf } from '../../base/evaluation-files/traces.ts'
import { filesAt, ownReports } from '../../base/evaluation-files/own-reports.ts'
import type { ReportSettings } from '../../../domain/sweep/sweep.ts'
import type { ReportResult } from '../../formats/read-report.ts'
import { metricOf } from '../../formats/reports/harness.ts'
import type { Traces } from '../../../domain/life/traces.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { isMeasurement, whyUnmeasured } from '../../base/preparing/measured-baseline.ts'
import { questionsFile } from './questions-file.ts'
import { layOutDetails } from '../../base/evaluation-files/lay-out-details.ts'
import { readReportFile } from '../../base/evaluation-files/read-report-file.ts'

/** What stands where the evaluation is to write its report, before it begins. */
export function reportsBefore(context: Context, sweep: SweepRow, job: JobRow): Traces | null {
  if (sweep.definition.evaluate?.command === undefined) return null
  const files = placesOf(context, sweep, job).flatMap((place) => {
    const found = filesAt(sweep.directory, place)
    return typeof found === 'string' ? [] : found
  })
  return tracesOf(files)
}

/**
 * The report's results, or why it gives none. An evaluation that reported events needs no report. Throws StillReading while a
 * large one is read in a thread.
 */
export function readEvaluation(context: Context, sweep: SweepRow, job: JobRow): ReportResult[] | string {
  const { definition } = sweep
  const hasEvents = () =>
    job.rung !== null
      ? listRungsOfJob(context.database, job.id).some(({ total }) => total !== null)
      : job.again === null
        ? listEvaluations(context.database, [job.checkpointId!]).some((row) => isOfThisEvaluation(context, job, row))
        : listMeasuredAgain(context.database, job.id).length > 0
  if (definition.evaluate?.command === undefined) return hasEvents() ? [] : 'The evaluation reported no results.'
  const { report } = definition.evaluate
  const before = findAttempt(context.database, job.id, job.attempt)?.before ?? {}
  const results = new Map<string, ReportResult>()
  const wanted = whyUnmeasured(context, sweep) === null ? Object.keys(baselineOf(context, sweep).accuracies) : 'all'
  for (const place of placesOf(context, sweep, job)) {
    const own = ownReports({ directory: sweep.directory, isHarness: report.format !== undefined }, place, before)
    if ('missing' in own) {
      if (!own.stale && hasEvents()) return []
      return own.missing
    }
    // of a benchmark that stands in several files the newest counts, which is the last
    for (const file of own.files) {
      const folder = attemptFolder(context, job.id, job.attempt)
      const read = readAside(file, readReportFile, {
        module: new URL('../../base/evaluation-files/read-report-file.ts', import.meta.url),
        given: [file, report, { benchmark: place.benchmark, wanted, folder }],
      })
      if (typeof read === 'string') return read
      for (const result of read) results.set(result.benchmark, layOut(result, report, folder))
    }
  }
  return [...results.values()]
}

/** Answers that stand in a Parquet file become a file of items in the attempt's folder. Throws StillReading until it is there. */
function layOut(result: ReportResult, report: ReportSettings, folder: string): ReportResult {
  const { details, ...rest } = result
  if (!details) return rest
  const target = path.join(folder, `items-${result.benchmark.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.jsonl`)
  try {
    const problem = readSlowly(details, layOutDetails, {
      module: new URL('../../base/evaluation-files/lay-out-details.ts', import.meta.url),
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
