/**
 * How soon a search finds the best of tables of real trainings, beside Optuna's samplers and pruners on the same tables in the same run:
 * `npm run bench -- search`. Tables are computed on the spot, the first time: the built-in trainer's (search-trainer.ts), and with scikit-learn
 * in a Python environment of the bench's own (PYTHON, default python3, makes it). BENCH_FOLDER keeps them; without its files they are
 * computed anew. Then how long a proposal takes.
 * `SEARCH_REPETITIONS` (30).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { SearchHistory } from '../domain/search/method.ts'
import { searchOf } from '../domain/search/methods.ts'
import { createRandom } from '../domain/stats/rng.ts'
import { searchingMethods } from '../domain/sweep/searching.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { benchFolder, environmentIn, output } from './python.ts'
import {
  lengthOf,
  mostTrainings,
  near,
  type Reached,
  searchTable,
  spentUntilFound,
  sweepOf,
  type Table,
} from './search-data.ts'
import { trainerTables } from './search-trainer.ts'
import { printTable } from './table.ts'

const repetitions = Number(process.env.SEARCH_REPETITIONS ?? 30)
const certain = 0.95

/** Prints the tables. */
export async function run(): Promise<void> {
  const folder = benchFolder()
  // the Gaussian process of Optuna alone needs torch: without it, it is left out, and said
  const python = environmentIn(folder, ['torch'])
  if (python === null) return
  const tables = [...(await trainerTables(folder)), ...scikitTables(python, folder)]
  const file = path.join(folder, 'tables.json')
  writeFileSync(file, JSON.stringify({ tables }))
  const words = [file, repetitions, near, mostTrainings, availableParallelism()].map(String)
  const optuna = output<{ reached: Record<string, Record<string, Reached[]>>; trouble: string[] }>(
    python,
    'search-optuna.py',
    words,
  )
  const found = tables.map((table) => ({
    table,
    spent: new Map(
      [...Object.entries(ownSearches(table)), ...Object.entries(optuna.reached[table.name] ?? {})].map(
        ([name, searches]) => [name, searches.map((reached) => spentUntilFound(reached, table))] as const,
      ),
    ),
  }))
  for (const [title, isWanted] of [
    ['every training to its end', (name: string) => !name.includes('+')],
    ['poor trainings stopped early', (name: string) => name.includes('+')],
  ] as const) {
    const names = [...new Set(found.flatMap(({ spent }) => [...spent.keys()]))].filter(isWanted)
    printTable(
      `Whole trainings until one within ${near} of the best was made in ${100 * certain} % of ${repetitions} searches (median in brackets), ${title}`,
      [
        ['table', 'trainings', 'length', ...names],
        ...found
          .filter(({ spent }) => names.some((name) => spent.has(name)))
          .map(({ table, spent }) => [
            table.name,
            String(table.curves.length),
            String(lengthOf(table)),
            ...names.map((name) => {
              const all = spent.get(name)
              return all ? `${shown(quantile(all, certain))} (${shown(quantile(all, 0.5))})` : '–'
            }),
          ]),
      ],
    )
  }
  printTable(`The least that is spent until then in ${100 * certain} %, by whom`, [
    ['table', 'ours', 'Optuna', 'no worse'],
    ...found.map(({ table, spent }) => {
      const best = (isOurs: boolean) =>
        [...spent]
          .filter(([name]) => name.startsWith('Optuna') !== isOurs)
          .map(([name, all]) => ({ name, least: quantile(all, certain) }))
          .reduce((a, b) => (b.least < a.least ? b : a), { name: '–', least: Infinity })
      const [ours, theirs] = [best(true), best(false)]
      const say = ({ name, least }: typeof ours) => `${shown(least)}: ${name}`
      return [table.name, say(ours), say(theirs), ours.least <= theirs.least ? 'yes' : 'no']
    }),
  ])
  for (const words of optuna.trouble) console.log(`\nNot compared: ${words}.`)
  proposalTimes()
}

