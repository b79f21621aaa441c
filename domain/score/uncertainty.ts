/** How sure a score is, from the number of questions behind it. What each figure assumes is in docs/luck.md. */
import { chancesOfBest, whoMayBeBest } from './best-of-many.ts'
import {
  areCounts,
  type Counts,
  type CountedPoint,
  countPoints,
  deviationOfDifference,
  type MeasuredPoint,
  type SharedAnswers,
} from './counted-points.ts'
import { type Agreement, type AnswerColumns, agreementOf, type SweepAgreement } from './same-questions.ts'
import { intervalsOfTrueValues } from './true-scores.ts'
import { scoreInterval } from './score-interval.ts'
import type { Aggregate } from '../sweep/sweep.ts'

export type Uncertainty = {
  /** 95 % interval of the score; null without a score or without counts for every benchmark of the baseline. */
  interval: [number, number] | null
  /**
   * Chance of being the best of the points; null where any scored point has no interval, as nobody can say then, and of all
   * points where the scores are so close that mostly luck decided (`isMostlyLuck`).
   */
  chanceOfBest: number | null
  /** It may be the best: none is further ahead of it than chance alone explains. False for the highest itself. */
  tiedWithBest: boolean
}

/**
 * Intervals, chances of being the best and who may be it, in the points' order. `answers`: by benchmark, a row a point; what
 * two points answered alike then takes no part in comparing them. Where a point's answers are not known it is taken to have
 * had questions of its own.
 */
export function uncertaintyOf(measured: MeasuredPoints): Uncertainty[] {
  return judgePoints(measured).points
}

export type MeasuredPoints = {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly MeasuredPoint[]
  answers?: Readonly<Record<string, AnswerColumns>>
}

/** As `uncertaintyOf`, with how alike the points answered; null where that is not known. */
export function judgePoints({ aggregate, baseline, points, answers = {} }: MeasuredPoints): {
  points: Uncertainty[]
  agreement: SweepAgreement | null
} {
  const benchmarks = Object.keys(baseline).toSorted()
  const none: Uncertainty = { interval: null, chanceOfBest: null, tiedWithBest: false }
  const uncertainties = points.map(() => none)
  // a metric in place of a score has no questions
  const all = benchmarks.length === 0 ? [] : countPoints(aggregate, benchmarks, baseline, points)
  const counted = all.filter(({ index }) => !points[index]!.broken)
  for (const { index, interval } of all) uncertainties[index] = { ...none, interval }
  if (counted.length === 0) return { points: uncertainties, agreement: null }
  const ranked = points.filter(({ broken }) => !broken)
  const scored = ranked.reduce((sum, { score }) => sum + Number(score !== null), 0)
  const highest = ranked.reduce((most, { score }) => Math.max(most, score ?? -Infinity), -Infinity)
  const best = counted.reduce((top, point) => (point.score > top.score ? point : top))
  const shared = benchmarks.map((benchmark) => answers[benchmark])
  const means = Float64Array.from(counted, ({ normal }) => normal.mean)
  const agreements = shared.map((columns) => (columns ? agreementOf(columns) : null))
  const variances = ownVariances(counted, shared, agreements)
  const chances = counted.length === scored ? chancesOfBest(means, variances) : null
  const intervals = intervalsOfChosen(counted, points, variances)
  const mayBeBest = whoMayBeBest(means, (first, second) =>
    deviationOfDifference(counted[first]!, counted[second]!, shared),
  )
  for (const [at, point] of counted.entries()) {
    uncertainties[point.index] = {
      interval: intervals?.[at] ?? point.interval,
      chanceOfBest: chances?.[at] ?? null,
      tiedWithBest: best.score >= highest && point !== best && mayBeBest[at] === 1,
    }
  }
  return { points: uncertainties, agreement: together(benchmarks, agreements, counted, variances) }
}

/** Whether no chances are stated though every score has an interval: the scores are too close. */
export function isMostlyLuck(
  points: readonly { score: number | null; interval: unknown; chanceOfBest: number | null }[],
) {
  const scored = points.filter(({ score }) => score !== null)
  return scored.length > 1 && scored.every(({ interval, chanceOfBest }) => interval !== null && chanceOfBest === null)
}

/**
 * The intervals of points that were chosen by their scores, whose own questions alone would put the true score too high or too low; null of
 * all others, and where nobody chose. After a race: those that were finished; who was given up has the interval of the questions asked
 * (docs/racing.md). Where trainings were stopped early: the highest, and what a stopped training was judged by (docs/stopping.md).
 */
function intervalsOfChosen(
  counted: readonly CountedPoint[],
  points: readonly MeasuredPoint[],
  variances: Float64Array,
): ([number, number] | null)[] | null {
  const hasRace = points.some(({ stopped }) => stopped)
  if (!hasRace && !points.some(({ givenUp }) => givenUp)) return null
  const highest = counted.reduce((most, { score }) => Math.max(most, score), -Infinity)
  const found = intervalsOfTrueValues(
    counted.map(({ normal }, at) => ({
      value: normal.mean,
      variance: normal.deviation ** 2,
      own: normal.deviation > 0 ? Math.min(1, variances[at]! / normal.deviation ** 2) : 1,
    })),
    (at) => {
      const { index, score } = counted[at]!
      return hasRace ? !points[index]!.stopped : points[index]!.givenUp === true || score === highest
    },
  )
  return (
    found &&
    counted.map(({ normal }, at) => {
      const own = found[at]
      if (!own) return null
      const [low, high] = own
      return [Math.max(0, low) ** normal.power, Math.max(0, high) ** normal.power]
    })
  )
}

/** The variance of each one's root by its own noise: what points answered alike moves all of them. */
function ownVariances(
  points: readonly CountedPoint[],
  shared: SharedAnswers,
  agreements: readonly (Agreement | null)[],
): Float64Array {
  const own = agreements.map((agreement) => 1 - (agreement?.correlation ?? 0))
  return Float64Array.from(points, ({ index, parts }) =>
    parts.reduce((sum, part, at) => sum + part * part * (shared[at]?.known[index] === 1 ? own[at]! : 1), 0),
  )
}

function together(
  benchmarks: readonly string[],
  agreements: readonly (Agreement | null)[],
  points: readonly CountedPoint[],
  variances: Float64Array,
): SweepAgreement | null {
  const known = benchmarks.flatMap((name, at) => (agreements[at] ? [[name, agreements[at]] as const] : []))
  if (known.length === 0) return null
  const whole = points.reduce((sum, { normal }) => sum + normal.deviation ** 2, 0)
  const own = variances.reduce((sum, variance) => sum + variance, 0)
  return { benchmarks: Object.fromEntries(known), own: whole > 0 ? Math.min(1, own / whole) : 1 }
}

/**
 * 95 % interval of an accuracy, as a score has it (`scoreInterval`). It always holds the accuracy itself. null where there are
 * no questions.
 */
export function accuracyInterval({ correct, total }: Counts): [number, number] | null {
  if (!areCounts({ correct, total })) return null
  const [low, high] = scoreInterval('arithmetic-mean', { correct: [correct], total: [total], baseline: [1] })
  const rate = correct / total
  return [correct === 0 ? 0 : Math.min(rate, low), correct === total ? 1 : Math.max(rate, high)]
}
