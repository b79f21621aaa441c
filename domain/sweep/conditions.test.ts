import { expect, test } from 'vitest'
import { countSettings, onlyThere, combinationsOf, type When } from './conditions.ts'
import { trainingCommand } from './commands/commands.ts'
import { checkSweep, countPlan, planSweep } from './plan.ts'
import { createRandom } from '../stats/rng.ts'
import { type SweepInput, sweepSchema } from './sweep.ts'

const sweepOf = (parts: Partial<SweepInput>) =>
  sweepSchema.parse({
    name: 'x',
    axes: { optimizer: ['sgd', 'adamw', 'lion'], momentum: ['0.8', '0.9'], beta: ['0.95', '0.99', '0.999'] },
    when: { momentum: { optimizer: 'sgd' }, beta: { optimizer: ['adamw', 'lion'] } },
    train: { command: ['x'] },
    ...parts,
  })
const issuesOf = (parts: Partial<SweepInput>) => checkSweep(sweepOf(parts), { slots: 4, storedBaselines: [] })

test('a grid has the points at which each axis is there, each once, in the order of the file', () => {
  const sweep = sweepOf({ axes: { ...sweepOf({}).axes, epoch: { milestones: [1, 2] } } })
  expect(countPlan(sweep)).toEqual({ trainings: 8, points: 16 })
  const { runs, points } = planSweep(sweep)
  expect(runs.map(({ params }) => Object.values(params).join(' '))).toEqual([
    'sgd 0.8 2',
    'sgd 0.9 2',
    'adamw 0.95 2',
    'adamw 0.99 2',
    'adamw 0.999 2',
    'lion 0.95 2',
    'lion 0.99 2',
    'lion 0.999 2',
  ])
  expect(points).toHaveLength(16)
  expect(points[1]).toMatchObject({
    number: 2,
    runNumber: 1,
    params: { optimizer: 'sgd', momentum: '0.8', epoch: '2' },
    key: '["sgd","0.8","","2"]',
    milestone: '2',
  })
  expect(new Set(points.map(({ key }) => key)).size).toBe(16)
})

test('axes may depend on axes that depend on others', () => {
  const when = { b: { a: ['1'] }, c: { b: ['x'] } }
  const axes = [
    { name: 'a', values: ['1', '2'] },
    { name: 'b', values: ['x', 'y'] },
    { name: 'c', values: ['p', 'q'] },
  ]
  expect([...combinationsOf(axes, when)].map((params) => Object.values(params).join(' '))).toEqual([
    '1 x p',
    '1 x q',
    '1 y',
    '2',
  ])
  // a value of an axis that is not there lets nothing be
  expect(onlyThere(when, ['a', 'b', 'c'], { a: '2', b: 'x', c: 'p' })).toEqual({ a: '2' })
})

test('they are counted as they are made, whatever depends on what', () => {
  const random = createRandom(4)
  const below = (most: number) => Math.floor(random.uniform() * most)
  for (let turn = 0; turn < 200; turn++) {
    const axes = Array.from({ length: 1 + below(5) }, (_, at) => ({
      name: `a${at}`,
      values: Array.from({ length: 1 + below(4) }, (_value, place) => `v${place}`),
    }))
    const when: Record<string, Record<string, string[]>> = {}
    axes.forEach(({ name }, at) => {
      if (at === 0 || random.uniform() < 0.4) return
      const { name: other, values } = axes[below(at)]!
      when[name] = { [other]: values.slice(0, 1 + below(values.length)) }
    })
    const counted = axes.map(({ name, values }) => ({ name, size: values.length, values: () => values }))
    const all = [...combinationsOf(axes, when as When)]
    expect(countSettings(counted, when)).toBe(all.length)
    expect(new Set(all.map((params) => JSON.stringify(params))).size).toBe(all.length)
  }
})

test('a grid of a billion combinations is counted without making any', () => {
  const long = (count: number) => ({ range: ['0', '1', count] as [string, string, number] })
  const axes = { kind: ['a', 'b'], x: long(99_999), y: long(99_999) }
  expect(countPlan(sweepOf({ axes, when: { y: { kind: 'b' } } })).trainings).toBe(99_999 + 99_999 ** 2)
})

test.each([
  [
    { momentun: { optimizer: 'sgd' } },
    'There is no axis momentun to exist under a condition; the axes are optimizer, momentum, beta.',
  ],
  [
    { momentum: { optimiser: 'sgd' } },
    'momentum depends on optimiser, and there is no such axis; the axes are optimizer, momentum, beta.',
  ],
  [
    { momentum: { optimizer: 'SGD' } },
    'momentum depends on optimizer being SGD, and it has no such value; expected sgd, adamw, lion.',
  ],
  [
    { optimizer: { beta: '0.99' } },
    'optimizer depends on beta, which stands behind it; expected beta before optimizer among the axes.',
  ],
  [
    { momentum: { momentum: '0.9' } },
    'momentum depends on momentum, which stands behind it; expected momentum before momentum among the axes.',
  ],
  [{ momentum: {} }, 'The condition of momentum names no other axis; expected e.g. { optimizer: VALUE }.'],
])('%j is refused', (when, message) => {
  expect(issuesOf({ when }).map((issue) => issue.message)).toEqual([message])
  expect(issuesOf({ when })[0]!.path[0]).toBe('when')
})

test('milestones and what is chosen between ends are nothing to depend on', () => {
  const axes = { epoch: { milestones: [1, 2] }, lr: { uniform: ['0', '1'] as [string, string] }, a: [1, 2] }
  const search = { method: 'random' as const, trainings: 3 }
  expect(issuesOf({ search, axes, when: { a: { epoch: 1 } } })[0]!.message).toContain('which has milestones')
  expect(issuesOf({ search, axes, when: { a: { lr: '0' } } })[0]!.message).toContain('chosen between two ends')
  expect(issuesOf({ search, axes, when: { epoch: { a: 1 } } })[0]!.message).toContain('which every training has')
})

test('what a command says of an axis that is not there is left out, with its option', () => {
  const sweep = sweepOf({
    train: {
      command: [
        'python',
        't.py',
        '--opt',
        '${optimizer}',
        '--momentum',
        '${momentum}',
        '--beta=${beta}',
        '-v',
        'out/${beta}/x',
      ],
      env: { BETA: '${beta}', OPTIMIZER: '${optimizer}' },
    },
  })
  const of = (params: Record<string, string>) => trainingCommand(sweep, params, { run: 1, slots: ['0'], init: null })
  expect(of({ optimizer: 'sgd', momentum: '0.9' })).toEqual({
    arguments: ['python', 't.py', '--opt', 'sgd', '--momentum', '0.9', '-v'],
    environment: { OPTIMIZER: 'sgd' },
  })
  expect(of({ optimizer: 'lion', beta: '0.99' })).toEqual({
    arguments: ['python', 't.py', '--opt', 'lion', '--beta=0.99', '-v', 'out/0.99/x'],
    environment: { BETA: '0.99', OPTIMIZER: 'lion' },
  })
})
