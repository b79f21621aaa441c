/** One metric of each of many runs, as it was read and as it is drawn. */
import type { BundleView } from '../../contract/api/runs.ts'
import { openDoubles } from '../../contract/doubles.ts'
import { smooth } from './curve-data.ts'

/** Places, rising, and the value at each; NaN where there is none. */
export type RunLine = { runId: number; places: Float64Array; values: Float64Array }

/** What has been read of a chart's runs. */
export type RunLines = { version: string; lines: readonly RunLine[] }

/** With what was read since: the lines of runs that it does not tell of stay the very same. */
export function withNews(before: RunLines | undefined, { version, runIds, places, lines }: BundleView): RunLines {
  const columns = places.map(openDoubles)
  const told = new Set(runIds)
  const kept = before?.lines.filter(({ runId }) => !told.has(runId)) ?? []
  const news = lines.map((line) => ({
    runId: line.runId,
    places: columns[line.places]!,
    values: openDoubles(line.values),
  }))
  if (before !== undefined && news.length === 0 && kept.length === before.lines.length) return { ...before, version }
  return { version, lines: [...kept, ...news] }
}

/** How lines are drawn. */
export type LineLook = { window: number; logarithmicX: boolean; logarithmicY: boolean }

const looked = new WeakMap<RunLine, { look: LineLook; line: RunLine }>()

/** The line as it is drawn: smoothed, and on a logarithmic axis without what has no place there. A line that did not change is not looked at again. */
export function lineAs(line: RunLine, look: LineLook): RunLine {
  const { window, logarithmicX, logarithmicY } = look
  if (window === 0 && !logarithmicX && !logarithmicY) return line
  const known = looked.get(line)
  if (
    known?.look.window === window &&
    known.look.logarithmicX === logarithmicX &&
    known.look.logarithmicY === logarithmicY
  )
    return known.line
  let { places, values } = line
  if (logarithmicX) {
    const from = places.findIndex((place) => place > 0)
    const cut = (column: Float64Array) => (from === -1 ? column.subarray(0, 0) : column.subarray(from))
    ;[places, values] = [cut(places), cut(values)]
  }
  if (logarithmicY) values = values.map((value) => (value > 0 ? value : NaN))
  if (window > 0) values = Float64Array.from(smooth(places, values, window), (value) => value ?? NaN)
  const drawn = { runId: line.runId, places, values }
  looked.set(line, { look, line: drawn })
  return drawn
}
