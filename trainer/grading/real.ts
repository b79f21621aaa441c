/**
 * Real numbers to 70 digits, and the functions of mathematics of them. What is not defined, not real or too large throws; who
 * computes with them catches it (precise.ts).
 */

/** `digits · 2^exponent`. */
export type Real = { digits: bigint; exponent: number }

/** Bits that are kept, and those of the numbers behind the point in series. */
const kept = 256
const behind = 320
/** Beyond 2 to this nothing is computed. */
const largest = 100_000

export const bitsOf = (digits: bigint) => (digits < 0n ? -digits : digits).toString(2).length
const real = (digits: bigint, exponent: number): Real => {
  const surplus = bitsOf(digits) - kept
  return surplus > 0 ? { digits: digits >> BigInt(surplus), exponent: exponent + surplus } : { digits, exponent }
}
export const whole = (value: bigint | number) => real(BigInt(value), 0)
export const one = whole(1)
const zero = whole(0)
export const magnitude = ({ digits, exponent }: Real) => (digits === 0n ? -Infinity : bitsOf(digits) + exponent)

export function fromNumber(value: number): Real {
  if (!Number.isFinite(value)) throw new Error('undefined')
  let exponent = 0
  for (; !Number.isInteger(value); exponent--) value *= 2
  return real(BigInt(value), exponent)
}
function toNumber({ digits, exponent }: Real): number {
  const surplus = Math.max(0, bitsOf(digits) - 60)
  return Number(digits >> BigInt(surplus)) * 2 ** (exponent + surplus)
}

export function add(a: Real, b: Real): Real {
  if (a.digits === 0n) return b
  if (b.digits === 0n) return a
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a]
  const apart = high.exponent - low.exponent
  if (magnitude(high) - magnitude(low) > 2 * kept && apart > 2 * kept) return high
  return real((high.digits << BigInt(apart)) + low.digits, low.exponent)
}
export const negate = ({ digits, exponent }: Real): Real => ({ digits: -digits, exponent })
export const subtract = (a: Real, b: Real) => add(a, negate(b))
export function productOf(a: Real, b: Real): Real {
  const product = real(a.digits * b.digits, a.exponent + b.exponent)
  if (Math.abs(product.exponent) > largest) throw new Error('too large')
  return product
}
export function divide(a: Real, b: Real): Real {
  if (b.digits === 0n) throw new Error('undefined')
  const shift = kept + bitsOf(b.digits)
  return real((a.digits << BigInt(shift)) / b.digits, a.exponent - b.exponent - shift)
}

/** As a whole number of 2^-behind. */
const toFixed = ({ digits, exponent }: Real): bigint => {
  const shift = exponent + behind
  return shift >= 0 ? digits << BigInt(shift) : digits >> BigInt(-shift)
}
const fromFixed = (value: bigint) => real(value, -behind)
const unit = 1n << BigInt(behind)

/** 1 - 1/3 + 1/5 - …, times 1/x, for whole x: the arcus tangent of 1/x. */
function inverseTangent(x: bigint): bigint {
  let term = unit / x
  let sum = term
  for (let n = 3n; term !== 0n; n += 2n) {
    term = -term / (x * x)
    sum += term / n
  }
  return sum
}
/** Machin's formula. */
const piFixed = 4n * (4n * inverseTangent(5n) - inverseTangent(239n))
/** 2 artanh(1/3). */
const ln2Fixed = (() => {
  let sum = 0n
  let power = unit / 3n
  for (let n = 1n; power !== 0n; n += 2n, power /= 9n) sum += power / n
  return 2n * sum
})()
export const pi = fromFixed(piFixed)

/** The sum of x^n / n!, of every n or of every second one with alternating signs from the first on. */
function series(x: bigint, first: number, step: number): bigint {
  let term = first === 0 ? unit : x
  let sum = 0n
  for (let n = first; term !== 0n; n += step) {
    sum += term
    for (let factor = 1; factor <= step; factor++) term = ((term * x) >> BigInt(behind)) / BigInt(n + factor)
    if (step === 2) term = -term
  }
  return sum
}

export function exponential(x: Real): Real {
  if (magnitude(x) > 16) throw new Error('too large')
  const fixed = toFixed(x)
  const times = fixed / ln2Fixed
  let value = series((fixed - times * ln2Fixed) >> 8n, 0, 1)
  for (let squared = 0; squared < 8; squared++) value = (value * value) >> BigInt(behind)
  return real(value, Number(times) - behind)
}

export function naturalLogarithm(x: Real): Real {
  if (x.digits <= 0n) throw new Error('undefined')
  // of a number from 1/2 to 1: what is left is powers of 2
  const power = magnitude(x)
  const mantissa: Real = { digits: x.digits, exponent: x.exponent - power }
  let y = fromNumber(Math.log(toNumber(mantissa)))
  // each step has three times the digits
  for (let steps = 0; steps < 2; steps++) {
    const e = exponential(y)
    y = add(y, divide(productOf(whole(2), subtract(mantissa, e)), add(mantissa, e)))
  }
  return add(y, fromFixed(ln2Fixed * BigInt(power)))
}

