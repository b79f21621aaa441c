import { transaction } from '../../../db/client.ts'
import {
  deleteBaseline,
  findBaseline,
  findBaselineByName,
  insertBaseline,
  listBaselines,
  listBaselineSweeps,
  updateBaseline,
  type NewBaseline,
} from '../../../db/queries/baselines.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { BaselineView } from '../../../contract/api/baselines.ts'
import { notify, type Context } from '../../base/context.ts'
import { rescoreSweep } from '../sweeps/rescore-sweep.ts'

export function listBaselineViews(context: Context): BaselineView[] {
  return listBaselines(context.database).map(({ id, name, accuracies, questions, note, usedBySweeps }) => ({
    id,
    name,
    accuracies,
    questions,
    note,
    usedBySweeps,
  }))
}

/** Adds a baseline, or changes one and recomputes every score that rests on it, in one transaction. */
export function saveBaseline(context: Context, input: NewBaseline & { id?: number | undefined }): BaselineView {
  const { database } = context
  const { id, ...values } = input
  const sameName = findBaselineByName(database, input.name)
  if (sameName && sameName.id !== id) {
    throw new SweepboardError('conflict', `There is a baseline named ${input.name} already.`, [
      { path: ['name'], message: `There is a baseline named ${input.name} already.` },
    ])
  }
  const saved = transaction(database, () => {
    if (id === undefined) return insertBaseline(database, values)
    const before = findBaseline(database, id)
    if (!before) throw new SweepboardError('not-found', `There is no baseline ${id}.`)
    // other accuracies are not what the checkpoint was measured at
    const isSame = JSON.stringify(before.accuracies) === JSON.stringify(values.accuracies)
    const kept = isSame ? { checkpointId: before.checkpointId } : { checkpointId: null, measured: null }
    updateBaseline(database, id, { ...values, ...kept })
    for (const sweepId of listBaselineSweeps(database, id, { deletedToo: true })) rescoreSweep(context, sweepId)
    return findBaseline(database, id)!
  })
  context.signals.emit('change', { topic: 'baseline', sweepId: null, runId: null })
  const view = listBaselineViews(context).find((baseline) => baseline.id === saved.id)!
  for (const sweepId of listBaselineSweeps(database, saved.id, { deletedToo: false })) notify(context, sweepId)
  return view
}

/** Removes a baseline that no sweep uses. */
export function removeBaseline(context: Context, id: number): void {
  const { database } = context
  const baseline = findBaseline(database, id)
  if (!baseline) throw new SweepboardError('not-found', `There is no baseline ${id}.`)
  const used = listBaselineSweeps(database, id, { deletedToo: true })
  if (used.length > 0) {
    throw new SweepboardError(
      'conflict',
      `${baseline.name} is used by ${used.length === 1 ? 'a sweep' : `${used.length} sweeps`}; their scores rest on it.`,
    )
  }
  deleteBaseline(database, id)
  context.signals.emit('change', { topic: 'baseline', sweepId: null, runId: null })
}
