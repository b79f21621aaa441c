import type { AgainstBaselineView } from '../../../contract/api/baselines.ts'
import { formatInterval } from '../../_words/format.ts'

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

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
