import { expect, test } from 'vitest'
import { placesInLine, type Waiting } from './places-in-line.ts'

const waits = (job: string, priority: number, more: Partial<Waiting> = {}): Waiting => ({
  key: null,
  job,
  partitions: 'gpu',
  priority,
  reason: 'Priority',
  ...more,
})

test('who has the higher priority goes first, then who came first; others’ partitions do not count', () => {
  const places = placesInLine([
    waits('9', 50, { key: 'a' }),
    waits('10', 50),
    waits('8', 50),
    waits('20', 90),
    waits('7', 90, { partitions: 'cpu' }),
    waits('30_10', 40, { key: 'b/10' }),
    waits('30_9', 40, { key: 'b/9' }),
  ])
  expect(Object.fromEntries(places)).toEqual({ a: 2, 'b/9': 4, 'b/10': 5 })
})

test('what may start in several partitions counts in each, and its shortest line is its own', () => {
  const places = placesInLine([
    waits('1', 9),
    waits('2', 5, { key: 'a', partitions: 'gpu,spare' }),
    waits('3', 4, { key: 'b', partitions: 'spare' }),
  ])
  expect(Object.fromEntries(places)).toEqual({ a: 0, b: 1 })
})

test('what is held or waits for another job is in no line', () => {
  const places = placesInLine([
    waits('1', 0, { reason: 'JobHeldUser' }),
    waits('2', 9, { reason: 'Dependency' }),
    waits('3', 9, { reason: '(BeginTime)' }),
    waits('4', 1, { key: 'a', reason: 'None' }),
    waits('5', 1, { key: 'b', reason: 'JobHeldAdmin' }),
  ])
  expect(Object.fromEntries(places)).toEqual({ a: 0 })
})
