/** Measuring a sweep's baseline: an evaluation like the points', of a checkpoint that no run of the sweep trained. */
import { transaction } from '../../../db/client.ts'
import { type BaselineRow, findBaselineByName, insertBaseline, takeBaseline } from '../../../db/queries/baselines.ts'
import { findCheckpoint, insertCheckpoint, listEvaluations } from '../../../db/queries/checkpoints.ts'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { findJob, insertJobs, markMeasured, moveJob, updateJob, type JobRow } from '../../../db/queries/jobs.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { baselineFromResults } from '../../../domain/score/measured-results.ts'
import { measuredCheckpoint, measurementNumber, measurementParams } from '../../../domain/sweep/measured-baseline.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { notify, type Context } from '../../base/context.ts'
import {
  findMeasured,
  measuredAs,
  measuredNow,
  measuredPath,
  measurementOf,
} from '../../base/preparing/measured-baseline.ts'
import { racePlanBy } from '../../base/preparing/race-plan.ts'
import { isOfThisEvaluation } from '../checkpoints/read-evaluation.ts'
import { rescoreSweep } from '../sweeps/rescore-sweep.ts'
import { settleSweep } from '../sweeps/settle-sweep.ts'
import { explainUnmeasured } from './explain-unmeasured.ts'
import { planWaitingRace } from './plan-waiting-race.ts'

/** Adds the evaluation of the checkpoint that a sweep measures: the first of its jobs. Call in the transaction that makes the sweep. */
export function insertMeasurement({ database }: Context, { id, definition, directory }: SweepRow): void {
  const file = measuredPath(definition, directory)!
  const [job] = insertJobs(database, [
    {
      sweepId: id,
      kind: 'evaluation',
      number: measurementNumber,
      params: measurementParams(definition),
      status: 'waiting',
      slotCount: definition.evaluate?.gpus ?? 1,
      readyAt: Date.now(),
    },
  ])
  const checkpoint = insertCheckpoint(database, { runId: job!.id, attempt: 0, path: file })
  updateJob(database, job!.id, { runId: job!.id, checkpointId: checkpoint.id })
}

/** Takes what another sweep measured since this one's evaluation began to wait. Gives whether there was something. */
export function takeMeasured(context: Context, sweep: SweepRow, job: JobRow): boolean {
  const baseline = findMeasured(context, sweep, job.readyAt ?? 0)
  if (baseline === undefined || racePlanBy(sweep.definition, baseline.accuracies).issues.length > 0) return false
  transaction(context.database, () => {
    const measuredBy = findCheckpoint(context.database, baseline.checkpointId!)!.runId
    if (!markMeasured(context.database, job.id, measuredBy)) return
    giveBaseline(context, sweep.id, baseline)
    settleSweep(context, sweep.id)
  })
  notify(context, sweep.id)
  return true
}

/** An attempt at measuring has ended, and what it measured is stored: the baseline comes to be, or the points say why not. */
export function finishMeasurement(context: Context, sweep: SweepRow, jobId: number): void {
  const { database } = context
  const job = findJob(database, jobId)!
  if (job.status !== 'done') return explainUnmeasured(context, sweep.id)
  const rows = listEvaluations(database, [job.checkpointId!]).filter((row) => isOfThisEvaluation(context, job, row))
  const checkpoint = findCheckpoint(database, job.checkpointId!)!
  const found = baselineFromResults(rows, scoringOf(sweep.definition).questions)
  const before = measuredAs(sweep.definition, sweep.directory, findAttempt(database, job.id, job.attempt)?.before ?? {})
  const changed = before !== null && measuredNow(sweep.definition, sweep.directory)?.state !== before.state
  const problem = changed
    ? `${checkpoint.path} was changed while it was measured.`
    : (checkpoint.problem ??
      ('problem' in found
        ? found.problem
        : (racePlanBy(sweep.definition, found.accuracies).issues[0]?.message ?? null)))
  if (problem !== null || 'problem' in found) {
    updateJob(database, job.id, { error: problem })
    return explainUnmeasured(context, sweep.id)
  }
  const baseline = insertBaseline(database, {
    ...found,
    name: freeName(context, `${sweep.name}: ${measuredCheckpoint(sweep.definition)}`),
    note: `Measured by sweep ${sweep.id}, ${sweep.name}, of ${checkpoint.path}.`,
    checkpointId: job.checkpointId,
    measured: before,
  })
  giveBaseline(context, sweep.id, baseline)
  context.signals.emit('change', { topic: 'baseline', sweepId: null, runId: null })
}

/** Queues a measuring that failed, was cancelled or gave no baseline once more. Gives whether it did. Call in a transaction. */
export function retryMeasurement(context: Context, sweep: SweepRow): boolean {
  const { database } = context
  const job = sweep.baselineId === null ? measurementOf(context, sweep.id) : null
  if (job === null) return false
  const afresh = { status: 'waiting' as const, failures: 0, losses: 0, stopReason: null, stopRequestedAt: null }
  const values = { ...afresh, finishedAt: null, error: null, readyAt: Date.now() }
  if (!moveJob(database, job.id, ['failed', 'cancelled', 'done'], values)) return false
  explainUnmeasured(context, sweep.id)
  return true
}

/** Scores everything against it, and races by it, unless a person has chosen another meanwhile. */
function giveBaseline(context: Context, sweepId: number, { id, accuracies }: BaselineRow): void {
  if (!takeBaseline(context.database, sweepId, id)) return
  planWaitingRace(context, findSweep(context.database, sweepId)!, accuracies)
  rescoreSweep(context, sweepId)
}

function freeName({ database }: Context, name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} (${number})`
    if (findBaselineByName(database, free) === undefined) return free
  }
}
