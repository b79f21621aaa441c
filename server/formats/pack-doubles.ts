/** Columns of doubles as text, which pages open with `contract/doubles.ts`. */
import { endianness } from 'node:os'

/** Eight bytes a value, lowest first, in base64. */
export function packDoubles(values: Float64Array): string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return (endianness() === 'LE' ? bytes : Buffer.from(bytes).swap64()).toString('base64')
}
