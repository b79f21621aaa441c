/** Which checkpoints of a run may go: a pure rule. What is deleted, and only after it was said, is the server's business. */

/** How many stay of each run, by step and by worth; what is picked or used stays whatever these say. */
export type KeepRule = { last: number; best: number }

export type KeepCandidate = {
  id: number
  runId: number
  /** null where nobody said it: such a checkpoint stands where it was found last. */
  step: number | null
  /** The higher the better: its score, or what stands in its place. */
  worth: number | null
  picked: boolean
  /** A run started from it. */
  used: boolean
  /** Its run has not ended and may go on from it, or an evaluation of it has not ended. */
  needed: boolean
}

/** Why a checkpoint stays; the first that holds, the strongest first. */
export type KeepReason = 'picked' | 'used' | 'needed' | 'best' | 'last'

/** For each checkpoint why it stays, or null where the rule lets it go; counted run by run. */
export function applyKeepRule(checkpoints: readonly KeepCandidate[], rule: KeepRule): Map<number, KeepReason | null> {
  const reasons = new Map<number, KeepReason | null>()
  for (const run of Map.groupBy(checkpoints, ({ runId }) => runId).values()) {
    const byStep = run.toSorted((a, b) => (b.step ?? Infinity) - (a.step ?? Infinity) || b.id - a.id)
    const scored = run.filter(({ worth }) => worth !== null)
    // of equal ones the later stays: it is the one that a run would go on from
    const byWorth = scored.toSorted((a, b) => b.worth! - a.worth! || (b.step ?? Infinity) - (a.step ?? Infinity))
    const last = new Set(byStep.slice(0, rule.last).map(({ id }) => id))
    const best = new Set(byWorth.slice(0, rule.best).map(({ id }) => id))
    for (const { id, picked, used, needed } of run) {
      const reason = picked
        ? 'picked'
        : used
          ? 'used'
          : needed
            ? 'needed'
            : best.has(id)
              ? 'best'
              : last.has(id)
                ? 'last'
                : null
      reasons.set(id, reason)
    }
  }
  return reasons
}
