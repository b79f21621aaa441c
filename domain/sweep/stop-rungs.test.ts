import { expect, test } from 'vitest'
import { holds, judgedBy, rungsOf, stopIssues } from './stop-rungs.ts'
import { type SweepInput, sweepSchema } from './sweep.ts'

const sweep = (
  stop_early: SweepInput['stop_early'],
  milestones: number[] | null = [1, 2, 3, 6, 9],
  more: Partial<SweepInput> = {},
) =>
  sweepSchema.parse({
    name: 'x',
    axes: { lr: [1, 2], ...(milestones && { epoch: { milestones } }) },
    train: { command: ['x'] },
    score: { baseline: { B: 0.5 } },
    stop_early,
    ...more,
  })

test.each([
  [{ method: 'milestones' }, [1]],
  [{ method: 'milestones', min: 2.5 }, [3]],
  [{ method: 'asha', min: 1, factor: 3 }, [1, 3]],
  [{ method: 'asha', min: 2, factor: 2 }, [2, 6]],
  [{ method: 'median' }, [1, 2, 3, 6]],
] as const)('%j is judged at %j of 1, 2, 3, 6 and 9', (given, rungs) => {
  expect(rungsOf(sweep(given)).values).toEqual(rungs)
})

test('nobody is stopped before a ninth of the length unless the sweep says so', () => {
  expect(rungsOf(sweep({ method: 'median' }, [1, 2, 3, 27])).values).toEqual([3])
  expect(rungsOf(sweep({ method: 'median', min: 1 }, [1, 2, 3, 27])).values).toEqual([1, 2, 3])
})

test('without milestones a metric decides at steps', () => {
  const given = sweep({ method: 'asha', min: 10, metric: 'eval/loss', goal: 'minimize' }, null)
  expect(rungsOf(given)).toMatchObject({ unit: 'step', axis: null })
  expect(rungsOf(given).values.slice(0, 4)).toEqual([10, 30, 90, 270])
  expect(judgedBy(given)).toEqual({ metric: 'eval/loss', goal: 'minimize' })
  expect(stopIssues(given)).toEqual([])
})

test('trainings that can go on from a checkpoint wait at the milestone', () => {
  expect(holds(sweep({ method: 'milestones' }))).toBe(false)
  expect(holds(sweep({ method: 'milestones', hold: true }))).toBe(true)
  expect(holds(sweep({ method: 'milestones' }, [1, 2], { trainer: 'sft', train: undefined }))).toBe(true)
  expect(holds(sweep({ method: 'asha' }, [1, 2], { trainer: 'sft', train: undefined }))).toBe(false)
})

test.each([
  [sweep({ method: 'asha' }, null), 'the sweep has none; expected an axis with milestones'],
  [sweep({ method: 'asha', keep: 0.5 }), 'keep: 0.5 is the share that method: milestones keeps'],
  [sweep({ method: 'median', factor: 3 }), 'factor: 3 is of method: asha'],
  [sweep({ method: 'median', hold: true }), 'hold is of method: milestones'],
  [sweep({ method: 'median', metric: 'eval/loss' }), 'Whether less or more of eval/loss is better is not said'],
  [sweep({ method: 'median', goal: 'minimize' }), 'expected metric beside it'],
  [sweep({ method: 'median', metric: 'x', goal: 'minimize' }, null), 'expected e.g. min: 100'],
  [sweep({ method: 'asha', min: 9 }), 'min: 9 is not below the last milestone of epoch, 9; expected at most 6'],
  [sweep({ method: 'milestones' }, [1, 3], { search: { method: 'tpe', trainings: 12 } }), 'expected asha or median'],
  [sweep({ method: 'asha' }, [9]), 'nothing is left to save there'],
  [sweep({ method: 'asha' }, [1, 27]), 'expected min: 1'],
  [sweep({ method: 'asha' }, [1, 3], { score: undefined }), 'Nothing says which training is worse'],
])('what cannot be done is refused with a sentence (%#)', (given, sentence) => {
  expect(
    stopIssues(given)
      .map(({ message }) => message)
      .join(' '),
  ).toContain(sentence)
})
