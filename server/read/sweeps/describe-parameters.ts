/** Which parameter mattered: shares of the differences between a sweep's points, computed once for the scores it has. */
import { objectiveOf } from '../../../domain/sweep/objective.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Database } from '../../../db/client.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { axisScale, ranksOfValues, sortedPlaces } from '../../../domain/sweep/axes/axis-scale.ts'
import {
  effectsToCome,
  isFullGrid,
  type MeasuredGrid,
  type ParameterEffects,
  parameterEffects,
} from '../../../domain/stats/parameter-effects.ts'
import { countStored } from '../../../db/queries/points.ts'
import { z95 } from '../../../domain/stats/normal.ts'
import type { Context } from '../../base/context.ts'
import type { ParametersView } from '../../../contract/api/parameters.ts'
import { type ScoredPoints, scoredPoints } from '../../tables/scored-points.ts'
import { heldBy } from '../../base/process/held.ts'

/** Up to so many points of a full grid are computed at once: less than 5 ms. */
const mostAtOnce = 2000
/** Sweeps whose answer is kept. */
const mostKept = 50
/** Ends of a 95 % interval stand so many standard deviations apart. */
const intervalWidth = 2 * z95
const answersOf = heldBy<Database, number, { key: string; effects: Promise<ParameterEffects> }>(mostKept)

/**
 * How much each axis of the sweep explains, as of now: of many points, or of a grid with holes, computed in a thread. With
 * `patienceMilliseconds` an answer that takes longer is `pending`; it goes on being computed.
 */
export async function describeParameters(
  context: Context,
  sweep: SweepRow,
  patienceMilliseconds = Infinity,
): Promise<ParametersView> {
  const points = scoredPoints(context, sweep)
  const grid = measuredGrid(points, sweep.agreement?.own ?? 1)
  const effects = await within(patienceMilliseconds, effectsOf(context, sweep.id, grid))
  return {
    ...(effects ?? effectsToCome(grid)),
    pending: effects === null,
    axes: points.axes.map((axis) => ({
      ...axis,
      scale: axisScale(axis.values),
      order: sortedPlaces(axis.values),
    })),
    points: countStored(context.database, sweep.id).points,
    aggregate: scoringOf(sweep.definition).aggregate,
    objective: objectiveOf(sweep.definition),
  }
}

/** The value, or null where it is not there in time. */
async function within<Value>(milliseconds: number, value: Promise<Value>): Promise<Value | null> {
  if (milliseconds === Infinity) return value
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(resolve, milliseconds, null)
  try {
    return await Promise.race([value, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** `own`: the share of a score's variance that the points do not have in common. */
function measuredGrid({ axes, positions, scores, low, high }: ScoredPoints, own: number): MeasuredGrid {
  return {
    axes: axes.map(({ name, values, milestone }, at) => ({
      name,
      levels: values.length,
      positions: positions[at]!,
      milestone,
      ranks: axisScale(values) === 'names' ? null : ranksOfValues(values),
    })),
    scores,
    variances: scores.map((_, at) => own * ((high[at]! - low[at]!) / intervalWidth) ** 2),
  }
}

function effectsOf(context: Context, sweepId: number, grid: MeasuredGrid): Promise<ParameterEffects> {
  const answers = answersOf(context.database)
  const key = keyOf(grid)
  const compute = () => {
    const atOnce = grid.scores.length <= mostAtOnce && isFullGrid(grid)
    const effects = atOnce ? Promise.resolve(parameterEffects(grid)) : inThread(grid)
    effects.catch(() => answers.drop(sweepId))
    return { key, effects }
  }
  return answers.take(sweepId, compute, (answer) => answer.key === key).effects
}

/** The same for the same scores. */
function keyOf({ axes, scores, variances }: MeasuredGrid): string {
  const hash = createHash('sha1').update(bytesOf(scores)).update(bytesOf(variances))
  for (const { positions } of axes) hash.update(bytesOf(positions))
  return hash.digest('hex')
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function inThread(grid: MeasuredGrid): Promise<ParameterEffects> {
  const { promise, resolve, reject } = Promise.withResolvers<ParameterEffects>()
  const thread = new Worker(new URL('./parameters-thread.ts', import.meta.url), { workerData: grid })
  thread.unref()
  thread.on('message', resolve)
  thread.on('error', reject)
  return promise
}
