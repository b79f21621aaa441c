/** Checkpoints that a sweep took over from an earlier one: one model, and where it was measured once, one row. */
import type { CheckpointColumns } from './checkpoint-columns.ts'

export const isCopy = ({ models, ids }: CheckpointColumns, place: number) => models[place] !== ids[place]

/** Leaves those out of `passes` that are measured exactly as another of the same model which passes; gives how many. */
export function leaveOutCopies(columns: CheckpointColumns, passes: Uint8Array): number {
  const { models, placeOf } = columns
  const listed = new Map<number, number[]>()
  let left = 0
  for (let place = 0; place < passes.length; place++) {
    if (passes[place] === 0 || !isCopy(columns, place)) continue
    const model = models[place]!
    const original = placeOf.get(model)
    const others = listed.get(model) ?? (original !== undefined && passes[original] === 1 ? [original] : [])
    if (others.some((other) => isMeasuredAlike(columns, place, other))) {
      passes[place] = 0
      left += 1
    } else others.push(place)
    listed.set(model, others)
  }
  return left
}

function isMeasuredAlike({ benchmarks }: CheckpointColumns, place: number, other: number): boolean {
  return benchmarks
    .values()
    .every(
      ({ accuracy, correct, total }) =>
        Object.is(accuracy[place], accuracy[other]) &&
        correct[place] === correct[other] &&
        total[place] === total[other],
    )
}
