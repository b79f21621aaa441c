/** JSON as Python's json module writes it: NaN, Infinity and -Infinity may stand bare; a byte order mark is passed over. */
import { checkDepth } from '../attempt-files/json-depth.ts'

/**
 * Parses JSON; bare NaN and infinities are read as if they stood in quotes.
 * Throws JSON.parse's own SyntaxError about the text as it is, and NestedTooDeep.
 */
export function parsePythonJson(text: string): unknown {
  checkDepth(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    const quoted = quoteBareNumbers(text)
    if (quoted === null) throw error
    try {
      return JSON.parse(quoted)
    } catch {
      throw error
    }
  }
}

/** Null when there is nothing to quote. One pass, whatever the length: no regular expression's stack is in the way. */
function quoteBareNumbers(text: string): string | null {
  if (!text.includes('NaN') && !text.includes('Infinity') && text[0] !== '\ufeff') return null
  let quoted = ''
  let copied = text[0] === '\ufeff' ? 1 : 0
  for (let at = copied; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++
    } else if (character === 'N' || character === 'I') {
      const word = character === 'N' ? 'NaN' : 'Infinity'
      if (!text.startsWith(word, at)) return null
      const from = character === 'I' && text[at - 1] === '-' ? at - 1 : at
      quoted += `${text.slice(copied, from)}"${text.slice(from, at + word.length)}"`
      copied = at + word.length
      at = copied - 1
    }
  }
  return quoted + text.slice(copied)
}