/** Sine and cosine. */
function circular(x: Real): [Real, Real] {
  if (magnitude(x) > 40) throw new Error('too large')
  const turn = 2n * piFixed
  const rest = toFixed(x) % turn
  return [fromFixed(series(rest, 1, 2)), fromFixed(series(rest, 0, 2))]
}

function squareRoot(x: Real): Real {
  if (x.digits < 0n) throw new Error('undefined')
  if (x.digits === 0n) return zero
  const shift = 2 * kept + (x.exponent % 2 === 0 ? 0 : 1)
  const value = x.digits << BigInt(shift)
  let guess = 1n << BigInt(Math.ceil(bitsOf(value) / 2))
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return real(guess, (x.exponent - shift) / 2)
    guess = next
  }
}

function arcTangent(x: Real): Real {
  let y = fromNumber(Math.atan(toNumber(x)))
  // Newton's steps of tan y = x, each with twice the digits
  for (let steps = 0; steps < 3; steps++) {
    const [sine, cosine] = circular(y)
    y = subtract(y, productOf(subtract(sine, productOf(x, cosine)), cosine))
  }
  return y
}
const arcSine = (x: Real) => {
  const other = squareRoot(subtract(one, productOf(x, x)))
  return other.digits === 0n ? productOf(divide(pi, whole(2)), x) : arcTangent(divide(x, other))
}
const arcCosine = (x: Real) => subtract(divide(pi, whole(2)), arcSine(x))
const half = (x: Real): Real => ({ digits: x.digits, exponent: x.exponent - 1 })
const hyperbolic = (x: Real, sign: 1 | -1) => {
  const e = exponential(x)
  const inverse = divide(one, e)
  return half(sign === 1 ? add(e, inverse) : subtract(e, inverse))
}
const floor = ({ digits, exponent }: Real) =>
  exponent >= 0 ? real(digits, exponent) : whole(digits >> BigInt(-exponent))

export const functions: Record<string, (x: Real) => Real> = {
  sin: (x) => circular(x)[0],
  cos: (x) => circular(x)[1],
  tan: (x) => divide(...circular(x)),
  cot: (x) => divide(circular(x)[1], circular(x)[0]),
  sec: (x) => divide(one, circular(x)[1]),
  csc: (x) => divide(one, circular(x)[0]),
  arcsin: arcSine,
  arccos: arcCosine,
  arctan: arcTangent,
  arccot: (x) => subtract(divide(pi, whole(2)), arcTangent(x)),
  arcsec: (x) => arcCosine(divide(one, x)),
  arccsc: (x) => arcSine(divide(one, x)),
  sinh: (x) => hyperbolic(x, -1),
  cosh: (x) => hyperbolic(x, 1),
  tanh: (x) => divide(hyperbolic(x, -1), hyperbolic(x, 1)),
  ln: naturalLogarithm,
  log: (x) => divide(naturalLogarithm(x), naturalLogarithm(whole(10))),
  lg: (x) => divide(naturalLogarithm(x), naturalLogarithm(whole(10))),
  exp: exponential,
  abs: (x) => (x.digits < 0n ? negate(x) : x),
  floor,
  ceil: (x) => negate(floor(negate(x))),
}

/** The whole number that it is; undefined where it is none. */
function asWhole(x: Real): number | undefined {
  const value = toNumber(x)
  return Number.isSafeInteger(value) && subtract(x, fromNumber(value)).digits === 0n ? value : undefined
}

export function raise(base: Real, exponent: Real): Real {
  const times = asWhole(exponent)
  if (times === undefined || Math.abs(times) > 10_000) {
    if (base.digits === 0n && exponent.digits > 0n) return zero
    return exponential(productOf(exponent, naturalLogarithm(base)))
  }
  let [result, square] = [one, base]
  for (let rest = Math.abs(times); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = productOf(result, square)
    if (rest > 1) square = productOf(square, square)
  }
  return times < 0 ? divide(one, result) : result
}

export function rootOf(x: Real, degree: Real): Real {
  const times = asWhole(degree)
  if (times === 2) return squareRoot(x)
  if (times !== undefined && times % 2 !== 0 && x.digits < 0n) return negate(rootOf(negate(x), degree))
  return raise(x, divide(one, degree))
}

/** Those computed so far, of 0 and up. */
const factorials = [one]

export function factorial(x: Real): Real {
  const n = asWhole(x)
  if (n === undefined || n < 0 || n > 1000) throw new Error('undefined')
  for (let at = factorials.length; at <= n; at++) factorials.push(productOf(factorials[at - 1]!, whole(at)))
  return factorials[n]!
}

export function divisor(x: Real, y: Real): Real {
  let [a, b] = [asWhole(x), asWhole(y)]
  if (a === undefined || b === undefined || !(a > 0 && b > 0)) throw new Error('undefined')
  while (b !== 0) [a, b] = [b, a % b]
  return whole(a)
}
