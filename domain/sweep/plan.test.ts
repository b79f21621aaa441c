import { expect, test } from 'vitest'
import { checkSweep, countPlan, planSweep } from './plan.ts'
import { type SweepInput, sweepSchema } from './sweep.ts'

const base: SweepInput = {
  name: 'short-cot-sft',
  axes: {
    batch_size: [128, 256, 512],
    learning_rate: ['1e-5', '2e-5', '4e-5'],
    epoch: { milestones: [3, 6] },
  },
  train: {
    command: [
      'bash',
      'train.sh',
      '${batch_size}',
      '${epoch.last}',
      '${learning_rate}',
      'sft_${batch_size}_${learning_rate}',
    ],
    gpus: 4,
    env: { RUN_NAME: 'run-${run}' },
  },
  checkpoint: '../ckpts/sft_${batch_size}_${learning_rate}/epoch_${epoch}',
  evaluate: { command: ['bash', 'eval.sh', '${checkpoint}', '${report}', '${gpu}'], report: { file: '${report}' } },
  score: { baseline: { GSM8k: 0.716 } },
}
const limits = { slots: 4, storedBaselines: ['short-cot-sft', 'grpo'] }
const sweepOf = (changes: Partial<SweepInput> = {}) => sweepSchema.parse({ ...base, ...changes })
const issuesOf = (changes: Partial<SweepInput>, slots = 4) => checkSweep(sweepOf(changes), { ...limits, slots })

test("the report's grid is 9 trainings and 18 points", () => {
  const sweep = sweepOf()
  expect(checkSweep(sweep, limits)).toEqual([])
  expect(countPlan(sweep)).toEqual({ trainings: 9, points: 18 })
  const plan = planSweep(sweep)
  expect([plan.runs.length, plan.points.length]).toEqual([9, 18])
  expect(plan.axes.map((axis) => [axis.name, axis.values, axis.milestone])).toEqual([
    ['batch_size', ['128', '256', '512'], false],
    ['learning_rate', ['1e-5', '2e-5', '4e-5'], false],
    ['epoch', ['3', '6'], true],
  ])
  expect(plan.runs[1]).toEqual({ number: 2, params: { batch_size: '128', learning_rate: '2e-5', epoch: '6' } })
  expect(plan.points[2]).toEqual({
    number: 3,
    runNumber: 2,
    params: { batch_size: '128', learning_rate: '2e-5', epoch: '3' },
    key: '["128","2e-5","3"]',
    milestone: '3',
  })
})

test('a milestone axis that is written first still makes one run for its milestones', () => {
  const plan = planSweep(sweepOf({ axes: { step: { milestones: [10, 20] }, seed: [1, 2] } }))
  expect(plan.points.map((point) => [point.params.step, point.params.seed, point.runNumber])).toEqual([
    ['10', '1', 1],
    ['10', '2', 2],
    ['20', '1', 1],
    ['20', '2', 2],
  ])
  expect(plan.runs).toEqual([
    { number: 1, params: { step: '20', seed: '1' } },
    { number: 2, params: { step: '20', seed: '2' } },
  ])
})

test('without milestones every point is a run', () => {
  const plan = planSweep(sweepOf({ axes: { seed: ['07', '8'] } }))
  expect(plan.points.map((point) => [point.runNumber, point.milestone])).toEqual([
    [1, null],
    [2, null],
  ])
})

test('any grid: sizes are as counted, keys are unique, runs agree with their points', () => {
  let seed = 3
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  const awkward = ['a', 'a,b', '","', '["', ']', '\\', '"', "'", '${a}', 'ä', ' ', '--x', '\n', '1', '2', '3']
  for (let round = 0; round < 300; round++) {
    const axes: SweepInput['axes'] = {}
    const count = 1 + random(4)
    const milestoneAt = random(count + 1)
    for (let index = 0; index < count; index++) {
      const start = random(awkward.length)
      const size = 1 + random(4)
      const values = Array.from({ length: size }, (_, offset) => awkward[(start + offset) % awkward.length]!)
      axes[`axis${index}`] = index === milestoneAt ? { milestones: ['1', '2', '3'].slice(0, size) } : values
    }
    const sweep = sweepOf({ axes })
    const plan = planSweep(sweep)
    expect(countPlan(sweep)).toEqual({ trainings: plan.runs.length, points: plan.points.length })
    expect(new Set(plan.points.map((point) => point.key)).size).toBe(plan.points.length)
    expect(new Set(plan.runs.map((run) => JSON.stringify(run.params))).size).toBe(plan.runs.length)
    expect(plan.runs.map((run) => run.number)).toEqual(plan.runs.map((_, index) => index + 1))
    for (const point of plan.points) {
      const run = plan.runs[point.runNumber - 1]!
      const milestone = plan.axes.find((axis) => axis.milestone)
      const same = milestone ? { ...point.params, [milestone.name]: milestone.values.at(-1) } : point.params
      expect(run.params).toEqual(same)
      expect(Object.keys(point.params)).toEqual(plan.axes.map((axis) => axis.name))
    }
  }
})

test('more than 100,000 points are refused without making them', () => {
  const many = (low: string, high: string) => ({ range: [low, high, 100_000] as [string, string, number] })
  const issues = issuesOf({ axes: { a: many('0', '1'), b: many('0', '1'), c: many('0', '1'), d: many('0', '1') } })
  expect(issues[0]).toMatchObject({ path: ['axes'], message: expect.stringContaining('expected at most 100,000') })
  expect(issuesOf({ axes: { a: { range: [0, 1, 1000] }, b: { range: [0, 1, 101] } } })[0]!.message).toContain(
    '101,000 points (1,000 × 101)',
  )
  expect(planSweep(sweepOf({ axes: { a: { range: [0, 1, 1000] }, b: { range: [0, 1, 100] } } })).points.length).toBe(
    100_000,
  )
})

