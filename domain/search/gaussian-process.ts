/**
 * What is next is where a Gaussian process of all that was measured expects the largest improvement. Trainings under way are taken
 * to come to what it expects of them (Ginsbourger, Le Riche & Carraro, "Kriging is well-suited to parallelize optimization", 2010).
 */
import { logExpectedImprovement } from '../stats/expected-improvement.ts'
import { normalCumulative } from '../stats/normal.ts'
import { type NormalScores, normalScores } from '../stats/normal-scores.ts'
import { fitGaussianProcess, type GaussianProcess, type NoisySample } from '../stats/gaussian-process.ts'
import type { Random } from '../stats/rng.ts'
import { freeCellNear, freeCells, randomFreeCell, randomPoint } from './candidates.ts'
import type { Known, Seen } from './seen.ts'
import type { Cell, Space } from './space.ts'

/** The model of what was measured, of normal scores in place of values, and the most it expects of any training. */
export type SearchModel = { process: GaussianProcess; incumbent: number; scores: NormalScores }

/** Samples the model rests on at most: of more, the best and every so many-th of the others. */
const mostSamples = 200
/** A chance is taken for no less, so that the order of what is hopeless is kept by the improvement. */
const leastChance = 1e-12
/** Floating-point operations that looking at candidates may take: some 20 milliseconds. */
const mostOperations = 2.5e7
/** Candidates that are moved on to where more is expected, and steps of each. */
const refined = 3
const steps = 24

/**
 * Where values lie in their order is what is learned: one training that went astray says where not to go, and its depth would pull down what
 * is expected far around it. null before anything was measured. `believed` false: trainings under way are left out, as for a picture of
 * what is known.
 */
export function modelOf(space: Space, { seen }: Pick<Known, 'seen'>, believed = true): SearchModel | null {
  const measured = seen.filter(({ value }) => value !== null)
  if (measured.length === 0) return null
  const worst = Math.min(...measured.map(({ value }) => value!))
  // what failed is as bad as the worst: it is not to be gone back to, nor does it bend the whole
  const failed = seen.filter(({ hasFailed }) => hasFailed).map((one): Seen => ({ ...one, value: worst, variance: 0 }))
  const samples = thinned([...measured, ...failed].toSorted((a, b) => a.value! - b.value! || a.number - b.number))
  const scores = normalScores(samples.map(({ value }) => value!))
  const shape = { dimensions: space.dimensions.length, isName: space.dimensions.map(({ isName }) => isName) }
  const fitted = samples.map(({ point, value, variance }): NoisySample => {
    const deviation = Math.sqrt(variance)
    const luck = (scores.scoreOf(value! + deviation) - scores.scoreOf(value! - deviation)) / 2
    return { point, value: scores.scoreOf(value!), variance: luck ** 2 }
  })
  let process = fitGaussianProcess(shape, fitted)
  let incumbent = Math.max(...fitted.map(({ point }) => process.predict(point).mean))
  for (const { point, value, isPending } of believed ? seen : []) {
    if (value !== null || !isPending) continue
    incumbent = Math.max(incumbent, process.predict(point).mean)
    process = process.believing(point)
  }
  return { process, incumbent, scores }
}

/** What the model expects at a point, in the values' own unit: a mean, and half of what lies between a standard deviation below and above it. */
export function expectedAt({ process, scores }: SearchModel, point: Float64Array): { mean: number; deviation: number } {
  const { mean, deviation } = process.predict(point)
  return {
    mean: scores.valueOf(mean),
    deviation: (scores.valueOf(mean + deviation) - scores.valueOf(mean - deviation)) / 2,
  }
}

/**
 * A model of how far inside each constraint trainings lie: improvement counts by the chance that all are kept (Schonlau, Welch & Jones,
 * "Global versus local search in constrained optimization of computer models", 1998; Gardner et al., 2014).
 */
function limitsOf(space: Space, { seen }: Known): GaussianProcess[] {
  const shape = { dimensions: space.dimensions.length, isName: space.dimensions.map(({ isName }) => isName) }
  const count = Math.max(0, ...seen.map(({ slacks }) => slacks?.length ?? 0))
  return Array.from({ length: count }, (_, at) =>
    seen
      .flatMap(({ point, slacks }): NoisySample[] => {
        const value = slacks?.[at] ?? null
        return value === null || !Number.isFinite(value) ? [] : [{ point, value, variance: 0 }]
      })
      .slice(-mostSamples),
  ).flatMap((samples) => (samples.length === 0 ? [] : [fitGaussianProcess(shape, samples)]))
}

