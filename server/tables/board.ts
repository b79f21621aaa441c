/** The rows of a leaderboard with what depends on all of them: chances, ties, orders. Kept for pages of the same question. */
import { orderRows, rowsByScore } from '../../domain/asking/order.ts'
import type { BoardQuery } from '../../domain/asking/board-query.ts'
import { parseFilter } from '../../domain/asking/filter.ts'
import { chancesOfBest, whoMayBeBest } from '../../domain/score/best-of-many.ts'
import { pooledSpread, type SeedMean, valueKey } from '../../domain/sweep/axes/seed-groups.ts'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import type { SeedNoise } from '../../domain/score/seed-group.ts'
import type { Context } from '../base/context.ts'
import { boardFields, passingPlaces, settingAt, settingOf, settingsOfHome } from './board-filter.ts'
import { groupInterval, groupNormals, groupOverSeeds, meanOf, type Normals, singleNormals } from './board-groups.ts'
import { codeOfPlaces, commitColumn } from './board-code.ts'
import { leaveOutCopies } from './board-copies.ts'
import { agreementOfPlaces } from './board-pairs.ts'
import { type CheckpointColumns, homeAt } from './checkpoint-columns.ts'
import { correctedAt, intervalAt, type ScoreColumns, scoreColumns } from './score-columns.ts'
import { heldBy } from '../base/process/held.ts'

/** One entry a row; NaN where nothing is known. */
export type Board = {
  scores: ScoreColumns
  error: string | null
  grouped: boolean
  /** By row: the places of its checkpoints, the best first. */
  members: (place: number) => readonly number[]
  /** The place that stands for the row. */
  first: Uint32Array
  score: Float64Array
  chance: Float64Array
  tied: Uint8Array
  /** Of groups; null where rows are single checkpoints. */
  means: (SeedMean | null)[] | null
  /** Of groups, by row; computed when asked for (`rowInterval`). */
  intervals: Map<number, [number, number] | null>
  /** Sweeps and projects that the rows are of, by key. */
  homeKeys: ReadonlySet<number>
  /** How alike the rows' checkpoints answered; null where they were asked different questions, or nobody knows. */
  agreement: SweepAgreement | null
  /** How one seed varies around the mean of its group, from all groups; null where rows are single, or no group has two. */
  seeds: SeedNoise | null
  checkpoints: number
  /** Left out: the same model, measured alike, that another sweep took over. */
  copies: number
  scored: number
  uncounted: number
  tiedCount: number
  /** No chances are stated: the scores are too close. */
  mostlyLuck: boolean
  extremes: [number, number] | null
  settings: string[]
  /** Sentences where its checkpoints came from more than one state of the code. */
  code: string[]
  /** Orders by sort; the one by score is the ranks'. */
  orders: Map<string, Uint32Array>
}

const mostKept = 8
const boardsOf = heldBy<CheckpointColumns, string, Board>(mostKept)

/** The rows that pass what is asked, as of now. Throws `not-found` for a baseline that does not exist. */
export function boardOf(context: Context, query: BoardQuery): Board {
  const scores = scoreColumns(context, query.baselineId)
  const { columns } = scores
  const version = `${columns.generation} ${columns.changes.length}`
  const { sort: _sort, descending: _descending, ...asked } = query
  return boardsOf(columns).take(`${version} ${JSON.stringify(asked)}`, () => makeBoard(context, scores, query))
}

function makeBoard(context: Context, scores: ScoreColumns, query: BoardQuery): Board {
  const { columns } = scores
  const { filter, error } = parseFilter(query.filter, boardFields(columns))
  const passes = passingPlaces(scores, query, filter)
  const copies = leaveOutCopies(columns, passes)
  const places = Uint32Array.from({ length: passes.reduce((sum, pass) => sum + pass, 0) }, nextPassing(passes))
  const groups = query.grouped ? groupOverSeeds(scores, places, query.byCommit) : null
  const means = groups?.map((group) => meanOf(scores, group)) ?? null
  const seeds = means && pooledSpread(means.filter((mean) => mean !== null))
  const first = groups ? Uint32Array.from(groups, ([place]) => place!) : places
  const score = means ? Float64Array.from(means, (mean) => mean?.mean ?? NaN) : at(scores.score, first)
  const homeKeys = homeKeysOf(columns, places)
  const agreement = agreementOfPlaces(context, scores, places, homeKeys)
  const normals = means
    ? groupNormals(scores, groups!, means, agreement)
    : singleNormals(at(scores.mean, first), at(scores.deviation, first), agreement)
  const board: Board = {
    scores,
    error,
    grouped: groups !== null,
    members: groups ? (row) => groups[row]! : (row) => [places[row]!],
    first,
    score,
    means,
    intervals: new Map(),
    homeKeys,
    checkpoints: places.length,
    copies,
    scored: places.reduce((sum, place) => sum + Number(!Number.isNaN(scores.score[place]!)), 0),
    extremes: null,
    settings: [...settingsThatDiffer(columns, places, query.grouped), ...commitColumn(columns, places, query)],
    code: codeOfPlaces(columns, places),
    orders: new Map(),
    seeds,
    agreement,
    ...compareRows(score, normals),
  }
  board.extremes = extremesOf(board, normals)
  return board
}

