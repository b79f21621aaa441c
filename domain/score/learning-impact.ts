/**
 * Learning-impact measurement (LIM; Li, Zou and Liu, "LIMR: Less is More for RL Scaling", arXiv 2502.11886, section 2.2): how well a
 * problem's reward over the epochs of a run follows the mean of all problems,
 *
 *     s_i = 1 - sum_k (r_ik - m_k)² / sum_k (1 - m_k)²,   m_k = mean over i of r_ik,
 *
 * with rewards from 0 to 1. Chosen are the problems whose score is at least a threshold, 0.6 in the paper (which writes "above"; its
 * program takes "at least", and so does this).
 */

/** A problem asked in one step: how many responses, and the sum of their rewards, each from 0 to 1. */
export type Visit = { step: number; samples: number; sum: number }

/**
 * How visits become epochs. `passes`: a problem's visits fall into so many equal parts, so that the k-th time that it is asked is its epoch
 * k (one that stands twice among the data is asked twice in each). `steps`: an epoch is so many steps of the run.
 */
export type EpochRule = { passes: number } | { steps: number }

/** A problem's epochs: mean reward and responses of each. */
export type RewardCurve = { rewards: number[]; samples: number[] }

export type ImpactScore = {
  /** At most 1; 1 is the mean curve itself. */
  score: number
  /** Standard deviation of the score by the luck of the responses alone, at most: another sampling would move it so far. */
  deviation: number
}

/** The paper's threshold. */
export const usualThreshold = 0.6
/** Of all problems, so many have to have been asked as often as there are passes; the others have no curve. */
const shareAsked = 0.9

/** Passes that a run made over its problems: so often at least nine in ten of them were asked. 0 without problems. */
export function passesMade(problems: readonly (readonly Visit[])[]): number {
  const counts = problems.map(({ length }) => length).toSorted((a, b) => b - a)
  return counts[Math.ceil(shareAsked * counts.length) - 1] ?? 0
}

/**
 * Each problem's curve, null where it was not asked often enough for one. By steps, an epoch in which a problem was not asked has
 * the reward of the next one, as in the paper's program; where that is missing too, there is no curve.
 * @param problems visits of each problem, by rising step
 */
export function rewardCurves(problems: readonly (readonly Visit[])[], rule: EpochRule): (RewardCurve | null)[] {
  if ('passes' in rule) {
    return problems.map((visits) => {
      if (visits.length < rule.passes) return null
      return curveOf(visits, rule.passes, (_, at) => Math.floor(((at + 1) * rule.passes - 1) / visits.length))
    })
  }
  const steps = problems.flatMap((visits) => (visits.length === 0 ? [] : [visits[0]!.step, visits.at(-1)!.step]))
  const [from, to] = steps.reduce(([low, high], step) => [Math.min(low, step), Math.max(high, step)], [Infinity, -1])
  const epochs = steps.length === 0 ? 0 : Math.floor((to - from + 1) / rule.steps)
  return problems.map((visits) => curveBySteps(visits, from, rule.steps, epochs))
}

/** The mean reward of each epoch, over its visits; 0 responses where there is none. */
function curveOf(visits: readonly Visit[], epochs: number, epochOf: (visit: Visit, at: number) => number): RewardCurve {
  const sums = Array.from({ length: epochs }, () => 0)
  const samples = Array.from({ length: epochs }, () => 0)
  for (const [at, visit] of visits.entries()) {
    const epoch = epochOf(visit, at)
    if (epoch >= epochs) continue
    sums[epoch]! += visit.sum
    samples[epoch]! += visit.samples
  }
  return { rewards: sums.map((sum, epoch) => (samples[epoch] === 0 ? 0 : sum / samples[epoch]!)), samples }
}

function curveBySteps(visits: readonly Visit[], from: number, each: number, epochs: number): RewardCurve | null {
  const { samples, rewards } = curveOf(visits, epochs, ({ step }) => Math.floor((step - from) / each))
  const filled = samples.map((count, epoch) => (count === 0 ? (samples[epoch + 1] ?? 0) : count))
  if (filled.includes(0)) return null
  return {
    rewards: rewards.map((reward, epoch) => (samples[epoch] === 0 ? rewards[epoch + 1]! : reward)),
    samples: filled,
  }
}

export type LearningImpact = {
  /** The mean of the curves. */
  mean: number[]
  /** By curve. */
  scores: ImpactScore[]
  /** What the luck of the responses takes off a score, on average over the problems: with more of them, curves lie closer to the mean. */
  luck: number
}

/**
 * Scores of curves of one length.
 * @returns null where nothing can be told apart: no curves, or every problem right in every epoch
 */
export function learningImpact(curves: readonly RewardCurve[]): LearningImpact | null {
  const epochs = curves[0]?.rewards.length ?? 0
  const mean = Array.from(
    { length: epochs },
    (_, epoch) => curves.reduce((sum, { rewards }) => sum + rewards[epoch]!, 0) / curves.length,
  )
  const whole = mean.reduce((sum, value) => sum + (1 - value) ** 2, 0)
  if (!(whole > 0)) return null
  let luck = 0
  const scores = curves.map(({ rewards, samples }): ImpactScore => {
    let apart = 0
    let variance = 0
    for (const [epoch, reward] of rewards.entries()) {
      const difference = reward - mean[epoch]!
      const noise = varianceOfMean(reward, samples[epoch]!)
      apart += difference ** 2
      // of the square of a normal variable with this variance; the difference that is seen has the noise in it already
      variance += 4 * Math.max(0, difference ** 2 - noise) * noise + 2 * noise ** 2
      luck += noise / whole / curves.length
    }
    return { score: 1 - apart / whole, deviation: Math.sqrt(variance) / whole }
  })
  return { mean, scores, luck }
}

/**
 * Variance of the mean of `samples` rewards from 0 to 1, at most: that of rewards that are 0 or 1. With half a right and half a wrong
 * one added (Jeffreys), so that eight right of eight are not taken for certain.
 */
function varianceOfMean(mean: number, samples: number): number {
  const share = (mean * samples + 0.5) / (samples + 1)
  return (share * (1 - share)) / (samples + 1)
}

/** Whether a score is on the other side of the threshold as easily as not: within its standard deviation of it. */
export function isCloseTo(threshold: number, { score, deviation }: ImpactScore): boolean {
  return Math.abs(score - threshold) <= deviation
}

/**
 * From rewards to 0 to 1. `one` is the highest reward that any response has; `zero` is 0, or the lowest one where none is above 0. What
 * lies below (a penalty for the form) counts as 0.
 */
export function rewardRange(rewards: Iterable<number>): { zero: number; one: number } {
  let [low, high] = [Infinity, -Infinity]
  for (const reward of rewards) {
    low = Math.min(low, reward)
    high = Math.max(high, reward)
  }
  return { zero: high > 0 ? 0 : low, one: high }
}

/** A reward from 0 to 1; 1 for all where they are all the same. */
export function inRange(reward: number, { zero, one }: { zero: number; one: number }): number {
  return one > zero ? Math.max(0, (reward - zero) / (one - zero)) : 1
}
