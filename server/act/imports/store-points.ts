/** Points with scores that were read, and the curves of their runs, put into the data folder as a sweep: in one transaction, or not at all. */
import { mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { insertCheckpoint, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { insertAttempt, updateAttempt } from '../../../db/queries/attempts.ts'
import { insertJobs, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import {
  insertPoints,
  listCheckpointPoints,
  listPoints,
  updatePoint,
  type PointRow,
} from '../../../db/queries/points.ts'
import { insertSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { isScored } from '../../../domain/sweep/scoring.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import type { ToldPoint } from '../../formats/imports/telling.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { tailAttempt } from '../runs/tail-attempt.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'
import { refreshSweep } from '../sweeps/refresh-sweep.ts'
import type { ImportedSweep } from './imported-axes.ts'
import type { StagedRun, StagedRuns } from './staged-runs.ts'

export type StoredSweep = { sweepId: number; runIds: number[]; problems: string[] }

/** Stores the points as a finished sweep; a failure in the middle leaves neither rows nor files. */
export function storeImportedSweep(
  context: Context,
  imported: ImportedSweep,
  { staged, runs, directory }: { staged: StagedRuns; runs: StagedRun[]; directory: string },
): StoredSweep {
  const take = (runId: number) => staged.claim(`run-${runId}`)
  const stored = staged.allOrNothing(context.database, () =>
    storeTogether(context, imported, { runs, directory, take }),
  )
  if (isScored(imported.definition)) refreshSweep(context, stored.sweepId)
  for (const id of stored.runIds) context.series.finish(id)
  while (context.series.maintain(100));
  return stored
}

/** `take` is told of each run before its folder is made. */
function storeTogether(
  context: Context,
  imported: ImportedSweep,
  { runs, directory, take }: { runs: StagedRun[]; directory: string; take: (runId: number) => void },
): StoredSweep {
  const { database } = context
  return transaction(database, () => {
    const sweep = insertImported(context, imported, directory)
    const jobs = insertJobs(
      database,
      imported.params.map(({ run: params }, at) => ({
        sweepId: sweep.id,
        kind: 'training' as const,
        number: at + 1,
        params,
        status: 'done' as const,
        slotCount: 1,
      })),
    )
    storePoints(context, sweep, imported, jobs)
    const problems = scorePoints(context, sweep, runs)
    for (const [at, job] of jobs.entries()) {
      take(job.id)
      storeCurves(context, job, runs[at]!)
    }
    return { sweepId: sweep.id, runIds: jobs.map(({ id }) => id), problems }
  })
}

function insertImported(context: Context, { definition }: ImportedSweep, directory: string): SweepRow {
  return insertSweep(context.database, {
    name: definition.name,
    definition,
    directory,
    fingerprint: `imported ${fingerprintOf(definition, directory)}`,
    status: 'done',
    origin: 'imported',
    note: 'Points of a sweep that ran elsewhere.',
    finishedAt: Date.now(),
  })
}

function storePoints(
  { database }: Context,
  sweep: SweepRow,
  { params, milestone }: ImportedSweep,
  jobs: JobRow[],
): void {
  const axes = Object.keys(sweep.definition.axes)
  const all = params.flatMap(({ points }, at) => points.map((point) => ({ point, runId: jobs[at]!.id })))
  insertPoints(
    database,
    all.map(({ point, runId }, at) => ({
      sweepId: sweep.id,
      number: at + 1,
      params: point,
      key: JSON.stringify(axes.map((name) => point[name])),
      milestone: milestone === null ? null : point[milestone]!,
      runId,
    })),
  )
}

/** What became of each point; where a score is not the one that was told, both are said. */
function scorePoints(context: Context, sweep: SweepRow, runs: StagedRun[]): string[] {
  const { database } = context
  const told = runs.flatMap(({ points }) => (points.length === 0 ? [null] : points))
  return listPoints(database, sweep.id).flatMap((point, at) => {
    const result = told[at]!
    if (!isScored(sweep.definition)) updatePoint(database, point.id, { status: 'done' })
    else if (result === null)
      updatePoint(database, point.id, { status: 'failed', error: 'Its metrics were imported without a score.' })
    else return scoreOne(context, sweep, point, result)
    return []
  })
}

function scoreOne(context: Context, sweep: SweepRow, point: PointRow, told: ToldPoint): string[] {
  const { database } = context
  const { step = null, epoch = null } = told.checkpoint ?? {}
  if (told.score !== null && Object.keys(told.accuracies).length === 0) {
    updatePoint(database, point.id, { status: 'scored', score: told.score, rounded: true })
    return []
  }
  // the files stay where they are, if they are: nothing goes on from them here
  const checkpoint = insertCheckpoint(database, { runId: point.runId, attempt: 0, step, epoch, path: null })
  for (const [benchmark, result] of Object.entries(told.accuracies)) {
    const error = result.accuracy === null ? 'its accuracy was not told' : null
    saveEvaluation(database, { checkpointId: checkpoint.id, benchmark, ...result, error })
  }
  updatePoint(database, point.id, { checkpointId: checkpoint.id })
  if (told.score === null && told.error !== null) {
    updatePoint(database, point.id, { status: 'failed', error: told.error })
    return []
  }
  scorePoint(context, sweep, { ...point, checkpointId: checkpoint.id }, { final: true })
  const scored = listCheckpointPoints(database, checkpoint.id)[0]!.score
  if (told.score === scored || (told.score !== null && scored !== null && Math.abs(told.score - scored) < 1e-9))
    return []
  return [
    `The point ${JSON.stringify(point.params)} was told with the score ${told.score}; its accuracies give ${scored}.`,
  ]
}

function storeCurves(context: Context, job: JobRow, run: StagedRun): void {
  const { database } = context
  const claimedAt = Math.round(Number.isFinite(run.from) ? run.from : Date.now())
  let last = 0
  for (const [number, file] of [...run.attempts].toSorted(([a], [b]) => a - b)) {
    const folder = attemptFolder(context, job.id, number)
    mkdirSync(folder, { recursive: true })
    renameSync(file, path.join(folder, 'events.jsonl'))
    insertAttempt(database, { jobId: job.id, number, status: 'done', slots: [], claimedAt, exitCode: 0 })
    updateJob(database, job.id, { attempt: number })
    tailAttempt(context, { ...job, attempt: number }, { ended: true })
    last = number
  }
  if (run.to < run.from || last === 0) return
  const times = { startedAt: Math.round(run.from), finishedAt: Math.round(run.to) }
  updateJob(database, job.id, times)
  updateAttempt(database, job.id, last, times)
}
