import { expect, test } from 'vitest'
import { definitionDifferences, differenceWords, runDifferences } from './definition-differences.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../sweep.ts'

const sweep = (parts: Partial<SweepInput> = {}): Sweep =>
  sweepSchema.parse({
    name: 'round-1',
    axes: { step: { milestones: [20, 40] } },
    trainer: 'grpo',
    config: { reward: 'basic', clip_high: 0.2, learning_rate: 2e-5 },
    init: '/models/a',
    score: { baseline: { A: 0.5 } },
    ...parts,
  })

test('the same settings under another name and from another checkpoint do not differ', () => {
  expect(definitionDifferences(sweep(), sweep({ name: 'round-2', init: '/models/b' }))).toEqual([])
})

test('settings that changed, came and went, in the order of the new sweep', () => {
  const after = sweep({
    config: { reward: 'quality', clip_high: 0.28, overlong: { buffer: 4, penalty: 10 } },
    train: { gpus: 2 },
  })
  expect(definitionDifferences(sweep({ train: { gpus: 1 } }), after)).toEqual([
    { key: 'reward', before: 'basic', after: 'quality' },
    { key: 'clip_high', before: '0.2', after: '0.28' },
    { key: 'overlong.buffer', before: null, after: '4' },
    { key: 'overlong.penalty', before: null, after: '10' },
    { key: 'train.gpus', before: '1', after: '2' },
    { key: 'learning_rate', before: '0.00002', after: null },
  ])
})

test('an axis stands for the setting of its name, and a number is the same however it is written', () => {
  const grid = sweep({ axes: { learning_rate: ['2e-5'], step: { milestones: ['20', '40'] } } })
  expect(definitionDifferences(sweep(), grid)).toEqual([])
  const wider = sweep({ axes: { learning_rate: ['2e-5', '4e-5'], step: { milestones: ['20', '60'] } } })
  expect(definitionDifferences(sweep(), wider)).toEqual([
    { key: 'learning_rate', before: '0.00002', after: '2e-5, 4e-5' },
    { key: 'step', before: 'milestones 20, 40', after: 'milestones 20, 60' },
  ])
})

test('an axis that cannot be expanded is shown as it stands, and many values by their ends', () => {
  const broken = sweep({ axes: { step: { range: ['a', 'b', 3] } } })
  expect(definitionDifferences(sweep(), broken)).toEqual([
    { key: 'step', before: 'milestones 20, 40', after: '{"range":["a","b",3]}' },
  ])
  const long = sweep({ axes: { step: { range: ['1', '20', 20] } } })
  expect(definitionDifferences(sweep(), long)[0]!.after).toBe('1 … 20 (20)')
})

test('two runs differ by what reached their trainers, not by how long they went on or where they are scored', () => {
  const before = { definition: sweep(), params: { step: '40' } }
  const after = {
    definition: sweep({
      axes: { start: ['/a', '/b'], reward: ['basic', 'quality'], step: { milestones: ['90'] } },
      init: '${start}',
      score: { baseline: { B: 0.1 } },
      max_slots: 3,
    }),
    params: { start: '/b', reward: 'quality', step: '90' },
  }
  expect(runDifferences(before, after)).toEqual([{ key: 'reward', before: 'basic', after: 'quality' }])
})

test('commands differ as they are written', () => {
  const command = (...words: string[]) => ({
    definition: sweep({ trainer: undefined, config: undefined, train: { command: ['bash', ...words] } }),
    params: { step: '40' },
  })
  expect(runDifferences(command('a b', ''), command('c'))).toEqual([
    { key: 'train.command', before: 'bash "a b" ""', after: 'bash c' },
  ])
})

test('a difference in words', () => {
  expect(differenceWords({ key: 'reward', before: 'basic', after: 'quality' })).toBe('reward: basic → quality')
  expect(differenceWords({ key: 'clip_high', before: null, after: '0.28' })).toBe('clip_high: 0.28 (new)')
  expect(differenceWords({ key: 'overlong', before: '4', after: null })).toBe('overlong: removed (was 4)')
})
