/** What the figures of a sweep's axes say, in sentences. */
import type { ParameterEffect } from '../../../../domain/stats/parameter-effects.ts'
import type { ParametersView } from '../../../../contract/api/parameters.ts'
import { formatCount, listWords, plural } from '../../../_words/format.ts'

/** A share in a sentence: `61 %`, `below 1 %`; the unit never stands alone on a line. */
export function shareWords(share: number): string {
  if (share < 0.005) return 'below 1\u00a0%'
  if (share > 0.995 && share < 1) return 'above 99\u00a0%'
  return `${Math.round(100 * share)}\u00a0%`
}

/** `about 3 %`, `below 1 %`. */
function aboutWords(share: number): string {
  return share < 0.005 ? shareWords(share) : `about ${shareWords(share)}`
}

/** Characters that there is room for below a picture. */
const mostCharacters = 14

/** A value where room is short: as it was written; if that is too long, a number in three digits behind ≈, a name cut. */
export function shortValue(value: string): string {
  if (value.length <= mostCharacters) return value
  if (!Number.isFinite(Number(value))) return `${value.slice(0, mostCharacters - 1)}…`
  const short = Number(Number(value).toPrecision(3))
  // 0.00000655 is longer than what it stands for
  return `≈ ${String(short).length > 7 ? short.toExponential() : String(short)}`
}

/** As a title: `Score`, or the metric in its place. */
export function measureTitle({ objective }: Pick<ParametersView, 'objective'>): string {
  return objective?.metric ?? 'Score'
}

/** What the points are measured by: `score`, or the metric in its place. */
export function measureName({ objective }: Pick<ParametersView, 'objective'>): string {
  return objective?.metric ?? 'score'
}

/** `learning_rate`, `batch_size × epoch`. */
export function effectName({ axes }: Pick<ParameterEffect, 'axes'>): string {
  return axes.join(' × ')
}

/** Which parameter mattered, in one to three sentences. */
export function answerWords(view: ParametersView): string {
  const { effects, method, noise, scored } = view
  if (scored === 0) return 'No point has a score yet, so nothing can be said about its axes.'
  if (scored === 1) return 'One point has a score. What an axis does shows from the second on.'
  if (view.pending)
    return 'Some combinations have no score, so the shares are found by a forest of trees. That takes a few seconds.'
  if (method === null) return 'No axis has scores at two of its values, so nothing can be said about any of them.'
  const singles = effects.filter((effect) => effect.axes.length === 1)
  const told = effects.filter((effect) => effect.told)
  const [first] = singles
  if (!first) return 'Only seeds vary, and they repeat the same settings.'
  const source = noiseWords(view)
  if (method === 'permutation-importance') return importanceWords(view, singles, told)
  if (noise === 'unknown') {
    return `${effectName(first)} explains the largest share, ${shareWords(first.share)} of the differences between points. How much of that noise alone would give is not known: the points have no intervals.`
  }
  if (singles.length === 1 && effects.length === 1 && view.betweenSeeds === null) {
    const alone = `${effectName(first)} is the only axis with scores at several values`
    return first.told
      ? `${alone}, and they differ by more than noise: ${source} alone would give ${aboutWords(first.noiseShare!)} of these differences.`
      : `${alone}, and they cannot be told from each other: ${source} alone would give ${first.noiseShare! >= 1 ? 'as much' : `${aboutWords(first.noiseShare!)} of these differences`}.`
  }
  if (told.length === 0) {
    return `No axis can be told from noise: ${effectName(first)} explains most, ${shareWords(first.share)} of the differences between points, and ${source} alone would give it ${aboutWords(first.noiseShare!)}.`
  }
  const [strongest, ...weaker] = told.toSorted((a, b) => b.share - a.share)
  // of many points the least effect can be told from noise; it need not be told of
  const others = weaker.filter((effect) => effect.share >= 0.005)
  const sentences = [
    strongest!.axes.length === 1
      ? `${effectName(strongest!)} explains ${shareWords(strongest!.share)} of the differences between points; ${source} alone would give ${aboutWords(strongest!.noiseShare!)}.`
      : `${listWords(strongest!.axes)} act together: what they do only in combination explains ${shareWords(strongest!.share)} of the differences between points; ${source} alone would give ${aboutWords(strongest!.noiseShare!)}.`,
  ]
  if (others.length > 0) {
    sentences.push(
      `${others.length > 3 ? 'Next' : 'Then'}: ${listWords(others.slice(0, 3).map((effect) => `${effectName(effect)} ${shareWords(effect.share)}`))}.`,
    )
  }
  return [...sentences, ...untoldWords(view, singles)].join(' ')
}

