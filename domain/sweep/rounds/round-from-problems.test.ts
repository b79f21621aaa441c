import { expect, test } from 'vitest'
import { parseSweep } from '../files/parse-sweep.ts'
import { movable, problemsKey, roundFromProblems } from './round-from-problems.ts'
import type { Sweep, SweepInput } from '../sweep.ts'

const sweep = (input: Omit<SweepInput, 'name'>): Sweep => {
  const { definition, issues } = parseSweep({ name: 'measure', ...input })
  if (definition === null) throw new Error(issues.map(({ message }) => message).join(' '))
  return definition
}

const grpo = sweep({
  trainer: 'grpo',
  axes: { learning_rate: ['1e-5', '2e-5'], start: ['/a', '/b'], step: { milestones: ['40', '160'] } },
  config: { levels: [1, 1, 0, 0], dataset_size: 320, seed: 3, prompts_per_step: 16 },
  init: '${start}',
  score: { baseline: { 'level-1': 0.5 } },
})
const params = { learning_rate: '2e-5', start: '/b' }

test('one set is the data of the same training: its values, its start, its seed', () => {
  const round = roundFromProblems({ name: 'chosen', before: grpo, params, init: '/b', sets: ['c.jsonl'], seeds: [] })
  expect(round).toMatchObject({ name: 'chosen', init: '/b', trainer: 'grpo', score: grpo.score })
  expect(round.axes).toEqual({ learning_rate: ['2e-5'], step: { milestones: ['40', '160'] } })
  expect(round.config).toEqual({ seed: 3, prompts_per_step: 16, data: 'c.jsonl' })
})

test('several sets are an axis, and so are seeds', () => {
  const sets = ['all.jsonl', 'chosen-0.6.jsonl', 'random-0.6.jsonl']
  const round = roundFromProblems({ name: 'tried', before: grpo, params, init: '/b', sets, seeds: ['1', '2', '3'] })
  expect(Object.entries(round.axes)).toEqual([
    ['data', sets],
    ['seed', ['1', '2', '3']],
    ['learning_rate', ['2e-5']],
    ['step', { milestones: ['40', '160'] }],
  ])
  expect(round.config).toEqual({ prompts_per_step: 16 })
})

test('a command is given the problems as an axis, whatever its own words are', () => {
  const command = sweep({
    axes: { seed: ['1', '2'] },
    train: { command: ['python', 'train.py', '${seed}', '${init}'] },
    init: '/base',
  })
  expect(problemsKey(command)).toBe('problems')
  const round = roundFromProblems({
    name: 'c',
    before: command,
    params: { seed: '2' },
    init: '/base',
    sets: ['/c.jsonl'],
    seeds: [],
  })
  expect(round.axes).toEqual({ problems: ['/c.jsonl'], seed: ['2'] })
  expect(round.train).toEqual(command.train)
})

test('files that a built-in trainer’s sweep names go along to another folder', () => {
  const before = sweep({
    trainer: 'grpo',
    axes: { seed: ['1'] },
    config: { benchmarks: ['level-1', 'held-out.jsonl'] },
    init: 'base',
    score: { baseline: { measure: 'base' } },
  })
  const moved = movable(before, (file) => `/there/${file}`)
  expect(moved.config).toEqual({ benchmarks: ['level-1', '/there/held-out.jsonl'] })
  expect(moved.score!.baseline).toEqual({ measure: '/there/base' })
  const own = sweep({ ...before, score: { baseline: { measure: 'init' } } } as SweepInput)
  expect(movable(own, (file) => `/there/${file}`).score!.baseline).toEqual({ measure: 'init' })
})
