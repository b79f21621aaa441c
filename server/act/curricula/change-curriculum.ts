/** What a person, or the command, does with a curriculum. Each is one conditional change; a lost race is a `conflict`. */
import { transaction } from '../../../db/client.ts'
import {
  type CurriculumRow,
  findCurriculumByFingerprint,
  insertCurriculum,
  listStages,
  moveCurriculum,
  type StageRow,
} from '../../../db/queries/curricula.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireCurriculum } from '../../base/finding/find-curriculum.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { prepareCurriculum } from '../../base/preparing/prepare-curriculum.ts'
import { cancelSweep, pauseSweep } from '../sweeps/change-sweep.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'
import { advanceCurricula } from './advance-curricula.ts'
import { retryStage } from './retry-stage.ts'

/**
 * Starts a curriculum, or lets the newest one of the same file and folder go on; `afresh` makes a new one that trains every
 * stage anew. Throws `invalid` with every issue of the file; then nothing was stored.
 */
export async function startCurriculum(
  context: Context,
  given: { text: string; directory?: string | undefined; afresh?: boolean | undefined },
): Promise<{ id: number }> {
  const { definition, source, directory, issues } = prepareCurriculum(context, given)
  if (definition === null || issues.length > 0) {
    const count = issues.length === 1 ? 'One thing is' : `${issues.length} things are`
    throw new SweepboardError('invalid', `${count} wrong with this curriculum; nothing was started.`, issues)
  }
  const fingerprint = fingerprintOf(definition, directory)
  const same = given.afresh ? undefined : findCurriculumByFingerprint(context.database, fingerprint)
  // one whose sweeps are gone cannot go on; its file begins anew
  if (same !== undefined && !stagesOf(context, same).some(({ sweep }) => sweep.deletedAt !== null)) {
    if (same.status !== 'done' && same.status !== 'running') await resumeCurriculum(context, same.id)
    else await letStageGoOn(context, same)
    return { id: same.id }
  }
  const { id } = insertCurriculum(context.database, {
    name: definition.name,
    definition,
    source,
    directory,
    fingerprint,
    afresh: given.afresh ?? false,
  })
  advanceCurricula(context)
  notify(context, null)
  context.signals.emit('work')
  return { id }
}

/** Starts no further stage, and nothing new of the one under way; what runs goes on to its end. */
export function pauseCurriculum(context: Context, id: number, reason = 'Paused by you.'): void {
  const curriculum = requireCurriculum(context, id)
  transaction(context.database, () => {
    if (!moveCurriculum(context.database, id, ['running'], { status: 'paused', reason })) {
      throw new SweepboardError(
        'conflict',
        `${curriculum.name} is ${curriculum.status}; only a running curriculum can be paused.`,
      )
    }
    const sweep = openSweepOf(context, curriculum)
    if (sweep?.status === 'running' || sweep?.status === 'waiting') pauseSweep(context, sweep.id, reason)
  })
  notify(context, null)
}

/** Lets a paused curriculum go on; of one that failed or was cancelled, what failed or was cancelled is run again first. */
export async function resumeCurriculum(context: Context, id: number): Promise<void> {
  const curriculum = requireCurriculum(context, id)
  const values = { status: 'running' as const, reason: null, finishedAt: null }
  if (!moveCurriculum(context.database, id, ['paused', 'failed', 'cancelled'], values)) {
    throw new SweepboardError(
      'conflict',
      `${curriculum.name} is ${curriculum.status}; it goes on by itself, or is done.`,
    )
  }
  await letStageGoOn(context, curriculum)
  notify(context, null)
  context.signals.emit('work')
}

/** Ends it where it stands: the stage under way is cancelled, what is scored stays. */
export function cancelCurriculum(context: Context, id: number): void {
  const curriculum = requireCurriculum(context, id)
  transaction(context.database, () => {
    const values = { status: 'cancelled' as const, reason: 'Cancelled by you.', finishedAt: Date.now() }
    if (!moveCurriculum(context.database, id, ['running', 'paused'], values)) {
      throw new SweepboardError('conflict', `${curriculum.name} is ${curriculum.status}; it cannot be cancelled.`)
    }
    const sweep = openSweepOf(context, curriculum)
    if (sweep !== null && !isSweepFinished(sweep.status)) cancelSweep(context, sweep.id)
  })
  notify(context, null)
}

function stagesOf(context: Context, curriculum: CurriculumRow): { stage: StageRow; sweep: SweepRow }[] {
  return listStages(context.database, [curriculum.id]).map((stage) => ({
    stage,
    sweep: requireSweep(context, stage.sweepId),
  }))
}

/** The sweep of the stage that has no pick yet; null where none is started. */
function openSweepOf(context: Context, curriculum: CurriculumRow): SweepRow | null {
  return stagesOf(context, curriculum).find(({ stage }) => stage.pickedPointId === null)?.sweep ?? null
}

/** Puts what failed of the stage under way back in the queue and lets it go on where it is paused. */
async function letStageGoOn(context: Context, curriculum: CurriculumRow): Promise<void> {
  const sweep = openSweepOf(context, curriculum)
  if (sweep !== null) await retryStage(context, sweep.id)
}
