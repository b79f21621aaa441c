/** Texts in a command that equal a value of an axis: places where its placeholder could stand. */
/** `start` and `end` enclose `text` in the word `at`; `name` is the placeholder that would stand there, without `${` and `}`. */
export type ValueOffer = { at: number; start: number; end: number; text: string; name: string }

type OfferedAxis = { name: string; values: readonly string[]; milestone: boolean }

/**
 * Where a value of an axis stands in the words by itself: as the word, after `=`, or between other marks (`run_512_2e-5`). Of a
 * milestone axis the last value is its `.last`. Numbers are equal however they are written where they are the whole text.
 */
export function offerPlaceholders(words: readonly string[], axes: readonly OfferedAxis[]): ValueOffer[] {
  const offers: ValueOffer[] = []
  words.forEach((word, at) => {
    // the program is none
    if (at === 0) return
    const taken: [number, number][] = [...word.matchAll(/\$\{[^}]*\}/g)].map((m) => [m.index, m.index + m[0].length])
    for (const { name, values, milestone } of axes) {
      const wanted = milestone ? values.slice(-1) : values
      const placeholder = milestone ? `${name}.last` : name
      for (const [start, text] of placesOf(word, wanted)) {
        const end = start + text.length
        if (taken.some(([from, to]) => start < to && from < end)) continue
        taken.push([start, end])
        offers.push({ at, start, end, text, name: placeholder })
      }
    }
  })
  return offers
}

function placesOf(word: string, values: readonly string[]): [number, string][] {
  const found: [number, string][] = []
  for (const value of values) {
    // of a letter or two nobody knows what they are
    if (/^[A-Za-z]{0,2}$/.test(value)) continue
    for (let from = word.indexOf(value); from >= 0; from = word.indexOf(value, from + value.length))
      if (!/[A-Za-z0-9.}]$/.test(word.slice(0, from)) && !/^[A-Za-z0-9.$]/.test(word.slice(from + value.length)))
        found.push([from, value])
  }
  const start = word.lastIndexOf('=') + 1
  const tail = word.slice(start)
  const isNumber = tail !== '' && Number.isFinite(Number(tail))
  if (found.length === 0 && isNumber && values.some((value) => value !== '' && Number(value) === Number(tail)))
    found.push([start, tail])
  return found.toSorted(([a], [b]) => a - b)
}

/** The words with all of these offers taken. */
export function withPlaceholders(words: readonly string[], offers: readonly ValueOffer[]): string[] {
  return words.map((word, at) =>
    offers
      .filter((offer) => offer.at === at)
      .toSorted((a, b) => b.start - a.start)
      .reduce((text, { start, end, name }) => `${text.slice(0, start)}\${${name}}${text.slice(end)}`, word),
  )
}
