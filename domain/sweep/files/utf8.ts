/** Texts of files, which are UTF-8 or are refused: read as anything else they would be other words without anybody's knowing. */

/** 1-based, in characters. */
export type BadByte = { byte: number; line: number; column: number }

/** The text of the bytes, or where the first stands that is no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | BadByte {
  const isUtf8 = (length: number) => {
    try {
      // what the last character still lacks is no error of what came so far
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: length < bytes.length })
      return true
    } catch {
      return false
    }
  }
  if (isUtf8(bytes.length)) return new TextDecoder().decode(bytes)
  let good = 0
  for (let bad = bytes.length; bad - good > 1;) {
    const middle = (good + bad) >> 1
    if (isUtf8(middle)) good = middle
    else bad = middle
  }
  const lines = new TextDecoder().decode(bytes.subarray(0, good), { stream: true }).split('\n')
  return { byte: bytes[good]!, line: lines.length, column: lines.at(-1)!.length + 1 }
}

/** What is said of it: the place, the byte, and what to do. */
export function badByteWords({ byte, line, column }: BadByte): string {
  const hex = byte.toString(16).padStart(2, '0').toUpperCase()
  return `line ${line}, column ${column}: the byte 0x${hex} is not UTF-8 (is the file Latin-1 or UTF-16?); expected a file saved as UTF-8`
}
