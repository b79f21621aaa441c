/**
 * An expression's value to 70 digits, at given values of its letters. Floating point's 16 take e^{π√163} for a whole number, and
 * √(x² + 10^{-30}) for |x|; what they take for the same is looked at once more here.
 */
import type { Node } from './expression.ts'
import {
  add,
  bitsOf,
  divide,
  divisor,
  exponential,
  factorial,
  fromNumber,
  functions,
  naturalLogarithm,
  magnitude,
  productOf,
  negate,
  one,
  pi,
  raise,
  type Real,
  rootOf,
  subtract,
  whole,
} from './real.ts'

/** Two values are the same where this many of their leading bits are: the others may be lost to what was subtracted. */
const agreeing = 150
/** How many functions one comparison may compute: each is a tenth of a millisecond or less. */
const mostCalls = 240
/** Functions whose value may be 0, or nothing but what rounding leaves of it, although what they are of is not. */
const vanishing = new Set('sin cos tan cot ln log lg arccos arcsec'.split(' '))
/** What is smaller than 2 to this is 0, where nothing that small was put in. */
const nothing = { left: -200, given: -100 }

/** Computes values, up to what one comparison may cost. */
export class Precise {
  private calls = 0
  /** Magnitude of the smallest number that was put in. */
  private smallest = 0

  /** The value at a place; null where it is not defined, not real, or costs too much. */
  at(node: Node, letters: ReadonlyMap<string, number>): Real | null {
    try {
      return this.valueOf(node, letters)
    } catch {
      return null
    }
  }

  /** Whether an expression without letters is 0: sin π, whose value is what rounding leaves. */
  isZero(node: Node): boolean {
    this.smallest = 0
    const value = this.at(node, new Map())
    return value !== null && magnitude(value) < nothing.left && this.smallest > nothing.given
  }

  private valueOf(node: Node, letters: ReadonlyMap<string, number>): Real {
    const value = this.compute(node, letters)
    const vanishes = node.kind === 'sum' || (node.kind === 'call' && vanishing.has(node.name))
    if (!vanishes && value.digits !== 0n) this.smallest = Math.min(this.smallest, magnitude(value))
    // a long decimal is as fine as its last digit
    if (node.kind === 'number') this.smallest = Math.min(this.smallest, 1 - bitsOf(node.under))
    return value
  }

  private compute(node: Node, letters: ReadonlyMap<string, number>): Real {
    const of = (part: Node) => this.valueOf(part, letters)
    switch (node.kind) {
      case 'number':
        return divide(whole(node.over), whole(node.under))
      case 'constant':
        return node.value === Math.PI ? pi : this.call(exponential, one)
      case 'letter':
        return fromNumber(letters.get(node.name) ?? Number.NaN)
      case 'negative':
        return negate(of(node.a))
      case 'degrees':
        return divide(productOf(of(node.a), pi), whole(180))
      case 'factorial':
        return this.call(factorial, of(node.a))
      case 'call':
        return this.call(functions[node.name]!, of(node.a))
      case 'imaginary':
        throw new Error('not real')
      default:
        return this.pair(node.kind, of(node.a), of(node.b))
    }
  }

  private pair(kind: string, a: Real, b: Real): Real {
    switch (kind) {
      case 'sum':
        return add(a, b)
      case 'product':
        return productOf(a, b)
      case 'quotient':
        return divide(a, b)
      case 'power':
        return this.call((x) => raise(x, b), a)
      case 'root':
        return this.call((x) => rootOf(x, b), a)
      case 'logarithm':
        return divide(this.call(naturalLogarithm, a), this.call(naturalLogarithm, b))
      case 'binomial':
        return this.call((x) => divide(factorial(x), productOf(factorial(b), factorial(subtract(x, b)))), a)
      case 'gcd':
        return divisor(a, b)
      default:
        return divide(productOf(a, b), divisor(a, b))
    }
  }

  private call(apply: (x: Real) => Real, x: Real): Real {
    if (++this.calls > mostCalls) throw new Error('too much')
    return apply(x)
  }
}

/** Whether two values are the same, as far as can be told; false where one could not be computed. */
export function agree(a: Real | null, b: Real | null, bits = agreeing): boolean {
  if (a === null || b === null) return false
  const apart = subtract(a, b)
  return apart.digits === 0n || magnitude(apart) < Math.max(magnitude(a), magnitude(b)) - bits
}

/** (a − b) ÷ (c − d); null where it could not be computed. */
export function ratioOfDifferences([a, b, c, d]: readonly (Real | null)[]): Real | null {
  if (!a || !b || !c || !d) return null
  const under = subtract(c, d)
  return under.digits === 0n ? null : divide(subtract(a, b), under)
}
