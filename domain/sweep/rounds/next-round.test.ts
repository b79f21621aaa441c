import { expect, test } from 'vitest'
import { roundAfterRound, roundAfterSupervised, roundFromSeveral, roundWarnings } from './next-round.ts'
import { checkSweep } from '../plan.ts'
import { type SweepInput, sweepSchema } from '../sweep.ts'

const limits = { slots: 4, storedBaselines: [] }
const parse = (parts: Partial<SweepInput>) =>
  sweepSchema.parse({ name: 'before', axes: { seed: [1] }, score: { baseline: { A: 0.5 } }, ...parts })

test('after supervised training: one GRPO training from the checkpoint, with what both trainers know carried over', () => {
  const before = parse({
    axes: { batch_size: [16, 32], learning_rate: [1e-3], maximum_questions: [0, 50], epoch: { milestones: [3, 6] } },
    trainer: 'sft',
    config: { dataset_size: 8000, seed: 7, benchmarks: ['level-1'] },
    train: { gpus: 2, retries: 1 },
  })
  const params = { batch_size: '16', learning_rate: '1e-3', maximum_questions: '50' }
  const next = roundAfterSupervised({ name: 'next', init: '/c/step-9', before, params })
  expect(next).toMatchObject({
    name: 'next',
    trainer: 'grpo',
    init: '/c/step-9',
    axes: { step: { milestones: ['20', '40', '60'] } },
    train: { gpus: 2, retries: 1 },
    score: before.score,
  })
  expect(next.config).toEqual({
    seed: 7,
    benchmarks: ['level-1'],
    maximum_questions: 50,
    learning_rate: 2e-5,
    prompts_per_step: 16,
    samples_per_prompt: 8,
    temperature: 1,
    minibatches: 4,
    clip_low: 0.2,
    clip_high: 0.2,
    kl_coefficient: 0,
    reward: { correct: 100, wrong: 0, unparseable: -1 },
  })
  expect(next.written).toEqual({ maximum_questions: '50', learning_rate: '2e-5' })
  const { written: _written, ...keys } = next
  expect(checkSweep(sweepSchema.parse(keys), limits)).toEqual([])
})

test('after a round: the same sweep at the values of the checkpoint’s run, from the one checkpoint', () => {
  const before = parse({
    axes: { start: ['/a', '/b'], reward: ['basic', 'quality'], step: { milestones: [20, 40] } },
    trainer: 'grpo',
    init: '${start}',
  })
  const next = roundAfterRound({ name: 'n', init: '/c', before, params: { start: '/b', reward: 'quality' } })
  expect(next).toEqual({
    ...before,
    name: 'n',
    init: '/c',
    axes: { reward: ['quality'], step: { milestones: ['20', '40'] } },
  })
  expect(checkSweep(next, limits)).toEqual([])
})

test('an axis that the command holds stays, and a sweep is never left without an axis', () => {
  const command = parse({
    axes: { start: ['/a'] },
    init: '${start}',
    train: { command: ['train', '${start}', '${init}'] },
  })
  expect(roundAfterRound({ name: 'n', init: '/c', before: command, params: { start: '/a' } }).axes).toEqual({
    start: ['/a'],
  })
  const lone = parse({ axes: { start: ['/a'] }, init: '${start}', trainer: 'grpo' })
  expect(roundAfterRound({ name: 'n', init: '/c', before: lone, params: { start: '/a' } }).axes).toEqual({
    seed: ['1'],
  })
})

test('several starting points are an axis, under a name that is free', () => {
  const round = parse({ axes: { start: ['x'], seed: ['1'] }, trainer: 'grpo', init: '/a' })
  const several = roundFromSeveral(round, ['/a', '/b'])
  expect(several).toMatchObject({ axes: { start_: ['/a', '/b'], start: ['x'], seed: ['1'] }, init: '${start_}' })
  expect(Object.keys(several.axes)[0]).toBe('start_')
  expect(checkSweep(several, limits)).toEqual([])
})

test('a command that is not told where to start, and checkpoints that would be written over, are said', () => {
  const before = parse({ train: { command: ['bash', 'train.sh'] }, checkpoint: '../out/${seed}' })
  const round = (parts: Partial<SweepInput>) => roundWarnings(before, parse({ ...before, init: '/c', ...parts }))
  expect(round({})).toEqual([
    'The command does not hold ${init}: unless it reads job.json, it does not start from this checkpoint.',
    'Checkpoints are looked for where those of before stand, in ../out/${seed}: a round that writes there takes their place. Change the folder in the command and here.',
  ])
  const train = { command: ['bash', 'train.sh'], env: { START: '${init}' } }
  expect(round({ train, checkpoint: '../out/${run}/${seed}' })).toEqual([])
  expect(round({ train, checkpoint: '../out/round-2/${seed}' })).toEqual([])
  expect(roundWarnings(parse({ trainer: 'sft' }), parse({ trainer: 'grpo', init: '/c' }))).toEqual([])
})
