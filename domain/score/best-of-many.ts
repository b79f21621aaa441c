/** Which of many scores is truly the best: who may be it, and how likely each is to be. */
import { limitOfBest } from '../stats/many-against-best.ts'
import { chancesOfHighest, highestFew } from './normal-approximation.ts'
import { chanceOfSpread, spreadOfScores } from './spread.ts'

/** A chance is stated where the true scores differ by more than half the noise in at least 80 %. */
const leastSpread = 0.5
const sureOfSpread = 0.8
/** Each is compared with so many of the highest: whoever is the best is seldom passed by one that is not among these. */
const mostChallengers = 24
/** A tenth of the family's error of 5 % drops those that are so far behind that they are no competition. */
const errors = [0.005, 0.045]

/**
 * Each one's chance to be truly the highest: of values drawn towards their mean as their spread and their noise say, over all
 * spreads that are likely. `variances`: of each by its own noise, without what moves all alike. null where the values are too
 * close to say: that mostly luck decided is all that is known then.
 */
export function chancesOfBest(means: ArrayLike<number>, variances: ArrayLike<number>): Float64Array | null {
  const count = means.length
  if (count === 1) return Float64Array.of(1)
  const spread = spreadOfScores(means, variances)
  if (spread === null || chanceOfSpread(spread, leastSpread) < sureOfSpread) return null
  const chances = new Float64Array(count)
  const [drawn, deviations] = [new Float64Array(count), new Float64Array(count)]
  for (const { spread: between, weight, mean } of spread.possible) {
    for (let at = 0; at < count; at++) {
      const kept = between ** 2 / (between ** 2 + variances[at]!)
      drawn[at] = mean + kept * (means[at]! - mean)
      deviations[at] = Math.sqrt(kept * variances[at]!)
    }
    const highest = chancesOfHighest(drawn, deviations)
    for (let at = 0; at < count; at++) chances[at]! += weight * highest[at]!
  }
  return chances
}

/**
 * 1 for each that may be the best: in 95 % of cases, however close the values are, the true best is among these. `deviationOf`:
 * the standard deviation of the difference of two, by their places.
 */
export function whoMayBeBest(
  means: ArrayLike<number>,
  deviationOf: (first: number, second: number) => number,
): Uint8Array {
  const may = new Uint8Array(means.length).fill(1)
  // whoever is passed is mostly passed by the highest
  const challengers = highestFew(means, mostChallengers)
  let left = means.length
  for (const error of errors) {
    const limit = limitOfBest(left - 1, error)
    for (let at = 0; at < means.length; at++) {
      if (may[at] === 0) continue
      for (const other of challengers) {
        const behind = means[other]! - means[at]!
        if (behind <= 0 || behind <= limit * deviationOf(other, at)) continue
        may[at] = 0
        left -= 1
        break
      }
    }
  }
  return may
}
