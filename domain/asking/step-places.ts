/** Where the steps of a run stand on another axis: time, epochs, tokens. Between known places a step's is found in proportion. */

export const axisKinds = ['step', 'relative', 'wall', 'epoch', 'tokens'] as const
/** `relative`: seconds of training; `wall`: seconds since 1970. */
export type AxisKind = (typeof axisKinds)[number]

/** Steps, rising, and the place of each, never falling. */
export type StepPlaces = { steps: number[]; places: number[] }

const namesOfEpoch = new Set(['epoch', 'epochs', 'num_epochs', 'current_epoch'])
const namesOfTokens = new Set([
  'tokens',
  'num_tokens',
  'total_tokens',
  'tokens_seen',
  'consumed_tokens',
  'num_input_tokens_seen',
  'total_num_tokens',
])

/** The metric that counts epochs or tokens, by the last part of its name; null where there is none. */
export function axisMetric(names: readonly string[], kind: 'epoch' | 'tokens'): string | null {
  const wanted = kind === 'epoch' ? namesOfEpoch : namesOfTokens
  return names.find((name) => wanted.has(name.slice(name.lastIndexOf('/') + 1).toLowerCase())) ?? null
}

/**
 * Whether the time of a row is to be known: times at least a second apart, and in a run's first 100 seconds a hundredth of its age
 * (10 ms at least). So a chart's time is good to a second, or to a hundredth of a short run, whatever the number of steps.
 */
export function isTimeDue(time: number, first: number, last: number): boolean {
  return Math.abs(time - last) >= Math.min(1, Math.max(0.01, Math.abs(time - first) / 100))
}

/** The place of a step: in proportion between its neighbours, beyond the last as far on as the steps before it went. */
export function placeOfStep({ steps, places }: StepPlaces, step: number): number {
  const count = steps.length
  if (count === 1 || step <= steps[0]!) return places[0]!
  let low = 0
  let high = count - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (steps[middle]! <= step) low = middle
    else high = middle
  }
  const share = (step - steps[low]!) / (steps[high]! - steps[low]!)
  return places[low]! + share * (places[high]! - places[low]!)
}

/** The steps around a range of places, both ends included; a neighbour more at each side. */
export function stepsAround({ steps, places }: StepPlaces, from: number, to: number): [number, number] {
  const first = places.findLastIndex((place) => place < from)
  const last = places.findIndex((place) => place > to)
  return [first === -1 ? 0 : steps[first]!, last === -1 ? Number.MAX_SAFE_INTEGER : steps[last]!]
}

/**
 * One axis of several attempts, each with the times of its steps. `relative`: seconds of training, in which the time between
 * attempts is left out; else the times as they are. Where a clock was set back its steps stand at the highest time so far.
 */
export function placesOfAttempts(attempts: readonly StepPlaces[], relative: boolean): StepPlaces {
  const joined: StepPlaces = { steps: [], places: [] }
  let highest = -Infinity
  for (const { steps, places } of attempts) {
    const shift = relative ? Math.max(0, highest) - (places[0] ?? 0) : 0
    for (const [at, step] of steps.entries()) {
      highest = Math.max(highest, places[at]! + shift)
      joined.steps.push(step)
      joined.places.push(highest)
    }
  }
  return joined
}

/** Places that fall somewhere, or never grow, are no axis. */
export function isAxis({ places }: StepPlaces): boolean {
  return (
    places.length > 0 &&
    places.at(-1)! > places[0]! &&
    places.every((place, at) => at === 0 || place >= places[at - 1]!)
  )
}

/**
 * Steps that buckets divide for lines from 0 to `reached` that are drawn over each other: each as wide as a power of two. So what is
 * read again when a line has grown has its places where the others have theirs, or each second of these.
 */
export function commonSteps(reached: number, buckets: number): [number, number] {
  const width = 2 ** Math.max(0, Math.ceil(Math.log2((reached + 1) / buckets)))
  return [0, width * buckets - 1]
}
