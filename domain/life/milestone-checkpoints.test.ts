import { expect, test } from 'vitest'
import { chooseSaved, lastSaved, type SavedModel } from './milestone-checkpoints.ts'

const steps = (...values: number[]): SavedModel[] =>
  values.map((step) => ({ name: `checkpoint-${step}`, step, epoch: null }))
const epochs = (...values: number[]): SavedModel[] =>
  values.map((epoch) => ({ name: `at ${epoch}`, step: null, epoch }))
const choose = (
  saved: SavedModel[],
  values: number[],
  more: { unit?: 'epoch' | 'step'; measured?: { step: number; epoch: number }[]; complete?: boolean } = {},
) =>
  chooseSaved(
    saved,
    { unit: more.unit ?? 'epoch', values },
    { measured: more.measured ?? [], complete: more.complete ?? true },
  )
const indexes = (chosen: ReturnType<typeof chooseSaved>) => chosen.map(({ index }) => index)

test('epochs that the models say themselves', () => {
  expect(choose(epochs(1, 2, 3), [1, 3])).toEqual([
    { index: 0, note: null },
    { index: 2, note: null },
  ])
})

test('epoch 2.99 is epoch 3 when it is the nearest saved, and that is said', () => {
  const [chosen] = choose(epochs(0.5, 1, 1.5, 2, 2.5, 2.99), [3])
  expect(chosen).toMatchObject({
    index: 5,
    note: 'at 2.99 is of epoch 2.99 and is taken for epoch 3: it is the nearest that was saved.',
  })
})

test('half a save interval and more away is not the milestone', () => {
  expect(indexes(choose(epochs(2, 4, 6), [3, 6]))).toEqual([null, 2])
  expect(indexes(choose(epochs(0.5, 1, 1.5), [3], { complete: false }))).toEqual([null])
  const [reason] = choose(epochs(2, 4, 6), [3])
  expect(reason).toMatchObject({ reason: 'there are at 2 (epoch 2), at 4 (epoch 4), at 6 (epoch 6)' })
})

test('one model serves one milestone: the one that it is nearest to', () => {
  expect(indexes(choose(epochs(5.9), [3, 6]))).toEqual([null, 0])
  expect(indexes(choose(epochs(2.9), [3, 6], { complete: false }))).toEqual([0, null])
})

test('steps become epochs by what the run measured, and by the models that say both', () => {
  expect(
    indexes(choose(steps(100, 200, 300), [1, 3], { measured: [{ step: 300, epoch: 3 }], complete: false })),
  ).toEqual([0, 2])
  const mixed = [...steps(100, 200), { name: 'said', step: 300, epoch: 3 }]
  expect(indexes(choose(mixed, [2, 3], { complete: false }))).toEqual([1, 2])
})

test('the order says it where one was saved at each epoch, or one at each milestone', () => {
  expect(indexes(choose(steps(20, 40, 60), [1, 3]))).toEqual([0, 2])
  expect(choose(steps(20, 40, 60), [1, 3])[1]).toMatchObject({
    note: expect.stringContaining('by the order of the 3 checkpoints'),
  })
  expect(indexes(choose(steps(300, 600), [3, 6]))).toEqual([0, 1])
  const nameless = ['a', 'b', 'c'].map((name) => ({ name, step: null, epoch: null }))
  expect(indexes(choose(nameless, [1, 3]))).toEqual([0, 2])
})

test('the order says nothing where the steps do not fit it, the training broke off, or there are too many', () => {
  expect(indexes(choose(steps(10, 20, 600), [1, 3]))).toEqual([null, null])
  expect(indexes(choose(steps(20, 40, 60), [1, 3], { complete: false }))).toEqual([null, null])
  expect(indexes(choose(steps(20, 40, 60, 80, 100), [1, 3]))).toEqual([null, null])
  expect(choose([], [1])[0]).toMatchObject({ reason: 'none was saved' })
})

test('milestones of steps', () => {
  expect(indexes(choose(steps(20, 40, 60), [20, 60], { unit: 'step' }))).toEqual([0, 2])
  expect(indexes(choose(epochs(1), [20], { unit: 'step', complete: false }))).toEqual([null])
})

test('the last saved', () => {
  expect(lastSaved(steps(100, 20, 40))).toBe(0)
  expect(lastSaved(epochs(1, 3, 2))).toBe(1)
  expect(lastSaved([])).toBeNull()
})
