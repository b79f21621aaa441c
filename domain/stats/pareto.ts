/** Points compared by several objectives at once: none is given up for another. */

/** Whether every value of one is at least the other's and one is larger; values are larger where better. */
export function dominates(one: readonly number[], other: readonly number[]): boolean {
  let larger = false
  for (let at = 0; at < one.length; at++) {
    if (one[at]! < other[at]!) return false
    larger ||= one[at]! > other[at]!
  }
  return larger
}

/**
 * Which of the points no other one dominates: the Pareto front. `values`: by point, larger is better; null where one is not known, and
 * that point is on no front. Of equal points all are.
 */
export function paretoFront(values: readonly (readonly number[] | null)[]): boolean[] {
  const onFront = values.map(() => false)
  // whoever dominates a point stands before it
  const order = values
    .flatMap((value, at) => (value === null ? [] : [at]))
    .toSorted((a, b) => byValues(values[a]!, values[b]!))
  const front: (readonly number[])[] = []
  for (const at of order) {
    if (front.some((one) => dominates(one, values[at]!))) continue
    front.push(values[at]!)
    onFront[at] = true
  }
  return onFront
}

function byValues(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return one[at]! > other[at]! ? -1 : 1
  return 0
}

/**
 * One number for each point, larger is better: first by the front that it is on when the fronts before are taken away (Goldberg, 1989),
 * then by how far its neighbours on that front are (crowding distance: Deb et al., "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II", 2002). The best have ranks towards 0, all others below.
 */
export function rankedByFronts(values: readonly (readonly number[])[]): number[] {
  const ranked = values.map(() => 0)
  let left = values.map((_, at) => at)
  for (let front = 0; left.length > 0; front++) {
    const isOn = paretoFront(left.map((at) => values[at]!))
    const members = left.filter((_, place) => isOn[place])
    const distances = crowding(members.map((at) => values[at]!))
    members.forEach((at, place) => (ranked[at] = -front - 1 / (1 + distances[place]!)))
    left = left.filter((_, place) => !isOn[place])
  }
  return ranked
}

function crowding(values: readonly (readonly number[])[]): number[] {
  const distances = values.map(() => 0)
  for (let of = 0; of < (values[0]?.length ?? 0); of++) {
    const order = values.map((_, at) => at).toSorted((a, b) => values[a]![of]! - values[b]![of]!)
    const span = values[order.at(-1)!]![of]! - values[order[0]!]![of]!
    order.forEach((at, place) => {
      const [before, after] = [order[place - 1], order[place + 1]]
      distances[at]! +=
        before === undefined || after === undefined
          ? Infinity
          : span > 0
            ? (values[after]![of]! - values[before]![of]!) / span
            : 0
    })
  }
  return distances
}

/** The share of the sum beside the worst in a Chebyshev scalarisation (Knowles, "ParEGO", 2006). */
const sumShare = 0.05

/**
 * One number for each point, larger is better: the augmented Chebyshev distance to the best of every objective, weighted, values from 0 to 1
 * over the points (ParEGO: Knowles, 2006). `weights` are at least 0 and add up to 1.
 */
export function scalarised(values: readonly (readonly number[])[], weights: readonly number[]): number[] {
  const low = weights.map((_, of) => Math.min(...values.map((value) => value[of]!)))
  const high = weights.map((_, of) => Math.max(...values.map((value) => value[of]!)))
  return values.map((value) => {
    const costs = weights.map((weight, of) => {
      const span = high[of]! - low[of]!
      return span > 0 ? (weight * (high[of]! - value[of]!)) / span : 0
    })
    return -Math.max(...costs) - sumShare * costs.reduce((sum, cost) => sum + cost, 0)
  })
}
