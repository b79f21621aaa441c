import { type PointStatus, pointStatuses } from '../../domain/life/run-status.ts'
import type { CellsView } from '../../contract/api/sweeps.ts'

export type CellState = { status: PointStatus; score: number | null; progress: number | null }

/** The cells of an answer one by one. */
export function cellsOf({ states, scores, progress }: CellsView): CellState[] {
  const shares = new Map(progress)
  return scores.map((score, at) => ({
    status: pointStatuses[Number(states[at])]!,
    score,
    progress: shares.get(at) ?? null,
  }))
}
