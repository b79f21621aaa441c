/** What was asked to be compared, as rows of the database. */
import {
  type CheckpointRow,
  listCheckpoints,
  listEvaluations,
  type EvaluationRow,
} from '../../../db/queries/checkpoints.ts'
import type { AnyJobRow } from '../../../db/queries/jobs.ts'
import { listCheckpointPoints, type PointRow } from '../../../db/queries/points.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { mostCompared } from '../../../contract/api/compare.ts'
import { isBetter } from '../../../domain/stopping/method.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { requireCheckpoint } from './find-checkpoint.ts'
import type { Context } from '../context.ts'
import { requireAnyRun } from './find-run-job.ts'
import { requireSweep } from './find-sweep.ts'

export type Compared = {
  letter: string
  run: AnyJobRow
  /** null: a run of its own. */
  sweep: SweepRow | null
  checkpoint: CheckpointRow | null
  /** Why it is this checkpoint: asked for itself, or, where its run was, what it is of the run's. */
  standsAs: 'asked' | 'best' | 'last evaluated' | 'last'
  /** The point that the checkpoint is of, where there is one. */
  point: PointRow | null
  evaluations: EvaluationRow[]
}

/**
 * The checkpoints, or the runs with the checkpoint that stands for each: the best scored, else the last that was evaluated, else
 * none. Throws `invalid` for fewer than two or more than eight different ones, and `not-found`.
 */
export function findCompared(context: Context, of: 'runs' | 'checkpoints', asked: readonly number[]): Compared[] {
  const ids = [...new Set(asked)]
  if (ids.length < 2 || ids.length > mostCompared) {
    const many = ids.length === 1 ? `one of the ${of}` : `${ids.length} ${of}`
    throw new SweepboardError(
      'invalid',
      `Asked for was ${many}; from 2 to ${mostCompared} different ones can be compared.`,
    )
  }
  return ids.map((id, at): Compared => {
    const letter = String.fromCharCode(65 + at)
    if (of === 'checkpoints') {
      const checkpoint = requireCheckpoint(context, id)
      const run = requireAnyRun(context, checkpoint.runId)
      return { letter, run, standsAs: 'asked', ...partsOf(context, run, checkpoint) }
    }
    const run = requireAnyRun(context, id)
    const { checkpoint, standsAs } = standingFor(context, run)
    return { letter, run, standsAs, ...partsOf(context, run, checkpoint) }
  })
}

function partsOf(context: Context, run: AnyJobRow, checkpoint: CheckpointRow | null) {
  const { database } = context
  return {
    sweep: run.sweepId === null ? null : requireSweep(context, run.sweepId),
    checkpoint,
    point: checkpoint === null ? null : (listCheckpointPoints(database, checkpoint.id)[0] ?? null),
    evaluations: checkpoint === null ? [] : listEvaluations(database, [checkpoint.id]),
  }
}

function standingFor(context: Context, run: AnyJobRow): Pick<Compared, 'checkpoint' | 'standsAs'> {
  const { database } = context
  const checkpoints = listCheckpoints(database, run.id)
  const scores = new Map<number, number>()
  for (const checkpoint of checkpoints) {
    for (const { score } of listCheckpointPoints(database, checkpoint.id))
      if (score !== null) scores.set(checkpoint.id, score)
  }
  const goal = run.sweepId === null ? 'maximize' : goalOf(requireSweep(context, run.sweepId).definition)
  const measured = new Set(
    listEvaluations(
      database,
      checkpoints.map(({ id }) => id),
    ).map((row) => row.checkpointId),
  )
  const best = checkpoints.reduce<CheckpointRow | null>((found, one) => {
    const score = scores.get(one.id)
    return score !== undefined && (found === null || isBetter(goal, score, scores.get(found.id)!)) ? one : found
  }, null)
  if (best) return { checkpoint: best, standsAs: 'best' }
  const evaluated = checkpoints.findLast(({ id }) => measured.has(id))
  return evaluated
    ? { checkpoint: evaluated, standsAs: 'last evaluated' }
    : { checkpoint: checkpoints.at(-1) ?? null, standsAs: 'last' }
}
