/**
 * Which waiting jobs start now, and on which slots. A pure function of a snapshot: the scheduler asks it every tick.
 *
 * Policy: evaluations before trainings (they are short and finish points), older sweeps before newer ones, and within a
 * sweep the plan's order. A job that does not fit lets smaller ones pass, but only so often: each start that goes past it
 * is counted, and after `overtakeLimit` of them the free slots are kept for it. So a training of four GPUs is delayed by
 * at most a few evaluations, and no slot idles before that.
 */

import { affords, afterStart, type Budget } from './budget.ts'

export type QueuedJob = {
  id: number
  sweepId: number
  kind: 'training' | 'evaluation'
  slotCount: number
  /** How often others have started while it lacked slots: kept by the caller from `overtaken`. */
  overtakes: number
  /** A cluster runs it: it holds no slot here, and waits for none. */
  away?: boolean
}

export type LiveJob = {
  id: number
  sweepId: number
  kind: 'training' | 'evaluation'
  slots: string[]
  /** A cluster runs it, with so many GPUs. */
  away?: boolean
  slotCount?: number
}

/** What a sweep may take at a time; null: no limit of its own. */
export type SweepLimits = { maxSlots: number | null; concurrency: number | null; budget?: Budget | null }

export type ScheduleSnapshot = {
  /** Waiting jobs of running sweeps: older sweeps first, in each the plan's order. */
  queue: QueuedJob[]
  live: LiveJob[]
  limits: ReadonlyMap<number, SweepLimits>
  /** Slots that are not given out now, because somebody else uses them: they may come back. */
  withheld?: ReadonlySet<string>
  /** How many more jobs may be handed to a cluster now. */
  mostAway?: number
}

export type Actions = {
  start: { jobId: number; slots: string[] }[]
  /** Jobs that lack slots which are free together, in their order. */
  short: number[]
  /** Jobs that lacked slots while others started, and how many others. */
  overtaken: { jobId: number; by: number }[]
  /** Jobs that need more slots than there are at all: they can never start here. */
  impossible: number[]
  /** Jobs that their sweep's budget does not allow now. */
  unaffordable: number[]
}

/** Jobs that hold no slot at a time, on one machine: they share its processors with all others. */
const mostWithoutSlot = 8

/**
 * The jobs to start now. `capacity` lists the ids of all slots; those of live jobs are taken.
 * Each start gets the free slots of lowest place in `capacity`.
 */
export function nextActions(snapshot: ScheduleSnapshot, capacity: readonly string[]): Actions {
  const actions: Actions = { start: [], short: [], overtaken: [], impossible: [], unaffordable: [] }
  const taken = new Set(snapshot.live.flatMap((job) => job.slots))
  const free = capacity.filter((slot) => !taken.has(slot) && !snapshot.withheld?.has(slot))
  let withoutSlot = snapshot.live.filter((job) => !job.away && job.slots.length === 0).length
  const usage = sweepUsage(snapshot.live)
  const budgets = new Map([...snapshot.limits].map(([id, { budget }]) => [id, budget ?? null]))
  const pay = (job: QueuedJob) => {
    const budget = budgets.get(job.sweepId)
    if (budget) budgets.set(job.sweepId, afterStart(budget, job))
  }
  const overtakeLimit = Math.max(2, capacity.length)
  const short: QueuedJob[] = []
  let holding = false
  let awayLeft = snapshot.mostAway ?? 0

  for (const job of inOrder(snapshot.queue, overtakeLimit)) {
    const budget = budgets.get(job.sweepId)
    if (budget && !affords(budget, job)) {
      actions.unaffordable.push(job.id)
      continue
    }
    if (job.away) {
      if (awayLeft === 0 || !sweepAllows(job, usage, snapshot.limits.get(job.sweepId))) continue
      awayLeft--
      actions.start.push({ jobId: job.id, slots: [] })
      addUsage(usage, job.sweepId, job.kind, job.slotCount)
      pay(job)
      continue
    }
    if (job.slotCount > capacity.length) {
      actions.impossible.push(job.id)
      continue
    }
    if (!sweepAllows(job, usage, snapshot.limits.get(job.sweepId))) continue
    if (job.slotCount === 0) {
      // takes nothing from anybody: it neither waits for slots nor overtakes
      if (withoutSlot >= mostWithoutSlot) continue
      withoutSlot++
      actions.start.push({ jobId: job.id, slots: [] })
      continue
    }
    if (holding || job.slotCount > free.length) {
      short.push(job)
      if (job.overtakes >= overtakeLimit) holding = true
      continue
    }
    actions.start.push({ jobId: job.id, slots: free.splice(0, job.slotCount) })
    addUsage(usage, job.sweepId, job.kind, job.slotCount)
    pay(job)
  }
  actions.short = short.map(({ id }) => id)
  const passed = actions.start.filter(({ slots }) => slots.length > 0).length
  if (passed > 0) actions.overtaken = short.map((job) => ({ jobId: job.id, by: passed }))
  return actions
}

/** Jobs that were passed too often come first, then evaluations, then trainings; otherwise as given. */
function inOrder(queue: QueuedJob[], overtakeLimit: number): QueuedJob[] {
  const rank = (job: QueuedJob) => (job.overtakes >= overtakeLimit ? 0 : job.kind === 'evaluation' ? 1 : 2)
  return queue.toSorted((left, right) => rank(left) - rank(right))
}

type Usage = Map<number, { slots: number; trainings: number }>

function sweepUsage(live: LiveJob[]): Usage {
  const usage: Usage = new Map()
  for (const job of live) addUsage(usage, job.sweepId, job.kind, job.away ? (job.slotCount ?? 0) : job.slots.length)
  return usage
}

function addUsage(usage: Usage, sweepId: number, kind: LiveJob['kind'], slots: number): void {
  const entry = usage.get(sweepId) ?? { slots: 0, trainings: 0 }
  usage.set(sweepId, { slots: entry.slots + slots, trainings: entry.trainings + (kind === 'training' ? 1 : 0) })
}

function sweepAllows(job: QueuedJob, usage: Usage, limits: SweepLimits | undefined): boolean {
  const used = usage.get(job.sweepId) ?? { slots: 0, trainings: 0 }
  if (limits?.maxSlots != null && used.slots + job.slotCount > limits.maxSlots) return false
  return !(job.kind === 'training' && limits?.concurrency != null && used.trainings >= limits.concurrency)
}
