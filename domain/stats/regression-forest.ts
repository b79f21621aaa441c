/**
 * Regression trees on bootstrap samples (Breiman, "Random forests", 2001), for settings of few values each: a split looks
 * at sums by value, not at sorted rows.
 */
import type { Random } from './rng.ts'

export type Feature = {
  levels: number
  /** By point: which of the levels it has, from 0. */
  positions: ArrayLike<number>
  /** Whether the levels' order means something: then a split keeps neighbours together, else any set of levels may part. */
  ordered: boolean
}

export type Tree = {
  /** By node; −1 in a leaf. */
  feature: number[]
  /** By node: for each level of its feature whether it goes left. */
  goesLeft: (Uint8Array | null)[]
  left: number[]
  right: number[]
  /** Mean of the node's values. */
  value: number[]
}

/** Fewer rows are not split any more; of many rows not the last few either, which are noise alone. */
const smallestSplit = 4
const leastShareSplit = 1 / 64
const deepest = 30

/** A tree that halves the rows, and their halves, where that brings values closest to their means. `rows` may repeat. */
export function growTree(features: readonly Feature[], values: ArrayLike<number>, rows: Uint32Array): Tree {
  const tree: Tree = { feature: [], goesLeft: [], left: [], right: [], value: [] }
  const widest = Math.max(1, ...features.map(({ levels }) => levels))
  const scratch = { sums: new Float64Array(widest), counts: new Uint32Array(widest), levels: new Uint32Array(widest) }
  growNode(
    tree,
    features,
    values,
    rows,
    { depth: 0, least: Math.max(smallestSplit, rows.length * leastShareSplit) },
    scratch,
  )
  return tree
}

type Scratch = { sums: Float64Array; counts: Uint32Array; levels: Uint32Array }

function growNode(
  tree: Tree,
  features: readonly Feature[],
  values: ArrayLike<number>,
  rows: Uint32Array,
  { depth, least }: { depth: number; least: number },
  scratch: Scratch,
): number {
  const node = tree.feature.length
  let sum = 0
  for (const row of rows) sum += values[row]!
  tree.feature.push(-1)
  tree.goesLeft.push(null)
  tree.left.push(-1)
  tree.right.push(-1)
  tree.value.push(sum / rows.length)
  if (rows.length < least || depth >= deepest) return node
  const split = bestSplit(features, values, rows, sum, scratch)
  if (split === null) return node
  const { positions } = features[split.feature]!
  const { goesLeft } = split
  tree.feature[node] = split.feature
  tree.goesLeft[node] = goesLeft
  const side = (left: number) => rows.filter((row) => goesLeft[positions[row]!] === left)
  tree.left[node] = growNode(tree, features, values, side(1), { depth: depth + 1, least }, scratch)
  tree.right[node] = growNode(tree, features, values, side(0), { depth: depth + 1, least }, scratch)
  return node
}

function bestSplit(
  features: readonly Feature[],
  values: ArrayLike<number>,
  rows: Uint32Array,
  sum: number,
  { sums, counts, levels }: Scratch,
): { feature: number; goesLeft: Uint8Array } | null {
  const { length } = rows
  const unsplit = (sum * sum) / length
  // rounding must not split rows that are all alike
  let bestGain = 1e-12 * (Math.abs(unsplit) + 1)
  let found: { feature: number; goesLeft: Uint8Array } | null = null
  features.forEach(({ levels: size, positions, ordered }, feature) => {
    sums.fill(0, 0, size)
    counts.fill(0, 0, size)
    for (const row of rows) {
      const level = positions[row]!
      sums[level]! += values[row]!
      counts[level]! += 1
    }
    let present = 0
    for (let level = 0; level < size; level++) if (counts[level]! > 0) levels[present++] = level
    if (present < 2) return
    const order = levels.subarray(0, present)
    // for squared errors the best of all sets is one of neighbours by mean (Fisher, 1958)
    if (!ordered) order.sort((a, b) => sums[a]! / counts[a]! - sums[b]! / counts[b]! || a - b)
    let [leftSum, leftCount, cut] = [0, 0, -1]
    for (let at = 0; at < present - 1; at++) {
      leftSum += sums[order[at]!]!
      leftCount += counts[order[at]!]!
      const rightSum = sum - leftSum
      const gain = (leftSum * leftSum) / leftCount + (rightSum * rightSum) / (length - leftCount) - unsplit
      if (gain <= bestGain) continue
      bestGain = gain
      cut = at
    }
    if (cut < 0) return
    const goesLeft = new Uint8Array(size)
    for (let at = 0; at <= cut; at++) goesLeft[order[at]!] = 1
    found = { feature, goesLeft }
  })
  return found
}

/**
 * What the tree predicts for a point of which `row` gives the levels, or `partner` those of the features marked in
 * `lent`. Marks in `asked`, where given, each feature that it looked at.
 */
export function predict(
  tree: Tree,
  features: readonly Feature[],
  row: number,
  lent: { marks: Uint8Array; partner: number } | null,
  asked?: Uint8Array,
): number {
  let node = 0
  for (;;) {
    const feature = tree.feature[node]!
    if (feature < 0) return tree.value[node]!
    if (asked) asked[feature] = 1
    const from = lent !== null && lent.marks[feature] === 1 ? lent.partner : row
    const level = features[feature]!.positions[from]!
    node = tree.goesLeft[node]![level] === 1 ? tree.left[node]! : tree.right[node]!
  }
}

/** Rows drawn with return, at most `most`, and rows that were not drawn, at most as many as a bootstrap leaves out. */
export function bootstrap(count: number, most: number, random: Random): { drawn: Uint32Array; left: Uint32Array } {
  const size = Math.min(count, most)
  const taken = new Uint8Array(count)
  const drawn = Uint32Array.from({ length: size }, () => {
    const row = Math.floor(random.uniform() * count)
    taken[row] = 1
    return row
  })
  const left: number[] = []
  if (size === count) for (let row = 0; row < count; row++) if (taken[row] === 0) left.push(row)
  // of many more rows than are drawn nearly all are left: as many draws again find some
  for (let tries = 0; size < count && tries < size / 2; tries++) {
    const row = Math.floor(random.uniform() * count)
    if (taken[row] === 0) left.push(row)
    taken[row] = 1
  }
  return { drawn, left: Uint32Array.from(left) }
}

/** The rows in another order (Fisher & Yates). */
export function shuffled(rows: Uint32Array, random: Random): Uint32Array {
  const found = rows.slice()
  for (let at = found.length - 1; at > 0; at--) {
    const other = Math.floor(random.uniform() * (at + 1))
    ;[found[at], found[other]] = [found[other]!, found[at]!]
  }
  return found
}
