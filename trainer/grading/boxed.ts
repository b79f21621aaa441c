/** Finds the answer in a response. */

/** At most this many boxes in a row are one answer. */
const most = 20

/** What a box may open with; `\\boxed 7` holds one sign or number. */
const opening = /\\(?:boxed|fbox)\s*(?:\{|(?=[\dA-Za-z]))/y

/** The last boxes of a response, the last one first: where each starts, and where its content does. */
function* boxesFromTheEnd(response: string): Generator<{ start: number; from: number }> {
  let end = response.length
  for (let found = 0; found < most && end > 0;) {
    const start = Math.max(response.lastIndexOf('\\boxed', end - 1), response.lastIndexOf('\\fbox', end - 1))
    if (start < 0) return
    end = start
    opening.lastIndex = start
    const match = opening.exec(response)
    if (match === null) continue
    found++
    yield { start, from: start + match[0].length }
  }
}

/** The content of the box that opens there, and where it ends; null where it does not close. */
function contentOf(response: string, from: number): { text: string; end: number } | null {
  if (response[from - 1] !== '{') {
    const bare = /^(?:\d+(?:\.\d+)?|[A-Za-z])/.exec(response.slice(from, from + 40))!
    return { text: bare[0], end: from + bare[0].length }
  }
  let depth = 1
  for (let at = from; at < response.length; at++) {
    if (response[at] === '\\') at++
    else if (response[at] === '{') depth++
    else if (response[at] === '}' && --depth === 0) return { text: response.slice(from, at), end: at + 1 }
  }
  return null
}

/**
 * The content of the last `\boxed{…}`, braces inside it included, and of those before it that nothing but "and", "or" or a
 * comma parts from it, as a list; null where there is none or the last does not close.
 */
export function lastBoxed(response: string): string | null {
  const [last, ...before] = boxesFromTheEnd(response)
  if (last === undefined) return null
  const content = contentOf(response, last.from)
  if (content === null) return null
  const parts = [content.text]
  let next = last.start
  for (const { start, from } of before) {
    const earlier = contentOf(response, from)
    if (earlier === null || earlier.end > next) break
    const between = response.slice(earlier.end, next)
    if (between.length > 20 || !/^[\s$,;\\()]*(?:,|and|or|;)[\s$,;\\()]*$/.test(between)) break
    parts.unshift(earlier.text)
    next = start
  }
  return parts.join(', ')
}
