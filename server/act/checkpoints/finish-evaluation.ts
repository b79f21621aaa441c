/** A person wants a point's evaluation whole that its race gave up, or may give up yet. */
import { transaction } from '../../../db/client.ts'
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { listPointsByIds } from '../../../db/queries/point-parts.ts'
import { updatePoint } from '../../../db/queries/points.ts'
import { moveSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import { advanceRace } from '../sweeps/advance-race.ts'

/**
 * Asks all questions of the point that it was not asked yet; a sweep that has ended runs until then. Throws `not-found`, and `conflict`
 * where it was asked all, or nothing can be started.
 */
export function finishItsEvaluation(context: Context, pointId: number): void {
  const { database } = context
  const [point] = listPointsByIds(database, [pointId])
  if (!point) throw new SweepboardError('not-found', `There is no point ${pointId}.`)
  const sweep = requireSweep(context, point.sweepId)
  const refuse = (why: string) => new SweepboardError('conflict', `Point ${point.number} of ${sweep.name} ${why}.`)
  if (sweep.race === null) throw refuse('was asked all of its questions: its sweep does not race')
  const isStopped = point.status === 'scored' && point.asked !== null
  if (!isStopped && point.status !== 'evaluating')
    throw refuse(
      point.status === 'scored'
        ? 'was asked all of its questions'
        : `is ${point.status}; there is no evaluation to finish`,
    )
  if (sweep.status === 'cancelled') throw refuse('belongs to a sweep that was cancelled; retry the sweep first')
  const file = findCheckpoint(database, point.checkpointId!)?.path ?? null
  const missing = file === null ? null : missingPart(file)
  if (missing !== null) throw refuse(`cannot be evaluated: its checkpoint ${file} ${missing}`)
  transaction(database, () => {
    updatePoint(database, point.id, { toItsEnd: true })
    moveSweep(database, sweep.id, ['done', 'failed'], { status: 'running', finishedAt: null })
    advanceRace(context, sweep.id)
  })
  notify(context, sweep.id, point.runId)
  context.signals.emit('work')
}
