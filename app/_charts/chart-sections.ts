/** The charts of a board: those that stand first, and sections of the others by the folder that begins their names. */

export type ChartSection = { name: string; metrics: string[] }
export type ChartOrder = {
  /** Pinned ones in the order they were pinned, then as many as are shown at first. */
  first: string[]
  /** The others by what stands before the first `/` of their names, the largest first; none where all have the same. */
  sections: ChartSection[]
  /** Those that stand in no section. */
  rest: string[]
}

/** The section of metrics without a `/` in their names. */
export const unnamedSection = 'others'

/** Where the chart of each metric stands. `shown`: how many stand first, beside those that are pinned. */
export function chartOrder(metrics: readonly string[], pinned: readonly string[], shown: number): ChartOrder {
  const known = new Set(metrics)
  const fixed = [...new Set(pinned)].filter((metric) => known.has(metric))
  const others = metrics.filter((metric) => !fixed.includes(metric))
  const [first, rest] = [[...fixed, ...others.slice(0, shown)], others.slice(shown)]
  const groups = Map.groupBy(rest, sectionOf)
  if (groups.size < 2) return { first, sections: [], rest }
  const sections = [...groups].map(([name, ofGroup]) => ({ name, metrics: ofGroup }))
  return { first, sections: sections.toSorted((a, b) => b.metrics.length - a.metrics.length), rest: [] }
}

function sectionOf(metric: string): string {
  const end = metric.indexOf('/')
  return end <= 0 ? unnamedSection : metric.slice(0, end)
}
