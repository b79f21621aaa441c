/**
 * Which points of a sweep are looked at once more because they cannot be told from the best, and how: trained again with other seeds, or
 * asked with several samples a question, whichever tells them apart for fewer slot hours. A pure function of a snapshot.
 */
import { limitOfBest } from '../stats/many-against-best.ts'

/** A setting at a milestone, with all seeds that it was trained with. */
export type Contender = {
  /** Its points' numbers, the first seed's first. */
  points: readonly number[]
  /** What tells its trainings from those of other settings: two milestones of one share it. */
  training: string
  /** Mean of its scores; more is better. */
  mean: number
  /** Whether it may be the best; null where nobody can say, as nothing is known of its luck. */
  mayBeBest: boolean | null
}

export type FinalistsSnapshot = {
  contenders: readonly Contender[]
  /** As the sweep file says. */
  top: number
  seeds: number
  /** The seeds that every point was trained with. */
  had: number
  /** Variance of a score from seed to seed, its questions' luck included; null where no setting was trained with two seeds. */
  seedVariance: number | null
  /** The part of it that is luck with questions which two points do not share, the mean of the contenders'; null where it is not known. */
  questionVariance: number | null
  /** Slot hours of a training and of an evaluation; null where none was measured. */
  hours: { training: number | null; evaluation: number | null }
  /** Why several samples cannot be asked for, as a sentence's end; null where they can. */
  whyNoSamples: string | null
}

/** What a way takes and gives. `difference`: of two means, what can be told afterwards; null where it is not known. */
export type FinalistsWay = { jobs: number; evaluations: number; hours: number | null; difference: number | null }

export type FinalistsChoice = {
  way: 'none' | 'seeds' | 'samples'
  /** By the mean, best first. */
  contenders: readonly Contender[]
  /** Whether the differences know what another seed moves, or the luck with questions alone. */
  knows: 'seeds' | 'questions' | 'nothing'
  /** What can be told now. */
  differenceNow: number | null
  seeds: FinalistsWay
  /** Samples a question that would tell as much at best; `why` there is no such number. */
  samples: (FinalistsWay & { each: number }) | { why: string }
}

/** More samples a question than this are not worth what they say. */
const mostSamples = 64

/** null: fewer than two points have a score, so there is nothing to tell apart. */
export function chooseFinalists(snapshot: FinalistsSnapshot): FinalistsChoice | null {
  const { top, seeds, had, seedVariance, questionVariance, hours } = snapshot
  const ranked = snapshot.contenders.toSorted((a, b) => b.mean - a.mean || a.points[0]! - b.points[0]!)
  if (ranked.length < 2) return null
  const contenders = ranked.filter(({ mayBeBest }, place) => place === 0 || mayBeBest !== false).slice(0, top)
  const count = contenders.length
  const variance = seedVariance ?? questionVariance
  const differenceOf = (ofOne: number | null) =>
    ofOne === null || count < 2 ? null : limitOfBest(count - 1) * Math.sqrt(2 * ofOne)
  const trainings = new Set(contenders.map(({ training }) => training)).size * (seeds - had)
  const evaluations = count * (seeds - had)
  const seedsWay = {
    jobs: trainings,
    evaluations,
    hours: hours.training === null ? null : trainings * hours.training + evaluations * (hours.evaluation ?? 0),
    difference: differenceOf(variance === null ? null : variance / seeds),
  }
  const samples = samplesWay(snapshot, count, differenceOf)
  const isCheaper =
    'each' in samples && samples.hours !== null && seedsWay.hours !== null && samples.hours < seedsWay.hours
  return {
    way: count < 2 ? 'none' : isCheaper ? 'samples' : 'seeds',
    contenders,
    knows: seedVariance !== null ? 'seeds' : questionVariance !== null ? 'questions' : 'nothing',
    differenceNow: differenceOf(variance === null ? null : variance / had),
    seeds: seedsWay,
    samples,
  }
}

/**
 * Samples take away luck with questions and none of the training's: with k of them what is left of the variance is the training's and, at
 * best, a k-th of the questions'. So few as come to what the seeds would.
 */
function samplesWay(
  { seeds, had, seedVariance, questionVariance, hours, whyNoSamples }: FinalistsSnapshot,
  count: number,
  differenceOf: (variance: number) => number | null,
): FinalistsChoice['samples'] {
  if (whyNoSamples !== null) return { why: whyNoSamples }
  if (questionVariance === null) return { why: 'how much luck is in the questions is not known' }
  if (seedVariance === null) return { why: 'how far another seed moves a score is not known yet' }
  const ofTraining = Math.max(0, seedVariance - questionVariance)
  const left = (seedVariance * had) / seeds - ofTraining
  const each = Math.ceil(questionVariance / left - 1e-9)
  if (!(left > 0) || each > mostSamples)
    return { why: 'what another seed moves is not in the questions, and samples do not tell of it' }
  const evaluations = count * had
  return {
    each,
    jobs: evaluations,
    evaluations,
    hours: hours.evaluation === null ? null : evaluations * each * hours.evaluation,
    difference: differenceOf((ofTraining + questionVariance / each) / had),
  }
}

/** The choice as it was made, once: runs and points numbered beyond these are the finalists'. */
export type FinalistsDecision = Omit<FinalistsChoice, 'contenders'> & {
  decidedAt: number
  runs: number
  points: number
  /** The numbers of each finalist's points by then, best first. */
  finalists: number[][]
  /** The evaluations that ask for samples; empty of other ways. */
  jobIds: number[]
}
