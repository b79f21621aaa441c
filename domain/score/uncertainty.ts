/** How sure a score is, from the number of questions behind it. */
import { approximateScore, chancesOfHighest, type Normal } from './normal-approximation.ts'
import { createRandom } from '../stats/rng.ts'
import { aggregateRatios } from './score.ts'
import type { Aggregate } from '../sweep/sweep.ts'

export type Counts = { correct: number; total: number }

export type MeasuredPoint = {
  /** Chooses the point's own random stream: its interval stays the same when other points come and go. */
  id: number
  score: number | null
  /** By benchmark. A benchmark of the baseline that lacks counts leaves the point without an interval. */
  counts: Readonly<Record<string, Counts | null>>
}

export type Uncertainty = {
  /** 95 % interval of the score; null without a score or without counts for every benchmark of the baseline. */
  interval: [number, number] | null
  /** Chance of being the best of the points; null where any scored point has no interval, as nobody can say then. */
  chanceOfBest: number | null
  /** The 95 % interval of the difference to the best contains 0. False for the best itself, and without counts. */
  tiedWithBest: boolean
}

/** Half of one question right and half of one wrong before any was asked: Jeffreys' prior. */
const prior = 0.5
const fewestDraws = 1000
/** Draws of one accuracy that are made for a whole sweep: about a second. */
const affordableDraws = 12_000_000
const lowShare = 0.025
/** z of the 97.5th percentile. */
const z95 = 1.959963984540054

/**
 * Intervals, chances of being the best and ties, in the points' order. Each accuracy has a Beta posterior under Jeffreys'
 * prior; scores are drawn from these, and above a few thousand points approximated by the delta method. The same points
 * and seed give the same figures.
 */
export function uncertaintyOf({
  aggregate,
  baseline,
  points,
  seed = 1,
  mostDraws = 4000,
}: {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  points: readonly MeasuredPoint[]
  seed?: number
  /** Draws of each score, fewer where there are many points; their number bounds how fine a chance can be. */
  mostDraws?: number
}): Uncertainty[] {
  const benchmarks = Object.keys(baseline).toSorted()
  const accuracies = Float64Array.from(benchmarks, (benchmark) => baseline[benchmark]!)
  const none: Uncertainty = { interval: null, chanceOfBest: null, tiedWithBest: false }
  const uncertainties = points.map(() => none)
  const counted: CountedPoint[] = []
  let scored = 0
  points.forEach(({ id, score, counts }, index) => {
    if (score === null) return
    scored += 1
    const all = countsOfAll(benchmarks, counts)
    if (all === null) return
    counted.push({
      index,
      id,
      score,
      alpha: Float64Array.from(all, ({ correct }) => correct + prior),
      beta: Float64Array.from(all, ({ correct, total }) => total - correct + prior),
    })
  })
  if (counted.length === 0) return uncertainties
  const best = counted.reduce((highest, point) => (point.score > highest.score ? point : highest))
  const isHighest =
    best.score >= points.reduce((highest, { score }) => Math.max(highest, score ?? -Infinity), -Infinity)
  const affordable = Math.floor(affordableDraws / (counted.length * benchmarks.length))
  const found =
    affordable >= fewestDraws
      ? byDraws(aggregate, accuracies, counted, best, Math.min(mostDraws, affordable), seed)
      : byApproximation(aggregate, accuracies, counted, best)
  counted.forEach((point, index) => {
    const { low, high, chance, tied } = found[index]!
    uncertainties[point.index] = {
      // an accuracy of 0 or 1 has its mass to one side; the score itself always belongs to its interval
      interval: [Math.min(low, point.score), Math.max(high, point.score)],
      chanceOfBest: counted.length === scored ? chance : null,
      tiedWithBest: isHighest && point !== best && tied,
    }
  })
  return uncertainties
}

type CountedPoint = { index: number; id: number; score: number; alpha: Float64Array; beta: Float64Array }
type Found = { low: number; high: number; chance: number; tied: boolean }

/** The counts of every benchmark, in their order; null where one lacks usable counts. */
export function countsOfAll(benchmarks: readonly string[], counts: MeasuredPoint['counts']): Counts[] | null {
  const found: Counts[] = []
  for (const benchmark of benchmarks) {
    const count = Object.hasOwn(counts, benchmark) ? counts[benchmark] : null
    if (!count || !areCounts(count)) return null
    found.push(count)
  }
  return found
}

function areCounts({ correct, total }: Counts): boolean {
  return total > 0 && correct >= 0 && correct <= total
}

