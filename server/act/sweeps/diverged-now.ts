import { isLoss, isSuspicious, valuesLookedAt, whyDiverged } from '../../../domain/stopping/diverged.ts'
import type { Context } from '../../base/context.ts'

/** Which of the runs have diverged, each with the rest of a sentence. The curve is read only of those whose newest value looks like it. */
export function divergedNow({ series }: Context, runIds: number[]): { runId: number; reason: string }[] {
  if (runIds.length === 0) return []
  const found = new Map<number, string>()
  const losses = series.namesOf(runIds).filter(isLoss)
  if (losses.length === 0) return []
  for (const newest of series.last(runIds, losses)) {
    if (found.has(newest.runId) || !isSuspicious(newest)) continue
    const first: number[] = []
    let last: number[] = []
    for (const { value } of series.values(newest.runId, newest.metric)) {
      if (first.length < valuesLookedAt) first.push(value)
      last.push(value)
      if (last.length >= 1000) last = last.slice(-valuesLookedAt)
    }
    const reason = whyDiverged(newest.metric, first, last.slice(-valuesLookedAt))
    if (reason !== null) found.set(newest.runId, reason)
  }
  return Array.from(found, ([runId, reason]) => ({ runId, reason }))
}
