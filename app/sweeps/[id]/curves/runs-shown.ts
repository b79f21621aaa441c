import type { PointRow } from '../../../../contract/api/points.ts'
import { isSeed } from '../../../../domain/sweep/seed-groups.ts'
import type { BundledRun } from '../../../_charts/line-bundle.ts'

/** More lines than this cannot be told apart. */
export const mostRuns = 100

export type ShownRun = BundledRun & { score: number | null; status: PointRow['status'] }

/** The runs of these points, each once, in the order of its first point. `milestone`: the axis that is no setting of a run. */
export function runsOf(points: readonly PointRow[], milestone: string | null): ShownRun[] {
  const runs = new Map<number, ShownRun>()
  for (const { runId, runNumber, params, score, status } of points) {
    if (runs.has(runId)) continue
    const own = Object.fromEntries(Object.entries(params).filter(([name]) => name !== milestone))
    runs.set(runId, { id: runId, number: runNumber, params: own, score, status })
  }
  return [...runs.values()]
}

/** A text that runs share which differ in nothing but their seed; null where no axis is a seed. */
export function seedGrouping(axes: readonly string[]): ((run: BundledRun) => string) | null {
  if (!axes.some(isSeed)) return null
  return ({ params }) => JSON.stringify(Object.entries(params).filter(([name]) => !isSeed(name)))
}
