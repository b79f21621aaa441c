/**
 * Two-way analysis of variance of a full grid: how much of the differences between its points each axis explains, how
 * much each pair beyond that, and how much noise alone would.
 */
import { chiSquareTail, fisherTail, studentLimit } from './tail-areas.ts'

export type Factor = {
  levels: number
  /** By point: which of the levels it has, from 0. */
  positions: ArrayLike<number>
}

export type Grid = {
  factors: readonly Factor[]
  /** By point. Every combination of levels stands in it exactly once. */
  values: Float64Array
  /** Mean variance of a value by the questions it rests on; null where that is not known. */
  questionVariance: number | null
  /** The factor whose values only repeat (seeds), as its place among the factors. */
  repeats: number | null
  /** The factor that varies within one training (milestones). */
  within: number | null
}

export type Effect = {
  /** One factor, or the pair whose interaction it is. */
  factors: [number] | [number, number]
  sumOfSquares: number
  degreesOfFreedom: number
  /** η²: its share of the sum of squares. */
  share: number
  /** ω²: the share without what noise adds, at least 0; null where the noise is not known. */
  correctedShare: number | null
  /** The share that noise alone would give it on average. */
  noiseShare: number | null
  /** The chance of such a share or a greater one by noise alone, corrected for the number of effects (Holm, 1979). */
  chance: number | null
}

/** What effects are compared with: the variance of one value. */
export type ErrorTerm = { variance: number; degreesOfFreedom: number }

export type AnalysisOfVariance = {
  total: number
  /** Single factors, then pairs. */
  effects: Effect[]
  /** What interactions of three or more factors explain; null where there are none. */
  rest: { sumOfSquares: number; degreesOfFreedom: number; share: number } | null
  /** What differs between repeats at the same settings; null without a factor that repeats. */
  repeats: { sumOfSquares: number; degreesOfFreedom: number; share: number } | null
  noise: 'questions' | 'repeats' | 'unknown'
  /** The error of a factor's level means, by factor; null where it is not known. */
  errors: (ErrorTerm | null)[]
}

/** Factors of one level explain nothing and have no effect of their own. */
export function analyseVariance(grid: Grid): AnalysisOfVariance {
  const { factors, values, repeats, within } = grid
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const centred = values.map((value) => value - mean)
  // what differs by rounding alone differs by nothing
  if (squares(centred) <= 1e-24 * count * (1 + mean * mean)) centred.fill(0)
  const total = squares(centred)
  const varying = factors.flatMap(({ levels }, at) => (levels > 1 && at !== repeats ? [at] : []))
  const means = new Map(varying.map((at) => [at, groupMeans(centred, [factors[at]!])]))
  const errors = errorTerms(grid, centred)
  const errorOf = (parts: number[]) => errors[parts.includes(within ?? -1) ? 'within' : 'between']
  const effects: Effect[] = []
  const add = (parts: Effect['factors'], sumOfSquares: number) => {
    const degreesOfFreedom = parts.reduce((product, at) => product * (factors[at]!.levels - 1), 1)
    const error = errorOf(parts)
    const share = total > 0 ? sumOfSquares / total : 0
    effects.push({
      factors: parts,
      sumOfSquares,
      degreesOfFreedom,
      share,
      correctedShare:
        error && Math.max(0, (sumOfSquares - degreesOfFreedom * error.variance) / (total + error.variance || 1)),
      noiseShare: error && (total > 0 ? Math.min(1, (degreesOfFreedom * error.variance) / total) : 1),
      chance: error && tailOf(sumOfSquares, degreesOfFreedom, error),
    })
  }
  for (const at of varying) {
    const ofLevel = means.get(at)!
    add([at], (count / ofLevel.length) * squares(ofLevel))
  }
  varying.forEach((a, place) => {
    for (const b of varying.slice(place + 1)) {
      const [ofA, ofB] = [means.get(a)!, means.get(b)!]
      const table = groupMeans(centred, [factors[a]!, factors[b]!])
      const beyond = table.map((cell, at) => cell - ofA[Math.floor(at / ofB.length)]! - ofB[at % ofB.length]!)
      add([a, b], (count / table.length) * squares(beyond))
    }
  })
  correctChances(effects)
  const explained = effects.reduce((sum, effect) => sum + effect.sumOfSquares, 0)
  const counted = effects.reduce((sum, effect) => sum + effect.degreesOfFreedom, 0)
  const part = (sumOfSquares: number, degreesOfFreedom: number) => ({
    sumOfSquares,
    degreesOfFreedom,
    share: total > 0 ? sumOfSquares / total : 0,
  })
  const { pure } = errors
  const left = count - 1 - counted - (pure?.degreesOfFreedom ?? 0)
  return {
    total,
    effects,
    rest: left > 0 ? part(Math.max(0, total - explained - (pure?.sumOfSquares ?? 0)), left) : null,
    repeats: pure && part(pure.sumOfSquares, pure.degreesOfFreedom),
    noise: pure ? 'repeats' : grid.questionVariance === null ? 'unknown' : 'questions',
    errors: factors.map((_, at) => errorOf([at])),
  }
}

