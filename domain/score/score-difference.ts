/** How far a checkpoint's score is from the best one's, with the noise of both. */
import { approximateScore, normalCumulative, type Normal } from './normal-approximation.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import { countsOfAll, type MeasuredPoint } from './uncertainty.ts'

export type ScoreDifference = {
  /** Its score minus the best one's: 0 or below. */
  difference: number
  /** 95 % interval of the true difference. */
  interval: [number, number]
  /** Chance that its true score is above that of the best one. */
  chanceOfBetter: number
}

const z95 = 1.959963984540054
/** Half of one question right and half of one wrong before any was asked: Jeffreys' prior, as for every score's interval. */
const prior = 0.5

/**
 * For each point its difference from the one of the highest score; null for that one itself, and where counts are missing. Scores are
 * taken as independent, though their questions are the same: a paired test by question finds differences that this cannot. The
 * best was chosen for being highest, so that its lead is rather less than it looks.
 */
export function differencesFromBest({
  aggregate,
  baseline,
  points,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly MeasuredPoint[]
}): (ScoreDifference | null)[] {
  const benchmarks = Object.keys(baseline).toSorted()
  const accuracies = benchmarks.map((benchmark) => baseline[benchmark]!)
  const normals = points.map(({ score, counts }): Normal | null => {
    const all = score === null ? null : countsOfAll(benchmarks, counts)
    if (all === null) return null
    const alpha = all.map(({ correct }) => correct + prior)
    const beta = all.map(({ correct, total }) => total - correct + prior)
    return approximateScore(aggregate, alpha, beta, accuracies)
  })
  const best = points.reduce<number | null>(
    (found, { score }, at) => (score !== null && score > (points[found ?? -1]?.score ?? -Infinity) ? at : found),
    null,
  )
  const ofBest = best === null ? null : normals[best]!
  return points.map(({ score }, at) => {
    const normal = normals[at]
    if (at === best || score === null || !normal || !ofBest) return null
    const difference = score - points[best!]!.score!
    const half = z95 * Math.hypot(errorOf(normal), errorOf(ofBest))
    const z = (normal.mean - ofBest.mean) / Math.hypot(normal.deviation, ofBest.deviation)
    return { difference, interval: [difference - half, difference + half], chanceOfBetter: normalCumulative(z) }
  })
}

/** Standard error of the score itself, by the delta method where its root is what is normal. */
function errorOf({ mean, deviation, power }: Normal): number {
  return power * mean ** (power - 1) * deviation
}
