import { expect, test } from 'vitest'
import { chainOf, countsAsRound, descendantsOf, type LineageRun, placeRuns, roundName } from './lineage.ts'

const run = (id: number, parentId: number | null, isRound = true): LineageRun => ({ id, parentId, isRound })

test('the round is the depth in rounds: supervised training before them does not count', () => {
  const places = placeRuns([run(1, null, false), run(2, 1), run(3, 2), run(4, 3, false), run(5, 4)])
  expect([...places.values()].map(({ round }) => round)).toEqual([null, 1, 2, null, 3])
  expect([...places.values()].map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4])
  expect(chainOf(places, 5)).toEqual([1, 2, 3, 4, 5])
})

test('a round that starts from a base model is the first', () => {
  expect(placeRuns([run(7, null)]).get(7)).toEqual({
    id: 7,
    parentId: null,
    parentMissing: false,
    depth: 0,
    round: 1,
    childIds: [],
  })
})

test('a lineage may branch, and runs may come in any order', () => {
  const places = placeRuns([run(4, 2), run(3, 1), run(2, 1), run(1, null), run(5, 2)])
  expect(places.get(1)!.childIds).toEqual([3, 2])
  expect(descendantsOf(places, 1)).toEqual([3, 2, 4, 5])
  expect(descendantsOf(places, 2)).toEqual([4, 5])
  expect(chainOf(places, 4)).toEqual([1, 2, 4])
  expect(places.get(5)!.round).toBe(3)
  expect(chainOf(places, 99)).toEqual([])
  expect(descendantsOf(places, 99)).toEqual([])
})

test('a parent that is gone starts the lineage anew, and is marked', () => {
  const places = placeRuns([run(2, 1), run(3, 2)])
  expect(places.get(2)).toMatchObject({ parentId: null, parentMissing: true, depth: 0, round: 1 })
  expect(places.get(3)).toMatchObject({ parentId: 2, parentMissing: false, depth: 1, round: 2 })
})

test.each([
  ['a run that names itself', [run(1, 1)]],
  ['a circle of three', [run(1, 3), run(2, 1), run(3, 2)]],
  ['a circle with a tail', [run(9, 2), run(1, 2), run(2, 1)]],
])('%s: the circle is cut once, and every run keeps a place', (_, runs) => {
  const places = placeRuns(runs)
  expect(places.size).toBe(runs.length)
  expect([...places.values()].filter(({ parentMissing }) => parentMissing)).toHaveLength(1)
  for (const { id } of runs) expect(chainOf(places, id).at(-1)).toBe(id)
})

test('a chain of 20,000 runs is placed without a deep stack', () => {
  const runs = Array.from({ length: 20_000 }, (_, at) => run(at, at === 0 ? null : at - 1))
  const places = placeRuns(runs)
  expect(places.get(19_999)!.round).toBe(20_000)
  expect(descendantsOf(places, 0)).toHaveLength(19_999)
})

test('what counts as a round', () => {
  expect(countsAsRound({ trainer: 'grpo', init: 'a' })).toBe(true)
  expect(countsAsRound({ trainer: undefined, init: 'a' })).toBe(true)
  expect(countsAsRound({ trainer: 'sft', init: 'a' })).toBe(false)
  expect(countsAsRound({ trainer: 'grpo', init: undefined })).toBe(false)
})

test('the next round carries the name on', () => {
  expect(roundName('short-cot', 1)).toBe('short-cot-round-1')
  expect(roundName('short-cot-round-1', 2)).toBe('short-cot-round-2')
})
