/** Values as other programs write them, judged one by one. */

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object that takes any name as a key, `__proto__` too. */
export const emptyValues = (): Record<string, number> => Object.create(null) as Record<string, number>

/** A metric's number as clients send it: NaN and the infinities as texts, true and false as 1 and 0. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === 'NaN') return NaN
  if (value === 'Infinity') return Infinity
  return value === '-Infinity' ? -Infinity : null
}

export const isStep = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A value as a message quotes it: on one line, its beginning where it is long. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 120 ? text : `${text.slice(0, 120).toWellFormed()}…`
}
