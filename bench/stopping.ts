/**
 * What stopping early saves and what it costs, on learning curves of real trainings: grids of 3 × 3 out of tables that
 * stopping-curves.py trains on the spot in a Python environment of the bench's own (`npm run bench -- stopping`; bench/python.ts), each in
 * random orders, with the judges that the product has, and with Optuna's pruners on the first of these orders. Epochs: share of those that training all to the end takes. The pick is the best final accuracy
 * of the trainings that came to their end; its regret what the best of all nine has more.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createRandom } from '../domain/stats/rng.ts'
import { areAlike } from '../domain/stopping/alike.ts'
import type { StopMethod } from '../domain/sweep/stop-early.ts'
import { benchFolder, environmentIn, output } from './python.ts'
import { trainAll } from './stopping-data.ts'
import { stoppedIntervals } from './stopping-intervals.ts'
import { printTable } from './table.ts'

type Curve = { settings: number[]; right: number[] }
type Table = { name: string; asked: number; rows: Curve[] }
type Way = { name: string; method: StopMethod; rungs: number[]; held: boolean; isSure: boolean }

const epochs = 9
const ordersEach = 20
/** Of these Optuna's pruners, which take their time, get the first. */
const ordersOfOptuna = 5
/** A benchmark to compare with: any does, as all are divided by it. */
const baseline = { held: 0.5 }
const ways: Way[] = [
  {
    name: 'milestones, held, with the noise of the questions',
    method: 'milestones',
    rungs: [3],
    held: true,
    isSure: true,
  },
  { name: 'milestones, held, by rank (a metric)', method: 'milestones', rungs: [3], held: true, isSure: false },
  { name: 'milestones, one at a time, by rank', method: 'milestones', rungs: [3], held: false, isSure: false },
  { name: 'asha from a ninth, one at a time', method: 'asha', rungs: [1, 3], held: false, isSure: false },
  { name: 'asha from a third, one at a time', method: 'asha', rungs: [3], held: false, isSure: false },
  { name: 'median, one at a time', method: 'median', rungs: [1, 3, 6], held: false, isSure: false },
]

/** Share of the epochs that a grid takes in this order, and how much worse the pick is. */
function runGrid(
  grid: Curve[],
  asked: number,
  { method, rungs, held, isSure }: Way,
): { share: number; regret: number } {
  const accuracyAt = (at: number, epoch: number) => grid[at]!.right[epoch - 1]! / asked
  const spent = trainAll(grid.length, held, {
    method,
    rungs,
    epochs,
    valueAt: accuracyAt,
    ...(isSure && {
      alike: (first, second, rung) =>
        areAlike({
          aggregate: 'harmonic-mean',
          baseline,
          answers: {},
          points: [first, second].map((at, index) => {
            const correct = grid[at]!.right[rung - 1]!
            return { index, score: correct / asked / baseline.held, counts: { held: { correct, total: asked } } }
          }),
        }),
    }),
  })
  const final = grid.map((_, at) => accuracyAt(at, epochs))
  const picked = Math.max(...final.filter((_, at) => spent[at] === epochs))
  return {
    share: spent.reduce((sum, one) => sum + one, 0) / (epochs * grid.length),
    regret: Math.max(...final) - picked,
  }
}

/** Every grid of three rates and three sizes of batches. */
function gridsOf({ rows }: Table): Curve[][] {
  const rates = [...new Set(rows.map(({ settings }) => settings[0]!))]
  const triples = rates.flatMap((a, i) =>
    rates.slice(i + 1).flatMap((b, j) => rates.slice(i + j + 2).map((c) => new Set([a, b, c]))),
  )
  return [...Map.groupBy(rows, ({ settings }) => settings[2])].flatMap(([, own]) =>
    triples.map((chosen) => own.filter(({ settings }) => chosen.has(settings[0]!))),
  )
}

export async function run(): Promise<void> {
  stoppedIntervals()
  const folder = benchFolder()
  const python = environmentIn(folder)
  if (python === null) return
  const tables = output<Table[]>(python, 'stopping-curves.py', [])
  const grids = tables.flatMap((table) => gridsOf(table).map((grid) => ({ grid, asked: table.asked })))
  const random = createRandom(1)
  const ordered = grids.flatMap(({ grid, asked }) =>
    Array.from({ length: ordersEach }, (_, order) => {
      const keys = grid.map((curve) => ({ curve, key: random.uniform() })).toSorted((a, b) => a.key - b.key)
      return { asked, order, grid: keys.map(({ curve }) => curve) }
    }),
  )
  const file = path.join(folder, 'grids.json')
  const ofOptuna = ordered.filter(({ order }) => order < ordersOfOptuna)
  writeFileSync(
    file,
    JSON.stringify(ofOptuna.map(({ grid, asked }) => grid.map(({ right }) => right.map((one) => one / asked)))),
  )
  const pruned = output<Record<string, [number, number][]>>(python, 'stopping-optuna.py', [file])
  const rows = [
    ...ways.map((way) =>
      rowOf(
        way.name,
        ordered.map(({ grid, asked }) => runGrid(grid, asked, way)),
      ),
    ),
    ...Object.entries(pruned).map(([name, found]) =>
      rowOf(
        name,
        found.map(([share, regret]) => ({ share, regret })),
      ),
    ),
  ]
  printTable(
    `Stopping early: ${grids.length} grids of 3 × 3 real trainings of ${epochs} epochs (${tables.map(({ name, asked }) => `${name}, ${asked} questions`).join('; ')}), ${ordersEach} orders each`,
    [['way', 'epochs', 'within 0.01 of the best', 'mean regret', '99 % of regrets at most'], ...rows],
  )
}

function rowOf(name: string, found: readonly { share: number; regret: number }[]): string[] {
  const mean = (of: (one: (typeof found)[number]) => number) =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const worst = found.map(({ regret }) => regret).toSorted((a, b) => a - b)[Math.floor(0.99 * found.length)]!
  return [
    name,
    percent(mean(({ share }) => share)),
    percent(mean(({ regret }) => Number(regret <= 0.01 + 1e-9))),
    mean(({ regret }) => regret).toFixed(4),
    worst.toFixed(3),
  ]
}
