/** `budget.gpu_hours`: what a sweep may still start, and when what runs has to leave. Hours are of slots (domain/life/slot-hours.ts). */
import { aboutHours, hoursText, slotHours } from './slot-hours.ts'

export type Budget = {
  /** What is not spent, after what live jobs are expected to take yet. */
  hoursLeft: number
  /** What of it evaluations of trainings that began, or are done, will take: no further training may. */
  reserved: number
  /** What one job is expected to take, with all of its slots; 0 where nothing tells. */
  each: { training: number; evaluation: number }
  /** Evaluations that a training brings with it. */
  evaluationsEachTraining: number
}

type Wanted = { kind: 'training' | 'evaluation'; slotCount: number }

/**
 * Whether a job may start. A training has to leave what the evaluations to come will take, its own too: one that nobody can pay to score
 * is worth nothing. What holds no slot costs nothing. Where nothing tells how long a job takes it may start while anything is left.
 */
export function affords(budget: Budget, { kind, slotCount }: Wanted): boolean {
  if (slotCount === 0) return true
  const { hoursLeft, reserved, each, evaluationsEachTraining } = budget
  if (hoursLeft <= 0) return false
  if (kind === 'evaluation') return each.evaluation <= hoursLeft
  return each.training + evaluationsEachTraining * each.evaluation <= hoursLeft - reserved
}

/** The budget after the start of a job. */
export function afterStart(budget: Budget, { kind, slotCount }: Wanted): Budget {
  const { hoursLeft, reserved, each, evaluationsEachTraining } = budget
  if (slotCount === 0) return budget
  if (kind === 'evaluation')
    return { ...budget, hoursLeft: hoursLeft - each.evaluation, reserved: Math.max(0, reserved - each.evaluation) }
  return {
    ...budget,
    hoursLeft: hoursLeft - each.training,
    reserved: reserved + evaluationsEachTraining * each.evaluation,
  }
}

/** Of budgets that are small beside what saving takes no more than this share is kept for it. */
const mostForSaving = 0.1

/** Hours of a budget that are kept for saving: so long do so many slots have to leave when they are asked. */
export function keptForSaving(
  gpuHours: number,
  { slots, saveSeconds }: { slots: number; saveSeconds: number },
): number {
  return Math.min(slotHours(saveSeconds * 1000, slots), gpuHours * mostForSaving)
}

/**
 * Whether what runs is to be asked to save and leave now: so early that it has its time to save before the budget is spent.
 * `liveSlots`: how many are held.
 */
export function isSpent(
  gpuHours: number,
  { spentHours, liveSlots, saveSeconds }: { spentHours: number; liveSlots: number; saveSeconds: number },
): boolean {
  return spentHours + keptForSaving(gpuHours, { slots: liveSlots, saveSeconds }) >= gpuHours
}

/** Why a sweep pauses that may start nothing more. `unit`: what a slot is. */
export function exhaustedSentence(
  gpuHours: number,
  spentHours: number,
  next: { kind: Wanted['kind']; hours: number } | null,
): string {
  const spent = `${hoursText(spentHours)} of the ${hoursText(gpuHours)} GPU hours of its budget are spent`
  const why =
    next === null || next.hours === 0
      ? ''
      : `, and ${next.kind === 'training' ? 'a training with its evaluations' : 'an evaluation'} takes ${aboutHours(next.hours)}`
  return `${spent}${why}. Raise the budget to let it go on.`
}
