import { expect, test } from 'vitest'
import { problemSets } from './problem-sets.ts'

const scores = Array.from({ length: 100 }, (_, at) => (at % 10 === 9 ? null : { score: at / 100 }))

test('the chosen reach the threshold, and beside them stand all, and as many at random', () => {
  const sets = problemSets(scores, [0.5, 0.8], true)
  expect(sets.map(({ name, places }) => [name, places.length])).toEqual([
    ['all', 100],
    ['chosen-0.5', 45],
    ['random-0.5', 45],
    ['chosen-0.8', 18],
    ['random-0.8', 18],
  ])
  const [, chosen, random] = sets
  expect(chosen!.places[0]).toBe(50)
  expect(chosen!.places).not.toContain(59)
  expect(new Set(random!.places).size).toBe(45)
  // no threshold is in the draw: half of it lies below
  expect(random!.places.filter((place) => place < 50).length).toBeGreaterThan(10)
  expect(problemSets(scores, [0.5, 0.8], true)).toEqual(sets)
})

test('without controls there are the chosen alone, and none may reach it', () => {
  expect(problemSets(scores, [2], false)).toEqual([{ name: 'chosen-2', places: [] }])
})
