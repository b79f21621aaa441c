import type { ListedPoint } from '../../../../contract/api/points.ts'
import type { BundledRun } from '../../../_charts/line-bundle.ts'

export type ShownRun = BundledRun & { score: number | null; status: ListedPoint['status'] }

/** The runs of these points, each once, in the order of its first point. `milestone`: the axis that is no setting of a run. */
export function shownRuns(points: readonly ListedPoint[], milestone: string | null): ShownRun[] {
  const runs = new Map<number, ShownRun>()
  for (const { runId, runNumber, params, score, status } of points) {
    if (runs.has(runId)) continue
    const own = Object.fromEntries(Object.entries(params).filter(([name]) => name !== milestone))
    runs.set(runId, { id: runId, number: runNumber, params: own, score, status })
  }
  return [...runs.values()]
}
