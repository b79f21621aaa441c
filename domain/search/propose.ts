/** A search that proposes one training after another, each knowing all that was measured so far and what is under way. */
import { createRandom, type Random } from '../stats/rng.ts'
import { expandAxis, milestoneAxisName } from '../sweep/axes/axes.ts'
import { onlyThere } from '../sweep/conditions.ts'
import { pointKey } from '../sweep/plan.ts'
import { type Searching, searchingOf } from '../sweep/searching.ts'
import type { Sweep } from '../sweep/sweep.ts'
import { randomFreeCell } from './candidates.ts'
import { proposeByGaussianProcess } from './gaussian-process.ts'
import type { MorePoints, Proposal, SearchHistory, SearchMethod } from './method.ts'
import { type Known, knownOf, type Seen } from './seen.ts'
import { type Cell, keyOf, paramsOf, pointOf, type Space, spaceOf } from './space.ts'
import { withOneObjective } from './several-objectives.ts'
import { startCell, startSize } from './start.ts'
import { proposeByTpe } from './tpe.ts'

/** Searches whose trainings come one after another: none are there in the beginning. */
export const proposing: SearchMethod = {
  size(sweep) {
    const trainings = Math.min(searchingOf(sweep)!.trainings, spaceOf(sweep).cells)
    return { trainings, points: trainings * milestonesOf(sweep).length }
  },
  firstPoints: (sweep) => ({
    axes: Object.entries(sweep.axes).map(([name, axis]) => expandAxis(name, axis)),
    runs: [],
    points: [],
  }),
  nextPoints: null,
  propose,
  stop: null,
}

/** How many more trainings the search will propose; 0 of a grid. */
export function trainingsToCome(sweep: Pick<Sweep, 'axes' | 'when' | 'search'>, trainings: number): number {
  return searchingOf(sweep) === null ? 0 : Math.max(0, proposing.size(sweep).trainings - trainings)
}

function propose(sweep: Sweep, history: SearchHistory, count: number): MorePoints {
  const searching = searchingOf(sweep)!
  const space = spaceOf(sweep)
  const more: MorePoints = { runs: [], points: [] }
  const runs = [...history.runs]
  for (const end = runs.length + Math.min(count, trainingsToCome(sweep, runs.length)); runs.length < end;) {
    const number = runs.length + 1
    const known = knownOf(space, withOneObjective({ ...history, runs }, searching, number))
    const found = nextCell(space, searching, known, number)
    if (found === null) break
    const added = trainingOf(sweep, paramsOf(space, found.cell), {
      number,
      firstPoint: history.points.length + more.points.length + 1,
    })
    more.runs.push({ ...added.run, proposal: proposalOf(known, found, sweep.objectives === undefined) })
    more.points.push(...added.points)
    runs.push({ ...added.run, status: 'waiting' })
  }
  return more
}

type Found = { cell: Cell } & Pick<Proposal, 'by' | 'expected' | 'ratio'>

/** What is random in it follows from the seed and the training's number. null: every cell is taken. */
function nextCell(space: Space, searching: Searching, known: Known, number: number): Found | null {
  const random = createRandom(searching.seed, number)
  const { method } = searching
  const anyCell = (by: Proposal['by']): Found | null => {
    const cell = randomFreeCell(space, known.taken, random)
    return cell && { cell, by }
  }
  if (method === 'random') return anyCell('random')
  if (number <= startSize(space, searching)) {
    const cell = startCell(space, searching, number - 1, known.taken)
    return cell && { cell, by: 'start' }
  }
  // nothing was measured yet: there is nothing to learn from
  if (known.best === null && (method === 'tpe' || !known.seen.some(({ slacks }) => slacks !== null)))
    return anyCell('start')
  return method === 'tpe' ? byTpe(space, known, random) : byGaussianProcess(space, known, random)
}

function byTpe(space: Space, known: Known, random: Random): Found | null {
  const found = proposeByTpe(space, known, random)
  return found && { cell: found.cell, by: 'tpe', ratio: found.ratio }
}

function byGaussianProcess(space: Space, known: Known, random: Random): Found | null {
  const found = proposeByGaussianProcess(space, known, random)
  if (found === null) return null
  const { cell, ...expected } = found
  return { cell, by: 'gaussian-process', ...(Number.isFinite(expected.mean) && { expected }) }
}

/** `ofValues`: the model's numbers are those that people know, and not several objectives made one. */
function proposalOf({ seen, best }: Known, { cell, by, expected, ratio }: Found, ofValues: boolean): Proposal {
  const measured = seen.filter(({ value }) => value !== null)
  const nearest = nearestOf(measured, cell.point)
  return {
    by,
    seen: measured.length,
    pending: seen.filter(({ isPending }) => isPending).length,
    ...(expected && ofValues && { expected }),
    ...(ratio !== undefined && { ratio }),
    ...(best && ofValues && { best: { run: best.number, value: best.value! } }),
    ...(nearest && ofValues && { nearest: { run: nearest.number, value: nearest.value! } }),
  }
}

function nearestOf(measured: readonly Seen[], point: Float64Array): Seen | null {
  let nearest: Seen | null = null
  let least = Infinity
  for (const one of measured) {
    const distance = point.reduce((sum, coordinate, at) => sum + squareBetween(coordinate, one.point[at]!), 0)
    if (distance < least) [least, nearest] = [distance, one]
  }
  return nearest
}

/** As far as names may be apart where a dimension is there at one of the two alone. */
function squareBetween(one: number, other: number): number {
  if (Number.isNaN(one) !== Number.isNaN(other)) return 1
  return Number.isNaN(one) ? 0 : (one - other) ** 2
}

function milestonesOf({ axes }: Pick<Sweep, 'axes'>): (string | null)[] {
  const name = milestoneAxisName(axes)
  return name === null ? [null] : expandAxis(name, axes[name]!).values
}

/** A training of these values with a point at each milestone. */
export function trainingOf(
  sweep: Pick<Sweep, 'axes' | 'when'>,
  values: Readonly<Record<string, string>>,
  { number, firstPoint }: { number: number; firstPoint: number },
): { run: MorePoints['runs'][number]; points: MorePoints['points'] } {
  const names = Object.keys(sweep.axes)
  const milestone = milestoneAxisName(sweep.axes)
  const milestones = milestonesOf(sweep)
  const paramsAt = (at: string | null) =>
    onlyThere(sweep.when, names, milestone === null ? values : { ...values, [milestone]: at! })
  const points = milestones.map((at, index) => {
    const params = paramsAt(at)
    const key = pointKey(names, params)
    return { number: firstPoint + index, runNumber: number, params, key, milestone: at }
  })
  return { run: { number, params: paramsAt(milestones.at(-1)!) }, points }
}

/** Whether a training of these values is there already. */
export function isProposed(sweep: Sweep, { runs }: SearchHistory, values: Readonly<Record<string, string>>): boolean {
  const space = spaceOf(sweep)
  const there = onlyThere(sweep.when, Object.keys(sweep.axes), values)
  const key = keyOf(space, there)
  const point = pointOf(space, there)
  return runs.some(({ params }) => keyOf(space, params) === key || samePlace(pointOf(space, params), point))
}

const samePlace = (left: Float64Array, right: Float64Array) =>
  left.every((coordinate, at) => Object.is(coordinate, right[at]))
