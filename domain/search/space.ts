/** What a search chooses from: a value on every axis but the milestones'. Where values lie is a share of the way along their axis. */
import { expandAxis, isMilestoneAxis } from '../sweep/axes.ts'
import { axisScale } from '../sweep/axis-scale.ts'
import { continuousOf, latticeOf } from '../sweep/continuous-axis.ts'
import { isSeed } from '../sweep/seed-groups.ts'
import type { Sweep } from '../sweep/sweep.ts'

/** An axis as a search sees it. */
export type Dimension = {
  name: string
  /** Names lie nowhere: their coordinate is their place among the values. */
  isName: boolean
  /** How many values there are to choose from. */
  count: number
  literalAt(place: number): string
  /** The coordinate of a literal, chosen or not, from 0 to 1; of a name its place. NaN: it is none of the axis'. */
  coordinateOf(literal: string): number
  /** The place whose coordinate is nearest. */
  placeNear(coordinate: number): number
}

export type Space = {
  dimensions: readonly Dimension[]
  /** How many trainings there could be. */
  cells: number
}

/** A setting of every dimension: the place of its value, and where that lies. */
export type Cell = { places: readonly number[]; point: Float64Array }

/** The axes that multiply trainings. */
export function spaceOf({ axes }: Pick<Sweep, 'axes'>): Space {
  const dimensions = Object.entries(axes)
    .filter(([, axis]) => !isMilestoneAxis(axis))
    .map(([name, axis]): Dimension => {
      const continuous = continuousOf(axis)
      if (continuous === null) return listed(name, expandAxis(name, axis).values)
      const lattice = latticeOf(continuous)
      return { name, isName: false, ...lattice, coordinateOf: lattice.shareOf }
    })
  return { dimensions, cells: dimensions.reduce((product, { count }) => product * count, 1) }
}

/** Numbers lie as they are, or by their logarithms where these are more even; seeds, like names, lie nowhere. */
function listed(name: string, values: readonly string[]): Dimension {
  const scale = isSeed(name) ? 'names' : axisScale(values)
  const literalAt = (place: number) => values[place]!
  const count = values.length
  if (scale === 'names')
    return {
      name,
      isName: true,
      count,
      literalAt,
      coordinateOf: (literal) => {
        const place = values.indexOf(literal)
        return place < 0 ? NaN : place
      },
      placeNear: (coordinate) => Math.min(count - 1, Math.max(0, Math.round(coordinate))),
    }
  const along = (literal: string) => (scale === 'log' ? Math.log(Number(literal)) : Number(literal))
  const numbers = values.map(along)
  const low = Math.min(...numbers)
  const width = Math.max(...numbers) - low
  const coordinateOf = (literal: string) => (width > 0 ? (along(literal) - low) / width : 0.5)
  const coordinates = values.map(coordinateOf)
  return {
    name,
    isName: false,
    count,
    literalAt,
    coordinateOf,
    placeNear(coordinate) {
      let nearest = 0
      for (let place = 1; place < count; place++)
        if (Math.abs(coordinates[place]! - coordinate) < Math.abs(coordinates[nearest]! - coordinate)) nearest = place
      return nearest
    },
  }
}

/** What tells trainings apart: the literals of the dimensions. */
export function keyOf({ dimensions }: Space, params: Readonly<Record<string, string>>): string {
  return JSON.stringify(dimensions.map(({ name }) => params[name]))
}

export function paramsOf({ dimensions }: Space, { places }: Pick<Cell, 'places'>): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ name, literalAt }, at) => [name, literalAt(places[at]!)]))
}

/** Where a setting lies. */
export function pointOf({ dimensions }: Space, params: Readonly<Record<string, string>>): Float64Array {
  return Float64Array.from(dimensions, ({ name, coordinateOf }) => coordinateOf(params[name] ?? ''))
}

export function cellAt(space: Space, places: readonly number[]): Cell {
  const point = Float64Array.from(space.dimensions, ({ literalAt, coordinateOf }, at) =>
    coordinateOf(literalAt(places[at]!)),
  )
  return { places, point }
}

/** The cell of this number, of all in the file's order. */
export function cellNumbered(space: Space, number: number): Cell {
  const places: number[] = []
  for (let at = space.dimensions.length - 1; at >= 0; at--) {
    const { count } = space.dimensions[at]!
    places[at] = number % count
    number = Math.floor(number / count)
  }
  return cellAt(space, places)
}
