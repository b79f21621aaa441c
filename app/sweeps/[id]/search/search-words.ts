import { isBetter } from '../../../../domain/stopping/method.ts'
import type { Goal } from '../../../../domain/sweep/stop-early.ts'
import type { Proposal } from '../../../../domain/search/method.ts'
import type { SearchedTraining, SearchView } from '../../../../contract/api/search.ts'
import { formatCount, formatDuration, formatScore, plural } from '../../../_words/format.ts'

/** The page's answer: how far the search is, and what it found. */
export function searchWords(view: SearchView): string {
  const { trainings, planned, method, seed } = view
  const best = bestTraining(trainings, view.goal)
  const hours = trainings.flatMap(({ slotHours }) => slotHours ?? [])
  const started = `${method}, seed ${seed}: ${formatCount(trainings.length)} of ${plural(planned, 'training')} proposed`
  const cost = hours.length > 0 ? `, ${hoursWords(hours.reduce((sum, one) => sum + one, 0))} of slots so far` : ''
  const found =
    best === null ? 'No training has a value yet.' : `The best is run ${best.number}: ${formatScore(best.value)}.`
  return [`${started}${cost}.`, found, view.rest ?? ''].filter(Boolean).join(' ')
}

export function bestTraining(trainings: readonly SearchedTraining[], goal: Goal): SearchedTraining | null {
  return trainings.reduce<SearchedTraining | null>(
    (best, one) => (one.value !== null && (best === null || isBetter(goal, one.value, best.value!)) ? one : best),
    null,
  )
}

export function hoursWords(hours: number): string {
  return formatDuration(hours * 3600)
}

/** Why a training was proposed. */
export function reasonWords(proposal: Proposal | null): string {
  if (proposal === null) return 'not known'
  const { by, expected, ratio, best } = proposal
  if (by === 'person') return 'a person wanted it'
  if (by === 'random') return 'at random'
  if (by === 'start') return 'one of the first, spread over the space'
  if (expected)
    return `expected ${formatScore(expected.mean)} ± ${formatScore(expected.deviation)}: ${expected.improvement.toPrecision(2)} to gain${best ? ` over ${formatScore(best.value)}` : ''}`
  return ratio === undefined ? by : `values ${ratio.toPrecision(2)} times as dense among the best as among the others`
}

/** What it came to. */
export function outcomeWords({ value, isPending, hasFailed, status }: SearchedTraining): string {
  if (value !== null) return `${formatScore(value)}${isPending ? ' so far' : ''}`
  return hasFailed ? 'failed' : isPending ? (status === 'waiting' ? 'waits' : 'under way') : status
}