/** 95 % interval of the mean of `count` values under an error term. */
export function meanInterval(mean: number, count: number, { variance, degreesOfFreedom }: ErrorTerm): [number, number] {
  const half = studentLimit(Math.min(degreesOfFreedom, 1e6)) * Math.sqrt(variance / count)
  return [mean - half, mean + half]
}

/** The mean of each combination of the factors' levels, the first factor slowest; NaN where there is no value. */
export function groupMeans(values: Float64Array, factors: readonly Factor[]): Float64Array {
  const size = factors.reduce((product, { levels }) => product * levels, 1)
  const sums = new Float64Array(size)
  const counts = new Uint32Array(size)
  for (let index = 0; index < values.length; index++) {
    let cell = 0
    for (const { levels, positions } of factors) cell = cell * levels + positions[index]!
    sums[cell]! += values[index]!
    counts[cell]! += 1
  }
  return sums.map((sum, cell) => sum / counts[cell]!)
}

function squares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}

/**
 * The variance of one value around what its settings give. Of repeats where there are any, else what the questions give.
 * Milestones of one training share what was particular to that training: what differs between trainings is compared with
 * how the means of repeated trainings differ, what differs within them with the remainder (a split plot).
 */
function errorTerms(grid: Grid, centred: Float64Array) {
  const { factors, questionVariance, repeats, within } = grid
  const count = centred.length
  if (repeats === null || factors[repeats]!.levels < 2) {
    const error = questionVariance === null ? null : { variance: questionVariance, degreesOfFreedom: Infinity }
    return { between: error, within: error, pure: null }
  }
  const others = factors.filter((_, at) => at !== repeats)
  const times = factors[repeats]!.levels
  const total = squares(centred)
  const pure = {
    sumOfSquares: Math.max(0, total - times * squares(groupMeans(centred, others))),
    degreesOfFreedom: count - count / times,
  }
  const term = (sumOfSquares: number, degreesOfFreedom: number): ErrorTerm => ({
    variance: sumOfSquares / degreesOfFreedom,
    degreesOfFreedom,
  })
  const milestones = within === null ? 1 : factors[within]!.levels
  if (milestones < 2) {
    const error = term(pure.sumOfSquares, pure.degreesOfFreedom)
    return { between: error, within: error, pure }
  }
  const ofRuns = factors.filter((_, at) => at !== within)
  const ofSettings = ofRuns.filter((factor) => factor !== factors[repeats])
  const trainings = count / milestones
  const betweenSquares = Math.max(
    0,
    milestones * squares(groupMeans(centred, ofRuns)) - milestones * times * squares(groupMeans(centred, ofSettings)),
  )
  const betweenDegrees = trainings - trainings / times
  return {
    between: term(betweenSquares, betweenDegrees),
    within: term(Math.max(0, pure.sumOfSquares - betweenSquares), Math.max(1, pure.degreesOfFreedom - betweenDegrees)),
    pure,
  }
}

function tailOf(sumOfSquares: number, degreesOfFreedom: number, error: ErrorTerm): number {
  if (error.variance <= 0) return sumOfSquares > 0 ? 0 : 1
  const ratio = sumOfSquares / error.variance
  if (error.degreesOfFreedom === Infinity) return chiSquareTail(ratio, degreesOfFreedom)
  return fisherTail(ratio / degreesOfFreedom, degreesOfFreedom, error.degreesOfFreedom)
}

/** Holm's step-down correction: of all effects together, noise alone makes a chance below 5 % in at most 5 % of grids. */
function correctChances(effects: Effect[]): void {
  const known = effects.filter((effect) => effect.chance !== null).toSorted((a, b) => a.chance! - b.chance!)
  let least = 0
  known.forEach((effect, at) => {
    least = Math.max(least, Math.min(1, effect.chance! * (known.length - at)))
    effect.chance = least
  })
}
