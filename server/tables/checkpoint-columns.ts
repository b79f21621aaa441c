/**
 * Every checkpoint of every run as columns in memory: what the leaderboard filters, sorts and groups, and what the lineage
 * scores. Read when first asked for (0.2 s for 50,000 checkpoints and their evaluations), then kept up to date by what changed.
 */
import { countsOf } from '../../domain/score/score.ts'
import {
  type CheckpointRows,
  readCheckpointColumns,
  readRunColumns,
  scoringVersion,
  takeChangedCheckpoints,
  takeChangedOwnRuns,
  watchCheckpoints,
} from '../../db/queries/checkpoint-columns.ts'
import type { Database } from '../../db/client.ts'
import type { SweepRow } from '../../db/queries/sweeps.ts'
import { milestoneAxisName, milestoneUnit } from '../../domain/sweep/axes/axes.ts'
import { listNumberedSnapshots } from '../../db/queries/recorded.ts'
import type { CodeSnapshot } from '../../domain/provenance/what-was-run.ts'
import type { Context } from '../base/context.ts'
import { type HomeOfRuns, readHomes, RunOfColumns } from './homes.ts'

/** Counts are −1 where there are none; the accuracy is NaN where there is no result, or one that says it went wrong. */
export type BenchmarkColumns = { accuracy: Float64Array; correct: Int32Array; total: Int32Array }

/** One entry a checkpoint; NaN where nothing is known. The arrays may be longer than `count`. */
export type CheckpointColumns = {
  count: number
  /** Place by checkpoint's id. */
  placeOf: Map<number, number>
  ids: Float64Array
  runIds: Float64Array
  /** Id of the checkpoint that it is a copy of, taken over from an earlier sweep; its own id where it is none. */
  models: Float64Array
  step: Float64Array
  /** As reported, else the milestone of its point. */
  epoch: Float64Array
  createdAt: Float64Array
  pickedAt: Float64Array
  /** As its point stores them, against its sweep's own baseline. */
  low: Float64Array
  high: Float64Array
  /** Numbers of the states of the code that it rests on, as the rows of checkpoints have them. */
  code: Float64Array
  codeBefore: Float64Array
  codeOfEvaluation: Float64Array
  /** The states by their numbers, as far as places have them. */
  snapshots: Map<number, CodeSnapshot>
  rounded: Uint8Array
  /** Evaluations of any benchmark. */
  results: Uint8Array
  /** By place, of those that have any. */
  tags: Map<number, string[]>
  benchmarks: Map<string, BenchmarkColumns>
  runs: Map<number, RunOfColumns>
  /** By the key of what they are of. */
  runsOf: Map<number, RunOfColumns[]>
  lastRunId: number
  /** By key. */
  homes: Map<number, HomeOfRuns>
  scoringVersion: number
  /** Places that changed, in the order they did; what is computed from the columns remembers how far it has read. */
  changes: number[]
  /** Rises when what is computed has to begin afresh: a sweep or a baseline changed, or too much else did. */
  generation: number
}

/** Beyond so many noted changes everything is computed afresh. */
const mostChanges = 20_000
const held = new WeakMap<Database, CheckpointColumns>()

/** The columns as of now. */
export function checkpointColumns(context: Context): CheckpointColumns {
  const { database } = context
  // what an open transaction wrote may be taken back, and nobody would tell the columns
  if (database.$client.inTransaction) return loadColumns(database)
  const known = held.get(database)
  if (known) {
    takeChanges(database, known)
    return known
  }
  watchCheckpoints(database)
  const columns = loadColumns(database)
  columns.scoringVersion = scoringVersion(database)
  held.set(database, columns)
  return columns
}

/** The columns as of now, with the runs that have no checkpoint yet. */
export function everyRun(context: Context): CheckpointColumns {
  const columns = checkpointColumns(context)
  if (!context.database.$client.inTransaction) readRuns(context.database, columns)
  return columns
}

