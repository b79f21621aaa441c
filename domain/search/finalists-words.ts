/** What finalists would cost and tell, and what was chosen, in sentences: the same in the form, in a terminal and on a page. */
import { aboutHours } from '../life/slot-hours.ts'
import { plural, scoreText } from '../words.ts'
import type { Finalists } from '../sweep/finalists.ts'
import type { FinalistsDecision, FinalistsWay } from './finalists.ts'

/** What slot hours are called: `GPU hours`, `CPU slot hours`. */
type Unit = string

/** Before anything is spent. `seedDeviation`: how far another seed moves a score, where earlier trainings say it. */
export function expectedOfFinalists(given: {
  finalists: Finalists
  had: number
  hours: FinalistsWay['hours']
  seedDeviation: number | null
  unit: Unit
}): string {
  const { finalists, had, hours, seedDeviation, unit } = given
  const { top, seeds } = finalists
  const most = top * (seeds - had)
  const cost = hours === null ? '' : `, ${aboutHours(hours)} ${unit}`
  const gain =
    seedDeviation === null
      ? `A mean of ${seeds} seeds is ${Math.sqrt(seeds / had).toFixed(1)} times as sure as ${had === 1 ? 'one training' : `one of ${had}`}; how far another seed moves a score is not known yet.`
      : `Another seed moves a score by ${scoreText(seedDeviation)}, a mean of ${seeds} by ${scoreText(seedDeviation / Math.sqrt(seeds))}.`
  return `Finalists: at most ${plural(most, 'training')} and ${plural(most, 'evaluation')} more${cost}, where up to ${top} points cannot be told apart: ${plural(seeds - had, 'further seed')} each, or several samples a question where these tell as much for less. ${gain}`
}

/** What was chosen when all points had ended, and what it was to cost and tell. */
export function choiceOfFinalists(decision: FinalistsDecision, unit: Unit): string {
  const { way, finalists, seeds, samples } = decision
  const points = plural(finalists.length, 'point')
  if (way === 'none') return 'Finalists: the best can be told from every other point, so nothing was trained again.'
  if (way === 'samples' && 'each' in samples)
    return `Finalists: ${points} cannot be told apart. Each is asked ${samples.each} samples a question${costOf(samples, unit)}; other seeds would take ${plural(seeds.jobs, 'training')}${costOf(seeds, unit)}.${gainOf(decision, samples)}`
  const other = 'why' in samples ? `Several samples a question were not chosen: ${samples.why}.` : ''
  const instead =
    'each' in samples ? `${samples.each} samples a question would tell as much${costOf(samples, unit)}.` : other
  return `Finalists: ${points} cannot be told apart. They are trained with other seeds: ${plural(seeds.jobs, 'training')}, ${plural(seeds.evaluations, 'point')}${costOf(seeds, unit)}.${gainOf(decision, seeds)} ${instead}`.trim()
}

function costOf({ hours }: FinalistsWay, unit: Unit): string {
  return hours === null ? '' : `, ${aboutHours(hours)} ${unit}`
}

function gainOf({ way, knows, differenceNow }: FinalistsDecision, { difference }: FinalistsWay): string {
  if (differenceNow === null || difference === null)
    return ' How small a difference that tells is known when they are there.'
  const then = `a difference of ${scoreText(difference)} between two of them can be told then`
  const now = `now one of ${scoreText(differenceNow)}.`
  if (way === 'samples') return ` At best ${then}; ${now}`
  if (knows === 'seeds') return ` ${then.replace(/^a/, 'A')}; ${now}`
  return ` By their questions alone ${then}; ${now} What another seed moves comes on top, and is known when they are there.`
}
