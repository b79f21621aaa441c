/** Several objectives made one number for methods that look for the highest. */
import { rankedByFronts, scalarised } from '../stats/pareto.ts'
import { createRandom } from '../stats/rng.ts'
import type { Searching } from '../sweep/searching.ts'
import type { SearchHistory } from './method.ts'

/** A stream of its own for each proposal, away from those that draw cells. */
const weightStream = 2 ** 29

/**
 * The history with one number in place of each point's score: for `tpe` the rank by fronts, as in the tree-structured Parzen estimator for
 * several objectives (Ozaki et al., "Multiobjective tree-structured Parzen estimator for computationally expensive optimization problems",
 * 2020), for `gaussian-process` the distance by weights that every proposal draws anew (ParEGO: Knowles, 2006). As it is where there are not
 * several. Points that break a constraint, or of which an objective is not known, have none.
 */
export function withOneObjective(history: SearchHistory, { method, seed }: Searching, number: number): SearchHistory {
  const known = history.points.filter(({ objectives, slacks }) => objectives != null && isKept(slacks))
  if (!history.points.some(({ objectives }) => objectives != null)) return history
  const values = known.map(({ objectives }) => objectives!)
  const ranked =
    method === 'tpe' ? rankedByFronts(values) : scalarised(values, weightsOf(values[0]?.length ?? 0, seed, number))
  const scores = new Map(known.map((point, at) => [point.number, ranked[at]!]))
  return {
    ...history,
    // how sure such a number is nobody has computed
    points: history.points.map((point) => ({ ...point, score: scores.get(point.number) ?? null, variance: null })),
  }
}

/** Evenly over all weights that add up to 1 (a flat Dirichlet distribution). */
function weightsOf(count: number, seed: number, number: number): number[] {
  const random = createRandom(seed, weightStream + number)
  const drawn = Array.from({ length: count }, () => -Math.log(random.uniform()))
  const sum = drawn.reduce((total, one) => total + one, 0)
  return drawn.map((one) => one / sum)
}

/** Whether every constraint is kept; so it is where there are none. */
export function isKept(slacks: readonly (number | null)[] | null | undefined): boolean {
  return (slacks ?? []).every((slack) => slack !== null && slack >= 0)
}