function homeKeysOf({ runs, runIds }: CheckpointColumns, places: Uint32Array): Set<number> {
  const ids = new Set<number>()
  let last = -1
  for (const place of places) {
    // those of one run mostly follow one another
    if (runIds[place] === last) continue
    last = runIds[place]!
    ids.add(runs.get(last)!.home)
  }
  return ids
}

/** The column's values at these places. */
function at(column: Float64Array, places: Uint32Array): Float64Array {
  const values = new Float64Array(places.length)
  for (let row = 0; row < places.length; row++) values[row] = column[places[row]!]!
  return values
}

function nextPassing(passes: Uint8Array): () => number {
  let place = -1
  return () => (place = passes.indexOf(1, place + 1))
}

/** Chances of being the best among the rows whose questions are known, and which of them may be it. */
function compareRows(score: Float64Array, { mean, own }: Normals) {
  const chance = new Float64Array(score.length).fill(NaN)
  const tied = new Uint8Array(score.length)
  const rows = new Uint32Array(score.length - mean.reduce((sum, value) => sum + Number(Number.isNaN(value)), 0))
  for (let row = 0, next = 0; row < score.length; row++) if (!Number.isNaN(mean[row]!)) rows[next++] = row
  const means = at(mean, rows)
  const variances = at(own, rows).map((value) => value * value)
  const chances = rows.length === 0 ? null : chancesOfBest(means, variances)
  const mayBeBest = whoMayBeBest(means, (first, second) => Math.sqrt(variances[first]! + variances[second]!))
  const best = score.reduce((top, value, row) => (value > (score[top] ?? -Infinity) ? row : top), -1)
  const known = !Number.isNaN(mean[best] ?? NaN)
  let tiedCount = 0
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    if (chances !== null) chance[row] = chances[index]!
    tied[row] = Number(known && row !== best && mayBeBest[index] === 1)
    tiedCount += tied[row]
  }
  const scored = score.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0)
  return { chance, tied, uncounted: scored - rows.length, tiedCount, mostlyLuck: rows.length > 1 && chances === null }
}

/** Intervals of groups take long: that of so many rows which may reach lowest, and highest, is looked at. */
const mostAtAnEnd = 100

/** How far scores and intervals reach. */
function extremesOf(board: Board, { mean, deviation }: Normals): [number, number] | null {
  const scored = Array.from(board.score.keys()).filter((row) => !Number.isNaN(board.score[row]!))
  const reach = (row: number, side: -1 | 1) => {
    const root = mean[row]! + side * 2 * deviation[row]!
    return Number.isNaN(root) ? board.score[row]! : root ** 3
  }
  const rows =
    board.means === null || scored.length <= 2 * mostAtAnEnd
      ? scored
      : [
          ...scored.toSorted((a, b) => reach(a, -1) - reach(b, -1)).slice(0, mostAtAnEnd),
          ...scored.toSorted((a, b) => reach(b, 1) - reach(a, 1)).slice(0, mostAtAnEnd),
        ]
  let low = Infinity
  let high = -Infinity
  for (const row of rows) {
    const value = board.score[row]!
    const interval = rowInterval(board, row)
    low = Math.min(low, value, interval?.[0] ?? value)
    high = Math.max(high, value, interval?.[1] ?? value)
  }
  return low <= high ? [low, high] : null
}

/** The interval of a row: over seeds where it has several, else from the questions. */
export function rowInterval(board: Board, row: number): [number, number] | null {
  if (board.means === null) return intervalAt(board.scores, board.first[row]!)
  const known = board.intervals.get(row)
  if (known !== undefined) return known
  const { scores, means, seeds, members, first, agreement } = board
  const found =
    groupInterval(scores, members(row), means[row] ?? null, seeds, agreement) ?? intervalAt(scores, first[row]!)
  board.intervals.set(row, found)
  return found
}

