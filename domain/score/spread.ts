/** How far true scores of many points differ, from scores that also differ by luck: what corrected scores and chances rest on. */

/** One value that the standard deviation of the true scores may have. */
export type PossibleSpread = {
  spread: number
  /** How likely it is; all together 1. */
  weight: number
  /** The scores' mean under it, each weighted by how sure it is. */
  mean: number
}

export type SpreadOfScores = {
  possible: PossibleSpread[]
  /** Standard deviation that the questions alone give a score. */
  noise: number
}

/** As shares of the noise: steps of 30 %. */
const spreads = Array.from({ length: 26 }, (_, at) => 0.05 * 1.3 ** at)
const negligible = 1e-4
/** Of more scores these are taken evenly: their spread is known well enough. */
const mostScores = 4000

/**
 * What is known of the spread of the true scores, each score being its true value and noise of a known variance, both normal.
 * Before any score is seen, the spread ÷ the noise is half-Cauchy distributed (Gelman, "Prior distributions for variance
 * parameters in hierarchical models", 2006), which of those tried says best how often the first is the best (docs/luck.md); the
 * mean is left open. null with fewer than two scores.
 */
export function spreadOfScores(scores: ArrayLike<number>, variances: ArrayLike<number>): SpreadOfScores | null {
  const count = scores.length
  if (count < 2) return null
  const noise = Math.sqrt(meanOf(variances))
  if (!(noise > 0)) return null
  const stride = Math.ceil(count / mostScores)
  const found = spreads.map((share) => {
    const spread = share * noise
    let [weight, first, logs] = [0, 0, 0]
    for (let at = 0; at < count; at += stride) {
      const variance = variances[at]! + spread * spread
      weight += 1 / variance
      first += scores[at]! / variance
      logs += Math.log(variance)
    }
    const mean = first / weight
    let squares = 0
    for (let at = 0; at < count; at += stride) squares += (scores[at]! - mean) ** 2 / (variances[at]! + spread * spread)
    return { spread, mean, log: -0.5 * (logs + Math.log(weight) + squares) + Math.log(share / (1 + share * share)) }
  })
  const highest = Math.max(...found.map(({ log }) => log))
  const likely = found
    .map(({ spread, mean, log }) => ({ spread, mean, weight: Math.exp(log - highest) }))
    .filter(({ weight }) => weight > negligible)
  const all = likely.reduce((total, { weight }) => total + weight, 0)
  return { possible: likely.map((one) => ({ ...one, weight: one.weight / all })), noise }
}

/** How likely it is that the true scores differ by more than so many times the noise. */
export function chanceOfSpread({ possible, noise }: SpreadOfScores, times: number): number {
  return possible.reduce((sum, { spread, weight }) => (spread > times * noise ? sum + weight : sum), 0)
}

/** A share of the true scores, as a normal of so many spreads. */
export type SpreadShape = { share: number; width: number }

/**
 * What a true score may be, as multiples of the spread with their shares: mostly near the others, now and then far off. With a
 * normal alone, a few that are truly far ahead would be drawn back by more than luck gave them.
 */
export const shapeOfSpread: readonly SpreadShape[] = [
  { share: 0.55, width: 0.7 },
  { share: 0.3, width: 1.5 },
  { share: 0.1, width: 4 },
  { share: 0.05, width: 12 },
]
/** As shares of the noise: steps of 60 %. */
export const wideSpreads = Array.from({ length: 14 }, (_, at) => 0.05 * 1.6 ** at)
const turnsOfMean = 2

export type ExpectedScores = {
  /** In the scores' order. */
  estimates: Float64Array
  mean: number
  /** Of the true scores, without those far off. */
  spread: number
}

/**
 * The true score that each may be expected to have: drawn towards the mean by the share that luck has in it, over all spreads,
 * their squares equally likely beforehand: rather too little is drawn than too much, of two or three scores next to nothing.
 * `variances`: of each score by its noise. null with fewer than two scores or without noise.
 */
export function expectedScores(scores: ArrayLike<number>, variances: ArrayLike<number>): ExpectedScores | null {
  const count = scores.length
  if (count < 2) return null
  const noise = Math.sqrt(meanOf(variances))
  if (!(noise > 0)) return null
  const sorted = Float64Array.from(scores).sort()
  const middle = (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2
  const found = wideSpreads.map((share) => ({
    spread: share * noise,
    ...drawnAt(scores, variances, share * noise, middle),
  }))
  const highest = Math.max(...found.map(({ log }) => log))
  const weights = found.map(({ log, spread }) => spread * spread * Math.exp(log - highest))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const estimates = new Float64Array(count)
  let [mean, spread] = [0, 0]
  for (const [at, one] of found.entries()) {
    const weight = weights[at]! / all
    if (weight < negligible / 100) continue
    mean += weight * one.mean
    spread += weight * one.spread
    for (let index = 0; index < count; index++) estimates[index]! += weight * one.estimates[index]!
  }
  return { estimates, mean, spread }
}

/** Under one spread; `log`: of how likely the scores are then. */
function drawnAt(scores: ArrayLike<number>, variances: ArrayLike<number>, spread: number, middle: number) {
  const count = scores.length
  const estimates = new Float64Array(count)
  let [mean, log, weights] = [middle, 0, 0]
  for (let turn = 0; turn < turnsOfMean; turn++) {
    log = weights = 0
    let sum = 0
    for (let index = 0; index < count; index++) {
      const score = scores[index]!
      const noise = variances[index]!
      const away = score - mean
      let density = 0
      let drawn = 0
      let weight = 0
      for (let part = 0; part < shapeOfSpread.length; part++) {
        const between = spread * spread * shapeOfSpread[part]!.width ** 2
        const variance = between + noise
        const one = (shapeOfSpread[part]!.share * Math.exp((-0.5 * away * away) / variance)) / Math.sqrt(variance)
        density += one
        drawn += one * (mean + (between / variance) * away)
        weight += one / variance
      }
      // so far off that no part of the shape holds it: it stands for itself
      estimates[index] = density > 0 ? drawn / density : score
      log += density > 0 ? Math.log(density) : -700
      weights += density > 0 ? weight / density : 0
      sum += density > 0 ? (weight / density) * score : 0
    }
    if (weights > 0) mean = sum / weights
  }
  return { estimates, mean, log: log - 0.5 * Math.log(weights || 1) }
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]!
  return sum / values.length
}
