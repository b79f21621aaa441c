/** A finite number as JSON: as `String`, but JSON knows −0. */
export function writeNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
