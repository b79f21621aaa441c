/**
 * An answer is a model's, and whatever it is, comparing it ends. Repeated words are how reinforcement learning degenerates:
 * one pattern that backtracks, and a signal cannot end the evaluation. Times are in `npm run bench -- grading`; a pattern that
 * backtracks would outlast this test's limit many times over.
 */
import { expect, test } from 'vitest'
import { randomStream } from '../rng.ts'
import { lastBoxed } from './boxed.ts'
import { hostileAnswers, randomAnswer } from './hostile-answers.ts'
import { sameAnswer } from './same-answer.ts'

test.each(hostileAnswers().map((answer, at) => [at, `${answer.slice(0, 30)}… (${answer.length})`, answer]))(
  'hostile answer %i, %s, is compared and is not 42',
  (_at, _name, answer) => {
    lastBoxed(answer)
    expect(sameAnswer(answer, '42')).toBe(false)
    expect(sameAnswer('42', answer)).toBe(false)
    // what it is compared with may be as bad
    expect(sameAnswer(answer, answer)).toBe(true)
  },
)

test('10,000 random answers are themselves, and are compared with each other', () => {
  const random = randomStream(1)
  const answers = Array.from({ length: 10_000 }, () => randomAnswer(random))
  for (const [at, answer] of answers.entries()) {
    lastBoxed(`\\boxed{${answer}}`)
    if (answer.trim() !== '') expect(sameAnswer(` ${answer} `, answer), answer).toBe(true)
    sameAnswer(answer, answers[(at * 7919 + 1) % answers.length]!)
  }
})
