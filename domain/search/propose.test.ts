import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import { parseDecimal } from '../sweep/axes/decimal.ts'
import type { SearchingMethod } from '../sweep/searching.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../sweep/sweep.ts'
import type { SearchHistory } from './method.ts'
import { searchOf } from './methods.ts'
import { isProposed } from './propose.ts'

type Values = Readonly<Record<string, string>>
type Axes = SweepInput['axes']

function sweepOf(axes: Axes, method: SearchingMethod, trainings: number, seed = 1): Sweep {
  return sweepSchema.parse({ name: 'x', search: { method, trainings, seed }, axes, train: { command: ['a'] } })
}

type Outcome = number | 'failed'

/** The history after all trainings, each measured before the next is proposed, but for `atOnce` that run beside each other. */
function searched(sweep: Sweep, valueOf: (params: Values) => Outcome, atOnce = 1): SearchHistory {
  const runs: SearchHistory['runs'][number][] = []
  const points: SearchHistory['points'][number][] = []
  const settle = (number: number) => {
    const outcome = valueOf(runs[number - 1]!.params)
    runs[number - 1] = { ...runs[number - 1]!, status: outcome === 'failed' ? 'failed' : 'done' }
    points.forEach((point, at) => {
      if (point.runNumber !== number) return
      points[at] =
        outcome === 'failed'
          ? { ...point, status: 'failed' }
          : { ...point, status: 'scored', score: outcome, variance: 0 }
    })
  }
  for (;;) {
    const more = searchOf(sweep).propose!(sweep, { runs, points }, 1)
    if (more.runs.length === 0) break
    runs.push(...more.runs.map(({ number, params }) => ({ number, params, status: 'running' as const })))
    points.push(...more.points.map((point) => ({ ...point, status: 'training' as const, score: null })))
    if (runs.length >= atOnce) settle(runs.length - atOnce + 1)
  }
  for (let number = Math.max(1, runs.length - atOnce + 2); number <= runs.length; number++) settle(number)
  return { runs, points }
}

const bestOf = ({ points }: SearchHistory) => Math.max(...points.map(({ score }) => score ?? -Infinity))

/** Branin's function, turned over: 0 at its three highest points. */
function branin({ x, y }: Values): number {
  const [a, b] = [15 * Number(x) - 5, 15 * Number(y)]
  const bowl = (b - (5.1 / (4 * Math.PI ** 2)) * a * a + (5 / Math.PI) * a - 6) ** 2
  return 0.397887 - (bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10)
}
const square: Axes = { x: { uniform: ['0', '1'] }, y: { uniform: ['0', '1'] } }

/** A grid with a ridge, a name that costs a little, and a seed that says nothing. */
const gridAxes: Axes = {
  lr: { log: ['1e-5', '1e-2', 10] },
  batch: ['16', '32', '64', '128'],
  optimizer: ['adamw', 'lion', 'sgd'],
}
const ridge = ({ lr, batch, optimizer }: Values) =>
  -((Math.log10(Number(lr)) + 3.3 - 0.2 * Math.log2(Number(batch) / 32)) ** 2) - (optimizer === 'lion' ? 0 : 0.3)

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const seeds = Array.from({ length: 11 }, (_, at) => at + 1)

test.each([
  ['tpe', 'Branin', square, branin, 40],
  ['gaussian-process', 'Branin', square, branin, 25],
  ['tpe', 'a grid', gridAxes, ridge, 30],
  ['gaussian-process', 'a grid', gridAxes, ridge, 20],
] as const)('%s comes nearer to the best of %s than random order', (method, _, axes, f, trainings) => {
  const reached = (by: SearchingMethod) => seeds.map((seed) => bestOf(searched(sweepOf(axes, by, trainings, seed), f)))
  const [own, random] = [reached(method), reached('random')]
  expect(median(own)).toBeGreaterThan(median(random))
  // paired by seed, worse in at most 2 of 11: by luck alone once in 30 times
  expect(own.filter((value, at) => value < random[at]!).length).toBeLessThanOrEqual(2)
})

test('the Gaussian process all but finds the highest point of Branin in 30 trainings, four at a time too', () => {
  expect(
    median(seeds.slice(0, 5).map((seed) => bestOf(searched(sweepOf(square, 'gaussian-process', 30, seed), branin)))),
  ).toBeGreaterThan(-0.05)
  const four = seeds
    .slice(0, 5)
    .map((seed) => bestOf(searched(sweepOf(square, 'gaussian-process', 40, seed), branin, 4)))
  expect(median(four)).toBeGreaterThan(-0.05)
})

