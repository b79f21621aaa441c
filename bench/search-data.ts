/** Tables of trainings and searches on them, for `npm run bench -- search`. */
import type { SearchHistory } from '../domain/search/method.ts'
import { searchOf } from '../domain/search/methods.ts'
import type { SearchingMethod } from '../domain/sweep/searching.ts'
import type { StopMethod } from '../domain/sweep/stop-early.ts'
import { rungsOf } from '../domain/sweep/stop-rungs.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../domain/sweep/sweep.ts'
import { JudgedTrainings } from './stopping-data.ts'

/** `curves`: a cell's score after each epoch, or tree; the first axis slowest. */
export type Table = { name: string; axes: Record<string, string[]>; curves: number[][] }

/** After each training: what was spent so far, in whole trainings, and the best score of those that came to their end; null before one did. */
export type Reached = [spent: number, best: number | null][]

/** Within so much of the table's best, a person has found it. */
export const near = 0.01
/** A search ends when it has spent so many whole trainings, or as soon as it has found the best. */
export const mostTrainings = 60

export const bestOf = ({ curves }: Table): number => Math.max(...curves.map((curve) => curve.at(-1)!))
export const lengthOf = ({ curves }: Table): number => curves[0]!.length

/** Where trainings are looked at when they may be stopped: at a ninth of the length, a third and the end. */
const milestonesOf = (length: number) => [...new Set([9, 3, 1].map((part) => Math.ceil(length / part)))]

export function sweepOf(
  axes: SweepInput['axes'],
  { method, trainings, seed }: { method: SearchingMethod; trainings: number; seed: number },
  more: Partial<SweepInput> = {},
): Sweep {
  const input = { name: 'search', search: { method, trainings, seed }, axes, train: { command: ['train'] }, ...more }
  return sweepSchema.parse(input)
}

/** How a search goes, and by what its poor trainings are stopped: `asha from a third` of their length. */
export type Way = { method: SearchingMethod; stop: StopMethod | 'asha from a third' | null }

/** One search, a training at a time. */
export function searchTable(table: Table, { method, stop }: Way, seed: number): Reached {
  const length = lengthOf(table)
  const milestones = stop === null ? [length] : milestonesOf(length)
  const axes = stop === null ? table.axes : { ...table.axes, epoch: { milestones: milestones.map(String) } }
  const stopEarly =
    stop === 'asha from a third' ? { method: 'asha' as const, min: milestones.at(-2)! } : stop && { method: stop }
  const searching = { method, trainings: table.curves.length, seed }
  const sweep = sweepOf(axes, searching, stopEarly === null ? {} : { stop_early: stopEarly })
  const cells: number[] = []
  const judged =
    stopEarly &&
    new JudgedTrainings({
      method: stopEarly.method,
      rungs: rungsOf(sweep).values,
      epochs: length,
      valueAt: (run, epoch) => table.curves[cells[run]!]![epoch - 1]!,
    })
  const history: { runs: SearchHistory['runs'][number][]; points: SearchHistory['points'][number][] } = {
    runs: [],
    points: [],
  }
  const reached: Reached = []
  let [spent, best]: [number, number | null] = [0, null]
  while (cells.length < table.curves.length && spent < mostTrainings * length) {
    const more = searchOf(sweep).propose!(sweep, history, 1)
    const { params } = more.runs[0]!
    const cell = cellOf(table, params)
    const run = cells.push(cell) - 1
    judged?.add()
    const isWhole = judged?.finish(run) ?? true
    const trained = judged?.spent[run] ?? length
    spent += trained
    const curve = table.curves[cell]!
    history.runs.push({ number: run + 1, params, status: isWhole ? 'done' : 'stopped' })
    for (const [at, point] of more.points.entries()) {
      const isScored = milestones[at]! <= trained
      history.points.push({
        ...point,
        status: isScored ? 'scored' : 'stopped',
        score: isScored ? curve[milestones[at]! - 1]! : null,
      })
    }
    if (isWhole) best = Math.max(curve.at(-1)!, best ?? -Infinity)
    reached.push([spent / length, best])
    if (best !== null && best >= bestOf(table) - near) break
  }
  return reached
}

function cellOf({ axes }: Table, params: Readonly<Record<string, string>>): number {
  return Object.entries(axes).reduce((at, [name, values]) => at * values.length + values.indexOf(params[name]!), 0)
}

/** What was spent until the best was found; Infinity where it was not. */
export function spentUntilFound(reached: Reached, table: Table): number {
  return reached.find(([, best]) => best !== null && best >= bestOf(table) - near)?.[0] ?? Infinity
}
