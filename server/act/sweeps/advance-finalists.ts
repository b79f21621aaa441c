/** Lets a sweep whose points have all ended look once more at those that cannot be told from the best. */
import { transaction } from '../../../db/client.ts'
import { findJob } from '../../../db/queries/jobs.ts'
import { countStored, listPoints, type PointRow } from '../../../db/queries/points.ts'
import { askToTheirEnd } from '../../../db/queries/rungs.ts'
import { type SweepRow, updateSweep } from '../../../db/queries/sweeps.ts'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import { chooseFinalists, type Contender, type FinalistsChoice } from '../../../domain/search/finalists.ts'
import type { MorePoints } from '../../../domain/search/method.ts'
import { expandAxis, milestoneAxisName } from '../../../domain/sweep/axes/axes.ts'
import { nextSeeds, seedAxisOf, seedsOf } from '../../../domain/sweep/axes/finalist-seeds.ts'
import { pointKey } from '../../../domain/sweep/plan.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { notify, type Context } from '../../base/context.ts'
import { benchmarksToSample, evaluateAgain, usualTemperature } from '../checkpoints/evaluate-again.ts'
import { finalistsSnapshot } from './finalists-snapshot.ts'
import { insertPlan } from './insert-plan.ts'
import { refreshSweep } from './refresh-sweep.ts'

/**
 * Decides once, as all points have ended, and stores in the same transaction what is to be done: a server that is killed around it finds
 * either nothing, and decides, or all of it. Gives whether anything of it is still to be waited for.
 */
export function advanceFinalists(context: Context, sweep: SweepRow): boolean {
  const { database } = context
  const { finalists } = sweep.definition
  if (finalists === undefined || !['waiting', 'running', 'paused'].includes(sweep.status)) return false
  if (sweep.finalists !== null)
    return sweep.finalists.jobIds.some((id) => !isJobFinished(findJob(database, id)?.status ?? 'done'))
  return transaction(database, () => {
    // who cannot be told from the best is to be known as of the last score
    refreshSweep(context, sweep.id)
    const points = listPoints(database, sweep.id)
    const choice = chooseFinalists(finalistsSnapshot(context, sweep, points))
    if (choice === null) return false
    const { contenders, ...decision } = choice
    const before = countStored(database, sweep.id)
    const byNumber = new Map(points.map((point) => [point.number, point]))
    if (choice.way === 'seeds') train(context, sweep, choice, byNumber)
    const jobIds = choice.way === 'samples' ? ask(context, choice, byNumber) : []
    const { trainings: runs, points: last } = before
    updateSweep(database, sweep.id, {
      finalists: {
        ...decision,
        decidedAt: Date.now(),
        runs,
        points: last,
        finalists: contenders.map((contender) => [...contender.points]),
        jobIds,
      },
    })
    context.atInstant?.('in-finalists')
    notify(context, sweep.id)
    context.signals.emit('work')
    return choice.way !== 'none'
  })
}

/** Trainings of the finalists with the next seeds; of their milestones only those that are finalists are points. */
function train(
  context: Context,
  sweep: SweepRow,
  { contenders }: FinalistsChoice,
  byNumber: ReadonlyMap<number, PointRow>,
): void {
  const more = moreSeeds(
    sweep.definition,
    contenders.map(({ points }) => byNumber.get(points[0]!)!),
    countStored(context.database, sweep.id),
  )
  insertPlan(context, sweep, more, new Map())
  // a mean of scores of which some rest on few questions would be of neither
  if (sweep.race !== null) askToTheirEnd(context.database, sweep.id, more.points[0]!.number)
}

/** Runs and points of the next seeds, numbered on. */
export function moreSeeds(
  definition: Sweep,
  finalists: readonly Pick<PointRow, 'params' | 'milestone'>[],
  before: { trainings: number; points: number },
): MorePoints {
  const axis = seedAxisOf(definition)!
  const names = Object.keys(definition.axes)
  const milestone = milestoneAxisName(definition.axes)
  const had = seedsOf(definition, axis)
  const trainings = Map.groupBy(finalists, ({ params }) =>
    JSON.stringify(names.filter((name) => name !== axis && name !== milestone).map((name) => params[name])),
  )
  const more: MorePoints = { runs: [], points: [] }
  for (const seed of nextSeeds(had, definition.finalists!.seeds - had.length))
    for (const its of trainings.values()) {
      const number = before.trainings + more.runs.length + 1
      const last =
        milestone === null ? {} : { [milestone]: expandAxis(milestone, definition.axes[milestone]!).values.at(-1)! }
      more.runs.push({ number, params: { ...its[0]!.params, [axis]: seed, ...last } })
      for (const point of its) {
        const params = { ...point.params, [axis]: seed }
        more.points.push({
          number: before.points + more.points.length + 1,
          runNumber: number,
          params,
          key: pointKey(names, params),
          milestone: point.milestone,
        })
      }
    }
  return more
}

function ask(
  context: Context,
  { contenders, samples }: FinalistsChoice,
  byNumber: ReadonlyMap<number, PointRow>,
): number[] {
  if (!('each' in samples)) throw new Error('no number of samples was chosen')
  const checkpointIds = contenders.flatMap(({ points }: Contender) =>
    points.map((number) => byNumber.get(number)!.checkpointId!),
  )
  return evaluateAgain(context, {
    checkpointIds,
    benchmarks: benchmarksToSample(context, checkpointIds),
    samples: samples.each,
    temperature: usualTemperature,
  }).jobIds
}
