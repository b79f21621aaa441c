/** What several seeds of one setting say together: their answers to a question are put together first, then the questions. */
import { approximateScore, rememberedMoments } from './normal-approximation.ts'
import { studentLimit } from '../stats/tail-areas.ts'
import { z95 } from '../stats/normal.ts'
import type { Aggregate } from '../sweep/sweep.ts'
import type { Counts } from './counted-points.ts'
import { scoreInterval } from './score-interval.ts'

/** Standard deviation of one seed's score around the mean of its setting, and how many degrees of freedom it rests on. */
export type SeedNoise = { deviation: number; freedom: number }

export type SeedGroup = {
  aggregate: Aggregate
  baseline: readonly number[]
  /** By seed, at least two, the counts of each benchmark in the baseline's order. */
  members: readonly (readonly Counts[])[]
  /** By seed. */
  scores: readonly number[]
  /** Mean correlation of two seeds' answers to a benchmark; 0 where each had questions of its own or nobody knows. */
  correlations: readonly number[]
  /** As scores vary from seed to seed, their questions' noise included; of this group or of many. */
  noise: SeedNoise
}

const moments = rememberedMoments()

/** Half of one question right and half of one wrong: Jeffreys' prior. */
const prior = 0.5

/** What as many independent questions would have to show to say as much as the seeds together, by benchmark. */
function pooledCounts({ members, correlations }: SeedGroup): Counts[] {
  return correlations.map((correlation, at) => {
    const rates = members.map((counts) => counts[at]!.correct / counts[at]!.total)
    const totals = members.map((counts) => counts[at]!.total)
    const seeds = members.length
    const rate = rates.reduce((sum, one) => sum + one, 0) / seeds
    const questions = seeds / totals.reduce((sum, total) => sum + 1 / total, 0)
    const total = (seeds * questions) / (1 + (seeds - 1) * correlation)
    return { correct: rate * total, total }
  })
}

/**
 * 95 % interval of the mean score over seeds. Its variance is what all seeds share by answering the same questions, and the
 * spread between seeds (their own luck with the questions, and training) ÷ their number; degrees of freedom after Satterthwaite
 * ("An approximate distribution of estimates of variance components", 1946). Its shape is that of the score of all answers
 * together, so that it keeps within what a score can be; never narrower than the questions alone allow.
 */
export function seedGroupInterval(group: SeedGroup): [number, number] {
  const { aggregate, baseline, scores, noise } = group
  const { shared, own } = varianceByQuestions(group)
  const seeds = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / seeds
  const between = noise.deviation ** 2 / seeds
  const freedom = between > 0 ? ((shared + between) ** 2 / between ** 2) * noise.freedom : Infinity
  const half = studentLimit(Math.min(freedom, 1e6)) * Math.sqrt(shared + between)
  const least = z95 * Math.sqrt(shared + own / seeds)
  const counts = pooledCounts(group)
  const [low, high] = scoreInterval(
    aggregate,
    { correct: counts.map(({ correct }) => correct), total: counts.map(({ total }) => total), baseline },
    Math.max(1, least > 0 ? half / least : 1),
  )
  return [Math.min(low, mean), Math.max(high, mean)]
}

/** Mean variance of one seed's score by its questions: what it shares with the other seeds, and its own. */
export function varianceByQuestions({ aggregate, baseline, members, correlations }: Omit<SeedGroup, 'noise'>) {
  let [shared, own] = [0, 0]
  const parts = new Float64Array(baseline.length)
  for (const counts of members) {
    const alpha = counts.map(({ correct }) => correct + prior)
    const beta = counts.map(({ correct, total }) => total - correct + prior)
    const { mean, power } = approximateScore(aggregate, alpha, beta, baseline, moments, parts)
    const slope = (power * mean ** (power - 1)) ** 2
    for (const [at, part] of parts.entries()) {
      const variance = (slope * part * part) / members.length
      shared += correlations[at]! * variance
      own += (1 - correlations[at]!) * variance
    }
  }
  return { shared, own }
}
