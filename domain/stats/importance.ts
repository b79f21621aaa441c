/**
 * Permutation importance: how much worse a forest predicts points it has not seen when the values of one setting, or of
 * two together, are shuffled among them. For grids with holes, where an analysis of variance has no exact answer.
 */
import { bootstrap, type Feature, growTree, predict, shuffled, type Tree } from './regression-forest.ts'
import { createRandom } from './rng.ts'

export type Importance = {
  /** By feature: the share of the variance that is lost without it, interactions with others included. */
  shares: number[]
  /** The share that two features explain only together. */
  pairs: { features: [number, number]; share: number }[]
  /** The share of the variance of unseen points that the forest predicts; below 0 where it is worse than their mean. */
  predicted: number
}

export type JudgedImportance = Importance & {
  /** The chance of such a share or a greater one by luck; 1 for those less important than one that luck explains. */
  chances: number[]
  /** The same of pairs. */
  pairChances: number[]
  /** The share that luck alone reaches in one case of twenty: of each feature, and of pairs. */
  luck: { shares: number[]; pair: number }
}

type Options = { trees: number; rowsEachTree: number; seed: number }
const usual: Options = { trees: 30, rowsEachTree: 400, seed: 1 }
/** Forests on shuffled scores: the finest chance that can be told is 1 ÷ (shuffles + 1). */
const usualShuffles = 39
/** A chance up to this is told from luck. */
const toldBelow = 0.05
const enoughPassed = 5

/**
 * A permuted setting raises the squared error by twice the variance that it explains with all its interactions (the
 * total effect, Jansen 1999), so half the rise over the variance of the values is its share. What two settings lose
 * together less than each alone is counted twice: their interaction.
 */
export function permutationImportance(
  features: readonly Feature[],
  values: Float64Array,
  options: Partial<Options> = {},
): Importance {
  const { trees, rowsEachTree, seed } = { ...usual, ...options }
  const random = createRandom(seed)
  const sets: number[][] = features.map((_, at) => [at])
  features.forEach((_, a) => features.forEach((_, b) => b > a && sets.push([a, b])))
  const rises = new Float64Array(sets.length)
  let [error, spread, tested] = [0, 0, 0]
  for (let number = 0; number < trees; number++) {
    const { drawn, left } = bootstrap(values.length, rowsEachTree, random)
    if (left.length < 2) continue
    const tree = growTree(features, values, drawn)
    // the partners whose settings rows borrow: the same for every set, so that sets differ by nothing else
    const lent = shuffled(left, random)
    const errors = squaredErrors(tree, features, values, left, lent, sets)
    const mean = left.reduce((sum, row) => sum + values[row]!, 0) / left.length
    for (const row of left) spread += (values[row]! - mean) ** 2
    error += errors.unpermuted
    errors.permuted.forEach((permuted, at) => (rises[at]! += permuted - errors.unpermuted))
    tested += left.length
  }
  const shareOf = (at: number) => (spread > 0 ? rises[at]! / 2 / spread : 0)
  const shares = features.map((_, at) => shareOf(at))
  return {
    shares,
    pairs: sets.slice(features.length).map((set, at) => ({
      features: set as [number, number],
      share: shares[set[0]!]! + shares[set[1]!]! - shareOf(features.length + at),
    })),
    predicted: spread > 0 && tested > 0 ? 1 - error / spread : 0,
  }
}

function squaredErrors(
  tree: Tree,
  features: readonly Feature[],
  values: Float64Array,
  rows: Uint32Array,
  partners: Uint32Array,
  sets: number[][],
): { unpermuted: number; permuted: Float64Array } {
  const permuted = new Float64Array(sets.length)
  const marks = sets.map((set) => Uint8Array.from(features, (_, at) => Number(set.includes(at))))
  const asked = new Uint8Array(features.length)
  let unpermuted = 0
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    asked.fill(0)
    const own = (values[row]! - predict(tree, features, row, null, asked)) ** 2
    unpermuted += own
    for (let place = 0; place < sets.length; place++) {
      const set = sets[place]!
      const matters = asked[set[0]!] === 1 || (set.length > 1 && asked[set[1]!] === 1)
      permuted[place]! += matters
        ? (values[row]! - predict(tree, features, row, { marks: marks[place]!, partner: partners[at]! })) ** 2
        : own
    }
  }
  return { unpermuted, permuted }
}