/** Computed once, and kept in the folder. */
function scikitTables(python: string, folder: string): Table[] {
  const file = path.join(folder, 'scikit-tables.json')
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(output(python, 'search-tables.py', [])))
  return (JSON.parse(readFileSync(file, 'utf8')) as { tables: Table[] }).tables
}

/** Each method without stopping, and the two that learn with what may stop their trainings. */
function ownSearches(table: Table): Record<string, Reached[]> {
  const ways = searchingMethods.flatMap((method) =>
    ([null, 'asha', 'asha from a third', 'median'] as const)
      .filter((stop) => stop === null || (method !== 'random' && lengthOf(table) > 1))
      .map((stop) => ({ method, stop })),
  )
  return Object.fromEntries(
    ways.map(({ method, stop }) => [
      stop === null ? method : `${method} + ${stop}`,
      Array.from({ length: repetitions }, (_, seed) => searchTable(table, { method, stop }, seed)),
    ]),
  )
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)]!
}

const shown = (count: number) => (count === Infinity ? `> ${mostTrainings}` : String(Number(count.toFixed(1))))

/** How long one proposal takes with so many trainings seen, over a grid and between ends. */
function proposalTimes(): void {
  const spaces: [string, SweepInput['axes']][] = [
    [
      'between ends, 4 axes',
      {
        a: { uniform: ['0', '1'] },
        b: { log_uniform: ['1e-5', '1'] },
        c: { integer: ['1', '1000'] },
        d: ['x', 'y', 'z'],
      },
    ],
    ['a grid of 160,000', Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { range: ['0', '1', 20] }]))],
  ]
  const counts = [100, 1000, 10_000]
  const rows = spaces.flatMap(([name, axes]) =>
    searchingMethods.map((method) => [
      name,
      method,
      ...counts.map((count) => {
        const history = madeHistory(axes, count)
        const sweep = sweepOf(axes, { method, trainings: count + 20, seed: 1 })
        const times = Array.from({ length: 7 }, () => {
          const before = process.cpuUsage()
          searchOf(sweep).propose!(sweep, history, 1)
          const { user, system } = process.cpuUsage(before)
          return (user + system) / 1000
        })
        return quantile(times, 0.5).toFixed(0)
      }),
    ]),
  )
  printTable('Processor time of a proposal in ms, the median of seven', [
    ['space', 'method', ...counts.map((count) => `${count.toLocaleString('en')} trainings seen`)],
    ...rows,
  ])
}

function madeHistory(axes: SweepInput['axes'], count: number): SearchHistory {
  const sweep = sweepOf(axes, { method: 'random', trainings: count, seed: 2 })
  const more = searchOf(sweep).propose!({ ...sweep }, { runs: [], points: [] }, 1)
  const random = createRandom(9)
  const runs: SearchHistory['runs'][number][] = []
  const points: SearchHistory['points'][number][] = []
  const literal = (name: string): string => {
    const axis = sweep.axes[name]!
    if (Array.isArray(axis)) return axis[Math.floor(random.uniform() * axis.length)]!
    if ('integer' in axis && !('range' in axis) && !('log' in axis))
      return String(1 + Math.floor(1000 * random.uniform()))
    return 'log_uniform' in axis ? (10 ** (-5 * random.uniform())).toPrecision(3) : random.uniform().toFixed(4)
  }
  for (let number = 1; number <= count; number++) {
    const params = Object.fromEntries(Object.keys(sweep.axes).map((name) => [name, literal(name)]))
    const distance = Object.values(params).reduce(
      (sum, text) => sum + (Number(text) > 0 ? (Number(text) % 1) ** 2 : 0),
      0,
    )
    runs.push({ number, params, status: 'done' })
    points.push({
      ...more.points[0]!,
      number,
      runNumber: number,
      params,
      status: 'scored',
      score: 0.01 * random.normal() - distance,
    })
  }
  return { runs, points }
}
