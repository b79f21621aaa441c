/** What a search knows: each training with where it lies and what it came to. */
import { isJobFinished } from '../life/run-status.ts'
import type { SearchHistory } from './method.ts'
import { isKept } from './several-objectives.ts'
import { keyOf, pointOf, type Space } from './space.ts'

/**
 * `value`: of its best point so far, larger is better; null where there is none. `variance`: of that point's own noise, 0 where it is
 * not known. `hasFailed`: it ended without a value, and not because a person cancelled it; so it did where every point breaks a constraint.
 */
export type Seen = {
  number: number
  point: Float64Array
  value: number | null
  variance: number
  hasFailed: boolean
  /** Of the point that the value is of, or that comes nearest to keeping them: how far inside each constraint; null where that is not known. */
  slacks: readonly (number | null)[] | null
  /** Nothing is known of it yet, or not all: it waits, runs or is being evaluated. */
  isPending: boolean
}

export type Known = {
  seen: Seen[]
  /** Keys of all trainings there are. */
  taken: Set<string>
  /** The best value so far; null before the first. */
  best: Seen | null
}

/** The value of a point, larger is better; null where it has none, or breaks a constraint. */
export function valueOf({ score, slacks }: SearchHistory['points'][number]): number | null {
  return isKept(slacks) ? score : null
}

/** The least slack of a point's constraints. */
function leastSlack({ slacks }: SearchHistory['points'][number]): number {
  return Math.min(...(slacks ?? []).map((slack) => slack ?? -Infinity))
}

/** The value of a training is that of its best point. */
export function knownOf(space: Space, { runs, points }: SearchHistory): Known {
  const pointsOf = Map.groupBy(points, ({ runNumber }) => runNumber)
  const taken = new Set<string>()
  let best: Seen | null = null
  const seen = runs.map((run): Seen => {
    taken.add(keyOf(space, run.params))
    const own = pointsOf.get(run.number) ?? []
    let value: number | null = null
    let variance = 0
    let nearest: (typeof own)[number] | null = null
    for (const point of own) {
      const its = valueOf(point)
      if (value === null && point.slacks && (nearest === null || leastSlack(point) > leastSlack(nearest)))
        nearest = point
      if (its === null || !Number.isFinite(its) || (value !== null && its <= value)) continue
      value = its
      variance = point.variance ?? 0
      nearest = point
    }
    const isOpen = own.some(({ status }) => status === 'waiting' || status === 'training' || status === 'evaluating')
    const isPending = isOpen || !isJobFinished(run.status)
    const hasFailed =
      !isPending &&
      value === null &&
      own.some(({ status, slacks }) => status === 'failed' || status === 'stopped' || !isKept(slacks))
    const slacks = nearest?.slacks ?? null
    const one = { number: run.number, point: pointOf(space, run.params), value, variance, hasFailed, slacks, isPending }
    if (value !== null && (best === null || value > best.value!)) best = one
    return one
  })
  return { seen, taken, best }
}
