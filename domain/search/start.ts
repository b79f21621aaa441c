/** The first trainings of a search: spread over the space before anything is known. */
import { createRandom } from '../stats/rng.ts'
import type { Searching } from '../sweep/searching.ts'
import { coordinateAt, freeCellNear, randomFreeCell } from './candidates.ts'
import type { Cell, Space } from './space.ts'

/** A stream of its own for each dimension, away from those of trainings. */
const startStream = 2 ** 30

/** How many trainings a search starts with before it listens to its model: of d axes d + 1, of TPE 2 d + 2; at most a third of all. */
export function startSize({ dimensions }: Space, { method, trainings }: Searching): number {
  if (method === 'random') return 0
  const wanted = method === 'tpe' ? 2 * dimensions.length + 2 : dimensions.length + 1
  return Math.max(1, Math.min(wanted, Math.floor(trainings / 3)))
}

/**
 * The cell at a place of the start: a Latin hypercube (McKay, Beckman & Conover, "A comparison of three methods for selecting values of
 * input variables", 1979), in which every axis is divided evenly, then the parts are shuffled by the seed. One at random where that
 * cell is taken, null where all are.
 */
export function startCell(space: Space, searching: Searching, place: number, taken: ReadonlySet<string>): Cell | null {
  const size = startSize(space, searching)
  const point = Float64Array.from(space.dimensions, (dimension, at) => {
    const random = createRandom(searching.seed, startStream + at)
    const parts = Array.from({ length: size }, (_, part) => (part + random.uniform()) / size)
    for (let last = size - 1; last > 0; last--) {
      const other = Math.floor(random.uniform() * (last + 1))
      ;[parts[last], parts[other]] = [parts[other]!, parts[last]!]
    }
    return coordinateAt(dimension, parts[place]!)
  })
  return (
    freeCellNear(space, taken, point) ??
    randomFreeCell(space, taken, createRandom(searching.seed, startStream - 1 - place))
  )
}
