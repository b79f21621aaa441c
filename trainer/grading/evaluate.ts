/**
 * An expression's value in three kinds of numbers: exact fractions, whole numbers modulo a prime, and complex floating
 * point. Each gives null where it cannot tell; together they say whether two expressions are the same.
 */
import type { Node } from './expression.ts'

/** A fraction in lowest terms, `under` above 0. */
export type Fraction = { over: bigint; under: bigint }

/** Fractions of more bits than this are not computed, nor exponents of remainders above the second: each costs a millisecond at most. */
const mostBits = 10_000n
const mostExponentBits = 256n

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function fraction(over: bigint, under: bigint): Fraction | null {
  if (under === 0n) return null
  const divisor = gcd(over, under) * (under < 0n ? -1n : 1n)
  return { over: over / divisor, under: under / divisor }
}

const bits = (value: bigint) => BigInt(value.toString(16).length * 4)

function raise(base: Fraction, exponent: bigint): Fraction | null {
  const size = exponent < 0n ? -exponent : exponent
  const large = bits(base.over) > bits(base.under) ? bits(base.over) : bits(base.under)
  const one = base.under === 1n && (base.over === 1n || base.over === -1n || base.over === 0n)
  if (!one && size * large > mostBits) return null
  if (one && size > mostBits) return base.over === -1n && size % 2n === 0n ? { over: 1n, under: 1n } : base
  if (exponent < 0n) return base.over === 0n ? null : fraction(base.under ** size, base.over ** size)
  return { over: base.over ** size, under: base.under ** size }
}

/** The whole number whose power `degree` is `value`, or null. */
function exactRoot(value: bigint, degree: bigint): bigint | null {
  if (degree < 1n || degree > 64n) return null
  if (value < 0n) {
    const root = degree % 2n === 1n ? exactRoot(-value, degree) : null
    return root === null ? null : -root
  }
  if (value < 2n) return value
  // Newton's iteration from above
  let x = 1n << (bits(value) / degree + 1n)
  for (;;) {
    const next = ((degree - 1n) * x + value / x ** (degree - 1n)) / degree
    if (next >= x) return x ** degree === value ? x : null
    x = next
  }
}

/** Those computed so far, of 0 and up. */
const factorials = [1n]

/** n! for whole n from 0 to 1000. */
function factorial(n: Fraction): Fraction | null {
  if (n.under !== 1n || n.over < 0n || n.over > 1000n) return null
  for (let at = factorials.length; at <= Number(n.over); at++) factorials.push(factorials[at - 1]! * BigInt(at))
  return { over: factorials[Number(n.over)]!, under: 1n }
}

/** The exact value of an expression without letters; null where it is no fraction, or too large. */
export function exactValue(node: Node): Fraction | null {
  switch (node.kind) {
    case 'number':
      return fraction(node.over, node.under)
    case 'negative': {
      const a = exactValue(node.a)
      return a && { over: -a.over, under: a.under }
    }
    case 'factorial': {
      const a = exactValue(node.a)
      return a && factorial(a)
    }
    case 'call': {
      const a = exactValue(node.a)
      if (a === null) return null
      if (node.name === 'abs') return { over: a.over < 0n ? -a.over : a.over, under: a.under }
      if (node.name !== 'floor' && node.name !== 'ceil') return null
      const down = a.over / a.under - (a.over % a.under < 0n ? 1n : 0n)
      return { over: node.name === 'ceil' && down * a.under !== a.over ? down + 1n : down, under: 1n }
    }
    case 'sum':
    case 'product':
    case 'quotient':
    case 'power':
    case 'root':
    case 'binomial':
    case 'gcd':
    case 'lcm': {
      const [a, b] = [exactValue(node.a), exactValue(node.b)]
      return a === null || b === null || bits(a.over) + bits(b.over) > 2n * mostBits ? null : combine(node.kind, a, b)
    }
    default:
      return null
  }
}

function combine(kind: string, a: Fraction, b: Fraction): Fraction | null {
  const whole = a.under === 1n && b.under === 1n
  switch (kind) {
    case 'sum':
      return fraction(a.over * b.under + b.over * a.under, a.under * b.under)
    case 'product':
      return fraction(a.over * b.over, a.under * b.under)
    case 'quotient':
      return fraction(a.over * b.under, a.under * b.over)
    case 'power':
      if (b.under === 1n) return raise(a, b.over)
      // only a root that comes out: 8^{2/3}
      return a.over < 0n ? null : raiseRoot(a, b)
    case 'root':
      return whole || b.under === 1n ? rootOf(a, b.over) : null
    case 'binomial': {
      const [n, k] = [factorial(a), factorial(b)]
      const rest = whole && b.over <= a.over ? factorial({ over: a.over - b.over, under: 1n }) : null
      return n && k && rest && fraction(n.over, k.over * rest.over)
    }
    default:
      if (!whole || (a.over === 0n && b.over === 0n)) return null
      return { over: kind === 'gcd' ? gcd(a.over, b.over) : (a.over * b.over) / gcd(a.over, b.over), under: 1n }
  }
}

function rootOf(a: Fraction, degree: bigint): Fraction | null {
  const [over, under] = [exactRoot(a.over, degree), exactRoot(a.under, degree)]
  return over === null || under === null ? null : fraction(over, under)
}

function raiseRoot(a: Fraction, exponent: Fraction): Fraction | null {
  const root = rootOf(a, exponent.under)
  return root && raise(root, exponent.over)
}

/** A prime of 61 bits: sums, products and whole powers of any size are compared by their remainders. */
export const prime = 2n ** 61n - 1n

function powerModulo(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}

/** The remainder of an expression of sums, products, quotients and whole powers; null for any other. */
export function remainder(node: Node, letters: ReadonlyMap<string, bigint>): bigint | null {
  switch (node.kind) {
    case 'number':
      return quotientModulo(node.over % prime, node.under % prime)
    case 'letter':
      return letters.get(node.name) ?? null
    case 'negative': {
      const a = remainder(node.a, letters)
      return a === null ? null : (prime - a) % prime
    }
    case 'power': {
      const [a, exponent] = [remainder(node.a, letters), exactValue(node.b)]
      if (a === null || exponent === null || exponent.under !== 1n || bits(exponent.over) > mostExponentBits)
        return null
      const power = powerModulo(a, exponent.over < 0n ? -exponent.over : exponent.over)
      return exponent.over < 0n ? quotientModulo(1n, power) : power
    }
    case 'sum':
    case 'product':
    case 'quotient': {
      const [a, b] = [remainder(node.a, letters), remainder(node.b, letters)]
      if (a === null || b === null) return null
      if (node.kind === 'quotient') return quotientModulo(a, b)
      return node.kind === 'sum' ? (a + b) % prime : (a * b) % prime
    }
    case 'factorial':
    case 'binomial':
    case 'gcd':
    case 'lcm':
    case 'root': {
      const exact = exactValue(node)
      return exact && quotientModulo(((exact.over % prime) + prime) % prime, exact.under % prime)
    }
    default:
      return null
  }
}

function quotientModulo(a: bigint, b: bigint): bigint | null {
  return b === 0n ? null : (a * powerModulo(b, prime - 2n)) % prime
}
