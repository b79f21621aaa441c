/** The Pareto front of a sweep with several objectives, of its points as they are held in memory. */
import { paretoFront } from '../../domain/stats/pareto.ts'
import type { PointColumns } from './points-columns.ts'

const fronts = new WeakMap<PointColumns, { version: number; front: Uint8Array }>()

/** 1 for every point that no other one beats in all objectives and that breaks no constraint, at its number − 1; all 0 where there are not several. */
export function frontOf(columns: PointColumns): Uint8Array {
  const known = fronts.get(columns)
  if (known?.version === columns.version) return known.front
  const { count, objectives } = columns
  const front = new Uint8Array(count)
  if (objectives.length > 0) {
    const values = Array.from({ length: count }, (_, point) => objectivesAt(columns, point))
    paretoFront(values).forEach((isOn, point) => (front[point] = Number(isOn)))
  }
  fronts.set(columns, { version: columns.version, front })
  return front
}

/** A point's values, larger is better; null where one is not known, or a constraint is broken. */
function objectivesAt({ objectives, broken }: PointColumns, point: number): number[] | null {
  if (broken[point] === 1) return null
  const values = objectives.map(({ goal, values }) => (goal === 'maximize' ? values[point]! : -values[point]!))
  return values.some(Number.isNaN) ? null : values
}
