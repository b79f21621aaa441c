/**
 * The points of a sweep as columns in memory: what lists sort by, filters compare and heatmaps draw. Loaded when a
 * sweep is first asked for (about 0.3 s for 100,000 points, their accuracies 0.5 s more when first needed), then kept up
 * to date point by point.
 */
import { scorePlace } from '../../domain/sweep/objective.ts'
import { goalOf } from '../../domain/sweep/scoring.ts'
import type { Goal } from '../../domain/sweep/stop-early.ts'
import {
  readPointAccuracies,
  readPointColumns,
  takeChangedPoints,
  unwatchColumns,
  watchSweep,
  type PointAccuracyRow,
  type PointColumnsRow,
} from '../../db/queries/point-columns.ts'
import type { Database } from '../../db/client.ts'
import { countStored } from '../../db/queries/points.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { type PointStatus, pointStatuses } from '../../domain/life/run-status.ts'
import { countsOf } from '../../domain/score/score.ts'
import type { Context } from '../base/context.ts'
import type { AxisView } from '../../contract/api/points.ts'
import { notThere } from '../../domain/sweep/axes/axis-scale.ts'
import { isContinuous } from '../../domain/sweep/axes/axes.ts'
import { describeAxes } from '../base/saying/describe-axes.ts'
import { heldBy } from '../base/process/held.ts'

/** One entry a point, at its number − 1. What is not known is NaN. */
export type PointColumns = {
  sweepId: number
  count: number
  /** With values that points have and the definition does not name. */
  axes: AxisView[]
  /** By axis: the position of the point's value among the axis' values. */
  positions: Uint32Array[]
  ids: Float64Array
  runIds: Float64Array
  runNumbers: Uint32Array
  /** Places among `pointStatuses`. */
  status: Uint8Array
  score: Float64Array
  /** Which way scores are better. */
  goal: Goal
  low: Float64Array
  high: Float64Array
  chance: Float64Array
  tied: Uint8Array
  rounded: Uint8Array
  /** Of points that a race gave up, how many questions they were asked; −1 of all others. */
  asked: Int32Array
  /** 1 for points that break a constraint of the sweep. */
  broken: Uint8Array
  /** Of a sweep with several, in the file's order; else empty. */
  objectives: { metric: string; goal: Goal; values: Float64Array }[]
  /** Which of them the score is; −1 where there are not several. */
  scorePlace: number
  /** By benchmark, of the first `withAccuracies` points. */
  accuracies: Map<string, AccuracyColumns>
  withAccuracies: number
  /** Last values of the metrics that somebody sorted or filtered by, one entry a point (metric-columns.ts). */
  metrics: Map<string, Float64Array>
  /** Whether the accuracies are being read in the background. */
  loading: boolean
  /** Orders by sort key, best first of everything; forgotten when a point changes. */
  orders: Map<string, Uint32Array>
  /** Rises with whatever an order or a filter may rest on. */
  version: number
}

/** The counts as reported, −1 where there are none. */
export type AccuracyColumns = { accuracy: Float64Array; correct: Int32Array; total: Int32Array }

/** Sweeps are let go, the one unused for longest first, beyond so many points: about 130 MB. */
const mostPointsHeld = 1_000_000
const pointsEachSlice = 2000
const heldOf = heldBy<Database, number, PointColumns>(mostPointsHeld, {
  sizeOf: ({ count }) => count,
  onLetGo: unwatchColumns,
})

/** The sweep's columns as of now. `accuracies`: with those of the benchmarks. */
export function pointColumns(context: Context, sweep: SweepRow, options: { accuracies?: boolean } = {}): PointColumns {
  const { database } = context
  // what an open transaction wrote may be taken back, and nobody would tell the columns
  const kept = !database.$client.inTransaction
  const held = heldOf(database)
  let columns = kept ? held.peek(sweep.id) : undefined
  if (columns === undefined || !takeChanges(database, columns)) {
    if (kept) watchSweep(database, sweep.id, { columns: true })
    columns = loadColumns(database, sweep)
  }
  if (options.accuracies) loadAccuracies(database, columns, columns.count)
  if (kept) {
    held.put(sweep.id, columns)
    loadInBackground(database, columns)
  }
  return columns
}