function importanceWords(view: ParametersView, singles: ParameterEffect[], told: ParameterEffect[]): string {
  const [first] = singles
  if (told.length === 0) {
    return `No axis can be told from luck: ${effectName(first!)} seems to matter most, with ${shareWords(first!.share)} of the differences between points, and luck reaches ${shareWords(first!.noiseShare!)} in one case of twenty.`
  }
  const [strongest, ...others] = singles.filter((effect) => effect.told)
  const pairs = told.filter((effect) => effect.axes.length === 2)
  const sentences: string[] = []
  if (strongest) {
    sentences.push(
      `${effectName(strongest)} matters most: it accounts for ${shareWords(strongest.share)} of the differences between points, where luck reaches ${shareWords(strongest.noiseShare!)} in one case of twenty.`,
    )
  }
  const next = [...others, ...pairs].slice(0, 3)
  if (next.length > 0) {
    sentences.push(`Then: ${listWords(next.map((effect) => `${effectName(effect)} ${shareWords(effect.share)}`))}.`)
  }
  return [...sentences, ...untoldWords(view, singles)].join(' ')
}

function untoldWords({ noise }: ParametersView, singles: ParameterEffect[]): string[] {
  const untold = singles.filter((effect) => effect.told === false).map(effectName)
  if (untold.length === 0) return []
  const names = untold.length > 4 ? `${formatCount(untold.length)} other axes` : listWords(untold)
  return [`${names} cannot be told from ${noise === 'luck' ? 'luck' : 'noise'}.`]
}

/** What effects are compared with, as the subject of a sentence. */
function noiseWords({ noise }: ParametersView): string {
  return noise === 'seeds' ? 'differences between seeds' : 'the questions’ noise'
}

/** Which method was used, why, and what it does not know. */
export function methodWords(view: ParametersView): string[] {
  const { method, noise, scored, withNoise, expected, sampled, seedAxis, predicted, points } = view
  if (method === null) return []
  const words: string[] = []
  if (method === 'analysis-of-variance') {
    words.push(
      `Analysis of variance: all ${plural(scored, 'combination')} of the values ${scored < points ? 'scored so far have' : 'have'} a score${view.effects.length > 1 ? ', so shares of axes and pairs add up exactly' : ''}.`,
    )
  } else {
    words.push(
      `Permutation importance: ${formatCount(expected - scored)} of ${plural(expected, 'combination')} of the values have no score, so an analysis of variance has no exact answer. A forest of regression trees foretells points it has not seen${predicted !== null && predicted > 0 ? ` (${shareWords(predicted)} of their differences)` : ''}; an axis’ share is what it loses when that axis’ values are shuffled, interactions included.`,
    )
    if (sampled !== null && sampled < scored)
      words.push(`It was grown on ${formatCount(sampled)} points drawn from the ${formatCount(scored)}.`)
    words.push(
      'Luck is what the same forest finds in scores shuffled among the points; where values are missing together, axes may pass their shares to each other.',
    )
  }
  if (noise === 'questions') {
    words.push(
      'Noise is what the number of questions leaves open in each score. What another seed would change in the training is not in it; an axis of seeds would show that.',
    )
    if (withNoise < scored)
      words.push(
        `It is known for ${plural(withNoise, 'point')} of ${formatCount(scored)} and taken to be alike for the others: they answer the same questions.`,
      )
  } else if (noise === 'seeds') {
    words.push(
      `Noise is what differs between values of ${seedAxis} at the same settings: training and questions together.`,
    )
  } else if (noise === 'unknown') {
    words.push('Nothing is said to be told from noise, as the number of questions behind the scores is not known.')
  }
  return words
}
