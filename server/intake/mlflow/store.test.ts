import { expect, test } from 'vitest'
import { History, type Point } from './store.ts'

const point = (step: number, timestamp: number, value: number): Point => ({ step, timestamp, value })

test('a point is known by its step, time and value, NaN and several of one step included', () => {
  const history = new History()
  const added = [point(1, 10, 0.5), point(2, 10, NaN), point(2, 10, 0.5), point(2, 11, 0.5), point(3, 1, -Infinity)]
  for (const one of added) {
    expect(history.has(one)).toBe(false)
    history.add(one)
  }
  expect(added.map((one) => history.has(point(one.step, one.timestamp, one.value)))).toEqual(added.map(() => true))
  expect([point(1, 11, 0.5), point(2, 10, 0.6), point(4, 10, 0.5)].map((one) => history.has(one))).toEqual([
    false,
    false,
    false,
  ])
  expect(history.points).toEqual(added)
})

test('the last is that of the highest step, then time, then value, whatever came last', () => {
  const history = new History()
  for (const one of [point(5, 10, 1), point(3, 20, 2), point(5, 5, 3), point(5, 10, 0.5)]) history.add(one)
  expect(history.last).toEqual(point(5, 10, 1))
})
