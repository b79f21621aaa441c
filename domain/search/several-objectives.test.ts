/** Searches that look for a front, or for the best that keeps a constraint. */
import { expect, test } from 'vitest'
import { paretoFront } from '../stats/pareto.ts'
import { createRandom } from '../stats/rng.ts'
import type { SearchingMethod } from '../sweep/searching.ts'
import { sweepSchema } from '../sweep/sweep.ts'
import type { SearchHistory } from './method.ts'
import { searchOf } from './methods.ts'

type Measured = Pick<SearchHistory['points'][number], 'score' | 'objectives' | 'slacks'>
type Values = Readonly<Record<string, string>>

const square = { x: { uniform: ['0', '1'] as [string, string] }, y: { uniform: ['0', '1'] as [string, string] } }

function searched(method: SearchingMethod, trainings: number, seed: number, of: (x: number, y: number) => Measured) {
  const several = {
    objectives: [
      { metric: 'a', goal: 'maximize' as const },
      { metric: 'b', goal: 'maximize' as const },
    ],
  }
  const sweep = sweepSchema.parse({
    name: 'x',
    search: { method, trainings, seed },
    axes: square,
    train: { command: ['a'] },
    ...(of(0, 0).objectives ? several : {}),
  })
  const runs: SearchHistory['runs'][number][] = []
  const points: SearchHistory['points'][number][] = []
  for (;;) {
    const more = searchOf(sweep).propose!(sweep, { runs, points }, 1)
    if (more.runs.length === 0) return { points, proposals: runs as typeof more.runs }
    runs.push(...more.runs.map((run) => ({ ...run, status: 'done' as const })))
    points.push(...more.points.map((point) => ({ ...point, status: 'scored' as const, ...at(point.params, of) })))
  }
}

const at = ({ x, y }: Values, of: (x: number, y: number) => Measured) => of(Number(x), Number(y))

/** Two hills: what lies between their tops, on y = 0.3, is the front. */
const hills = (x: number, y: number): Measured => {
  const objectives = [-((x - 0.2) ** 2) - (y - 0.3) ** 2, -((x - 0.8) ** 2) - (y - 0.3) ** 2]
  return { score: objectives[0]!, objectives }
}

/** The share of the square from (−0.5, −0.5) to (0, 0) that the front has under it. */
function underFront(points: SearchHistory['points']): number {
  const values = points.map(({ objectives }) => objectives!)
  const front = values.filter((_, one) => paretoFront(values)[one])
  const random = createRandom(9)
  let under = 0
  for (let draw = 0; draw < 2000; draw++) {
    const [a, b] = [-0.5 * random.uniform(), -0.5 * random.uniform()]
    under += Number(front.some((one) => one[0]! >= a && one[1]! >= b))
  }
  return under / 2000
}

const seeds = [1, 2, 3, 4, 5]
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

test.each(['tpe', 'gaussian-process'] as const)('%s finds more of a front than random order', (method) => {
  const reached = (by: SearchingMethod) => seeds.map((seed) => underFront(searched(by, 36, seed, hills).points))
  const [own, random] = [reached(method), reached('random')]
  expect(median(own)).toBeGreaterThan(median(random))
  expect(own.filter((value, turn) => value < random[turn]!).length).toBeLessThanOrEqual(1)
})

test('what the model makes of several objectives is no value that a person knows, and is not told', () => {
  const { proposals } = searched('gaussian-process', 12, 1, hills)
  for (const { proposal } of proposals) {
    expect(proposal!.expected).toBeUndefined()
    expect(proposal!.best).toBeUndefined()
  }
})

/** The best is on the edge of a disc; outside of it everything looks better. */
const disc = (x: number, y: number): Measured => ({ score: x + y, slacks: [0.3 - Math.hypot(x - 0.35, y - 0.35)] })
const bestKept = ({ points }: { points: SearchHistory['points'] }) =>
  Math.max(...points.filter(({ slacks }) => slacks![0]! >= 0).map(({ score }) => score!))

test.each(['tpe', 'gaussian-process'] as const)('%s looks for the best that keeps the constraint', (method) => {
  const reached = (by: SearchingMethod) => seeds.map((seed) => bestKept(searched(by, 36, seed, disc)))
  const [own, random] = [reached(method), reached('random')]
  expect(median(own)).toBeGreaterThan(median(random))
  // 0.7 + 0.3 √2 is the best there is
  if (method === 'gaussian-process') expect(median(own)).toBeGreaterThan(1.08)
})

test('while nothing keeps the constraint the Gaussian process looks for what does', () => {
  const narrow = (x: number, y: number): Measured => ({ score: -x, slacks: [0.08 - Math.hypot(x - 0.9, y - 0.1)] })
  const found = (method: SearchingMethod) =>
    seeds.map((seed) => searched(method, 30, seed, narrow).points.filter(({ slacks }) => slacks![0]! >= 0).length)
  expect(median(found('gaussian-process'))).toBeGreaterThan(median(found('random')))
  expect(Math.min(...found('gaussian-process'))).toBeGreaterThan(0)
})
