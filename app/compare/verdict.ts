/** What the figures of a comparison say, in sentences. */
import type { ComparedBenchmark, ComparedPair, ComparedView, CompareView } from '../../contract/api/compare.ts'
import { formatCount, formatScore, listWords } from '../_words/format.ts'

/** Chances below this, after allowing for every look, count as told apart. */
const smallest = 0.05

export type ComparisonVerdict = 'first' | 'second' | 'unknown' | 'equal' | 'cannot tell'

/** A chance in a sentence: `about 9 times in 100`, `about once in 100 times`, `less than once in 10,000 times`. */
export function timesWords(chance: number): string {
  if (chance >= 0.995) return 'always'
  const [times, of] = timesOf(chance)
  if (times === 0) return 'less than once in 10,000 times'
  return times === 1 ? `about once in ${formatCount(of)} times` : `about ${times} times in ${formatCount(of)}`
}

/** A chance in a cell: `9 in 100`, `4 in 10,000`, `<1 in 10,000`. */
export function timesShort(chance: number): string {
  const [times, of] = timesOf(chance)
  return times === 0 ? '<1 in 10,000' : `${times} in ${formatCount(of)}`
}

function timesOf(chance: number): [times: number, of: number] {
  return chance >= 0.0095 ? [Math.round(100 * chance), 100] : [Math.round(10_000 * chance), 10_000]
}

/** A difference with its sign: `+0.014`, `−0.09`. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** Which of a pair is better on the whole: by their questions, else by the interval of the scores' difference. */
export function verdictOf(pair: ComparedPair): ComparisonVerdict {
  if (pair.all) return told(pair.all, pair.all.adjusted)
  if (pair.score) return sideOf(pair.score.interval)
  return 'unknown'
}

/** Which of a pair is better on one benchmark. */
export function verdictOn({ counts, test, difference }: ComparedBenchmark): ComparisonVerdict {
  if (counts && test) return told(counts, test.adjusted)
  return difference ? sideOf(difference) : 'unknown'
}

function told(counts: { onlyFirst: number; onlySecond: number }, chance: number): ComparisonVerdict {
  if (counts.onlyFirst + counts.onlySecond === 0) return 'equal'
  if (chance >= smallest) return 'cannot tell'
  return counts.onlyFirst > counts.onlySecond ? 'first' : 'second'
}

function sideOf([low, high]: [number, number]): ComparisonVerdict {
  if (low > 0) return 'first'
  return high < 0 ? 'second' : 'cannot tell'
}

/** The sentence that a page begins with, and what a reader needs to judge it. */
export function verdictWords(view: CompareView): { head: string; more: string[] } {
  const { compared, pairs } = view
  if (pairs.length === 1) return ofTwo(view, pairs[0]!, compared[0]!, compared[1]!)
  return ofSeveral(view)
}

function ofTwo(view: CompareView, pair: ComparedPair, a: ComparedView, b: ComparedView) {
  const more = [scoreWords(pair, a, b), benchmarkWords(pair, a, b)].filter((text) => text !== '')
  const { all } = pair
  if (!all) return { head: unpairedWords(view, pair, a, b), more }
  const questions = all.both + all.onlyFirst + all.onlySecond + all.neither
  const verdict = verdictOf(pair)
  const missing = pair.benchmarks.filter(({ counts }) => counts === null).map(({ name }) => name)
  if (missing.length > 0)
    more.push(
      `${listWords(missing)}: no answers to pair, so ${missing.length === 1 ? 'it is' : 'these are'} left out of this.`,
    )
  if (verdict === 'equal')
    return {
      head: `These questions cannot tell ${a.letter} from ${b.letter}: of ${formatCount(questions)} questions both have the same ones right.`,
      more,
    }
  const disagreements = all.onlyFirst + all.onlySecond
  const sides = `They disagree on ${formatCount(disagreements)} of ${formatCount(questions)} questions: only ${a.letter} is right on ${formatCount(all.onlyFirst)}, only ${b.letter} on ${formatCount(all.onlySecond)}.`
  const chance = `If the two were equally good, a split at least this uneven would come up ${timesWords(all.chance)}.`
  const head =
    verdict === 'cannot tell'
      ? `These questions cannot tell ${a.letter} from ${b.letter}.`
      : `${verdict === 'first' ? a.letter : b.letter} is better than ${verdict === 'first' ? b.letter : a.letter}.`
  return { head: `${head} ${sides} ${chance}`, more }
}

