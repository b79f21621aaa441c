/** Cells that nobody took yet, for a method to choose from. */
import type { Random } from '../stats/rng.ts'
import { type Cell, cellAt, cellNumbered, type Dimension, keyOf, paramsOf, type Space } from './space.ts'

/** Spaces of no more cells are gone through whole. */
const mostEnumerated = 4_096
/** Draws before a space is gone through after all. */
const mostDraws = 200

const isTaken = (space: Space, taken: ReadonlySet<string>, cell: Cell) => taken.has(keyOf(space, paramsOf(space, cell)))

/** Every cell that is not taken, in the file's order; null where there are too many to be gone through. */
export function freeCells(space: Space, taken: ReadonlySet<string>): Cell[] | null {
  if (space.combinations > mostEnumerated) return null
  const found = new Map<string, Cell>()
  for (let number = 0; number < space.combinations; number++) {
    const cell = cellNumbered(space, number)
    const key = keyOf(space, paramsOf(space, cell))
    if (!taken.has(key) && !found.has(key)) found.set(key, cell)
  }
  return [...found.values()]
}

/** The cell where each dimension is nearest to a coordinate; null where it is taken. Coordinates are needed of all that may be there. */
export function freeCellNear(space: Space, taken: ReadonlySet<string>, point: ArrayLike<number>): Cell | null {
  const cell = cellAt(
    space,
    space.dimensions.map(({ placeNear }, at) => (Number.isNaN(point[at]!) ? -1 : placeNear(point[at]!))),
  )
  return isTaken(space, taken, cell) ? null : cell
}

/** A cell at random, each axis' length equally likely; null where all are taken. */
export function randomFreeCell(space: Space, taken: ReadonlySet<string>, random: Random): Cell | null {
  const free = freeCells(space, taken)
  if (free !== null) return free.length === 0 ? null : free[Math.floor(random.uniform() * free.length)]!
  for (let draw = 0; draw < mostDraws; draw++) {
    const found = freeCellNear(space, taken, randomPoint(space, random))
    if (found !== null) return found
  }
  for (let number = 0; number < space.combinations; number++) {
    const cell = cellNumbered(space, number)
    if (!isTaken(space, taken, cell)) return cell
  }
  return null
}

/** Anywhere; of listed values each equally likely. */
export function randomPoint({ dimensions }: Space, random: Random): Float64Array {
  return Float64Array.from(dimensions, (dimension) => coordinateAt(dimension, random.uniform()))
}

/** More values than this lie so near each other that a share of the way is one of them. */
const mostListed = 250

/** Where a share of an axis lies: of few values each has an equal part, of many the way counts. */
export function coordinateAt({ count, isName, literalAt, coordinateOf }: Dimension, share: number): number {
  if (count > mostListed && !isName) return share
  return coordinateOf(literalAt(Math.min(count - 1, Math.floor(share * count))))
}
