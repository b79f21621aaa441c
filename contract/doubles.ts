/** Columns of doubles as text, as JSON carries them: eight bytes a value, lowest first, in base64. NaN: there is none. */

/** The column that the server packed (`server/formats/pack-doubles.ts`). */
export function openDoubles(packed: string): Float64Array {
  const text = atob(packed)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return new Float64Array(bytes.buffer)
}