function loadColumns(database: Database): CheckpointColumns {
  const rows = readCheckpointColumns(database)
  const columns: CheckpointColumns = {
    count: 0,
    placeOf: new Map(),
    ...emptyArrays(rows.checkpoints.id.length),
    tags: new Map(),
    benchmarks: new Map(),
    snapshots: new Map(),
    runs: new Map(),
    runsOf: new Map(),
    lastRunId: 0,
    homes: readHomes(database),
    scoringVersion: 0,
    changes: [],
    generation: 0,
  }
  readRuns(database, columns)
  setRows(columns, rows)
  readSnapshots(database, columns, rows)
  return columns
}

function takeChanges(database: Database, columns: CheckpointColumns): void {
  const version = scoringVersion(database)
  if (version !== columns.scoringVersion) {
    columns.scoringVersion = version
    columns.homes = readHomes(database)
    columns.generation += 1
  }
  for (const row of takeChangedOwnRuns(database)) {
    const known = columns.runs.get(row[0])
    if (known === undefined) continue
    known.take(row)
    columns.changes.push(...known.places)
  }
  const rows = takeChangedCheckpoints(database)
  if (rows === null) return
  const changed = setRows(columns, rows, () => readRuns(database, columns))
  readSnapshots(database, columns, rows)
  columns.changes.push(...changed)
  if (columns.changes.length > mostChanges) {
    columns.changes = []
    columns.generation += 1
  }
}

function readRuns(database: Database, columns: CheckpointColumns): void {
  for (const row of readRunColumns(database, columns.lastRunId)) {
    const run = new RunOfColumns(row)
    columns.runs.set(run.id, run)
    const ofHome = columns.runsOf.get(run.home)
    if (ofHome) ofHome.push(run)
    else columns.runsOf.set(run.home, [run])
    columns.lastRunId = run.id
  }
}

/** Reads the states of the code that rows name and nobody has read yet. */
function readSnapshots(database: Database, { snapshots }: CheckpointColumns, { checkpoints }: CheckpointRows): void {
  const wanted = new Set<number>()
  for (const name of codes)
    for (const number of checkpoints[name]) if (number !== null && !snapshots.has(number)) wanted.add(number)
  if (wanted.size === 0) return
  for (const [number, snapshot] of listNumberedSnapshots(database, [...wanted])) snapshots.set(number, snapshot)
}

const codes = ['code', 'codeBefore', 'codeOfEvaluation'] as const
const floats = ['ids', 'runIds', 'models', 'step', 'epoch', 'createdAt', 'pickedAt', 'low', 'high', ...codes] as const
const flags = ['rounded', 'results'] as const
type Arrays = Record<(typeof floats)[number], Float64Array> & Record<(typeof flags)[number], Uint8Array>

function emptyArrays(size: number): Arrays {
  return Object.fromEntries([
    ...floats.map((name) => [name, new Float64Array(size).fill(NaN)]),
    ...flags.map((name) => [name, new Uint8Array(size)]),
  ]) as Arrays
}

function emptyBenchmark(size: number): BenchmarkColumns {
  const counts = () => new Int32Array(size).fill(-1)
  return { accuracy: new Float64Array(size).fill(NaN), correct: counts(), total: counts() }
}

/** Makes room for more checkpoints, an eighth more than are wanted. */
function growTo(columns: CheckpointColumns, wanted: number): void {
  if (wanted <= columns.ids.length) return
  const size = Math.ceil(wanted * 1.125) + 16
  const bigger = emptyArrays(size)
  for (const name of floats) bigger[name].set(columns[name])
  for (const name of flags) bigger[name].set(columns[name])
  Object.assign(columns, bigger)
  for (const [name, before] of columns.benchmarks) {
    const after = emptyBenchmark(size)
    after.accuracy.set(before.accuracy)
    after.correct.set(before.correct)
    after.total.set(before.total)
    columns.benchmarks.set(name, after)
  }
}

