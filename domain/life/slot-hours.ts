/** Slot hours: GPU hours where slots are GPUs. What jobs held, for how long; and what is still to come, from what finished ones took. */
import { remainingOf, type WorkLeft } from './time-left.ts'

/** Hours of slots that a job of so many held for so long. */
export function slotHours(milliseconds: number, slots: number): number {
  return (milliseconds * slots) / 3_600_000
}

/** `evaluation` null: evaluations are to come, and none was measured yet. */
export type SlotHoursLeft = { training: number; evaluation: number | null }

/**
 * The slot hours that work still takes, or null until it is known, by the rules of the time left: trainings need one that finished, or a
 * live one that reports its progress, to be measured by. It is the same however many run at a time, and wherever.
 */
export function estimateSlotHours(work: Omit<WorkLeft, 'slots' | 'concurrency'>): SlotHoursLeft | null {
  const training = remainingOf('training', work, work.trainingSeconds, work.trainingsWaiting)
  const evaluation = remainingOf('evaluation', work, work.evaluationSeconds, work.evaluationsWaiting)
  if (training === null) return null
  return {
    training: slotHours(training.total * 1000, work.slotsEachTraining),
    evaluation:
      work.slotsEachEvaluation === 0 ? 0 : evaluation && slotHours(evaluation.total * 1000, work.slotsEachEvaluation),
  }
}

/** `about 12`, and `under 0.001` as it stands: of estimates. */
export function aboutHours(hours: number): string {
  const text = hoursText(hours)
  return text.startsWith('under') ? text : `about ${text}`
}

/** `12 GPU hours`, `0.25 GPU hours`: three digits, no more than is known. */
export function hoursText(hours: number): string {
  if (hours > 0 && hours < 0.001) return 'under 0.001'
  const digits = hours >= 100 ? 0 : hours >= 10 ? 1 : hours >= 1 ? 2 : 3
  return hours
    .toFixed(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}
