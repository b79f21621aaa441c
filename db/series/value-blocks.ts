/** Values of a series in step order, whatever order they came in. */
import { decodeWithTimes } from './levels.ts'
import type { AttemptState } from './state.ts'
import type { ChunkPlace, ChunkRow, ChunkStore } from './statements.ts'
import { sortedTail } from './unsealed.ts'

/** The part of an attempt's series that is looked at: steps from..to, both included. */
export type BlockPart = { state: AttemptState; slot: number; from: number; to: number }

export type ValueBlock = { steps: Float64Array; times: Float64Array; values: Float64Array }

/**
 * Values of a part in step order, those of one step in order of arrival, a chunk or so at a time. What is unsealed when the first
 * block is asked for is kept in memory; chunks are opened as they are reached, those that overlap in steps together.
 */
export function* valueBlocks(store: ChunkStore, part: BlockPart): Generator<ValueBlock> {
  const { state, slot, from, to } = part
  const tail = sortedTail(store, state, slot)
  const places = store.statements.places.all(state.id, slot, 0, 0) as ChunkPlace[]
  if (tail.steps.length > 0) {
    places.push({
      level: -1,
      sequence: Infinity,
      first_step: tail.steps[0]!,
      last_step: tail.steps.at(-1)!,
      points: tail.steps.length,
    })
  }
  const queue = places.filter((place) => place.last_step >= from && place.first_step <= to)
  queue.sort((a, b) => a.first_step - b.first_step || a.sequence - b.sequence)
  const open = (place: ChunkPlace): ValueBlock => {
    if (place.level === -1) return tail
    const row = store.statements.chunk.get(state.id, slot, 0, place.sequence) as ChunkRow | undefined
    if (row !== undefined) return decodeWithTimes(store, row)
    throw new Error(`Points of "${state.names[slot]}" of run ${state.runId} were removed while they were being read.`)
  }
  for (let next = 0; next < queue.length;) {
    const group = [queue[next]!]
    let { last_step: last, sequence } = queue[next++]!
    for (; next < queue.length; next++) {
      const place = queue[next]!
      if (place.first_step > last || (place.first_step === last && place.sequence > sequence)) break
      group.push(place)
      last = Math.max(last, place.last_step)
      sequence = Math.max(sequence, place.sequence)
    }
    group.sort((a, b) => a.sequence - b.sequence)
    const block = group.length === 1 ? open(group[0]!) : sortedTogether(group.map(open))
    const start = lowerBound(block.steps, from)
    const end = lowerBound(block.steps, to + 1)
    if (start >= end) continue
    yield {
      steps: block.steps.subarray(start, end),
      times: block.times.subarray(start, end),
      values: block.values.subarray(start, end),
    }
  }
}

/** Blocks in order of arrival to one in step order. */
function sortedTogether(blocks: ValueBlock[]): ValueBlock {
  const join = (key: keyof ValueBlock): Float64Array => {
    const all = new Float64Array(blocks.reduce((sum, block) => sum + block.steps.length, 0))
    let at = 0
    for (const block of blocks) {
      all.set(block[key], at)
      at += block.steps.length
    }
    return all
  }
  const steps = join('steps')
  const order = Uint32Array.from(steps, (_, index) => index).sort((a, b) => steps[a]! - steps[b]! || a - b)
  const sorted = (values: Float64Array): Float64Array => Float64Array.from(order, (index) => values[index]!)
  return { steps: sorted(steps), times: sorted(join('times')), values: sorted(join('values')) }
}

/** Index of the first step that is not below `step`. */
function lowerBound(steps: Float64Array, step: number): number {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (steps[middle]! < step) low = middle + 1
    else high = middle
  }
  return low
}
