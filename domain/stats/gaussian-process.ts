/**
 * A Gaussian process over points in a cube, after Rasmussen & Williams, "Gaussian Processes for Machine Learning", 2006 (equations 2.25,
 * 2.26, 5.8 and 5.9): Matérn's kernel with ν = 5/2 and a length of its own along each dimension (4.17, 5.1), and noise.
 */
import { choleskyFactor, inverseOf, solveLower, solveUpper } from './positive-definite.ts'

/** Of values with mean 0 and deviation 1: logarithms, lengths as shares of the cube's edge. */
type Kernel = { lengths: Float64Array; signal: number; noise: number }

export type GaussianProcess = {
  /** What is expected at a point, without noise, and the standard deviation of that. */
  predict(point: Float64Array): { mean: number; deviation: number }
  /** The same process told of another point, whose value is what is expected there (Kriging believer: Ginsbourger et al., 2010). */
  believing(point: Float64Array): GaussianProcess
  /** Along each dimension: how far a value reaches, as a share of the edge; large where it hardly matters. */
  lengths: number[]
  /** Standard deviation of what none of the dimensions explain, in the values' own unit. */
  noise: number
}

export type NoisySample = {
  point: Float64Array
  value: number
  /** What is known of the value's own noise; 0 where nothing is. */
  variance: number
}

/** Dimensions of names: two points there are equal or not. */
export type CubeShape = { dimensions: number; isName: readonly boolean[] }

/**
 * What is thought of the kernel beforehand, as means and deviations of its logarithms: functions that bend once or twice
 * across an axis, and little noise. Tried on the tables of `npm run bench -- search`.
 */
const beforehand = {
  length: { mean: Math.log(0.35), deviation: 0.8 },
  signal: { mean: 0, deviation: 0.7 },
  noise: { mean: Math.log(2e-3), deviation: 1.4 },
}
const root5 = Math.sqrt(5)
const mostTurns = 40
/** Points that the kernel is fitted to at most, and that a prediction rests on. */
const mostFitted = 72
const mostKept = 220

/** `samples` of which the later ones are kept where there are too many: the caller sorts. At least one. */
export function fitGaussianProcess(shape: CubeShape, samples: readonly NoisySample[]): GaussianProcess {
  const kept = samples.slice(-mostKept)
  const mean = kept.reduce((sum, { value }) => sum + value, 0) / kept.length
  const spread = Math.sqrt(kept.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / kept.length)
  const scale = spread > 0 ? spread : 1
  const standard = kept.map(({ point, value, variance }) => ({
    point,
    value: (value - mean) / scale,
    variance: variance / (scale * scale),
  }))
  const kernel = fitKernel(shape, evenly(standard, mostFitted))
  return processOf(shape, kernel, standard, { mean, scale })
}

function evenly<One>(all: readonly One[], most: number): readonly One[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, at) => all[Math.round((at * (all.length - 1)) / (most - 1))]!)
}

/**
 * A dimension that a point has not (NaN) is taken for its middle (Lévesque et al., "Bayesian optimization for conditional hyperparameter
 * spaces", 2017); of names it is a name of its own.
 */
const middleWhereAbsent = (coordinate: number) => (Number.isNaN(coordinate) ? 0.5 : coordinate)

function distanceAlong(isName: boolean, left: number, right: number): number {
  return isName ? Number(!Object.is(left, right)) : middleWhereAbsent(left) - middleWhereAbsent(right)
}

function squaredDistances({ dimensions, isName }: CubeShape, left: Float64Array, right: Float64Array): Float64Array {
  const squares = new Float64Array(dimensions)
  for (let at = 0; at < dimensions; at++) squares[at] = distanceAlong(isName[at]!, left[at]!, right[at]!) ** 2
  return squares
}

/** Iterations of Rprop (Igel & Hüsken, "Improving the Rprop learning algorithm", 2000) towards the most probable kernel. */
function fitKernel(shape: CubeShape, samples: readonly NoisySample[]): Kernel {
  const { dimensions } = shape
  const size = samples.length
  const pairs = new Float64Array(((size * (size - 1)) / 2) * dimensions)
  for (let row = 0, at = 0; row < size; row++)
    for (let column = 0; column < row; column++, at += dimensions)
      pairs.set(squaredDistances(shape, samples[row]!.point, samples[column]!.point), at)
  const count = dimensions + 2
  const place = new Float64Array(count).fill(beforehand.length.mean)
  place[dimensions] = beforehand.signal.mean
  place[dimensions + 1] = beforehand.noise.mean
  let best = place.slice()
  let bestLog = -Infinity
  const steps = new Float64Array(count).fill(0.3)
  const before = new Float64Array(count)
  for (let turn = 0; turn < mostTurns; turn++) {
    const found = posterior(place, pairs, samples, dimensions)
    if (found.log > bestLog) {
      bestLog = found.log
      best = place.slice()
    }
    let moved = 0
    for (let at = 0; at < count; at++) {
      const agreement = found.slope[at]! * before[at]!
      steps[at] = Math.min(1, Math.max(1e-3, steps[at]! * (agreement > 0 ? 1.3 : agreement < 0 ? 0.5 : 1)))
      before[at] = agreement < 0 ? 0 : found.slope[at]!
      const step = Math.sign(before[at]!) * steps[at]!
      place[at] = Math.min(5, Math.max(-14, place[at]! + step))
      moved = Math.max(moved, Math.abs(step))
    }
    if (moved < 0.01) break
  }
  return {
    lengths: best.slice(0, dimensions).map(Math.exp),
    signal: Math.exp(best[dimensions]!),
    noise: Math.exp(best[dimensions + 1]!),
  }
}

