/**
 * Rewards are data: what a right, a wrong and an unparseable response is worth, and bonuses for length and language.
 * `basic` and `quality` are the published study's; any other mix is written out in the config. Each part is reported on
 * its own, and the reward is their sum.
 */
import type { RewardRules } from '../../contract/trainer-settings.ts'
import { lastBoxed } from '../grading/boxed.ts'
import { sameAnswer } from '../grading/same-answer.ts'

/** A run of 5 or more characters that stands 5 or more times in a row. */
export function hasRepetition(response: string): boolean {
  const characters = [...response]
  for (let period = 5; period * 5 <= characters.length; period++) {
    // the run repeats where characters equal those one period earlier, for four periods on end
    let equal = 0
    for (let i = period; i < characters.length; i++) {
      equal = characters[i] === characters[i - period] ? equal + 1 : 0
      if (equal >= period * 4) return true
    }
  }
  return false
}

/** Whether a response has both a Latin letter and a Chinese character (U+4E00 to U+9FFF). */
export function mixesLanguages(response: string): boolean {
  return /\p{Script=Latin}/u.test(response) && /[\u4e00-\u9fff]/.test(response)
}

export type Outcome = 'correct' | 'wrong' | 'unparseable'
export type Reward = { total: number; outcome: Outcome; parts: Record<string, number> }

/** The reward of a response of so many tokens to a question with this answer; `finished`: it reached its end of text. */
export function rewardOf(
  rules: RewardRules,
  response: { text: string; tokens: number; finished: boolean },
  answer: string,
): Reward {
  const given = lastBoxed(response.text)
  const parseable = given !== null && (response.finished || !rules.cut_off_is_unparseable)
  const outcome: Outcome = !parseable ? 'unparseable' : sameAnswer(given, answer) ? 'correct' : 'wrong'
  const parts: Record<string, number> = { [outcome === 'unparseable' ? 'unparseable' : 'correct']: rules[outcome] }
  if (rules.length !== undefined) {
    const { maximum, threshold, scale } = rules.length
    const beyond = response.tokens - threshold
    parts.length = beyond < 0 || hasRepetition(response.text) ? 0 : maximum * (1 - Math.exp(-beyond / scale))
  }
  if (rules.language !== undefined) parts.language = mixesLanguages(response.text) ? 0 : rules.language.bonus
  return { total: Object.values(parts).reduce((sum, part) => sum + part, 0), outcome, parts }
}
