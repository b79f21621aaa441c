/** Intervals of true scores given all scores of a sweep: of points that were chosen by their scores, whose own questions alone say too much. */
import { normalCumulative } from '../stats/normal.ts'
import { type SpreadShape, shapeOfSpread, wideSpreads } from './spread.ts'

/** A measured value with normal noise: its variance, and the share of it that is its own (the rest moves all values alike). */
export type NoisyValue = { value: number; variance: number; own: number }

const turnsOfMean = 3
const negligible = 1e-5
const [low, high] = [0.025, 0.975]

type Part = { weight: number; mean: number; deviation: number }
type DrawnValue = { weights: number[]; kept: number[]; variances: number[] }

/**
 * The 95 % interval of each one's true value, over all spreads of the true values that are likely (half-Cauchy in noises beforehand, as for
 * the chances of being the best) and the shape that corrected scores take for granted (`shapeOfSpread`). Which of them
 * somebody looks at, and why one was measured longer than another, makes no difference to it: that is decided by what was measured, which
 * is all in here. Only of those that are `wanted`, null for the others: each takes a millisecond. null with fewer than two values or
 * without noise.
 */
export function intervalsOfTrueValues(
  values: readonly NoisyValue[],
  wanted: (index: number) => boolean = () => true,
): ([number, number] | null)[] | null {
  if (values.length < 2) return null
  const noise = Math.sqrt(values.reduce((sum, { variance, own }) => sum + variance * own, 0) / values.length)
  if (!(noise > 0)) return null
  const sorted = values.map(({ value }) => value).toSorted((a, b) => a - b)
  const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
  const found = wideSpreads.map((share) => ({ share, ...drawnAt(values, share * noise, middle) }))
  const highest = Math.max(...found.map(({ log }) => log))
  // half-Cauchy over spreads that are spaced by ratios
  const weights = found.map(({ share, log }) => (share / (1 + share * share)) * Math.exp(log - highest))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  return values.map(({ value, variance, own }, index) => {
    if (!wanted(index)) return null
    const parts = found.flatMap(({ mean, meanVariance, drawn }, at): Part[] => {
      const weight = weights[at]! / all
      if (weight < negligible) return []
      const one = drawn[index]!
      return one.weights.map((share, part) => ({
        weight: weight * share,
        mean: mean + one.kept[part]! * (value - mean),
        deviation: Math.sqrt(one.variances[part]! + (1 - one.kept[part]!) ** 2 * meanVariance + variance * (1 - own)),
      }))
    })
    return [quantileOf(parts, low), quantileOf(parts, high)]
  })
}

/** Under one spread: the mean of the true values and how unsure it is, and what of each value each part of the shape keeps. */
function drawnAt(values: readonly NoisyValue[], spread: number, middle: number) {
  let [mean, log, weights] = [middle, 0, 0]
  let drawn: DrawnValue[] = []
  for (let turn = 0; turn < turnsOfMean; turn++) {
    log = weights = 0
    let sum = 0
    drawn = values.map(({ value, variance: whole, own }) => {
      const noise = whole * own
      const densities = shapeOfSpread.map(({ share, width }: SpreadShape) => {
        const variance = (spread * width) ** 2 + noise
        return { variance, density: (share * Math.exp((-0.5 * (value - mean) ** 2) / variance)) / Math.sqrt(variance) }
      })
      const density = densities.reduce((all, one) => all + one.density, 0)
      const certain = density > 0 ? density : 1e-300
      const weight = densities.reduce((all, one) => all + one.density / one.variance, 0) / certain
      log += Math.log(certain)
      weights += weight
      sum += weight * value
      return {
        weights: densities.map((one) => (density > 0 ? one.density / density : 1 / densities.length)),
        kept: densities.map((one) => (one.variance - noise) / one.variance),
        variances: densities.map((one) => ((one.variance - noise) * noise) / one.variance),
      }
    })
    if (weights > 0) mean = sum / weights
  }
  return { mean, meanVariance: weights > 0 ? 1 / weights : 0, drawn, log: log - 0.5 * Math.log(weights || 1) }
}

/** The value that a mixture of normals stays below with this chance, by halving. */
function quantileOf(parts: readonly Part[], chance: number): number {
  let below = Math.min(...parts.map(({ mean, deviation }) => mean - 8 * deviation))
  let above = Math.max(...parts.map(({ mean, deviation }) => mean + 8 * deviation))
  for (let turn = 0; turn < 40; turn++) {
    const place = (below + above) / 2
    const sum = parts.reduce(
      (all, { weight, mean, deviation }) => all + weight * normalCumulative((place - mean) / deviation),
      0,
    )
    if (sum < chance) below = place
    else above = place
  }
  return (below + above) / 2
}