/**
 * The importance beside what luck makes. The features, most important first, are compared with the greatest that the
 * remaining ones reach once what those before explain is left in place and the rest of the values is shuffled among all
 * points (Freedman & Lane, 1983); the first that luck explains ends it. Pairs are compared with values to which every
 * feature's own part is left, so that settings only add up. Chances are for features and pairs together.
 */
export function judgeImportance(
  features: readonly Feature[],
  values: Float64Array,
  options: Partial<Options & { shuffles: number }> = {},
): JudgedImportance {
  const { shuffles = usualShuffles, ...rest } = options
  const found = permutationImportance(features, values, rest)
  const families = found.pairs.length > 0 ? 2 : 1
  const order = features.map((_, at) => at).toSorted((a, b) => found.shares[b]! - found.shares[a]!)
  const chances = features.map(() => 1)
  const limits = features.map(() => 0)
  for (const [place, feature] of order.entries()) {
    const remaining = order.slice(place)
    const known = order.slice(0, place).map((at) => features[at]!)
    const { chance, limit } = compareWithLuck(features, values, known, found.shares[feature]!, {
      ...rest,
      shuffles,
      greatest: ({ shares }) => Math.max(...remaining.map((at) => shares[at]!)),
    })
    for (const at of remaining) limits[at] = limit
    chances[feature] = Math.min(1, families * chance)
    // what is less important is not told from luck either
    if (chances[feature] > toldBelow) break
  }
  const strongest = Math.max(0, ...found.pairs.map(({ share }) => share))
  const ofPairs = compareWithLuck(features, values, features, strongest, {
    ...rest,
    shuffles: found.pairs.length > 0 ? shuffles : 0,
    greatest: ({ pairs }) => Math.max(...pairs.map(({ share }) => share)),
  })
  return {
    ...found,
    chances,
    pairChances: found.pairs.map(({ share }) => Math.min(1, families * ofPairs.chanceOf(share))),
    luck: { shares: limits, pair: ofPairs.limit },
  }
}

type Comparison = Partial<Options> & { shuffles: number; greatest: (importance: Importance) => number }

/** A share beside those that shuffled values reach while what the `known` features explain stays where it is. */
function compareWithLuck(
  features: readonly Feature[],
  values: Float64Array,
  known: readonly Feature[],
  share: number,
  { shuffles, greatest, ...options }: Comparison,
) {
  const { seed } = { ...usual, ...options }
  const random = createRandom(seed, 1 + known.length)
  const fit = additiveFit(known, values)
  const rows = Uint32Array.from(values, (_, row) => row)
  const reached: number[] = []
  let passed = 0
  // once luck has reached it so often, nothing can make it rare any more
  while (reached.length < shuffles && passed < enoughPassed) {
    const order = shuffled(rows, random)
    const mixed = Float64Array.from(order, (row, at) => fit[at]! + values[row]! - fit[row]!)
    const byLuck = greatest(permutationImportance(features, mixed, { ...options, seed: seed + 1 + reached.length }))
    reached.push(byLuck)
    if (byLuck >= share) passed += 1
  }
  // nothing at all is never rare, however even the values
  const chanceOf = (other: number) =>
    other > 0 ? (1 + reached.filter((byLuck) => byLuck >= other).length) / (reached.length + 1) : 1
  const sorted = reached.toSorted((a, b) => a - b)
  return { chance: chanceOf(share), chanceOf, limit: Math.max(0, sorted[Math.floor(0.95 * sorted.length)] ?? 0) }
}

const rounds = 12

/** The mean and what each level of each feature adds to it, found by turns (backfitting). */
function additiveFit(features: readonly Feature[], values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const fit = new Float64Array(values.length).fill(mean)
  for (let round = 0; round < (features.length > 1 ? rounds : 1); round++) {
    for (const { levels, positions } of features) {
      const sums = new Float64Array(levels)
      const counts = new Uint32Array(levels)
      for (let row = 0; row < values.length; row++) {
        sums[positions[row]!]! += values[row]! - fit[row]!
        counts[positions[row]!]! += 1
      }
      const steps = sums.map((sum, level) => (counts[level]! > 0 ? sum / counts[level]! : 0))
      for (let row = 0; row < values.length; row++) fit[row]! += steps[positions[row]!]!
    }
  }
  return fit
}
