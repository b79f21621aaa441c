/** Metrics of trainings that ran elsewhere, as a sweep to look at: a run each file or folder, nothing of it ever scheduled. */
import { closeSync, mkdirSync, readdirSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { insertAttempt, insertJobs, updateAttempt, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import { insertPoints, updatePoint, listPoints } from '../../../db/queries/points.ts'
import { insertSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { parseSweep } from '../../../domain/sweep/parse-sweep.ts'
import { planSweep } from '../../../domain/sweep/plan.ts'
import { createFile } from '../../attempt-files/write-file.ts'
import { attemptFolder, notify, type Context } from '../../base/context.ts'
import { tailAttempt } from '../runs/tail-attempt.ts'
import { fingerprintOf } from '../../base/same-sweep.ts'
import { eventLine, isEventFile, readMetricFile } from '../../formats/read-metric-file.ts'

export type Imported = { sweepId: number; runs: { file: string; runId: number; rows: number; problems: string[] }[] }

/**
 * Reads metric files into a sweep of their own. A file is JSON lines, or a TensorBoard event file (its name holds
 * `tfevents`); a folder is the TensorBoard files in it, one attempt after another. Throws `invalid` where a file is not there,
 * or none is given; lines that cannot be read are told and passed over.
 */
export function importMetrics(context: Context, given: { name: string; files: string[]; directory: string }): Imported {
  const { database } = context
  const { name, files, directory } = given
  const sources = files.map((file) => ({ file, parts: partsOf(file) }))
  const { definition, issues } = parseSweep({
    name,
    axes: { source: namesOf(files, directory) },
    train: { command: ['true'] },
    score: { baseline: { accuracy: 1 } },
  })
  if (definition === null) throw new SweepboardError('invalid', issues.map((issue) => issue.message).join(' '), issues)
  const { runs: planned, points } = planSweep(definition)
  const now = Date.now()
  const { sweep, jobs } = transaction(database, () => {
    const row = insertSweep(database, {
      name,
      definition,
      directory,
      fingerprint: `imported ${fingerprintOf(definition, directory)}`,
      status: 'done',
      origin: 'imported',
      note: 'Metrics of trainings that ran elsewhere.',
      finishedAt: now,
    })
    const added = insertJobs(
      database,
      planned.map(({ number, params }) => ({
        sweepId: row.id,
        kind: 'training' as const,
        number,
        params,
        status: 'done' as const,
        slotCount: 1,
      })),
    )
    insertPoints(
      database,
      points.map(({ number, params, key, runNumber, milestone }) => ({
        sweepId: row.id,
        number,
        params,
        key,
        milestone,
        runId: added[runNumber - 1]!.id,
      })),
    )
    for (const point of listPoints(database, row.id))
      updatePoint(database, point.id, { error: 'Its metrics were imported; nothing was evaluated here.' })
    return { sweep: row, jobs: added }
  })
  const runs = sources.map(({ file, parts }, at) => ({ file, ...importRun(context, jobs[at]!, parts) }))
  notify(context, sweep.id)
  return { sweepId: sweep.id, runs }
}

/** Writes what the files hold as events of the run, an attempt a file, and reads these as those of any run. */
function importRun(context: Context, job: JobRow, parts: string[]) {
  const { database } = context
  const told = { runId: job.id, rows: 0, problems: [] as string[] }
  let [startedAt, finishedAt] = [Infinity, -Infinity]
  parts.forEach((file, at) => {
    const number = at + 1
    const folder = attemptFolder(context, job.id, number)
    mkdirSync(folder, { recursive: true })
    const events = createFile(path.join(folder, 'events.jsonl'))
    try {
      for (const metrics of readMetricFile(file, (problem) => told.problems.push(problem))) {
        writeSync(events, metrics.map(eventLine).join(''))
        told.rows += metrics.length
        for (const { time } of metrics) {
          if (time === null) continue
          startedAt = Math.min(startedAt, time * 1000)
          finishedAt = Math.max(finishedAt, time * 1000)
        }
      }
    } finally {
      closeSync(events)
    }
    const claimedAt = Math.round(Number.isFinite(startedAt) ? startedAt : Date.now())
    insertAttempt(database, { jobId: job.id, number, status: 'done', slots: [], claimedAt, exitCode: 0 })
    updateJob(database, job.id, { attempt: number })
    tailAttempt(context, { ...job, attempt: number }, { ended: true })
  })
  if (finishedAt >= startedAt) {
    const times = { startedAt: Math.round(startedAt), finishedAt: Math.round(finishedAt) }
    updateJob(database, job.id, times)
    updateAttempt(database, job.id, parts.length, times)
  }
  context.series.finish(job.id)
  while (context.series.maintain(100));
  return told
}

/** The files of a run, in the order they were written: TensorBoard's names begin with when. */
function partsOf(file: string): string[] {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new SweepboardError('invalid', `There is no file ${file}.`)
  if (!found.isDirectory()) return [file]
  const parts = readdirSync(file).filter(isEventFile).toSorted()
  if (parts.length === 0) {
    throw new SweepboardError('invalid', `The folder ${file} has no TensorBoard event file (a name with tfevents).`)
  }
  return parts.map((part) => path.join(file, part))
}

/** How the runs are told apart: the shortest path that names each. */
function namesOf(files: string[], directory: string): string[] {
  if (files.length === 0) throw new SweepboardError('invalid', 'No file was given; expected at least one.')
  const short = files.map((file) => path.basename(file))
  return new Set(short).size === files.length ? short : files.map((file) => path.relative(directory, file) || file)
}