test.each<[string, Partial<SweepInput>, (string | number)[], string]>([
  ['a value twice', { axes: { lr: ['1e-5', '1e-5'] } }, ['axes', 'lr', 1], 'stands twice'],
  ['one number twice', { axes: { lr: ['1e-5', '0.00001'] } }, ['axes', 'lr', 1], 'same number'],
  [
    'two milestone axes',
    { axes: { epoch: { milestones: [1] }, step: { milestones: [1] } } },
    ['axes', 'step'],
    'epoch and step both have milestones',
  ],
  [
    'milestones that do not rise',
    { axes: { epoch: { milestones: [6, 3] } } },
    ['axes', 'epoch', 'milestones', 1],
    'do not rise',
  ],
  ['an axis called run', { axes: { run: ['1', '2'] } }, ['axes', 'run'], 'cannot be called run'],
  ['no trainer', { train: undefined }, ['train'], 'does not say what to train with'],
  ['no command', { train: { gpus: 4 } }, ['train', 'command'], 'does not say what to train with'],
  ['two trainers', { trainer: 'sft', evaluate: undefined }, ['train', 'command'], 'expected one of them'],
  [
    'a trainer and an evaluation',
    { trainer: 'sft', train: undefined },
    ['evaluate', 'command'],
    'brings its own evaluation',
  ],
  ['config without a trainer', { config: { width: 64 } }, ['config'], 'built-in trainers only'],
  ['an unknown placeholder', { train: { command: ['x', '${lr}'] } }, ['train', 'command', 1], '${lr}'],
  ['one in the environment', { train: { command: ['x'], env: { A: '${lr}' } } }, ['train', 'env', 'A'], '${lr}'],
  ['one in the checkpoint', { checkpoint: '${checkpoint}' }, ['checkpoint'], "in a checkpoint's path"],
  [
    'one in the report',
    { evaluate: { command: ['x'], report: { file: '${reports}' } } },
    ['evaluate', 'report', 'file'],
    '${reports}',
  ],
  ['one in init', { init: '${run}' }, ['init'], '${run}'],
  [
    'too many slots',
    { train: { command: ['x'], gpus: 5 } },
    ['train', 'gpus'],
    'asks for 5 slots and this machine has 4',
  ],
  ['too many for an evaluation', { evaluate: { command: ['x'], gpus: 9 } }, ['evaluate', 'gpus'], 'asks for 9 slots'],
  ['more than it allows itself', { max_slots: 2 }, ['train', 'gpus'], 'max_slots allows 2'],
  [
    'a baseline that is not stored',
    { score: { baseline: 'short-cot' } },
    ['score', 'baseline'],
    'There is no stored baseline short-cot; expected accuracies or one of short-cot-sft, grpo.',
  ],
])('%s is refused', (_, changes, path, message) => {
  // other axes than the base's leave its commands without their placeholders
  const plain = changes.axes && { train: { command: ['x'] }, checkpoint: undefined, evaluate: undefined }
  const issues = issuesOf({ ...plain, ...changes })
  expect(issues).toHaveLength(1)
  expect(issues[0]!.path).toEqual(path)
  expect(issues[0]!.message).toContain(message)
})

test('what the trainer may report itself may be left out', () => {
  expect(issuesOf({ checkpoint: undefined })).toEqual([])
  expect(issuesOf({ evaluate: undefined })).toEqual([])
  expect(issuesOf({ trainer: 'sft', config: { width: 64 }, train: { gpus: 2 }, evaluate: { gpus: 1 } })).toEqual([])
  expect(issuesOf({ max_slots: 100 })).toEqual([])
  expect(issuesOf({ score: { baseline: 'grpo', questions: { Unknown: 3 } } })).toEqual([])
})

test('a machine without slots is refused by name, with or without a train section', () => {
  expect(issuesOf({}, 0).map((issue) => issue.path)).toEqual([
    ['train', 'gpus'],
    ['evaluate', 'gpus'],
  ])
  expect(issuesOf({ train: undefined, evaluate: undefined, trainer: 'sft' }, 0)[0]).toMatchObject({ path: ['trainer'] })
})

test('an axis between two ends needs a search, a search an axis, and its points are its trainings with their milestones', () => {
  const messages = (changes: Partial<SweepInput>) =>
    checkSweep(sweepOf({ ...changes, train: { command: ['a'] }, checkpoint: 'b', evaluate: undefined }), limits).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )
  const between = { uniform: ['0', '1'] as [string, string] }
  expect(messages({ axes: { lr: between } })[0]).toMatch(
    /^axes\.lr: The axis lr is chosen between two ends, and search: grid/,
  )
  const search = (trainings: number) => ({ search: { method: 'tpe' as const, trainings } })
  expect(messages({ axes: { lr: between }, ...search(5) })).toEqual([])
  expect(messages({ axes: { epoch: { milestones: [1, 2] } }, ...search(5) })).toEqual([
    'axes: There is nothing to search: no axis but milestones. Expected an axis with values to choose from.',
  ])
  expect(messages({ axes: { lr: between, epoch: { milestones: [1, 2] } }, ...search(60_000) })[0]).toContain(
    '60,000 trainings with 2 milestones are 120,000 points',
  )
  // of a grid that is searched, only what is trained counts
  const large = { range: ['0', '1', 1000] as [string, string, number] }
  expect(messages({ axes: { a: large, b: large }, ...search(5) })).toEqual([])
})
