/** Many runs' curves in one chart: which lines there are, their colours, and the columns that they are drawn from. */
import type { SeriesView } from '../../contract/api/runs.ts'
import { columnsOf } from './curve-data.ts'
import { heatColor } from './heat-scale.ts'

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

/** Columns of a line in a chart's data: the lowest and the highest of its runs, and their mean. */
export const columnsPerLine = 3

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

/**
 * The chart's columns: the places that any run has, then for each line the lowest, highest and mean value there (`columnsPerLine`).
 * A run counts between its first and its last place, on the straight line between the two that are next to it. Of a line of one
 * run lowest and highest are null: there is nothing between them.
 */
export function bundleColumns(
  lines: readonly Line[],
  series: readonly SeriesView[],
  look: { window: number; logarithmicX: boolean; logarithmicY: boolean },
): (number | null)[][] {
  const byRun = new Map(
    series.map((one) => {
      const [places, , , mean, smoothed] = columnsOf(one, look.window, { x: look.logarithmicX, y: look.logarithmicY })
      return [one.runId, { places, values: look.window > 0 ? smoothed : mean }]
    }),
  )
  const places = [...new Set(byRun.values().flatMap((run) => run.places))].toSorted((a, b) => a - b)
  const columns = lines.map(({ runs }) => {
    const members = runs.flatMap(({ id }) => {
      const run = byRun.get(id)
      return run === undefined ? [] : [valuesAt(places, run)]
    })
    return together(members, places.length)
  })
  return [places, ...columns.flat()]
}

/** A run's value at each of the places, which hold its own; null outside of it, and beside what is no number. */
function valuesAt(
  places: readonly number[],
  run: { places: readonly number[]; values: readonly (number | null)[] },
): (number | null)[] {
  let next = 0
  return places.map((place) => {
    while (next < run.places.length && run.places[next]! < place) next++
    if (next === run.places.length) return null
    const after = run.values[next]!
    if (run.places[next] === place) return after
    const before = next === 0 ? null : run.values[next - 1]!
    if (before === null || after === null) return null
    const [from, to] = [run.places[next - 1]!, run.places[next]!]
    return before + ((after - before) * (place - from)) / (to - from)
  })
}

function together(members: readonly (readonly (number | null)[])[], length: number): (number | null)[][] {
  const [low, high, mean] = [nothing(length), nothing(length), nothing(length)]
  for (let at = 0; at < length; at++) {
    let [count, sum, least, most] = [0, 0, Infinity, -Infinity]
    for (const values of members) {
      const value = values[at] ?? null
      if (value === null) continue
      count += 1
      sum += value
      if (value < least) least = value
      if (value > most) most = value
    }
    if (count > 0) mean[at] = sum / count
    if (count > 1) [low[at], high[at]] = [least, most]
  }
  return [low, high, mean]
}

const nothing = (length: number) => Array.from({ length }, (): number | null => null)
