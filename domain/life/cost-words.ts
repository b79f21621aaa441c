/** What a sweep will take before it is started, each figure with how sure it is: the same words on the page and in a terminal. */
import { formatCount, formatDuration, plural } from '../words.ts'
import type { Within } from './how-sure.ts'
import { aboutHours, hoursText, type SlotHoursLeft } from './slot-hours.ts'

export type Cost = {
  /** Of the whole plan; a search has no more points than that. */
  trainings: number
  points: number
  /** What is left to do of it beside what earlier sweeps did; null while something stands against starting. */
  work: { trainings: number; evaluations: number } | null
  /** Of one evaluation, where the sweep says how many each benchmark has, or its trainer knows; null: nobody says. */
  questionsEach: number | null
  slotUnit: string
  slotHours: SlotHoursLeft | null
  slotHoursWithin: Within | null
  /** Until all of it has ended, if it began now and had the machine; null: not known, or a cluster's to say. */
  seconds: number | null
  secondsWithin: Within | null
  /** Earlier trainings with the same trainer that figures rest on. */
  fromRuns: number
  /** Whether a cluster runs it. */
  isAway: boolean
}

/** A figure, and in a few words what it rests on. */
export type CostLine = { name: string; text: string; sure: string }

/** The lines, from what is certain to what is estimated. `clock`: writes the time of day so many seconds from now. */
export function costLines(cost: Cost, clock: (seconds: number) => string): CostLine[] {
  const { work, questionsEach, slotHours, seconds, secondsWithin, slotUnit } = cost
  const left = (count: number, all: number) =>
    count === all ? formatCount(all) : `${formatCount(count)} of ${formatCount(all)}`
  const reuse = work !== null && work.trainings < cost.trainings ? 'the others are there, or under way' : 'by the plan'
  const evaluations = work?.evaluations ?? cost.points
  const lines: CostLine[] = [
    { name: 'Trainings', text: left(work?.trainings ?? cost.trainings, cost.trainings), sure: reuse },
    { name: 'Evaluations', text: left(evaluations, cost.points), sure: 'one for each point' },
  ]
  // of nothing there is nothing to tell
  if (work?.trainings === 0 && evaluations === 0) return lines
  lines.push(
    questionsEach === null
      ? { name: 'Questions', text: 'not known', sure: 'not every benchmark’s number of questions is given' }
      : {
          name: 'Questions',
          text: `${formatCount(evaluations)} × ${formatCount(questionsEach)} = ${formatCount(evaluations * questionsEach)}`,
          sure: 'by the benchmarks’ numbers of questions',
        },
  )
  const unknown = 'known after the first training with this trainer'
  if (slotHours === null) lines.push({ name: `${slotUnit} hours`, text: 'not known', sure: unknown })
  else {
    const hours = slotHours.training + (slotHours.evaluation ?? 0)
    const more = slotHours.evaluation === null ? ', and what evaluations take' : ''
    lines.push({
      name: `${slotUnit} hours`,
      text: `${aboutHours(hours)}${rangeText(cost.slotHoursWithin, hoursText)}${more}`,
      sure: sureText(cost, cost.slotHoursWithin),
    })
  }
  if (cost.isAway)
    lines.push({ name: 'Ends', text: 'as the cluster has room', sure: 'how long it lets jobs wait nobody knows' })
  else if (seconds === null) lines.push({ name: 'Ends', text: 'not known', sure: unknown })
  else
    lines.push({
      name: 'Ends',
      text: `in about ${formatDuration(seconds)}, at ${clock(seconds)}${rangeText(secondsWithin, (value) => clock(value))}`,
      sure: `if it starts now and has the machine; ${sureText(cost, secondsWithin)}`,
    })
  return lines
}

function rangeText(within: Within | null, text: (value: number) => string): string {
  if (within === null || text(within.low) === text(within.high)) return ''
  return ` (${text(within.low)} to ${text(within.high)})`
}

function sureText({ fromRuns }: Cost, within: Within | null): string {
  const from = `from ${plural(fromRuns, 'earlier run')} with this trainer`
  return within === null
    ? `${from}, too few to say how sure`
    : `${from}, within this in 95 of 100 as far as those differ`
}
