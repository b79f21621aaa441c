/** Numbers as they are written: read exactly, compared exactly, written short. */

/** value = mantissa × 10^exponent; the mantissa does not end in 0, and 0 is { 0n, 0 }. */
export type Decimal = { mantissa: bigint; exponent: number }

const decimalPattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/
/** Beyond a double's range a literal is no number that a trainer could read, and exact arithmetic would not be bounded. */
const maximumExponent = 330
const maximumLength = 100

function normalised(mantissa: bigint, exponent: number): Decimal {
  if (mantissa === 0n) return { mantissa: 0n, exponent: 0 }
  while (mantissa % 10n === 0n) {
    mantissa /= 10n
    exponent += 1
  }
  return { mantissa, exponent }
}

/** The number a literal such as `07`, `1e-5` or `.5` writes, exactly; null where it writes no decimal number. */
export function parseDecimal(literal: string): Decimal | null {
  if (literal.length > maximumLength) return null
  const match = decimalPattern.exec(literal)
  if (!match) return null
  const [whole = '', fraction = ''] = match[2]!.split('.')
  const exponent = Number(match[3] ?? 0)
  if (Math.abs(exponent) > maximumExponent) return null
  const mantissa = BigInt(match[1] === '-' ? -1 : 1) * BigInt(whole + fraction)
  const rounded = Number(literal)
  if (!Number.isFinite(rounded) || (rounded === 0 && mantissa !== 0n)) return null
  return normalised(mantissa, exponent - fraction.length)
}

/** The same text for literals that write the same number (`1e-5`, `0.00001`), another for every other number. */
export function decimalKey({ mantissa, exponent }: Decimal): string {
  return `${mantissa}e${exponent}`
}

/** The nearest whole number, halves away from 0. */
export function roundedToWhole({ mantissa, exponent }: Decimal): Decimal {
  if (exponent >= 0) return { mantissa, exponent }
  const unit = 10n ** BigInt(-exponent)
  const sign = mantissa < 0n ? -1n : 1n
  return normalised((sign * (2n * sign * mantissa + unit)) / (2n * unit), 0)
}

/** Both mantissas on the lower of the two exponents. */
export function aligned(a: Decimal, b: Decimal): { a: bigint; b: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent)
  return {
    a: a.mantissa * 10n ** BigInt(a.exponent - exponent),
    b: b.mantissa * 10n ** BigInt(b.exponent - exponent),
    exponent,
  }
}

/** Below 0 where a < b, 0 where they are the same number, above 0 where a > b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const both = aligned(a, b)
  return both.a < both.b ? -1 : both.a > both.b ? 1 : 0
}

/** numerator ÷ denominator × 10^exponent, rounded half away from zero to a multiple of 10^place. `exact` says whether nothing was lost. */
export function roundedRatio(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
  place: number,
): { value: Decimal; exact: boolean } {
  const shift = exponent - place
  if (shift >= 0) numerator *= 10n ** BigInt(shift)
  else denominator *= 10n ** BigInt(-shift)
  const sign = numerator < 0n ? -1n : 1n
  const magnitude = numerator * sign
  const quotient = magnitude / denominator
  const remainder = magnitude % denominator
  const rounded = remainder * 2n >= denominator ? quotient + 1n : quotient
  return { value: normalised(sign * rounded, place), exact: remainder === 0n }
}

/** How a person writes numbers: `1e-5`, `1E-05`, `0.10`. */
export type Notation = { exponent: 'e' | 'E' | null; exponentDigits: number; fractionDigits: number }

/** The notation of two literals, so that numbers between them can be written alike. */
export function notationOf(low: string, high: string): Notation {
  const exponents = [low, high].map((literal) => /([eE])[+-]?(\d+)$/.exec(literal))
  const written = exponents.find((match) => match !== null)
  const digits = exponents.flatMap((match) => match?.[2] ?? [])
  const fractions = [low, high].map((literal) => /\.(\d*)/.exec(literal)?.[1]?.length ?? 0)
  return {
    exponent: (written?.[1] as 'e' | 'E' | undefined) ?? null,
    // `1e-05` asks for two digits, `1e-10` beside `1e-5` for none in particular
    exponentDigits: digits.some((text) => text.startsWith('0')) ? Math.min(...digits.map((text) => text.length)) : 1,
    fractionDigits: written ? 0 : Math.min(...fractions),
  }
}

/** The number as a literal that reads back as exactly this number. */
export function writeDecimal({ mantissa, exponent }: Decimal, notation: Notation): string {
  const sign = mantissa < 0n ? '-' : ''
  const digits = (mantissa < 0n ? -mantissa : mantissa).toString()
  if (notation.exponent !== null && mantissa !== 0n) {
    const scientific = exponent + digits.length - 1
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const power = Math.abs(scientific).toString().padStart(notation.exponentDigits, '0')
    return `${sign}${digits[0]}${fraction}${notation.exponent}${scientific < 0 ? '-' : ''}${power}`
  }
  const padded = exponent >= 0 ? digits + '0'.repeat(exponent) : digits.padStart(1 - exponent, '0')
  const fractionLength = Math.max(0, -exponent)
  const whole = fractionLength > 0 ? padded.slice(0, -fractionLength) : padded
  const fraction = (fractionLength > 0 ? padded.slice(-fractionLength) : '').padEnd(notation.fractionDigits, '0')
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`
}
