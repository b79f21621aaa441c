/**
 * The tree-structured Parzen estimator (Bergstra et al., "Algorithms for hyper-parameter optimization", 2011; Bergstra, Yamins & Cox,
 * "Making a science of model search", 2013): what is next is where the best trainings lie more densely than the others. Its
 * densities are of all axes together, as in BOHB (Falkner, Klein & Hutter, 2018); what runs counts among the others (constant liar).
 */
import { normalCumulative } from '../stats/normal.ts'
import type { Random } from '../stats/rng.ts'
import { freeCellNear, freeCells, randomFreeCell, randomPoint } from './candidates.ts'
import type { Known, Seen } from './seen.ts'
import type { Cell, Dimension, Space } from './space.ts'

/** The best: so large a share of those with a value, at most so many. */
const goodShare = 0.15
const mostGood = 25
/** Cells drawn where there are too many to look at each, and kernels that may be computed at a proposal. */
const draws = 48
const mostKernels = 1_500_000

/** The next cell, and how many times denser the best lie there; null where every cell is taken. */
export function proposeByTpe(
  space: Space,
  { seen, taken }: Known,
  random: Random,
): { cell: Cell; ratio: number } | null {
  const measured = seen
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => b.value! - a.value! || a.number - b.number)
  const goodCount = Math.min(mostGood, Math.ceil(goodShare * measured.length))
  const good = densityOf(space, measured.slice(0, goodCount))
  const others = [
    ...measured.slice(goodCount),
    ...seen.filter((one) => one.hasFailed || (one.value === null && one.isPending)),
  ]
  const bad = densityOf(space, others)
  const free = freeCells(space, taken)
  const budget = Math.max(draws, Math.floor(mostKernels / ((seen.length + 2) * space.dimensions.length)))
  const candidates: Cell[] = free !== null && free.length <= budget ? free : []
  if (candidates.length === 0)
    for (let draw = 0; draw < draws; draw++) {
      const cell = freeCellNear(space, taken, good.draw(random))
      if (cell !== null) candidates.push(cell)
    }
  if (candidates.length === 0) {
    const cell = randomFreeCell(space, taken, random)
    return cell && { cell, ratio: Math.exp(good.log(cell.point) - bad.log(cell.point)) }
  }
  let best: Cell | null = null
  let highest = -Infinity
  for (const cell of candidates) {
    const log = good.log(cell.point) - bad.log(cell.point)
    if (log > highest) [highest, best] = [log, cell]
  }
  return best && { cell: best, ratio: Math.exp(highest) }
}

type Density = { log(point: Float64Array): number; draw(random: Random): Float64Array }

/** Kernels at the points, and one that is even over the whole space; densities are against that one. */
function densityOf(space: Space, points: readonly Seen[]): Density {
  const count = points.length
  const sharpness = count ** (-1 / (space.dimensions.length + 4))
  const axes = space.dimensions.map((dimension, at) => {
    const coordinates = points.map(({ point }) => point[at]!)
    return dimension.isName ? namesAxis(dimension, coordinates) : numbersAxis(dimension, coordinates, sharpness)
  })
  return {
    log(point) {
      let sum = 1
      for (let one = 0; one < count; one++) {
        let product = 1
        for (let at = 0; at < axes.length; at++) product *= axes[at]!.kernel(one, point[at]!)
        sum += product
      }
      return Math.log(sum / (count + 1))
    },
    draw(random) {
      const one = Math.floor(random.uniform() * (count + 1))
      if (one === count) return randomPoint(space, random)
      return Float64Array.from(axes, ({ draw }) => draw(one, random))
    },
  }
}

type AxisDensity = { kernel(one: number, coordinate: number): number; draw(one: number, random: Random): number }

/** A kernel's standard deviation for one point, as a share of the axis; it shrinks with more (Scott, "Multivariate density estimation", 1992). */
const width = 0.2
const leastWidth = 0.02
/** An axis of more values is taken for a line. */
const mostPlaces = 250

function numbersAxis(
  { count, literalAt, coordinateOf }: Dimension,
  coordinates: readonly number[],
  sharpness: number,
): AxisDensity {
  const deviation = Math.max(leastWidth, width * sharpness)
  const bell = (from: number, to: number) => Math.exp(-0.5 * ((from - to) / deviation) ** 2)
  const places = count > mostPlaces ? null : Array.from({ length: count }, (_, place) => coordinateOf(literalAt(place)))
  const known = new Map<number, number>()
  // what of a kernel lies on the axis
  const wholeOf = (at: number) => {
    let whole = known.get(at)
    if (whole === undefined) {
      whole =
        places === null
          ? deviation *
            Math.sqrt(2 * Math.PI) *
            (normalCumulative((1 - at) / deviation) - normalCumulative(-at / deviation))
          : places.reduce((sum, place) => sum + bell(place, at), 0) / count
      known.set(at, whole)
    }
    return whole
  }
  const wholes = coordinates.map((at) => (Number.isNaN(at) ? 1 : wholeOf(at)))
  return {
    // of a training at which the axis is not there nothing is known along it, so it is even there
    kernel: (one, coordinate) =>
      Number.isNaN(coordinate) || Number.isNaN(coordinates[one]!)
        ? 1
        : bell(coordinate, coordinates[one]!) / wholes[one]!,
    draw(one, random) {
      if (Number.isNaN(coordinates[one]!)) return random.uniform()
      for (let turn = 0; turn < 20; turn++) {
        const drawn = coordinates[one]! + deviation * random.normal()
        if (drawn >= 0 && drawn <= 1) return drawn
      }
      return random.uniform()
    },
  }
}

/** The chance that a name is another than its point's (Aitchison & Aitken, "Multivariate binary discrimination by the kernel method", 1976). */
function namesAxis({ count }: Dimension, coordinates: readonly number[]): AxisDensity {
  const other = 1 / (1 + coordinates.filter((coordinate) => !Number.isNaN(coordinate)).length)
  return {
    kernel: (one, coordinate) =>
      Number.isNaN(coordinate) || Number.isNaN(coordinates[one]!)
        ? 1
        : other + (coordinate === coordinates[one] ? (1 - other) * count : 0),
    draw: (one, random) =>
      random.uniform() < other || Number.isNaN(coordinates[one]!)
        ? Math.floor(random.uniform() * count)
        : coordinates[one]!,
  }
}
