/** Rules that pick a checkpoint of a finished sweep, to go on from. */

export const pickRules = ['best', 'earliest-of-best', 'last'] as const
/**
 * `best`: the highest score. `earliest-of-best`: of the best and those that cannot be told from it, the earliest.
 * `last`: the last one.
 */
export type PickRule = (typeof pickRules)[number]

/** What a rule looks at; `at` orders the checkpoints of the sweep's runs in time (a step or an epoch). */
export type Candidate = { at: number; score: number; tiedWithBest: boolean }

/**
 * The candidate that the rule picks, and why, as the rest of a sentence that begins with it. Of equal ones the earlier, then
 * the one of the higher score, then the first given. There must be at least one.
 */
export function pickByRule<One extends Candidate>(
  rule: PickRule,
  candidates: readonly One[],
): { picked: One; reason: string } {
  const best = candidates.reduce((high, one) =>
    one.score > high.score || (one.score === high.score && one.at < high.at) ? one : high,
  )
  const count = `${candidates.length} checkpoint${candidates.length === 1 ? '' : 's'}`
  const highest = `the highest score (${best.score.toFixed(3)}) of ${count}`
  if (rule === 'best') return { picked: best, reason: highest }
  if (rule === 'last') {
    const picked = candidates.reduce((late, one) =>
      one.at > late.at || (one.at === late.at && one.score > late.score) ? one : late,
    )
    return { picked, reason: `the last of ${count}` }
  }
  const among = candidates.filter((one) => one === best || one.tiedWithBest)
  const picked = among.reduce((early, one) =>
    one.at < early.at || (one.at === early.at && one.score > early.score) ? one : early,
  )
  if (picked === best) return { picked, reason: `${highest}, and no earlier one has a score within its noise` }
  const reason = `the earliest of ${among.length} that cannot be told from the highest score (${best.score.toFixed(3)})`
  return { picked, reason }
}
