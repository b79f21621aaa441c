/** Which axis of a sweep matters: an analysis of variance where the grid is full, permutation importance where it has holes. */
import { analyseVariance, meanInterval } from './analysis-of-variance.ts'
import { judgeImportance } from './importance.ts'
import { shuffled, type Feature } from './regression-forest.ts'
import { createRandom } from './rng.ts'

export type MeasuredAxis = {
  name: string
  /** How many values it has. */
  levels: number
  /** By scored point: which of them it has, from 0. */
  positions: Uint32Array
  milestone: boolean
  /** By value: its place among the axis' values sorted as numbers; null where they are names. */
  ranks: Uint32Array | null
}

/** The scored points of a sweep. */
export type MeasuredGrid = {
  axes: MeasuredAxis[]
  scores: Float64Array
  /** Variance of each score by the questions behind it; NaN where that is not known. */
  variances: Float64Array
}

export type ParameterEffect = {
  /** One axis, or a pair that interacts. */
  axes: string[]
  /** Of the differences between points. Of permutation importance, an axis' share holds its interactions too. */
  share: number
  /** The share without what noise adds. */
  correctedShare: number | null
  /** What noise alone would give on average; of permutation importance, what luck reaches in one case of twenty. */
  noiseShare: number | null
  sumOfSquares: number | null
  degreesOfFreedom: number | null
  /** The chance of such a share by noise alone, corrected for the number of effects. null where noise is not known. */
  chance: number | null
  /** Whether it can be told from noise: chance of 5 % or less. */
  told: boolean | null
}

export type LevelMean = { count: number; mean: number | null; interval: [number, number] | null }

export type ParameterEffects = {
  method: 'analysis-of-variance' | 'permutation-importance' | null
  /** What effects are compared with. */
  noise: 'questions' | 'seeds' | 'luck' | 'unknown'
  scored: number
  /** Of how many the noise by their questions is known; it is taken to be alike for all. */
  withNoise: number
  /** Of these points was the forest grown; null without one. */
  sampled: number | null
  /** Points that a full grid of the values that have any score would have. */
  expected: number
  /** The axis whose values only repeat: seeds. */
  seedAxis: string | null
  /** Single axes, then pairs, each strongest first. */
  effects: ParameterEffect[]
  /** Shares of what three or more axes do together, and of repeats at the same settings. */
  rest: number | null
  betweenSeeds: number | null
  /** The share of the differences that a forest foretells of points it has not seen. */
  predicted: number | null
  /** By axis, by value: the mean score over the other axes; count 0 and null where no such point has a score. */
  means: LevelMean[][]
}

const toldBelow = 0.05
/** A forest learns no more from further points, and takes longer. */
const mostForestPoints = 2000
/** A forest looks at this many values of an axis; more are taken together with their neighbours. */
const mostLevels = 64

/** An axis whose values repeat the training with other random numbers: `seed`, `random_seed`, `seed_data`. */
export function isSeedAxis(name: string): boolean {
  return /(^|[_\W])seeds?($|[_\W])/i.test(name)
}

/** What is known before any effect is computed: the means, and how they will be found. */
export function effectsToCome(grid: MeasuredGrid): ParameterEffects {
  const full = isFullGrid(grid)
  return {
    ...describeGrid(grid).base,
    method: full ? 'analysis-of-variance' : 'permutation-importance',
    noise: full ? 'unknown' : 'luck',
    effects: [],
    means: meansByQuestions(grid),
  }
}

/** How much each axis and pair of axes explains of the differences between scores. */
export function parameterEffects(grid: MeasuredGrid): ParameterEffects {
  const { base, used, varying, seeds } = describeGrid(grid)
  if (varying.length === 0) {
    return { ...base, method: null, noise: 'unknown', effects: [], means: meansByQuestions(grid) }
  }
  if (grid.scores.length === base.expected) return { ...base, ...fullGrid(grid, used, seeds) }
  return { ...base, ...gridWithHoles(grid, varying, seeds) }
}

function describeGrid(grid: MeasuredGrid) {
  const { axes, scores } = grid
  const used = axes.map(compactLevels)
  const expected = used.reduce((product, { levels }) => product * levels, 1)
  const varying = used.flatMap(({ levels }, at) => (levels > 1 ? [at] : []))
  // seeds repeat something only where something else varies
  const seeds = varying.length > 1 ? (varying.find((at) => isSeedAxis(axes[at]!.name)) ?? null) : null
  const base = {
    scored: scores.length,
    withNoise: grid.variances.reduce((sum, variance) => sum + Number(!Number.isNaN(variance)), 0),
    sampled: null,
    expected,
    seedAxis: seeds === null ? null : axes[seeds]!.name,
    rest: null,
    betweenSeeds: null,
    predicted: null,
  }
  return { base, used, varying, seeds }
}

/** Whether every combination of the values that have any score has one: then nothing needs a forest. */
export function isFullGrid({ axes, scores }: MeasuredGrid): boolean {
  return axes.reduce((product, axis) => product * compactLevels(axis).levels, 1) === scores.length
}

type Used = { levels: number; positions: Uint32Array }