/**
 * Takes in what changed, where the sweep's columns are held: between steps that change many
 * points, so that no page has to at once.
 */
export function takeChangesIfHeld(context: Context, sweepId: number): void {
  const held = heldOf(context.database)
  const columns = held.peek(sweepId)
  if (columns !== undefined && !takeChanges(context.database, columns)) held.drop(sweepId)
}

/** Reads the accuracies a slice at a time, before anybody sorts by one: the first such page need not wait for all of them. */
function loadInBackground(database: Database, columns: PointColumns): void {
  if (columns.loading || columns.withAccuracies === columns.count) return
  columns.loading = true
  const slice = () => {
    const isHeld = database.$client.open && heldOf(database).peek(columns.sweepId) === columns
    if (!isHeld || columns.withAccuracies === columns.count) return
    loadAccuracies(database, columns, columns.withAccuracies + pointsEachSlice)
    setTimeout(slice, 5).unref()
  }
  setTimeout(slice, 200).unref()
}

function loadColumns(database: Database, sweep: SweepRow): PointColumns {
  const { points: count } = countStored(database, sweep.id)
  const axes = describeAxes(sweep).map((axis) => ({ ...axis, values: [...axis.values] }))
  const numbers = () => new Float64Array(count).fill(NaN)
  const columns: PointColumns = {
    sweepId: sweep.id,
    count,
    axes,
    positions: axes.map(() => new Uint32Array(count)),
    runNumbers: new Uint32Array(count),
    ids: new Float64Array(count),
    runIds: new Float64Array(count),
    status: new Uint8Array(count),
    score: numbers(),
    goal: goalOf(sweep.definition),
    low: numbers(),
    high: numbers(),
    chance: numbers(),
    tied: new Uint8Array(count),
    rounded: new Uint8Array(count),
    asked: new Int32Array(count).fill(-1),
    broken: new Uint8Array(count),
    objectives: (sweep.definition.objectives ?? []).map(({ metric, goal }) => ({ metric, goal, values: numbers() })),
    scorePlace: scorePlace(sweep.definition),
    accuracies: new Map(),
    withAccuracies: 0,
    metrics: new Map(),
    loading: false,
    orders: new Map(),
    version: 0,
  }
  addChosenValues(database, sweep, axes)
  const places = axes.map(({ values }) => new Map(values.map((value, at) => [value, at])))
  for (const row of readPointColumns(database, sweep.id)) {
    setPoint(columns, row)
    placeOnAxes(columns, places, row)
  }
  return columns
}

/** Values that a search chose between two ends, in their order as numbers. */
function addChosenValues(database: Database, sweep: SweepRow, axes: AxisView[]): void {
  const continuous = axes.flatMap(({ name }, at) => (isContinuous(sweep.definition.axes[name]!) ? [at] : []))
  if (continuous.length === 0) return
  const chosen = continuous.map(() => new Set<string>())
  for (const [, , , , key] of readPointColumns(database, sweep.id)) {
    const values = JSON.parse(key) as string[]
    continuous.forEach((axis, at) => values[axis] !== '' && chosen[at]!.add(values[axis]!))
  }
  continuous.forEach((axis, at) => {
    axes[axis]!.values = [...chosen[at]!].toSorted((a, b) => Number(a) - Number(b))
  })
}