/** One point's draws at a time: of the others only the highest of each draw is kept, so memory does not grow with the points. */
function byDraws(
  aggregate: Aggregate,
  baseline: Float64Array,
  points: CountedPoint[],
  best: CountedPoint,
  draws: number,
  seed: number,
): Found[] {
  const highest = new Float64Array(draws).fill(-Infinity)
  const holder = new Int32Array(draws)
  const ratios = Array.from(baseline, () => new Float64Array(draws))
  const ofBest = drawScores(aggregate, baseline, best, ratios, seed)
  const found = points.map((point, index): Found => {
    const scores = drawScores(aggregate, baseline, point, ratios, seed)
    let atLeast = 0
    for (let draw = 0; draw < draws; draw++) {
      const score = scores[draw]!
      if (score > highest[draw]!) {
        highest[draw] = score
        holder[draw] = index
      }
      if (score >= ofBest[draw]!) atLeast += 1
    }
    const [low, high] = aggregate === 'minimum' ? intervalOfMinimum(ratios, scores) : intervalOf(scores)
    // the interval of the difference contains 0 where neither side of it holds less than its tail
    return { low, high, chance: 0, tied: atLeast / draws >= lowShare }
  })
  for (const index of holder) found[index]!.chance += 1
  for (const one of found) one.chance /= draws
  return found
}

/** Draws of a point's score; fills `ratios` with those of its benchmarks' ratios. */
function drawScores(
  aggregate: Aggregate,
  baseline: Float64Array,
  point: CountedPoint,
  ratios: Float64Array[],
  seed: number,
): Float64Array {
  const random = createRandom(seed, point.id)
  const drawn = new Float64Array(baseline.length)
  return ratios[0]!.map((_, draw) => {
    for (let index = 0; index < drawn.length; index++) {
      drawn[index] = random.beta(point.alpha[index]!, point.beta[index]!) / baseline[index]!
      ratios[index]![draw] = drawn[index]!
    }
    return aggregateRatios(aggregate, drawn)
  })
}

function intervalOf(draws: Float64Array): [number, number] {
  draws.sort()
  return [quantileOfSorted(draws, lowShare), quantileOfSorted(draws, 1 - lowShare)]
}

/**
 * Where several benchmarks may be the least, both a minimum and its draws lie too low. Its interval therefore goes from
 * the least low end to the least high end of the benchmarks' own, the high ends' tails shared by those that compete.
 */
function intervalOfMinimum(ratios: Float64Array[], least: Float64Array): [number, number] {
  const squares = ratios.map((draws) => {
    let times = 0
    for (let draw = 0; draw < least.length; draw++) if (draws[draw] === least[draw]) times += 1
    return (times / least.length) ** 2
  })
  const competing = 1 / squares.reduce((sum, square) => sum + square, 0)
  for (const draws of ratios) draws.sort()
  return [
    Math.min(...ratios.map((draws) => quantileOfSorted(draws, lowShare))),
    Math.min(...ratios.map((draws) => quantileOfSorted(draws, 1 - lowShare / competing))),
  ]
}

/** The quantile of sorted values, linear between neighbours. */
function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const low = sorted[below]!
  return low + (at - below) * ((sorted[below + 1] ?? low) - low)
}

function byApproximation(
  aggregate: Aggregate,
  baseline: Float64Array,
  points: CountedPoint[],
  best: CountedPoint,
): Found[] {
  const normals = points.map((point) => approximateScore(aggregate, point.alpha, point.beta, baseline))
  const chances = chancesOfHighest(normals)
  const ofBest = normals[points.indexOf(best)]!
  return normals.map((normal, index) => {
    const [low, high] = aggregate === 'minimum' ? leastEnds(points[index]!, baseline) : endsOf(normal)
    const spread = Math.hypot(normal.deviation, ofBest.deviation)
    return { low, high, chance: chances[index]!, tied: ofBest.mean - normal.mean <= z95 * spread }
  })
}

function endsOf({ mean, deviation, power }: Normal): [number, number] {
  return [Math.max(0, mean - z95 * deviation) ** power, (mean + z95 * deviation) ** power]
}

/** As `intervalOfMinimum`, with each benchmark's own normal. */
function leastEnds({ alpha, beta }: CountedPoint, baseline: Float64Array): [number, number] {
  const ends = Array.from(baseline, (_, index) =>
    endsOf(approximateScore('minimum', [alpha[index]!], [beta[index]!], [baseline[index]!])),
  )
  return [Math.min(...ends.map(([low]) => low)), Math.min(...ends.map(([, high]) => high))]
}

/**
 * 95 % interval of an accuracy: Wilson's score interval (1927), as Brown, Cai & DasGupta (2001) recommend for few
 * questions too. It always holds the accuracy itself. null where there are no questions.
 */
export function accuracyInterval({ correct, total }: Counts): [number, number] | null {
  if (!areCounts({ correct, total })) return null
  const rate = correct / total
  const square = z95 * z95
  const centre = (correct + square / 2) / (total + square)
  const half = (z95 / (total + square)) * Math.sqrt(total * rate * (1 - rate) + square / 4)
  return [correct === 0 ? 0 : Math.max(0, centre - half), correct === total ? 1 : Math.min(1, centre + half)]
}
