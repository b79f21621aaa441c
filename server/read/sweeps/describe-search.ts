/** What a sweep's search did and why, and what its model expects. */
import { listProposed } from '../../../db/queries/search-costs.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { expectedAt, modelOf } from '../../../domain/search/gaussian-process.ts'
import { bestInRandomOrder } from '../../../domain/search/random-order.ts'
import { proposing } from '../../../domain/search/propose.ts'
import { type Known, knownOf } from '../../../domain/search/seen.ts'
import { cellAt, type Dimension, type Space, spaceOf } from '../../../domain/search/space.ts'
import type { Proposal } from '../../../domain/search/method.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import { type Searching, searchingOf } from '../../../domain/sweep/searching.ts'
import type { Goal } from '../../../domain/sweep/stop-early.ts'
import type { SearchMap, SearchView } from '../../../contract/api/search.ts'
import type { Context } from '../../base/context.ts'
import { whyUnmeasured } from '../../base/preparing/measured-baseline.ts'
import { searchHistory } from '../../base/preparing/search-history.ts'

const hour = 3_600_000

/** Throws `not-found` for a grid. */
export function describeSearch(context: Context, sweep: SweepRow): SearchView {
  const { method, seed } = searchingIn(sweep)
  const goal = goalOf(sweep.definition)
  const own = trueValue(goal)
  const history = searchHistory(context, sweep)
  const { seen } = knownOf(spaceOf(sweep.definition), history)
  const rows = listProposed(context.database, sweep.id)
  const trainings = rows.map(({ number, id, proposal, milliseconds, slots }, at): SearchView['trainings'][number] => {
    const { params, status } = history.runs[at]!
    const { value, isPending, hasFailed } = seen[at]!
    return {
      number,
      runId: id,
      params,
      status,
      isPending,
      hasFailed,
      value: value === null ? null : own(value),
      proposal: proposal === null ? null : ofTrueValues(JSON.parse(proposal) as Proposal, own),
      slotHours: milliseconds === null ? null : (milliseconds * slots) / hour,
    }
  })
  const values = seen.flatMap(({ value }) => value ?? [])
  const isOver = isSweepFinished(sweep.status)
  return {
    method,
    seed,
    goal,
    planned: isOver ? trainings.length : Math.max(trainings.length, proposing.size(sweep.definition).trainings),
    trainings,
    inRandomOrder: isOver ? bestInRandomOrder(values).map(own) : null,
    rest: isOver
      ? null
      : sweep.status === 'paused'
        ? 'The sweep is paused: nothing is proposed.'
        : whyUnmeasured(context, sweep),
  }
}

/** A search knows what is to be small by its negative. */
const trueValue = (goal: Goal) => (value: number) => (goal === 'minimize' ? -value : value)

function ofTrueValues(proposal: Proposal, own: (value: number) => number): Proposal {
  const { expected, best, nearest } = proposal
  return {
    ...proposal,
    ...(expected && { expected: { ...expected, mean: own(expected.mean) } }),
    ...(best && { best: { ...best, value: own(best.value) } }),
    ...(nearest && { nearest: { ...nearest, value: own(nearest.value) } }),
  }
}

function searchingIn({ name, definition }: SweepRow): Searching {
  const searching = searchingOf(definition)
  if (searching === null) throw new SweepboardError('not-found', `${name} is a grid: nothing is proposed in it.`)
  return searching
}

/** Cells of a map along an axis of ends; of listed values there are as many as values, up to this many. */
const mostCells = 24

/**
 * What a Gaussian process of all that was measured expects over two axes, whatever the search's own method. null while fewer than
 * two trainings have a value.
 */
export function describeSearchMap(
  context: Context,
  sweep: SweepRow,
  asked: { down: string; across: string },
): SearchMap | null {
  searchingIn(sweep)
  const space = spaceOf(sweep.definition)
  const placeOf = (name: string) => {
    const at = space.dimensions.findIndex((dimension) => dimension.name === name)
    if (at < 0)
      throw new SweepboardError('invalid', `There is no axis ${name} to draw; expected one that the search chooses.`)
    return at
  }
  const [down, across] = [placeOf(asked.down), placeOf(asked.across)]
  if (down === across) throw new SweepboardError('invalid', `An axis is shown twice: ${asked.down}.`)
  const known = knownOf(space, searchHistory(context, sweep))
  const model = modelOf(space, known, false)
  if (model === null || known.seen.filter(({ value }) => value !== null).length < 2) return null
  const [rows, columns] = [coordinatesOf(space.dimensions[down]!), coordinatesOf(space.dimensions[across]!)]
  const held = heldPlaces(space, known.seen)
  const isHeld = space.dimensions.map(() => false)
  const expected = rows.flatMap((row) =>
    columns.map((column) => {
      const places = held.with(down, space.dimensions[down]!.placeNear(row))
      const { point } = cellAt(space, places.with(across, space.dimensions[across]!.placeNear(column)))
      if (Number.isNaN(point[down]) || Number.isNaN(point[across])) return null
      point.forEach((coordinate, at) => (isHeld[at] ||= !Number.isNaN(coordinate)))
      point[down] = row
      point[across] = column
      return expectedAt(model, point)
    }),
  )
  const own = trueValue(goalOf(sweep.definition))
  const others = space.dimensions.flatMap(({ name, literalAt }, at) =>
    at === down || at === across || !isHeld[at] ? [] : [[name, literalAt(held[at]!)] as const],
  )
  return {
    ...asked,
    rows: rows.length,
    columns: columns.length,
    means: expected.map((one) => one && rounded(own(one.mean))),
    deviations: expected.map((one) => one && rounded(one.deviation)),
    held: Object.fromEntries(others),
    lengths: space.dimensions.map(({ name }, at) => ({ name, length: rounded(model.process.lengths[at]!) })),
  }
}

/** The best training's place on each axis; where it has not the axis, that of the best that has, or of the middle where none has. */
function heldPlaces({ dimensions }: Space, seen: Known['seen']): number[] {
  const ranked = seen
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => b.value! - a.value! || a.number - b.number)
  return dimensions.map(({ placeNear, count }, at) => {
    const coordinate = ranked.find(({ point }) => !Number.isNaN(point[at]!))?.point[at]
    return coordinate === undefined ? count >> 1 : placeNear(coordinate)
  })
}

const rounded = (value: number) => Number(value.toPrecision(5))

/** Names at their places; numbers evenly from end to end. */
function coordinatesOf({ isName, count }: Dimension): number[] {
  if (isName) return Array.from({ length: Math.min(count, mostCells) }, (_, place) => place)
  return Array.from({ length: mostCells }, (_, at) => (at + 0.5) / mostCells)
}
