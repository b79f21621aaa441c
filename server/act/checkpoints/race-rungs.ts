/** A rung of a racing evaluation: rows of what is asked before the job that asks it, and what it answered. */
import path from 'node:path'
import type { Database } from '../../../db/client.ts'
import { listRungsOfCheckpoint, listRungsOfJob, insertRungs, lastRung, recordRung } from '../../../db/queries/rungs.ts'
import { saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { insertJobs, type JobRow } from '../../../db/queries/jobs.ts'
import type { PointRow } from '../../../db/queries/points.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { attemptFolder } from '../../base/context.ts'
import { uniteItems } from '../../base/evaluation-files/unite-items.ts'
import { readSlowly, StillReading } from '../../attempt-files/read-aside.ts'
import { questionOrder, type RacePlan, rungStride } from '../../../domain/score/race.ts'
import { knownQuestions } from '../../../domain/sweep/race-questions.ts'
import type { Context } from '../../base/context.ts'
import { allPlaces } from './questions-file.ts'
import type { ReportResult } from '../../formats/read-report.ts'

/**
 * Makes the job that asks a point's checkpoint all questions up to a rung which it was not asked yet; where the rungs are still to be
 * planned, it waits for that (act/baselines/plan-waiting-race.ts). Gives it. Call in a transaction, for a sweep that races.
 */
export function startRung(
  { database }: Context,
  sweep: SweepRow,
  point: Pick<PointRow, 'number' | 'runId' | 'params'>,
  checkpointId: number,
  rung: number,
): JobRow {
  const [job] = insertJobs(database, [
    {
      sweepId: sweep.id,
      kind: 'evaluation',
      number: point.number + (rung - 1) * rungStride,
      runId: point.runId,
      checkpointId,
      params: point.params,
      status: 'waiting',
      slotCount: sweep.definition.evaluate?.gpus ?? 1,
      readyAt: Date.now(),
      rung,
    },
  ])
  // it may have been planned since the row was read
  const plan = sweep.race ?? findSweep(database, sweep.id)!.race
  if (plan !== null) planRung(database, plan, job!)
  return job!
}

/** Stores what the job of a rung asks: all up to the rung's end that its checkpoint was not asked before. Call in a transaction. */
export function planRung(database: Database, { rungs }: RacePlan, { id, checkpointId, rung }: JobRow): void {
  const before = rungs[lastRung(database, checkpointId!) - 1] ?? {}
  const rows = Object.entries(rungs[rung! - 1]!).flatMap(([benchmark, end]) => {
    const first = Object.hasOwn(before, benchmark) ? before[benchmark]! : 0
    return first < end ? [{ checkpointId: checkpointId!, benchmark, rung: rung!, first, end, jobId: id }] : []
  })
  insertRungs(database, rows)
}

/** The places, from 0, of the questions that a job asks, by benchmark, and how many there are; null where it asks all and nobody says how many that is. */
export function questionsOfJob(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
): { places: Record<string, number[]>; totals: Record<string, number> } | null {
  const totals = sweep.race?.rungs.at(-1) ?? knownQuestions(sweep.definition)
  if (job.rung !== null) {
    const places = listRungsOfJob(context.database, job.id).map(({ benchmark, first, end }) => [
      benchmark,
      questionOrder(benchmark, totals[benchmark]!)
        .slice(first, end)
        .toSorted((a, b) => a - b),
    ])
    return { places: Object.fromEntries(places), totals }
  }
  const places = allPlaces(sweep.definition)
  return places && { places, totals }
}

/** Stores what a job reported of a benchmark. What it was not asked is no result: another job asks that, or did. */
export function recordRungResult(
  { database }: Context,
  job: JobRow,
  { benchmark, correct, total, items, error }: Omit<ReportResult, 'accuracy' | 'outcomes'>,
): void {
  recordRung(database, job.id, benchmark, { correct, total, items: items ?? null, error: error ?? null })
}

/**
 * What stands against taking what a job reported: it has to be of the questions that it was asked, all of them and no others, so counts are
 * needed. null where nothing does.
 */
export function rungComplaint({ database }: Context, job: JobRow, report: readonly ReportResult[]): string | null {
  for (const row of listRungsOfJob(database, job.id)) {
    const reported = report.find(({ benchmark }) => benchmark === row.benchmark) ?? row
    const asked = row.end - row.first
    const name = `${asked.toLocaleString('en')} questions of ${row.benchmark}`
    if (reported.error) return `It was asked ${name}: ${reported.error}`
    if (reported.total === null || reported.correct === null) {
      const accuracy = 'accuracy' in reported ? reported.accuracy : null
      if (accuracy === null) return `It was asked ${name} and reported no result of them.`
      return `It was asked ${name} and reported the accuracy ${accuracy} alone, which may be of any questions; a race needs { "correct": …, "total": ${asked} }.`
    }
    if (reported.total !== asked)
      return `It was asked ${name} and reported ${reported.correct} of ${reported.total}; a race needs the answers to the questions that \${questions} names, and only these.`
    if (!Number.isInteger(reported.correct) || reported.correct < 0 || reported.correct > asked)
      return `It was asked ${name} and reported ${reported.correct} right ones; expected a whole number from 0 to ${asked}.`
  }
  return null
}

/**
 * Adds up all that a checkpoint was asked so far into its results. `items`: by benchmark the file with all answers, where there is one.
 * Call in a transaction.
 */
export function sumRungs(context: Context, job: JobRow, items: Readonly<Record<string, string>>): void {
  const sums = new Map<string, { correct: number; total: number; items: string | null }>()
  for (const row of listRungsOfCheckpoint(context.database, job.checkpointId!)) {
    if (row.correct === null || row.total === null) continue
    const before = sums.get(row.benchmark)
    sums.set(row.benchmark, {
      correct: row.correct + (before?.correct ?? 0),
      total: row.total + (before?.total ?? 0),
      items: before === undefined ? row.items : null,
    })
  }
  for (const [benchmark, { correct, total, items: only }] of sums)
    saveEvaluation(context.database, {
      checkpointId: job.checkpointId!,
      benchmark,
      accuracy: total > 0 ? correct / total : null,
      correct,
      total,
      items: Object.hasOwn(items, benchmark) ? items[benchmark]! : only,
      error: null,
      jobId: job.id,
      createdAt: Date.now(),
    })
}

/**
 * Lays the answers of all rungs of each benchmark together in the folder of the job that answers the last one; `report`: what that job
 * reported. Gives the file by benchmark; none where a rung kept no answers. Throws StillReading while that is done.
 */
export function uniteAll(
  context: Context,
  sweep: SweepRow,
  job: JobRow,
  report: readonly ReportResult[],
): Record<string, string> {
  if (job.rung !== sweep.race!.rungs.length) return {}
  const folder = attemptFolder(context, job.id, job.attempt)
  const rows = Map.groupBy(listRungsOfCheckpoint(context.database, job.checkpointId!), ({ benchmark }) => benchmark)
  const united: [string, string][] = []
  for (const [benchmark, own] of rows) {
    if (own.length === 1) continue
    const files = own.map((row) => {
      const reported = row.jobId === job.id ? report.find((result) => result.benchmark === benchmark)?.items : null
      return reported ?? row.items
    })
    if (files.includes(null)) continue
    const target = path.join(folder, `items-of-race-${benchmark.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.jsonl`)
    try {
      const problem = readSlowly(files.at(-1)!, uniteItems, {
        module: new URL('../../base/evaluation-files/unite-items.ts', import.meta.url),
        given: [files as string[], target],
      })
      if (problem === null) united.push([benchmark, target])
    } catch (error) {
      if (error instanceof StillReading) throw error
      // the accuracy stands without its answers
    }
  }
  return Object.fromEntries(united)
}
