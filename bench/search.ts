/**
 * How soon a search finds the best of tables of real trainings, beside Optuna's samplers on the same tables in the same run:
 * `npm run bench -- search`. Tables are computed on the spot with scikit-learn in a Python environment of the bench's own (PYTHON,
 * default python3, makes it; BENCH_FOLDER keeps it). Then how long a proposal takes.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { SearchHistory } from '../domain/search/method.ts'
import { searchOf } from '../domain/search/methods.ts'
import { createRandom } from '../domain/stats/rng.ts'
import { type SearchingMethod, searchingMethods } from '../domain/sweep/searching.ts'
import { type SweepInput, sweepSchema } from '../domain/sweep/sweep.ts'
import { benchFolder, environmentIn, output } from './python.ts'
import { printTable } from './table.ts'

/** `curves`: a cell's score after each epoch, or tree; the first axis slowest. */
type Table = { name: string; axes: Record<string, string[]>; curves: number[][] }
/** The best score after each training, a list a repetition. */
type Reached = number[][]

const repetitions = 30
/** Within so much of the table's best, a person has found it. */
const near = 0.01
const certain = 0.95
/** A search ends there, or as soon as it has found the best. */
const mostTrainings = 60

/** Prints the tables. */
export async function run(): Promise<void> {
  const folder = benchFolder()
  // the Gaussian process of Optuna alone needs torch: without it, it is left out, and said
  const python = environmentIn(folder, ['torch'])
  if (python === null) return
  const { tables } = output<{ tables: Table[] }>(python, 'search-tables.py', [])
  const file = path.join(folder, 'tables.json')
  writeFileSync(file, JSON.stringify({ tables }))
  const optuna = output<{ curves: Record<string, Record<string, Reached>>; trouble: string[] }>(
    python,
    'search-optuna.py',
    [file, String(repetitions), String(near), String(mostTrainings)],
  )
  const reached = tables.map((table) => ({
    table,
    by: new Map<string, Reached>([
      ...searchingMethods.map((method) => [method, ownReached(table, method)] as const),
      ...Object.entries(optuna.curves[table.name] ?? {}),
    ]),
  }))
  const names = [...reached[0]!.by.keys()]
  printTable(
    `Trainings until one within ${near} of the best was made in ${100 * certain} % of ${repetitions} searches (median in brackets)`,
    [
      ['table', 'trainings', ...names],
      ...reached.map(({ table, by }) => [
        table.name,
        String(table.curves.length),
        ...names.map((name) => {
          const counts = by.get(name)!.map((curve) => trainingsUntil(curve, bestOf(table) - near))
          return `${shown(quantile(counts, certain))} (${shown(quantile(counts, 0.5))})`
        }),
      ]),
    ],
  )
  for (const at of [5, 10, 20])
    printTable(
      `What the best lacks after ${at} trainings, the mean of ${repetitions} searches, each ended once within ${near}`,
      [
        ['table', ...names],
        ...reached
          .filter(({ table }) => table.curves.length > at)
          .map(({ table, by }) => [
            table.name,
            ...names.map((name) =>
              mean(by.get(name)!.map((curve) => bestOf(table) - (curve[at - 1] ?? curve.at(-1)!))).toFixed(4),
            ),
          ]),
      ],
    )
  for (const words of optuna.trouble) console.log(`\nNot compared: ${words}.`)
  proposalTimes()
}

const bestOf = (table: Table) => Math.max(...table.curves.map((curve) => curve.at(-1)!))

function ownReached(table: Table, method: SearchingMethod): Reached {
  const trainings = Math.min(table.curves.length, mostTrainings)
  return Array.from({ length: repetitions }, (_, seed) => {
    const sweep = sweepSchema.parse(sweepOf(table.axes, method, trainings, seed))
    const history: { runs: SearchHistory['runs'][number][]; points: SearchHistory['points'][number][] } = {
      runs: [],
      points: [],
    }
    const best: number[] = []
    for (let turn = 0; turn < trainings && !(best.at(-1)! >= bestOf(table) - near); turn++) {
      const more = searchOf(sweep).propose!(sweep, history, 1)
      const { params } = more.runs[0]!
      const cell = Object.entries(table.axes).reduce(
        (at, [name, values]) => at * values.length + values.indexOf(params[name]!),
        0,
      )
      const score = table.curves[cell]!.at(-1)!
      history.runs.push({ number: turn + 1, params, status: 'done' })
      history.points.push({ ...more.points[0]!, status: 'scored', score })
      best.push(Math.max(score, best.at(-1) ?? score))
    }
    return best
  })
}

function sweepOf(axes: SweepInput['axes'], method: SearchingMethod, trainings: number, seed: number): SweepInput {
  return { name: 'search', search: { method, trainings, seed }, axes, train: { command: ['train'] } }
}

/** Infinite where it was not reached. */
function trainingsUntil(curve: readonly number[], wanted: number): number {
  const at = curve.findIndex((score) => score >= wanted)
  return at < 0 ? Infinity : at + 1
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)]!
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const shown = (count: number) => (count === Infinity ? `> ${mostTrainings}` : String(count))

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
    (['tpe', 'gaussian-process'] as const).map((method) => [
      name,
      method,
      ...counts.map((count) => {
        const history = madeHistory(axes, count)
        const sweep = sweepSchema.parse(sweepOf(axes, method, count + 20, 1))
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
  const sweep = sweepSchema.parse(sweepOf(axes, 'random', count, 2))
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
