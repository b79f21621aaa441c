/** What a program printed, as lines to read: without colours, and with only the last state of a line that was overwritten. */

// ESC [ … letter (colours, cursor), ESC ] … BEL (titles), ESC and one character
const escapes = new RegExp(
  '\\u001b(?:\\[[0-9;:?<>= ]*[A-Za-z~]|\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)|[()*+][A-Za-z0-9]|[@-Z\\\\^_a-z])',
  'g',
)
const otherControls = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]', 'g')

/** The text without escape sequences; carriage returns (progress bars) leave what was written last. */
export function plainLines(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(escapes, '')
    .split('\n')
    .map((line) => {
      // a bar that ends in a return still stands there until something overwrites it
      const states = line.split('\r')
      return (states.findLast((state) => state !== '') ?? '').replaceAll(otherControls, '')
    })
}

export type LineTone = 'plain' | 'warning' | 'danger'

/** How loud a line is, by the words that programs use. */
export function toneOf(line: string): LineTone {
  // a word of its own, or the name of a Python exception
  if (/\b(traceback|error|exception|fatal|critical)\b/i.test(line) || /[a-z](Error|Exception)\b/.test(line))
    return 'danger'
  return /\bwarn(ing)?s?\b/i.test(line) || /[a-z]Warning\b/.test(line) ? 'warning' : 'plain'
}

/** The end of a text of at most `characters`, cut at the start of a line. */
export function tailOf(text: string, characters: number): string {
  if (text.length <= characters) return text
  const cut = text.indexOf('\n', text.length - characters)
  return cut === -1 ? text.slice(-characters) : text.slice(cut + 1)
}