function thinned(sorted: readonly Seen[]): readonly Seen[] {
  if (sorted.length <= mostSamples) return sorted
  const best = sorted.slice(-mostSamples / 2)
  const rest = sorted.slice(0, -mostSamples / 2)
  const every = Array.from(
    { length: mostSamples / 2 },
    (_, at) => rest[Math.floor((at * rest.length) / (mostSamples / 2))]!,
  )
  return [...every, ...best]
}

/** The next cell and what is expected of it; null where every cell is taken, or nothing was measured. */
export function proposeByGaussianProcess(
  space: Space,
  known: Known,
  random: Random,
): { cell: Cell; mean: number; deviation: number; improvement: number } | null {
  const model = modelOf(space, known)
  const limits = limitsOf(space, known)
  if (model === null && limits.length === 0) return null
  const sampleCount = Math.min(known.seen.length, mostSamples)
  const models = limits.length + 1
  const most = Math.max(64, Math.floor(mostOperations / (models * (sampleCount ** 2 + 40 * sampleCount))))
  const judged = candidatesOf(space, known, random, most).map((cell) => ({ cell, log: worthOf(cell) }))
  judged.sort((a, b) => b.log - a.log)
  // a grid that was looked at whole has no better cell
  if (freeCells(space, known.taken) === null)
    for (const one of judged.slice(0, refined)) {
      let best = one
      let reach = 0.1
      for (let step = 0; step < steps; step++) {
        const cell = freeCellNear(space, known.taken, nudged(space, best.cell.point, reach, random))
        const found = cell && { cell, log: worthOf(cell) }
        if (found !== null && found.log > best.log) best = found
        else reach *= 0.85
      }
      judged.push(best)
    }
  const best = judged.reduce<(typeof judged)[number] | null>((a, b) => (a === null || b.log > a.log ? b : a), null)
  const cell = best?.cell ?? randomFreeCell(space, known.taken, random)
  return cell && { cell, ...whatIsExpected(cell) }

  /** The logarithm of the improvement expected, times the chance that the constraints are kept. */
  function worthOf({ point }: Cell): number {
    const kept = limits.reduce((log, limit) => {
      const { mean, deviation } = limit.predict(point)
      return log + Math.log(Math.max(leastChance, normalCumulative(mean / Math.max(deviation, 1e-12))))
    }, 0)
    // where nothing keeps the constraints yet, what is looked for first is something that does
    if (model === null) return kept
    const { mean, deviation } = model.process.predict(point)
    return logExpectedImprovement(mean, deviation, model.incumbent) + kept
  }

  function whatIsExpected(cell: Cell) {
    if (model === null) return { mean: NaN, deviation: NaN, improvement: NaN }
    const { scores, incumbent } = model
    const improvement = scores.valueOf(incumbent + Math.exp(worthOf(cell))) - scores.valueOf(incumbent)
    return { ...expectedAt(model, cell.point), improvement }
  }
}

/** Every free cell where there are few; else cells anywhere, and near the best. */
function candidatesOf(space: Space, { seen, taken }: Known, random: Random, most: number): Cell[] {
  const free = freeCells(space, taken)
  if (free !== null && free.length <= most) return free
  const best = seen
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => b.value! - a.value!)
    .slice(0, 5)
  const count = Math.min(most, 1000)
  const cells = Array.from({ length: count }, (_, at) => {
    const from = at % 2 === 0 ? best[(at >> 1) % best.length] : undefined
    const point = from === undefined ? randomPoint(space, random) : nudged(space, from.point, 0.1, random)
    return freeCellNear(space, taken, point)
  })
  return cells.filter((cell) => cell !== null)
}

/** A point near another: each coordinate moved with a chance of half, names to another; at least one of them. */
function nudged({ dimensions }: Space, point: Float64Array, reach: number, random: Random): Float64Array {
  const moved = point.slice()
  const surely = Math.floor(random.uniform() * dimensions.length)
  for (let at = 0; at < dimensions.length; at++) {
    const { isName, count } = dimensions[at]!
    // where it is not there: anywhere, should what is moved let it be
    if (Number.isNaN(moved[at]!)) {
      moved[at] = isName ? Math.floor(random.uniform() * count) : random.uniform()
      continue
    }
    if (at !== surely && random.uniform() < 0.5) continue
    const least = 1 / Math.max(1, count - 1)
    moved[at] = isName
      ? Math.floor(random.uniform() * count)
      : Math.min(1, Math.max(0, moved[at]! + Math.max(reach, count > 50 ? 0 : least) * random.normal()))
  }
  return moved
}
