/**
 * The best value that the first 1, 2, … of these would be expected to hold, had they come in random order: the mean over all orders,
 * exactly. Of n values, sorted, the i-th is the best of k with the chance C(n − i, k − 1) ÷ C(n, k).
 */
export function bestInRandomOrder(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => b - a)
  const count = sorted.length
  return sorted.map((_, at) => {
    const drawn = at + 1
    let chance = drawn / count
    let expected = 0
    for (let place = 0; place + drawn <= count; place++) {
      expected += chance * sorted[place]!
      chance *= (count - place - drawn) / (count - place - 1 || 1)
    }
    return Math.min(sorted[0]!, expected)
  })
}
