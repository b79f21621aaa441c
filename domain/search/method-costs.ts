/** What each way through the axes would cost: before anything is trained, from what was measured of such methods elsewhere. */
import { defaultKeep, keptOf } from '../sweep/stop-rungs.ts'
import type { SearchingMethod } from '../sweep/searching.ts'

/**
 * Trainings until one within 0.01 of the table's best was made in 95 % of 30 searches: of nine combinations, and the least and the most
 * among six tables of 72 to 400 (`npm run bench -- search`, docs/search.md). Infinity: more than the 60 that were looked at.
 */
const measured: Record<SearchingMethod, { ofNine: number; ofMany: [number, number] }> = {
  random: { ofNine: 9, ofMany: [15, Infinity] },
  tpe: { ofNine: 8, ofMany: [9, 40] },
  'gaussian-process': { ofNine: 7, ofMany: [6, 39] },
}

/** Fewer combinations than this are hardly worth searching (docs/search.md). */
export const fewCells = 40

/** Trainings, as lengths of one that goes to its end: the least and the most. */
export type MethodCost = { method: 'grid' | 'stopped' | SearchingMethod; trainings: [number, number] }

/**
 * `cells`: how many combinations there are, endless between ends. `milestones`: rising, as numbers; without one before the last, nothing
 * says which training is worse before its end, and stopping early is no row.
 */
export function costOfMethods(cells: number, milestones: readonly number[]): MethodCost[] {
  const least = (milestones.at(-1) ?? 0) / 9
  const first = milestones.slice(0, -1).find((value) => value >= least)
  const grid: MethodCost[] = cells === Infinity ? [] : [{ method: 'grid', trainings: [cells, cells] }]
  if (cells !== Infinity && first !== undefined) {
    const length = stoppedLength(cells, first / milestones.at(-1)!)
    if (length < cells) grid.push({ method: 'stopped', trainings: [length, length] })
  }
  const searches = Object.entries(measured).map(([method, { ofNine, ofMany }]): MethodCost => {
    const [low, high] = cells < fewCells ? [ofNine, cells] : ofMany
    return { method: method as SearchingMethod, trainings: [Math.min(low, cells), Math.min(high, cells)] }
  })
  return [...grid, ...searches]
}

/**
 * All to the first milestone, a share of the whole length, and those that are kept to the end, as lengths of a whole training: where
 * trainings are held at the milestone and their rank alone decides. Who cannot be told from the last kept goes on, too, and costs more.
 */
export function stoppedLength(trainings: number, share: number, keep: number = defaultKeep): number {
  const kept = Math.min(trainings, keptOf(trainings, keep))
  return kept + (trainings - kept) * share
}
