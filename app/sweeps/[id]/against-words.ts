import type { AgainstBaselineView } from '../../../contract/api/baselines.ts'
import { formatInterval, formatScore, plural } from '../../_words/format.ts'

/** Whether the best point is better than its baseline when the baseline's own questions count, and what that rests on. */
export function againstWords({ interval, reason, assumed, paired }: AgainstBaselineView): string {
  if (interval === null) return reason === null ? '' : `Whether it beats the baseline cannot be said: ${reason}`
  const [low, high] = interval
  const verdict =
    low > 1 ? 'It is above the baseline' : high < 1 ? 'It is below the baseline' : 'It cannot be told from the baseline'
  const rests = [
    ...(assumed.length > 0
      ? [`the baseline is taken to have answered as many questions of ${listed(assumed)} as the point`]
      : []),
    ...(paired.length > 0 ? [`${listed(paired)} compared question by question`] : []),
  ]
  const basis = rests.length > 0 ? ` Here ${rests.join(', and ')}.` : ''
  return `${verdict}: with the questions that the baseline itself was measured on, its score’s 95 % interval is ${formatInterval(interval)}.${basis} Ranks within the sweep do not depend on that.`
}

/** How far another seed would move a score; of two trainings, by √2 of what one varies. */
export function seedWords({ seeds }: Pick<AgainstBaselineView, 'seeds'>): string {
  if (seeds === null)
    return 'How far another seed would move a score is not known: no setting was trained with two seeds by this trainer.'
  const basis = `from ${plural(seeds.freedom, 'degree')} of freedom over all sweeps with this trainer`
  return `One seed: another could move a score by about ${formatScore(seeds.deviation * Math.SQRT2)}, ${basis}.`
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
