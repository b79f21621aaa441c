/** Many runs' curves in one chart: which lines there are, their colours, and the columns that they are drawn from. */
import { heatColor } from './heat-scale.ts'
import { lineAs, type LineLook, type RunLine } from './run-lines.ts'

export type BundledRun = {
  id: number
  number: number
  /** What it is called where that is not its number. */
  name?: string
  params: Readonly<Record<string, string>>
}

/** How a run is called in a chart. */
export const nameOfRun = ({ name, number }: BundledRun) => name ?? `run ${number}`

/** A line of one run, or the mean of several that differ in nothing but their seed. */
export type Line = { key: string; colour: string; title: string; runs: readonly BundledRun[] }

const few = [
  'var(--accent)',
  'light-dark(#b45309, #f0a34a)',
  'light-dark(#0b7a6b, #52d6bd)',
  'light-dark(#8f2463, #f29ac9)',
]

/**
 * The colour of each value of an axis: of few values those that are told apart best, of many the scale of the heatmaps in the
 * values' order, without its two ends, which are lost on a background as dark or as light.
 */
export function coloursOf(values: readonly string[]): Map<string, string> {
  const scaled = (at: number) => heatColor(0.08 + (0.72 * at) / Math.max(1, values.length - 1))
  return new Map(values.map((value, at) => [value, values.length <= few.length ? few[at]! : scaled(at)]))
}

/**
 * The lines of these runs. `colourBy`: the axis whose values have a colour each; null: each line has one of its own. `groupOf`
 * gives runs that are one line the same text; null: each run is a line.
 */
export function linesOf(
  runs: readonly BundledRun[],
  {
    colourBy,
    values,
    groupOf,
  }: {
    colourBy: string | null
    values: readonly string[]
    groupOf: ((run: BundledRun) => string) | null
  },
): Line[] {
  const groups = Map.groupBy(runs, (run) => groupOf?.(run) ?? String(run.id))
  const ofValues = coloursOf(values)
  const own = coloursOf([...groups.keys()])
  return [...groups].map(([key, members]) => ({
    key,
    colour: (colourBy === null ? own.get(key) : ofValues.get(members[0]!.params[colourBy] ?? '')) ?? 'var(--ink-3)',
    title: members.length === 1 ? nameOfRun(members[0]!) : `${members.length} seeds`,
    runs: members,
  }))
}

/** A line's columns at the places of all: the mean of its runs, and, of more than one, the lowest and the highest; NaN where there is none. */
export type LineColumns = { mean: Float64Array; lowest: Float64Array | null; highest: Float64Array | null }

/** What a chart draws: the places that any run has, each line's columns there, and the least and the greatest of all lines. */
export type Bundle = {
  places: Float64Array
  lines: LineColumns[]
  least: (number | null)[]
  greatest: (number | null)[]
}

/**
 * The columns of these lines at the places that any of their runs has. A run counts between its first and its last place, on the
 * straight line between the two that are next to it. A run that has these very places keeps its column as it is.
 */
export function bundleOf(lines: readonly Line[], read: readonly RunLine[], look: LineLook): Bundle {
  const byRun = new Map(read.map((line) => [line.runId, lineAs(line, look)]))
  const places = allPlaces([...byRun.values()].map((line) => line.places))
  const columns = lines.map(({ runs }) =>
    together(
      runs.flatMap(({ id }) => {
        const line = byRun.get(id)
        return line === undefined ? [] : [valuesAt(places, line)]
      }),
      places.length,
    ),
  )
  const [least, greatest] = extremes(columns, places.length)
  return { places, lines: columns, least, greatest }
}

function allPlaces(columns: readonly Float64Array[]): Float64Array {
  const distinct: Float64Array[] = []
  for (const column of columns) if (!distinct.some((other) => isSame(other, column))) distinct.push(column)
  if (distinct.length <= 1) return distinct[0] ?? new Float64Array(0)
  return Float64Array.from(new Set(distinct.flatMap((column) => [...column]))).sort()
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** A run's value at each of the places, which hold its own; NaN outside of it, and beside what is no number. */
function valuesAt(places: Float64Array, line: RunLine): Float64Array {
  if (isSame(places, line.places)) return line.values
  const own = line.places
  let next = 0
  return places.map((place) => {
    while (next < own.length && own[next]! < place) next++
    if (next === own.length) return NaN
    const after = line.values[next]!
    if (own[next] === place) return after
    if (next === 0) return NaN
    const [from, to, before] = [own[next - 1]!, own[next]!, line.values[next - 1]!]
    return before + ((after - before) * (place - from)) / (to - from)
  })
}

function together(members: readonly Float64Array[], length: number): LineColumns {
  if (members.length === 1) return { mean: members[0]!, lowest: null, highest: null }
  const column = () => new Float64Array(length).fill(NaN)
  const [mean, lowest, highest] = [column(), column(), column()]
  for (let at = 0; at < length; at++) {
    let [count, sum, least, most] = [0, 0, Infinity, -Infinity]
    for (const values of members) {
      const value = values[at]!
      if (Number.isNaN(value)) continue
      count += 1
      sum += value
      if (value < least) least = value
      if (value > most) most = value
    }
    if (count > 0) mean[at] = sum / count
    if (count > 1) [lowest[at], highest[at]] = [least, most]
  }
  return { mean, lowest, highest }
}

/** The least and the greatest of all lines at each place; null where no line is. */
function extremes(lines: readonly LineColumns[], length: number): [(number | null)[], (number | null)[]] {
  const [least, greatest] = [new Float64Array(length).fill(Infinity), new Float64Array(length).fill(-Infinity)]
  for (const { mean, lowest, highest } of lines) {
    for (const column of [mean, lowest, highest]) {
      if (column === null) continue
      for (let at = 0; at < length; at++) {
        if (column[at]! < least[at]!) least[at] = column[at]!
        if (column[at]! > greatest[at]!) greatest[at] = column[at]!
      }
    }
  }
  const orNull = (column: Float64Array) => Array.from(column, (value) => (Number.isFinite(value) ? value : null))
  return [orNull(least), orNull(greatest)]
}
