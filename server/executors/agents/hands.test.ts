import { expect, test } from 'vitest'
import { openHands } from './hands.ts'

test('an agent that asks waits for something to do; given it, it is busy, and nobody else gets the same', () => {
  const hands = openHands()
  hands.hear('a', { sweepId: 1, isIdle: true, now: 0 })
  hands.hear('b', { sweepId: 1, isIdle: true, now: 0 })
  hands.hear('c', { sweepId: 2, isIdle: true, now: 0 })
  expect(hands.idle(1, 1)).toBe(2)
  hands.give('a', '7.1.0')
  expect([hands.idle(1, 1), hands.count(1, 1)]).toEqual([1, 2])
  expect([hands.isGiven('7.1.0', 'b', 1), hands.isGiven('7.1.0', 'a', 1), hands.isGiven('8.1.0', 'b', 1)]).toEqual([
    true,
    false,
    false,
  ])
})

test('what an agent was given goes to others once it asks for more, or is not heard any more', () => {
  const hands = openHands()
  for (const agent of ['a', 'b']) {
    hands.hear(agent, { sweepId: 1, isIdle: true, now: 0 })
    hands.give(agent, agent)
  }
  hands.hear('a', { sweepId: 1, isIdle: true, now: 10 })
  hands.hear('b', { sweepId: 1, isIdle: false, now: 10 })
  expect([hands.isGiven('a', null, 10), hands.isGiven('b', null, 10)]).toEqual([false, true])
  expect([hands.isGiven('b', null, 60_000), hands.count(1, 60_000)]).toEqual([false, 0])
})
