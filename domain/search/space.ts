/** What a search chooses from: a value on every axis but the milestones'. Where values lie is a share of the way along their axis. */
import { expandAxis, isMilestoneAxis } from '../sweep/axes/axes.ts'
import { axisScale } from '../sweep/axes/axis-scale.ts'
import { continuousOf, latticeOf } from '../sweep/axes/continuous-axis.ts'
import { countSettings, hasAxis, type When } from '../sweep/conditions.ts'
import { isSeed } from '../sweep/axes/seed-groups.ts'
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
  /** Combinations of all values, of which several are one cell where dimensions exist only under a condition. */
  combinations: number
  when: When | undefined
}

/** A setting of every dimension: the place of its value, and where that lies; −1 and NaN where the dimension is not there. */
export type Cell = { places: readonly number[]; point: Float64Array }

/** The axes that multiply trainings. */
export function spaceOf({ axes, when }: Pick<Sweep, 'axes' | 'when'>): Space {
  const dimensions = Object.entries(axes)
    .filter(([, axis]) => !isMilestoneAxis(axis))
    .map(([name, axis]): Dimension => {
      const continuous = continuousOf(axis)
      if (continuous === null) return listed(name, expandAxis(name, axis).values)
      const lattice = latticeOf(continuous)
      return { name, isName: false, ...lattice, coordinateOf: lattice.shareOf }
    })
  const counted = dimensions.map(({ name, count, literalAt }) => ({
    name,
    size: count,
    values: () => Array.from({ length: count }, (_, place) => literalAt(place)),
  }))
  return {
    dimensions,
    cells: countSettings(counted, when),
    combinations: dimensions.reduce((product, { count }) => product * count, 1),
    when,
  }
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
  return Object.fromEntries(
    dimensions.flatMap(({ name, literalAt }, at) => (places[at]! < 0 ? [] : [[name, literalAt(places[at]!)]])),
  )
}

/** Where a setting lies. */
export function pointOf({ dimensions }: Space, params: Readonly<Record<string, string>>): Float64Array {
  return Float64Array.from(dimensions, ({ name, coordinateOf }) =>
    Object.hasOwn(params, name) ? coordinateOf(params[name]!) : NaN,
  )
}

/** The cell of these places; what is there follows from the dimensions before. */
export function cellAt({ dimensions, when }: Space, places: readonly number[]): Cell {
  if (when === undefined)
    return {
      places,
      point: Float64Array.from(dimensions, ({ literalAt, coordinateOf }, at) => coordinateOf(literalAt(places[at]!))),
    }
  const params: Record<string, string> = {}
  const there = dimensions.map(({ name, literalAt }, at) => {
    if (places[at]! < 0 || !hasAxis(when, name, params)) return -1
    params[name] = literalAt(places[at]!)
    return places[at]!
  })
  const point = Float64Array.from(dimensions, ({ name, coordinateOf }, at) =>
    there[at]! < 0 ? NaN : coordinateOf(params[name]!),
  )
  return { places: there, point }
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