/** Where there are no answers to pair. */
function unpairedWords({ baseline }: CompareView, pair: ComparedPair, a: ComparedView, b: ComparedView): string {
  if (a.checkpoint === null || b.checkpoint === null) {
    const without = [a, b].filter(({ checkpoint }) => checkpoint === null).map(({ letter }) => letter)
    return `${listWords(without)} ${without.length === 1 ? 'has' : 'have'} no checkpoint, so only settings and curves can be compared.`
  }
  const without = [a, b].filter(({ score }) => score === null).map(({ letter }) => letter)
  if (without.length > 0)
    return `${listWords(without)} ${without.length === 1 ? 'has' : 'have'} no score${baseline === null ? '' : ` against the baseline ${baseline.name}`}, so nobody can say which is better.`
  if (!pair.score)
    return `How sure the difference of ${a.letter} and ${b.letter} is cannot be said: the number of questions is not known for each benchmark.`
  const verdict = verdictOf(pair)
  const head =
    verdict === 'cannot tell'
      ? `These counts cannot tell ${a.letter} from ${b.letter}.`
      : `${verdict === 'first' ? a.letter : b.letter} is better than ${verdict === 'first' ? b.letter : a.letter}.`
  return `${head} There are no answers question by question, only how many are right, which tells less apart.`
}

function scoreWords(pair: ComparedPair, a: ComparedView, b: ComparedView): string {
  if (a.score === null || b.score === null) return ''
  const difference = a.score - b.score
  const [ahead, behind] = difference >= 0 ? [a.letter, b.letter] : [b.letter, a.letter]
  const same = formatScore(a.score) === formatScore(b.score)
  const scores = same
    ? `Both score ${formatScore(a.score)}.`
    : `${ahead} scores ${Math.abs(difference).toFixed(3)} higher than ${behind}.`
  const { all } = pair
  // a mean over benchmarks weighs a question of a small one more
  const against =
    all && !same && (all.onlyFirst - all.onlySecond) * difference < 0
      ? `${behind} answers more questions right, yet ${ahead} scores ${Math.abs(difference).toFixed(3)} higher: the score weighs benchmarks, not questions.`
      : scores
  if (!pair.score) return against
  const [low, high] = pair.score.interval
  const { ahead: chance } = pair.score
  const percent = chance < 0.01 ? 'less than 1 %' : chance > 0.99 ? 'more than 99 %' : `${Math.round(100 * chance)} %`
  return `${against} With other questions the difference would lie between ${signed(low, 2)} and ${signed(high, 2)} (95 %); the chance that ${a.letter} is truly ahead is ${percent}.`
}

/** The benchmarks that tell the two apart. */
function benchmarkWords(pair: ComparedPair, a: ComparedView, b: ComparedView): string {
  if (pair.benchmarks.length < 2) return ''
  const byLetter = [a, b].flatMap(({ letter }, at) => {
    const better = pair.benchmarks.filter((benchmark) => verdictOn(benchmark) === (at === 0 ? 'first' : 'second'))
    if (better.length === 0) return []
    const split = ({ counts }: ComparedBenchmark) => {
      const sides = counts ? [counts.onlyFirst, counts.onlySecond].map(formatCount) : []
      return (at === 0 ? sides : sides.toReversed()).join(' against ')
    }
    const [only, ...others] = better
    if (others.length === 0)
      return [`On ${only!.name} alone ${letter} is better${only!.counts ? `, ${split(only!)}` : ''}.`]
    const words = better.map((one) => (one.counts ? `${one.name} (${split(one)})` : one.name))
    return [`Taken one by one, ${letter} is better on ${listWords(words)}.`]
  })
  return byLetter.join(' ')
}

function ofSeveral(view: CompareView) {
  const { compared, pairs } = view
  const a = compared[0]!.letter
  const letters = (wanted: ComparisonVerdict[]) =>
    pairs.filter((pair) => wanted.includes(verdictOf(pair))).map(({ other }) => compared[other]!.letter)
  const sentence = (found: string[], words: (list: string, one: boolean) => string) =>
    found.length === 0 ? [] : [words(listWords(found), found.length === 1)]
  const parts = [
    ...sentence(letters(['second']), (list, one) => `${list} ${one ? 'is' : 'are'} better than ${a}`),
    ...sentence(letters(['first']), (list) => `${a} is better than ${list}`),
    ...sentence(letters(['cannot tell', 'equal']), (list) => `${list} cannot be told from ${a}`),
    ...sentence(letters(['unknown']), (list) => `of ${list} nobody can say`),
  ]
  const text = parts.join('; ')
  const paired = pairs.filter(({ all }) => all !== null).length
  const more =
    paired > 1
      ? [
          `${paired} comparisons with ${a} were made. Among several, one looks sure by luck more easily, so each has to be surer to count (Holm).`,
        ]
      : []
  return { head: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, more }
}
