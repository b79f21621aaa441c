/**
 * Whether two expressions are the same: exactly where they are fractions, by their remainders where they are sums, products
 * and whole powers, and else at a dozen places, negative ones too, wherever both are defined: in floating point first, and what
 * looks the same there to 45 digits more.
 */
import { approximate, type Complex } from './approximate.ts'
import { exactValue, remainder } from './evaluate.ts'
import type { Expression } from './expression.ts'
import { agree, type Precise, ratioOfDifferences } from './precise.ts'

/** Values that differ by less, in parts of the larger, are the same: floating point has 16 digits. */
const tolerance = 1e-13
/** With letters: what is subtracted at a place costs digits, and no two answers agree by chance at a dozen places. */
const toleranceOfPlaces = 1e-9

/** Denominators above this belong to decimals of many digits. */
const simplest = 1_000_000n

/** Places of the first letter, and in turn of the others: of both signs, small and large, and whole for factorials. */
const places = [
  0.7310585786, 1.6180339887, -0.5772156649, -2.2360679775, 13.7082039325, 27.1828182846, -31.4159265359, 0.1234567891,
  2, 5, 3, 7,
]

function valuesOf(letters: readonly string[], place: number): Map<string, number> {
  // whole places give whole values to every letter
  const step = Number.isInteger(places[place]) ? 1 : 5
  return new Map(
    letters.map((name, at) => [
      name,
      step === 1 ? places[8 + ((place - 8 + at) % 4)]! + at : places[(place + step * at) % 8]! * (1 + at * 0.0917),
    ]),
  )
}

const remainders = (letters: readonly string[], round: number) =>
  new Map(letters.map((name, at) => [name, BigInt(1_000_003 * (at + 2) + 7_919 * round) ** 3n % (2n ** 61n - 1n)]))

function near(a: Complex, b: Complex, allowed: number): boolean {
  const size = Math.max(Math.hypot(...a), Math.hypot(...b))
  return Number.isFinite(size) && Math.hypot(a[0] - b[0], a[1] - b[1]) <= allowed * size
}

/**
 * Whether both are the same for all values of their letters. False where it cannot be told.
 * @param precise holds what the whole comparison may cost
 */
export function sameExpression(a: Expression, b: Expression, precise: Precise): boolean {
  const letters = [...new Set([...a.letters, ...b.letters])].sort()
  if (letters.length === 0) {
    const [x, y] = [exactValue(a.node), exactValue(b.node)]
    if (x !== null && y !== null) return x.over === y.over && x.under === y.under
    // a root or a logarithm may come out as a simple fraction, but a long decimal is only near it: 3.14159265358979 is not π
    if ((x ?? y) !== null && (x ?? y)!.under > simplest) return false
    if ((x ?? y)?.over === 0n) return !a.imaginary && !b.imaginary && precise.isZero(x === null ? a.node : b.node)
  }
  const whole = [0, 1].map((round) => {
    const values = remainders(letters, round)
    const [x, y] = [remainder(a.node, values), remainder(b.node, values)]
    return x === null || y === null ? null : x === y
  })
  if (whole.every((same) => same !== null)) return whole.every(Boolean)
  return approximatelySame(a, b, letters, precise)
}

function approximatelySame(a: Expression, b: Expression, letters: string[], precise: Precise): boolean {
  const complex = a.imaginary || b.imaginary
  if (letters.length === 0) {
    const none = new Map<string, number>()
    const same = near(approximate(a.node, none, complex), approximate(b.node, none, complex), tolerance)
    return same && (complex || confirmed(a, b, [none], precise))
  }
  const agreed: Map<string, number>[] = []
  for (const place of places.keys()) {
    const values = valuesOf(letters, place)
    const [x, y] = [approximate(a.node, values, complex), approximate(b.node, values, complex)]
    const defined = [...x, ...y].every(Number.isFinite)
    if (defined && !near(x, y, toleranceOfPlaces)) return false
    if (defined) agreed.push(values)
  }
  // the places alternate: the first two that are left are of both signs, where the expressions are defined there
  return agreed.length >= 2 && (complex || confirmed(a, b, agreed.slice(0, 3), precise))
}

/** Whether the values are the same to many more digits, wherever they can be computed: at one of the places at least. */
function confirmed(a: Expression, b: Expression, at: readonly Map<string, number>[], precise: Precise): boolean {
  let known = 0
  for (const values of at) {
    const [x, y] = [precise.at(a.node, values), precise.at(b.node, values)]
    if (x === null || y === null) continue
    if (!agree(x, y)) return false
    known++
  }
  return known > 0
}

/**
 * What a − b is of c − d, where that is one number at every place at which all are defined: two equations, or inequalities,
 * say the same where it is not 0 (and, for inequalities, above 0). Null where there is no such number.
 */
export function proportion(
  a: Expression,
  b: Expression,
  c: Expression,
  d: Expression,
  precise: Precise,
): number | null {
  const all = [a, b, c, d]
  if (all.some(({ imaginary }) => imaginary)) return null
  const letters = [...new Set(all.flatMap((expression) => expression.letters))].sort()
  if (letters.length === 0) return null
  let found: number | null = null
  const agreed: Map<string, number>[] = []
  for (const place of places.keys()) {
    const values = valuesOf(letters, place)
    const [w, x, y, z] = all.map(({ node }) => approximate(node, values, false)[0]) as [number, number, number, number]
    const [left, right] = [w - x, y - z]
    if (![left, right].every(Number.isFinite) || (left === 0 && right === 0)) continue
    const ratio = left / right
    if (!Number.isFinite(ratio) || ratio === 0) return null
    if (found !== null && Math.abs(ratio - found) > 1e-11 * Math.abs(found)) return null
    found = ratio
    agreed.push(values)
  }
  if (agreed.length < 3) return null
  const ratios = agreed.slice(0, 3).map((values) => ratioOfDifferences(all.map(({ node }) => precise.at(node, values))))
  return ratios.every((ratio) => agree(ratio, ratios[0]!)) ? found : null
}
