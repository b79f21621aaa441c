/** An expression's value in complex floating point, at given values of its letters. */
import type { Node } from './expression.ts'

/** Real and imaginary part; NaN where the expression is not defined. */
export type Complex = readonly [number, number]

const undefinedValue: Complex = [Number.NaN, Number.NaN]

const functions: Record<string, (x: number) => number> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  cot: (x) => 1 / Math.tan(x),
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  arccot: (x) => Math.PI / 2 - Math.atan(x),
  arcsec: (x) => Math.acos(1 / x),
  arccsc: (x) => Math.asin(1 / x),
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  ln: Math.log,
  log: Math.log10,
  lg: Math.log10,
  exp: Math.exp,
  floor: Math.floor,
  ceil: Math.ceil,
}

const multiply = ([a, b]: Complex, [c, d]: Complex): Complex =>
  b === 0 && d === 0 ? [a * c, 0] : [a * c - b * d, a * d + b * c]

function divide([a, b]: Complex, [c, d]: Complex): Complex {
  if (c === 0 && d === 0) return undefinedValue
  if (b === 0 && d === 0) return [a / c, 0]
  const size = c * c + d * d
  return [(a * c + b * d) / size, (b * c - a * d) / size]
}

function factorial([n, imaginary]: Complex): Complex {
  if (imaginary !== 0 || !Number.isInteger(n) || n < 0 || n > 170) return undefinedValue
  let product = 1
  for (let factor = 2; factor <= n; factor++) product *= factor
  return [product, 0]
}

/** Whole powers of complex numbers, real ones of positive numbers; roots of odd degree of negative ones. */
function raise(base: Complex, exponent: Complex): Complex {
  if (exponent[1] !== 0) {
    // e^{iθ}, and any positive base
    if (base[1] !== 0 || base[0] <= 0) return undefinedValue
    const size = base[0] ** exponent[0]
    const angle = exponent[1] * Math.log(base[0])
    return [size * Math.cos(angle), size * Math.sin(angle)]
  }
  if (base[1] === 0) return [base[0] ** exponent[0], 0]
  if (!Number.isInteger(exponent[0]) || Math.abs(exponent[0]) > 64) return undefinedValue
  let result: Complex = [1, 0]
  for (let times = 0; times < Math.abs(exponent[0]); times++) result = multiply(result, base)
  return exponent[0] < 0 ? divide([1, 0], result) : result
}

function rootOf([a, imaginary]: Complex, [degree, other]: Complex, complex: boolean): Complex {
  if (other !== 0 || imaginary !== 0) return undefinedValue
  if (a >= 0) return [degree === 2 ? Math.sqrt(a) : degree === 3 ? Math.cbrt(a) : a ** (1 / degree), 0]
  if (degree % 2 !== 0) return Number.isInteger(degree) ? [-((-a) ** (1 / degree)), 0] : undefinedValue
  return degree === 2 && complex ? [0, Math.sqrt(-a)] : undefinedValue
}

/**
 * The value at a place. `complex`: roots of negative numbers are imaginary; else they are not defined, as no more than real
 * numbers are asked about. Infinite where it is too large for floating point.
 */
export function approximate(node: Node, letters: ReadonlyMap<string, number>, complex: boolean): Complex {
  const of = (part: Node) => approximate(part, letters, complex)
  switch (node.kind) {
    case 'number':
      return [ratio(node.over, node.under), 0]
    case 'constant':
      return [node.value, 0]
    case 'imaginary':
      return [0, 1]
    case 'letter':
      return [letters.get(node.name) ?? Number.NaN, 0]
    case 'negative': {
      const [a, b] = of(node.a)
      return [-a, b === 0 ? 0 : -b]
    }
    case 'degrees':
      return multiply(of(node.a), [Math.PI / 180, 0])
    case 'factorial':
      return factorial(of(node.a))
    case 'sum': {
      const [x, y] = [of(node.a), of(node.b)]
      return [x[0] + y[0], x[1] + y[1]]
    }
    case 'product':
      return multiply(of(node.a), of(node.b))
    case 'quotient':
      return divide(of(node.a), of(node.b))
    case 'power':
      return raise(of(node.a), of(node.b))
    case 'root':
      return rootOf(of(node.a), of(node.b), complex)
    case 'logarithm':
      return divide(realOnly(of(node.a), Math.log), realOnly(of(node.b), Math.log))
    case 'binomial': {
      const [n, k] = [of(node.a), of(node.b)]
      return divide(factorial(n), multiply(factorial(k), factorial([n[0] - k[0], n[1] - k[1]])))
    }
    case 'gcd':
    case 'lcm': {
      const [a, b] = [of(node.a)[0], of(node.b)[0]]
      if (![a, b].every((value) => Number.isSafeInteger(value) && value > 0)) return undefinedValue
      let [x, y] = [a, b]
      while (y !== 0) [x, y] = [y, x % y]
      return [node.kind === 'gcd' ? x : (a / x) * b, 0]
    }
    case 'call': {
      const value = of(node.a)
      return node.name === 'abs' ? [Math.hypot(...value), 0] : realOnly(value, functions[node.name]!)
    }
  }
}

function realOnly([a, b]: Complex, apply: (x: number) => number): Complex {
  return b === 0 ? [apply(a), 0] : undefinedValue
}

/** over ÷ under as near as a floating point number comes, whatever their size. */
function ratio(over: bigint, under: bigint): number {
  const [a, b] = [Number(over), Number(under)]
  if (Number.isFinite(a) && Number.isFinite(b)) return a / b
  const digits = over.toString().length - under.toString().length
  return digits > 320
    ? over < 0n
      ? -Infinity
      : Infinity
    : digits < -320
      ? 0
      : Number((over * 10n ** 20n) / under) / 1e20
}