test('how far a training went astray does not keep the Gaussian process from its neighbours', () => {
  const sweep = sweepOf(gridAxes, 'gaussian-process', 20)
  const proposedAfter = (depth: number) => {
    const { runs, points } = searched(sweepOf(gridAxes, 'gaussian-process', 8), ridge)
    const worst = points.reduce((a, b) => (b.score! < a.score! ? b : a))
    const astray = points.map((point) => (point === worst ? { ...point, score: worst.score! - depth } : point))
    return searchOf(sweep).propose!(sweep, { runs, points: astray }, 3).runs.map(({ params }) => params)
  }
  expect(proposedAfter(50)).toEqual(proposedAfter(0))
})

const methods: SearchingMethod[] = ['random', 'tpe', 'gaussian-process']
const mixed: Axes = {
  uniform: { uniform: ['0.05', '0.95'] },
  ratio: { log_uniform: ['1e-05', '1e-03'] },
  whole: { integer: ['2', '5'] },
  name: ['a', 'b'],
  step: { milestones: ['10', '20'] },
}

test.each(methods)(
  '%s: literals within their ends, as a person writes them; no training twice; a point at each milestone',
  (method) => {
    const random = createRandom(5)
    const { runs, points } = searched(sweepOf(mixed, method, 25), () =>
      random.uniform() < 0.2 ? 'failed' : random.uniform(),
    )
    expect(runs.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1))
    expect(new Set(runs.map(({ params }) => JSON.stringify(params))).size).toBe(25)
    expect(points.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
    expect(points.slice(0, 2).map(({ milestone, params, runNumber }) => [milestone, params.step, runNumber])).toEqual([
      ['10', '10', 1],
      ['20', '20', 1],
    ])
    for (const { params } of runs) {
      expect(params.uniform).toMatch(/^0\.\d{2,4}$/)
      expect(params.ratio).toMatch(/^\d(\.\d{1,2})?e-0[345]$/)
      expect(['2', '3', '4', '5']).toContain(params.whole)
      expect(['a', 'b']).toContain(params.name)
      expect(params.step).toBe('20')
      for (const [name, [low, high]] of [
        ['uniform', [0.05, 0.95]],
        ['ratio', [1e-5, 1e-3]],
      ] as const) {
        expect(parseDecimal(params[name]!)).not.toBeNull()
        expect(Number(params[name])).toBeGreaterThanOrEqual(low)
        expect(Number(params[name])).toBeLessThanOrEqual(high)
      }
    }
  },
)

test.each(methods)('%s ends where every cell was taken, whatever it was allowed', (method) => {
  const sweep = sweepOf({ a: ['1', '2', '3'], b: { integer: ['0', '3'] } }, method, 100)
  expect(searchOf(sweep).size(sweep)).toEqual({ trainings: 12, points: 12 })
  const { runs } = searched(sweep, ({ a, b }) => Number(a) + Number(b))
  expect(new Set(runs.map(({ params }) => `${params.a} ${params.b}`)).size).toBe(12)
})

test.each(methods)('%s proposes the same from the same seed and history, and otherwise from another seed', (method) => {
  const history = searched(sweepOf(square, method, 9, 4), branin)
  const again = searchOf(sweepOf(square, method, 12, 4))
  const next = (seed: number) => again.propose!(sweepOf(square, method, 12, seed), history, 3)
  expect(next(4)).toEqual(next(4))
  expect(next(4).runs.map(({ params }) => params)).not.toEqual(next(5).runs.map(({ params }) => params))
  // as many at once as one after another, while nothing ends
  const oneByOne = searched(sweepOf(square, method, 9, 4), branin)
  const runs = [...oneByOne.runs]
  const points = [...oneByOne.points]
  for (let turn = 0; turn < 3; turn++) {
    const more = again.propose!(sweepOf(square, method, 12, 4), { runs, points }, 1)
    runs.push(...more.runs.map((run) => ({ ...run, status: 'waiting' as const })))
    points.push(...more.points.map((point) => ({ ...point, status: 'waiting' as const, score: null })))
  }
  expect(runs.slice(9).map(({ params }) => params)).toEqual(next(4).runs.map(({ params }) => params))
})

test.each(['tpe', 'gaussian-process'] as const)('%s keeps away from where trainings fail', (method) => {
  const axes: Axes = { x: { range: ['0', '1', 41] }, y: { range: ['0', '1', 41] } }
  // the most promising half is where nothing works
  const failing = ({ x, y }: Values): Outcome => (Number(x) > 0.5 ? 'failed' : Number(x) - (Number(y) - 0.5) ** 2)
  const failures = seeds.slice(0, 8).map((seed) => {
    const { runs } = searched(sweepOf(axes, method, 40, seed), failing)
    return runs.slice(20).filter(({ status }) => status === 'failed').length
  })
  // half of the space, which random order would meet ten times
  expect(median(failures)).toBeLessThan(9)
})

