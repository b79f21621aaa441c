import { expect, test } from 'vitest'
import { finalistIssues, nextSeeds, seedAxisOf, withSeedAxis } from './finalist-seeds.ts'
import { sharedPathIssues } from '../commands/shared-paths.ts'
import { type SweepInput, sweepSchema } from '../sweep.ts'

const sweep = (more: Partial<SweepInput> = {}) =>
  withSeedAxis(
    sweepSchema.parse({
      name: 'finalists',
      axes: { lr: [1, 2] },
      train: { command: ['train.sh', '${lr}', '--seed=${seed}'] },
      score: { baseline: { B: 0.5 } },
      finalists: {},
      ...more,
    }),
  )

test('an axis of seeds comes to a sweep whose trainer takes one, once, with the seed that it would have had', () => {
  expect(sweep().axes).toEqual({ lr: ['1', '2'], seed: ['1'] })
  expect(sweep().finalists).toEqual({ top: 3, seeds: 3 })
  expect(withSeedAxis(sweep())).toEqual(sweep())
  expect(sweep({ train: { command: ['x'], env: { SEED: '${seed}' } } }).axes.seed).toEqual(['1'])
  const builtIn = { train: undefined, trainer: 'sft' as const }
  expect(sweep(builtIn).axes.seed).toEqual(['1'])
  expect(sweep({ ...builtIn, config: { seed: 7 } }).axes.seed).toEqual(['7'])
  expect(sweep({ axes: { lr: [1], Seed: [3] } }).axes).toEqual({ lr: ['1'], Seed: ['3'] })
  expect(sweep({ finalists: undefined }).axes).toEqual({ lr: ['1', '2'] })
  expect(seedAxisOf(sweep({ axes: { seed: { milestones: [1, 2] } } }))).toBeNull()
})

test('the next seeds go on from the highest', () => {
  expect(nextSeeds(['1'], 2)).toEqual(['2', '3'])
  expect(nextSeeds(['42', '7'], 2)).toEqual(['43', '44'])
})

test.each<[string, Partial<SweepInput>, string]>([
  ['nothing is scored', { score: undefined }, 'nothing says which is better; expected score or objective.'],
  [
    'no seed',
    { train: { command: ['x', '${lr}'] } },
    'expected ${seed} in train.command or train.env, or an axis seed: [1]',
  ],
  ['a name', { axes: { seed: ['1', 'a'] } }, '“a” of seed is no whole number; expected e.g. [1].'],
  ['enough', { axes: { seed: [1, 2, 3] } }, 'expected more than 3 seeds for finalists, not 3.'],
  [
    'ends',
    { axes: { seed: { integer: ['1', '9'] } }, search: { method: 'random', trainings: 3 } },
    'seed is chosen between two ends; expected a list, e.g. [1].',
  ],
  [
    'a search over seeds',
    { axes: { lr: [1, 2], seed: [1, 2] }, search: { method: 'random', trainings: 3 } },
    'A search would try 2 values of seed like any others',
  ],
])('refused with a sentence: %s', (_, more, words) => {
  const issues = finalistIssues(sweep(more))
  expect(issues).toHaveLength(1)
  expect(issues[0]!.message).toContain(words)
})

test('a checkpoint that the next seed would write over is seen before anything starts', () => {
  expect(sharedPathIssues(sweep({ checkpoint: 'out/${lr}-${seed}' }))).toEqual([])
  const [issue] = sharedPathIssues(sweep({ checkpoint: 'out/${lr}' }))
  expect(issue!.message).toContain('The checkpoint comes out as out/1 for seed 1 and for seed 2')
  expect(
    sharedPathIssues(sweep({ finalists: undefined, axes: { lr: [1, 2], seed: [1] }, checkpoint: 'out/${lr}' })),
  ).toEqual([])
})