/** The logarithm of how probable a kernel is, up to a constant, and its slope. */
function posterior(place: Float64Array, pairs: Float64Array, samples: readonly NoisySample[], dimensions: number) {
  const size = samples.length
  const inverseSquares = new Float64Array(dimensions)
  for (let at = 0; at < dimensions; at++) inverseSquares[at] = Math.exp(-2 * place[at]!)
  const signal = Math.exp(place[dimensions]!)
  const noise = Math.exp(place[dimensions + 1]!)
  const matrix = new Float64Array(size * size)
  const radii = new Float64Array((size * (size - 1)) / 2)
  for (let row = 0, pair = 0; row < size; row++) {
    matrix[row * size + row] = signal + noise + samples[row]!.variance + 1e-8
    for (let column = 0; column < row; column++, pair++) {
      let square = 0
      for (let at = 0; at < dimensions; at++) square += pairs[pair * dimensions + at]! * inverseSquares[at]!
      const radius = root5 * Math.sqrt(square)
      radii[pair] = radius
      const value = signal * (1 + radius + (radius * radius) / 3) * Math.exp(-radius)
      matrix[row * size + column] = matrix[column * size + row] = value
    }
  }
  const slope = new Float64Array(dimensions + 2)
  const factor = choleskyFactor(matrix, size)
  if (factor === null) {
    slope[dimensions + 1] = 1
    return { log: -Infinity, slope }
  }
  const weights = solveUpper(
    factor,
    size,
    solveLower(
      factor,
      size,
      Float64Array.from(samples, ({ value }) => value),
    ),
  )
  const inverse = inverseOf(factor, size)
  let log = 0
  for (let row = 0, pair = 0; row < size; row++) {
    log -= 0.5 * samples[row]!.value * weights[row]! + Math.log(factor[row * size + row]!)
    const own = 0.5 * (weights[row]! ** 2 - inverse[row * size + row]!)
    slope[dimensions]! += own * signal
    slope[dimensions + 1]! += own * noise
    for (let column = 0; column < row; column++, pair++) {
      const both = weights[row]! * weights[column]! - inverse[row * size + column]!
      slope[dimensions]! += both * matrix[row * size + column]!
      const radius = radii[pair]!
      const common = ((both * 5) / 3) * signal * (1 + radius) * Math.exp(-radius)
      for (let at = 0; at < dimensions; at++)
        slope[at]! += common * pairs[pair * dimensions + at]! * inverseSquares[at]!
    }
  }
  for (let at = 0; at < dimensions + 2; at++) {
    const { mean, deviation } =
      at < dimensions ? beforehand.length : at === dimensions ? beforehand.signal : beforehand.noise
    const away = (place[at]! - mean) / deviation
    log -= 0.5 * away * away
    slope[at]! -= away / deviation
  }
  return { log, slope }
}

function covariance(shape: CubeShape, { lengths, signal }: Kernel, left: Float64Array, right: Float64Array): number {
  let square = 0
  for (let at = 0; at < shape.dimensions; at++) {
    const away = distanceAlong(shape.isName[at]!, left[at]!, right[at]!)
    square += (away / lengths[at]!) ** 2
  }
  const radius = root5 * Math.sqrt(square)
  return signal * (1 + radius + (radius * radius) / 3) * Math.exp(-radius)
}

function processOf(
  shape: CubeShape,
  kernel: Kernel,
  samples: readonly NoisySample[],
  unit: { mean: number; scale: number },
): GaussianProcess {
  const size = samples.length
  const matrix = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++)
      matrix[row * size + column] = covariance(shape, kernel, samples[row]!.point, samples[column]!.point)
    matrix[row * size + row] = kernel.signal + kernel.noise + samples[row]!.variance + 1e-8
  }
  const factor = choleskyFactor(matrix, size)
  // noise that is so small against the signal that doubles lose it
  if (factor === null) return processOf(shape, { ...kernel, noise: 10 * kernel.noise + 1e-8 }, samples, unit)
  return conditioned(shape, kernel, samples, factor, unit)
}

function conditioned(
  shape: CubeShape,
  kernel: Kernel,
  samples: readonly NoisySample[],
  factor: Float64Array,
  unit: { mean: number; scale: number },
): GaussianProcess {
  const size = samples.length
  const weights = solveUpper(
    factor,
    size,
    solveLower(
      factor,
      size,
      Float64Array.from(samples, ({ value }) => value),
    ),
  )
  const near = new Float64Array(size)
  /** Leaves in `near` what the factor's next row would be; variance without noise, both in units of the deviation. */
  const look = (point: Float64Array) => {
    let mean = 0
    for (let row = 0; row < size; row++) {
      near[row] = covariance(shape, kernel, point, samples[row]!.point)
      mean += near[row]! * weights[row]!
    }
    solveLower(factor, size, near)
    let variance = kernel.signal
    for (let row = 0; row < size; row++) variance -= near[row]! * near[row]!
    return { mean, variance: Math.max(1e-12, variance) }
  }
  return {
    predict(point) {
      const { mean, variance } = look(point)
      return { mean: unit.mean + unit.scale * mean, deviation: unit.scale * Math.sqrt(variance) }
    },
    believing(point) {
      const { mean, variance } = look(point)
      const longer = new Float64Array((size + 1) * (size + 1))
      for (let row = 0; row < size; row++)
        longer.set(factor.subarray(row * size, row * size + row + 1), row * (size + 1))
      longer.set(near, size * (size + 1))
      longer[size * (size + 1) + size] = Math.sqrt(variance + kernel.noise + 1e-8)
      return conditioned(shape, kernel, [...samples, { point, value: mean, variance: 0 }], longer, unit)
    },
    lengths: [...kernel.lengths],
    noise: unit.scale * Math.sqrt(kernel.noise),
  }
}
