/** Numbers as they are written beside words: units, counted things, scales, bases and clock times. */

const shortUnits = new Set(
  'm g l s h a v w j n k c f cm mm km nm kg mg ft in lb oz hr ml pm am mi kb mb gb hz mol mph kmh kph usd eur cm2 cm3 m2 m3 ms sec min rad deg'.split(
    ' ',
  ),
)
const scales: Record<string, string> = { hundred: '00', thousand: '000', million: '000000', billion: '000000000' }
const bases: Record<string, string> = {
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  twelve: '12',
  sixteen: '16',
}

export type Quantity = { value: string; unit: string; percent: boolean }

/** Whether a word beside a number is a unit or a counted thing, and not letters of the mathematics. */
function isUnit(word: string, apart: boolean): boolean {
  const plain = word.toLowerCase()
  if (/^\p{Script=Han}+$/u.test(plain) || /^°[cf]?$/.test(plain)) return true
  if (shortUnits.has(plain)) return apart || plain.length > 1
  return plain.length >= 3 && /[aeiou]/.test(plain) && !/^(?:sin|cos|tan|cot|sec|csc|exp|log|arc\w+|sqrt)$/.test(plain)
}

/** The words at the end of an answer, taken from its value: `60 km/h`, `9.8 m/s^2`, `6 apples`, `2 million`, `12厘米`, `50%`. */
export function readQuantity(text: string): Quantity {
  let value = text
  // the degrees of an angle within are no unit
  if (/\\?(?:sin|cos|tan|cot|sec|csc)/.test(text)) return { value, unit: '', percent: false }
  let unit = ''
  let percent = false
  for (;;) {
    const sign = /\s*%$/.exec(value)
    if (sign !== null) {
      percent = true
      value = value.slice(0, -sign[0].length)
      continue
    }
    const word = /(\s*)([A-Za-z]+|\p{Script=Han}+|°[CF]?)\s*(\^\s*(?:\{\d\}|\d))?\s*$/u.exec(value)
    if (word === null) break
    const before = value.slice(0, word.index).trimEnd()
    const apart = word[1] !== '' || before.endsWith('/')
    if (before === '' || !isUnit(word[2]!, apart) || !/[\d)}\u03c0a-z/*·%°]$|\\pi$|\p{Script=Han}$/iu.test(before))
      break
    const plain = word[2]!.toLowerCase()
    if (plain in scales && /^[-+]?\d+(?:\.\d+)?$/.test(before)) {
      value = `${before}*1${scales[plain]}`
      break
    }
    if (plain === 'percent') percent = true
    else unit = `${plain.replace(/(?<=\w{2})s$/, '')}${word[3]?.replace(/\D/g, '') ?? ''} ${unit}`.trim()
    value = before.replace(/[/*·]$/, '').trimEnd()
  }
  // a word alone is no quantity
  return /\d|π|\\pi|[)}]$/.test(value) ? { value, unit, percent } : { value: text, unit: '', percent: false }
}

/** Digits and base of a numeral such as `204_5` or `1010_{two}`; null for anything else. */
export function readNumeral(text: string): { digits: string; base: string | null } | null {
  const found = /^(\d+)(?:\s*_\s*\{?\s*(\d{1,2}|[a-z]+)\s*\}?)?$/.exec(text)
  if (found === null) return null
  const named = found[2]
  const base = named === undefined ? null : (bases[named] ?? named)
  return base !== null && !/^\d+$/.test(base) ? null : { digits: found[1]!, base }
}