/** Writes rows into the columns; gives the places written. `readNewRuns` is asked for runs that are not known yet. */
function setRows(columns: CheckpointColumns, rows: CheckpointRows, readNewRuns = () => {}): number[] {
  const { placeOf, runs, tags, benchmarks } = columns
  const { checkpoints } = rows
  growTo(columns, columns.count + checkpoints.id.reduce((more, id) => more + Number(!placeOf.has(id)), 0))
  const written = checkpoints.id.map((id, row) => {
    const runId = checkpoints.runId[row]!
    let place = placeOf.get(id)
    if (place === undefined) {
      place = columns.count++
      placeOf.set(id, place)
      if (!runs.has(runId)) readNewRuns()
      runs.get(runId)?.places.push(place)
    }
    columns.ids[place] = id
    columns.runIds[place] = runId
    columns.models[place] = checkpoints.model[row]!
    columns.step[place] = checkpoints.step[row] ?? NaN
    columns.epoch[place] = checkpoints.epoch[row] ?? NaN
    columns.createdAt[place] = checkpoints.createdAt[row]!
    columns.pickedAt[place] = checkpoints.pickedAt[row] ?? NaN
    for (const name of codes) columns[name][place] = checkpoints[name][row] ?? NaN
    columns.low[place] = columns.high[place] = NaN
    columns.rounded[place] = columns.results[place] = 0
    const itsTags = checkpoints.tags[row]
    if (itsTags == null) tags.delete(place)
    else tags.set(place, JSON.parse(itsTags) as string[])
    for (const { accuracy, correct, total } of benchmarks.values()) {
      accuracy[place] = NaN
      correct[place] = total[place] = -1
    }
    return place
  })
  setPoints(columns, rows)
  setEvaluations(columns, rows)
  return written
}

function setPoints({ placeOf, runs, runIds, homes, ...columns }: CheckpointColumns, { points }: CheckpointRows): void {
  const units = new Map([...homes].map(([key, { sweep }]) => [key, sweep && milestoneUnitOf(sweep)]))
  points.checkpointId.forEach((checkpointId, row) => {
    const place = placeOf.get(checkpointId)
    if (place === undefined) return
    columns.rounded[place] = points.rounded[row]!
    columns.low[place] = points.low[row] ?? NaN
    columns.high[place] = points.high[row] ?? NaN
    const milestone = points.milestone[row]
    if (milestone == null) return
    const unit = units.get(runs.get(runIds[place]!)?.home ?? 0)
    if (unit && Number.isNaN(columns[unit][place]!)) columns[unit][place] = Number(milestone)
  })
}

function setEvaluations(columns: CheckpointColumns, { benchmarks, evaluations }: CheckpointRows): void {
  const ofCode = benchmarks.map((benchmark) => {
    const column = columns.benchmarks.get(benchmark) ?? emptyBenchmark(columns.ids.length)
    columns.benchmarks.set(benchmark, column)
    return column
  })
  const { placeOf, results } = columns
  const { checkpointId, benchmark, accuracy, correct, total, failed } = evaluations
  for (let row = 0; row < checkpointId.length; row++) {
    const place = placeOf.get(checkpointId[row]!)
    if (place === undefined) continue
    results[place]! += 1
    if (failed[row] === 1) continue
    const column = ofCode[benchmark[row]!]!
    const questions = total[row] ?? null
    const counted = questions !== null && correct[row] !== null
    const reported = counted ? correct[row]! / questions : (accuracy[row] ?? NaN)
    // a rounded accuracy with its number of questions: counts near it serve the intervals
    const near = counted || questions === null || Number.isNaN(reported) ? null : countsOf(reported, questions)
    column.accuracy[place] = reported
    column.correct[place] = counted ? correct[row]! : (near?.correct ?? -1)
    column.total[place] = counted ? questions : (near?.total ?? -1)
  }
}

/** Places of the checkpoints of a sweep or project. */
export function placesOfSweep({ runsOf }: CheckpointColumns, key: number): number[] {
  return (runsOf.get(key) ?? []).flatMap(({ places }) => places)
}

function milestoneUnitOf({ definition }: SweepRow): 'epoch' | 'step' | null {
  const axis = milestoneAxisName(definition.axes)
  return axis === null ? null : milestoneUnit(axis)
}

/** What the checkpoint at a place is of. */
export function homeAt({ homes, runs, runIds }: CheckpointColumns, place: number): HomeOfRuns {
  return homes.get(runs.get(runIds[place]!)!.home)!
}
