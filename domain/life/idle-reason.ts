/** Why slots of this machine that are free stay free: what a look of the scheduler decided, in one code a slot. */
import type { Actions, ScheduleSnapshot } from './schedule.ts'

export type IdleReason = {
  /**
   * `used`: somebody else uses it. `too-few`: what waits needs more slots together. `limit`: its sweep may take no more at a
   * time. `budget`: its sweep may spend no more. `running`: nothing is left but what
   * runs, and what waits for that. `paused`: all that waits is paused. `nothing`: nothing waits.
   */
  code: 'used' | 'too-few' | 'limit' | 'budget' | 'running' | 'paused' | 'nothing'
  /** The sweep that could not start there; null where none wanted to. */
  sweepId: number | null
  /** Who else uses it, or how many slots the job needs that waits; null where there is no more to say. */
  detail: string | null
}

/**
 * The free slots after a look, each with its reason. `withheld`: slots that somebody else uses, and who. `isPaused`: whether a paused
 * sweep has something left to do.
 */
export function idleReasons(
  snapshot: Pick<ScheduleSnapshot, 'queue' | 'live'>,
  actions: Pick<Actions, 'start' | 'short' | 'unaffordable'>,
  {
    capacity,
    withheld,
    isPaused,
  }: { capacity: readonly string[]; withheld: ReadonlyMap<string, string>; isPaused: () => boolean },
): Map<string, IdleReason> {
  const taken = new Set([...snapshot.live, ...actions.start].flatMap(({ slots }) => slots))
  const free = capacity.filter((slot) => !taken.has(slot))
  if (free.length === 0) return new Map()
  const why = reasonOf(snapshot, actions, isPaused)
  return new Map(
    free.map((slot) => {
      const user = withheld.get(slot)
      return [slot, user === undefined ? why : { code: 'used', sweepId: null, detail: user }]
    }),
  )
}

function reasonOf(
  { queue, live }: Pick<ScheduleSnapshot, 'queue' | 'live'>,
  { start, short, unaffordable }: Pick<Actions, 'start' | 'short' | 'unaffordable'>,
  isPaused: () => boolean,
): IdleReason {
  const started = new Set(start.map(({ jobId }) => jobId))
  const left = queue.filter(({ id, away, slotCount }) => !away && slotCount > 0 && !started.has(id))
  const largest = left.find(({ id }) => id === short[0])
  if (largest) return { code: 'too-few', sweepId: largest.sweepId, detail: String(largest.slotCount) }
  const limited = left.find(({ id }) => !unaffordable.includes(id))
  if (limited) return { code: 'limit', sweepId: limited.sweepId, detail: null }
  if (left.length > 0) return { code: 'budget', sweepId: left[0]!.sweepId, detail: null }
  const code = live.length > 0 || start.length > 0 ? 'running' : isPaused() ? 'paused' : 'nothing'
  return { code, sweepId: null, detail: null }
}