/** The values that any point has, without gaps: a value whose points all failed takes nothing from the others. */
function compactLevels({ levels, positions }: Used): Used {
  const places = new Int32Array(levels).fill(-1)
  for (const position of positions) places[position] = 0
  let used = 0
  for (let level = 0; level < levels; level++) if (places[level] === 0) places[level] = used++
  return { levels: used, positions: positions.map((position) => places[position]!) }
}

function fullGrid(grid: MeasuredGrid, factors: Used[], seeds: number | null) {
  const { axes, scores } = grid
  const within = axes.findIndex((axis) => axis.milestone)
  const found = analyseVariance({
    factors,
    values: scores,
    questionVariance: meanVariance(grid.variances),
    repeats: seeds,
    within: within < 0 || within === seeds ? null : within,
  })
  const effects = found.effects.map((effect): ParameterEffect => ({
    axes: effect.factors.map((at) => axes[at]!.name),
    share: effect.share,
    correctedShare: effect.correctedShare,
    noiseShare: effect.noiseShare,
    sumOfSquares: effect.sumOfSquares,
    degreesOfFreedom: effect.degreesOfFreedom,
    chance: effect.chance,
    told: effect.chance === null ? null : effect.chance <= toldBelow,
  }))
  const means =
    found.noise === 'repeats'
      ? axes.map((axis, at) =>
          levelMeans(scores, axis, (mean, count) => {
            const error = found.errors[at]
            return error ? meanInterval(mean, count, error) : null
          }),
        )
      : meansByQuestions(grid)
  return {
    method: 'analysis-of-variance' as const,
    noise: found.noise === 'repeats' ? ('seeds' as const) : found.noise,
    effects: strongestFirst(effects),
    rest: found.rest?.share ?? null,
    betweenSeeds: found.repeats?.share ?? null,
    means,
  }
}

function gridWithHoles(grid: MeasuredGrid, varying: number[], seeds: number | null) {
  const { axes, scores } = grid
  const asked = varying.filter((at) => at !== seeds)
  const all = Uint32Array.from(scores, (_, index) => index)
  const rows = scores.length > mostForestPoints ? shuffled(all, createRandom(1, 2)).subarray(0, mostForestPoints) : all
  const features = asked.map((at): Feature => binned(axes[at]!, rows))
  const judged = judgeImportance(
    features,
    Float64Array.from(rows, (row) => scores[row]!),
  )
  const effectOf = (names: number[], share: number, chance: number, luck: number): ParameterEffect => ({
    axes: names.map((at) => axes[asked[at]!]!.name),
    share: Math.min(1, Math.max(0, share)),
    correctedShare: null,
    noiseShare: luck,
    sumOfSquares: null,
    degreesOfFreedom: null,
    chance,
    told: chance <= toldBelow,
  })
  return {
    method: 'permutation-importance' as const,
    noise: 'luck' as const,
    sampled: rows.length,
    effects: strongestFirst([
      ...judged.shares.map((share, at) => effectOf([at], share, judged.chances[at]!, judged.luck.shares[at]!)),
      ...judged.pairs.map(({ features: pair, share }, at) =>
        effectOf(pair, share, judged.pairChances[at]!, judged.luck.pair),
      ),
    ]),
    predicted: judged.predicted,
    means: meansByQuestions(grid),
  }
}

/** The axis as a forest looks at it: numbers in their order, neighbours together where there are many. */
function binned({ levels: all, positions: written, ranks }: MeasuredAxis, rows: Uint32Array): Feature {
  const { levels, positions } = compactLevels({
    levels: all,
    positions: ranks === null ? written : written.map((position) => ranks[position]!),
  })
  const bins = Math.min(levels, mostLevels)
  return {
    levels: bins,
    ordered: ranks !== null || levels > bins,
    positions: Uint32Array.from(rows, (row) => Math.floor((positions[row]! * bins) / levels)),
  }
}

function strongestFirst(effects: ParameterEffect[]): ParameterEffect[] {
  return effects.toSorted((a, b) => a.axes.length - b.axes.length || b.share - a.share)
}

/** Of the scores whose noise is known, for all of them: they rest on the same questions. */
function meanVariance(variances: Float64Array): number | null {
  const known = variances.filter((variance) => !Number.isNaN(variance))
  if (known.length === 0) return null
  return known.reduce((sum, variance) => sum + variance, 0) / known.length
}

function meansByQuestions(grid: MeasuredGrid): LevelMean[][] {
  const variance = meanVariance(grid.variances)
  return grid.axes.map((axis) =>
    levelMeans(grid.scores, axis, (mean, count) =>
      variance === null ? null : meanInterval(mean, count, { variance, degreesOfFreedom: Infinity }),
    ),
  )
}

function levelMeans(
  scores: Float64Array,
  { levels, positions }: MeasuredAxis,
  intervalOf: (mean: number, count: number) => [number, number] | null,
): LevelMean[] {
  const sums = new Float64Array(levels)
  const counts = new Uint32Array(levels)
  for (let index = 0; index < scores.length; index++) {
    sums[positions[index]!]! += scores[index]!
    counts[positions[index]!]! += 1
  }
  return Array.from(sums, (sum, level) => {
    const count = counts[level]!
    if (count === 0) return { count, mean: null, interval: null }
    const mean = sum / count
    return { count, mean, interval: intervalOf(mean, count) }
  })
}