/** Where a point stands on the axes, as it is stored: which values a search chose follows from no number. */
function placeOnAxes({ axes, positions }: PointColumns, places: Map<string, number>[], row: PointColumnsRow): void {
  const [, number, , , key] = row
  // as `JSON.parse` reads it, where nothing is escaped
  const values = key.includes('\\') ? (JSON.parse(key) as string[]) : key.slice(2, -2).split('","')
  for (let axis = 0; axis < axes.length; axis++) {
    // where it is not there: behind all values that it has
    const value = values[axis] || notThere
    let place = places[axis]!.get(value)
    if (place === undefined) {
      place = axes[axis]!.values.push(value) - 1
      places[axis]!.set(value, place)
    }
    positions[axis]![number - 1] = place
  }
}

function setPoint(columns: PointColumns, row: PointColumnsRow): void {
  const [id, number, runId, runNumber, , status, score, low, high, chance, tied, rounded, asked, broken, objectives] =
    row
  const index = number - 1
  columns.ids[index] = id
  columns.runIds[index] = runId
  columns.runNumbers[index] = runNumber
  columns.status[index] = pointStatuses.indexOf(status as PointStatus)
  columns.score[index] = score ?? NaN
  columns.low[index] = low ?? NaN
  columns.high[index] = high ?? NaN
  columns.chance[index] = chance ?? NaN
  columns.tied[index] = tied
  columns.rounded[index] = rounded
  columns.asked[index] = asked ?? -1
  columns.broken[index] = broken
  if (columns.objectives.length === 0) return
  const values = objectives === null ? [] : (JSON.parse(objectives) as (number | null)[])
  columns.objectives.forEach(({ values: of }, at) => {
    of[index] = (at === columns.scorePlace ? score : values[at]) ?? NaN
  })
}

function loadAccuracies(database: Database, columns: PointColumns, upTo: number): void {
  const { count, withAccuracies } = columns
  if (withAccuracies === count) return
  const to = Math.min(count, upTo)
  for (const row of readPointAccuracies(database, columns.sweepId, withAccuracies + 1, to)) setAccuracy(columns, row)
  columns.withAccuracies = to
  columns.version += 1
}

function setAccuracy(columns: PointColumns, row: PointAccuracyRow): void {
  const { accuracies } = columns
  const [number, benchmark, accuracy, correct, total] = row
  let ofBenchmark = accuracies.get(benchmark)
  if (ofBenchmark === undefined) {
    const { count } = columns
    const counts = () => new Int32Array(count).fill(-1)
    ofBenchmark = { accuracy: new Float64Array(count).fill(NaN), correct: counts(), total: counts() }
    accuracies.set(benchmark, ofBenchmark)
  }
  const counted = correct !== null && total !== null && total > 0
  ofBenchmark.accuracy[number - 1] = counted ? correct / total : (accuracy ?? NaN)
  // a rounded accuracy with its number of questions: counts near it serve the intervals
  const near = !counted && accuracy !== null && total !== null && total > 0 ? countsOf(accuracy, total) : null
  ofBenchmark.correct[number - 1] = counted ? correct : (near?.correct ?? -1)
  ofBenchmark.total[number - 1] = counted ? total : (near?.total ?? -1)
}

/** False: there are points that the columns have no room for, so that they have to be loaded anew. */
function takeChanges(database: Database, columns: PointColumns): boolean {
  const { points, accuracies } = takeChangedPoints(database, columns.sweepId)
  if (points.length === 0) return true
  if (points.some(([, number]) => number > columns.count)) return false
  for (const row of points) {
    setPoint(columns, row)
    // a point that is tried again has another checkpoint, perhaps without results yet
    for (const ofBenchmark of columns.accuracies.values()) {
      ofBenchmark.accuracy[row[1] - 1] = NaN
      ofBenchmark.correct[row[1] - 1] = ofBenchmark.total[row[1] - 1] = -1
    }
  }
  // those beyond are read later, as they are then
  for (const row of accuracies) if (row[0] <= columns.withAccuracies) setAccuracy(columns, row)
  columns.orders.clear()
  columns.version += 1
  return true
}