/** The corrected estimate of a row: of a group, the mean of its checkpoints'. */
export function rowCorrected({ scores, members }: Board, row: number): number | null {
  const known = members(row).flatMap((place) => correctedAt(scores, place) ?? [])
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** Columns of settings that a page has room for. */
const mostSettings = 5

/** Settings of which rows hold several values, axes before what whole sweeps set, those of most trainings first. */
function settingsThatDiffer(columns: CheckpointColumns, places: Uint32Array, grouped: boolean): string[] {
  const seen = new Map<string, { values: Set<string>; runs: number; isAxis: boolean }>()
  const runIds = new Set<number>()
  for (const place of places) runIds.add(columns.runIds[place]!)
  for (const id of runIds) {
    const run = columns.runs.get(id)!
    const home = columns.homes.get(run.home)!
    const { axes, names } = settingsOfHome(home, run)
    for (const name of names) {
      let found = seen.get(name)
      if (found === undefined) seen.set(name, (found = { values: new Set(), runs: 0, isAxis: false }))
      found.runs += 1
      found.isAxis ||= axes.includes(name)
      if (found.values.size < 2) found.values.add(valueKey(settingOf(home, run, name)!))
    }
  }
  return [...seen]
    .filter(([name, { values, runs }]) => (values.size > 1 || runs < runIds.size) && !(grouped && /^seed$/i.test(name)))
    .toSorted(([, a], [, b]) => Number(b.isAxis) - Number(a.isAxis) || b.runs - a.runs)
    .slice(0, mostSettings)
    .map(([name]) => name)
}

/** Rows in the order asked for: what has no value stands last either way, and ties go best first. */
export function boardOrder(board: Board, sort: string, descending: boolean): Uint32Array {
  const name = `${sort} ${descending}`
  const known = board.orders.get(name)
  if (known) return known
  const order =
    sort === 'score' && descending
      ? rowsByScore(board.score)
      : orderRows(boardOrder(board, 'score', true), sortKeys(board, sort), descending)
  board.orders.set(name, order)
  return order
}

function sortKeys(board: Board, sort: string): Float64Array | null {
  const { scores, first } = board
  const { columns } = scores
  const name = sort.slice(sort.indexOf(':') + 1)
  if (sort === 'chance') return board.chance
  if (sort === 'corrected') return Float64Array.from(first, (_, row) => rowCorrected(board, row) ?? NaN)
  if (sort === 'spread') return Float64Array.from(first, (_, row) => board.means?.[row]?.spread ?? NaN)
  if (sort === 'count') return Float64Array.from(first, (_, row) => board.members(row).length)
  if (sort === 'date') return Float64Array.from(first, (place) => columns.createdAt[place]!)
  if (sort === 'step') {
    return Float64Array.from(first, (place) =>
      Number.isNaN(columns.step[place]!) ? columns.epoch[place]! : columns.step[place]!,
    )
  }
  if (sort.startsWith('benchmark:')) {
    return Float64Array.from(first, (_, row) => meanAccuracy(board, row, name) ?? NaN)
  }
  if (sort === 'sweep' || sort.startsWith('setting:')) {
    const textAt = (place: number) => {
      return sort === 'sweep' ? homeAt(columns, place).name : settingAt(columns, place, name)
    }
    return keysOfTexts(Array.from(first, textAt))
  }
  return sort === 'score' ? board.score : null
}

/** Numbers by their value and before texts, texts by the alphabet. */
function keysOfTexts(texts: (string | null)[]): Float64Array {
  const numberOf = (text: string) => (text.trim() === '' ? NaN : Number(text))
  const values = [...new Set(texts.filter((text) => text !== null))].toSorted((a, b) => {
    const [left, right] = [numberOf(a), numberOf(b)]
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a.localeCompare(b, 'en')
    return left - right
  })
  const places = new Map(values.map((value, at) => [value, at]))
  return Float64Array.from(texts, (text) => (text === null ? NaN : places.get(text)!))
}

/** A row's accuracy on a benchmark: of a group, the mean over those that have one. */
export function meanAccuracy({ scores, members }: Board, row: number, benchmark: string): number | null {
  const accuracy = scores.columns.benchmarks.get(benchmark)?.accuracy
  if (accuracy === undefined) return null
  const known = members(row)
    .map((place) => accuracy[place]!)
    .filter((value) => !Number.isNaN(value))
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
