/** Deeper JSON than this is nobody's: what visits values one inside the other (JSON.stringify does) has a stack to lose. */
export const mostDepth = 100

/** JSON that is nested deeper than `mostDepth` levels. */
export class NestedTooDeep extends SyntaxError {
  constructor() {
    super(`it is nested deeper than ${mostDepth} levels`)
  }
}

/** Throws NestedTooDeep. Of any text: one that is no JSON may pass, or not. */
export function checkDepth(text: string): void {
  if (text.length <= mostDepth || countUpTo(text, '[', mostDepth) + countUpTo(text, '{', mostDepth) <= mostDepth) return
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a text: brackets in it open nothing
        for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++
        break
      case 0x5b:
      case 0x7b:
        if (++depth > mostDepth) throw new NestedTooDeep()
        break
      case 0x5d:
      case 0x7d:
        depth -= 1
    }
  }
}

/** How often a character stands in a text; counting ends above `most`. Native search: most texts have few. */
function countUpTo(text: string, character: string, most: number): number {
  let count = 0
  for (let at = text.indexOf(character); at !== -1 && count <= most; at = text.indexOf(character, at + 1)) count += 1
  return count
}