test('a training under way is not proposed again beside itself: four at once spread over what is promising', () => {
  const sweep = sweepOf(square, 'gaussian-process', 40)
  const history = searched(sweepOf(square, 'gaussian-process', 16), branin)
  const { runs } = searchOf(sweep).propose!(sweep, history, 4)
  for (const one of runs)
    for (const other of runs.filter(({ number }) => number < one.number))
      expect(
        Math.hypot(Number(one.params.x) - Number(other.params.x), Number(one.params.y) - Number(other.params.y)),
      ).toBeGreaterThan(0.005)
})

test('a proposal says by whom it is, from how much, and what was expected of it', () => {
  const sweep = sweepOf(square, 'gaussian-process', 20)
  const { proposal } = searchOf(sweep).propose!(sweep, searched(sweepOf(square, 'gaussian-process', 10), branin), 1)
    .runs[0]!
  expect(proposal).toMatchObject({ by: 'gaussian-process', seen: 10, pending: 0 })
  expect(proposal!.expected!.deviation).toBeGreaterThan(0)
  expect(proposal!.best!.value).toBeGreaterThanOrEqual(proposal!.nearest!.value)
  expect(searchOf(sweep).propose!(sweep, { runs: [], points: [] }, 1).runs[0]!.proposal).toEqual({
    by: 'start',
    seen: 0,
    pending: 0,
  })
})

test('a value that is written otherwise is there already', () => {
  const sweep = sweepOf({ lr: { log_uniform: ['1e-5', '1e-3'] }, name: ['a', 'b'] }, 'random', 3)
  const history: SearchHistory = {
    runs: [{ number: 1, params: { lr: '1e-4', name: 'a' }, status: 'done' }],
    points: [],
  }
  expect(isProposed(sweep, history, { lr: '0.0001', name: 'a' })).toBe(true)
  expect(isProposed(sweep, history, { lr: '0.0001', name: 'b' })).toBe(false)
})

/** An optimizer decides which settings there are; the best is one of adamw's. */
const conditional = {
  axes: {
    optimizer: ['sgd', 'adamw'],
    momentum: { uniform: ['0', '1'] as [string, string] },
    beta: { uniform: ['0', '1'] as [string, string] },
    schedule: ['linear', 'cosine'],
  },
  when: { momentum: { optimizer: ['sgd'] }, beta: { optimizer: ['adamw'] } },
}
const byOptimizer = ({ optimizer, momentum, beta, schedule }: Values) =>
  (schedule === 'cosine' ? 0.1 : 0) +
  (optimizer === 'sgd' ? 0.4 - (Number(momentum) - 0.5) ** 2 : 0.8 - 2 * (Number(beta) - 0.7) ** 2)

test.each(methods)('%s: an axis that is not there has no value, and every proposal is of those that are', (method) => {
  const sweep = { ...sweepOf(conditional.axes, method, 24), when: conditional.when }
  const { runs, points } = searched(sweep, byOptimizer)
  expect(runs).toHaveLength(24)
  for (const { params } of runs)
    expect(Object.keys(params)).toEqual(['optimizer', params.optimizer === 'sgd' ? 'momentum' : 'beta', 'schedule'])
  expect(new Set(points.map(({ params }) => JSON.stringify(params))).size).toBe(24)
  expect(new Set(runs.map(({ params }) => params.optimizer))).toEqual(new Set(['sgd', 'adamw']))
})

test.each(['tpe', 'gaussian-process'] as const)('%s learns along axes that exist at some points only', (method) => {
  const reached = (by: SearchingMethod) =>
    seeds.map((seed) => {
      const sweep = {
        ...sweepOf(conditional.axes, by, 24, seed),
        when: conditional.when,
      }
      return bestOf(searched(sweep, byOptimizer))
    })
  const [own, random] = [reached(method), reached('random')]
  expect(median(own)).toBeGreaterThan(median(random))
  expect(median(own)).toBeGreaterThan(0.88)
})

test.each(methods)('%s ends where every cell was taken of a grid with conditions', (method) => {
  const sweep = {
    ...sweepOf({ a: ['1', '2', '3'], b: ['x', 'y', 'z'] }, method, 100),
    when: { b: { a: ['2'] } },
  }
  expect(searchOf(sweep).size(sweep)).toEqual({ trainings: 5, points: 5 })
  const { runs } = searched(sweep, ({ a, b }) => Number(a) + (b === 'y' ? 5 : 0))
  expect(runs.map(({ params }) => Object.values(params).join('')).toSorted()).toEqual(['1', '2x', '2y', '2z', '3'])
})
