/**
 * Random numbers that depend on a seed and a name alone. Loops derive a stream for each purpose and step
 * (`randomStream(seed, 'order', epoch)`) rather than carrying a generator along: a resumed run then draws what the
 * uninterrupted one would have drawn, with no state to save.
 */

export type RandomStream = {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number
  /** A whole number in [low, high], both included. */
  integer(low: number, high: number): number
  /** Standard normal (Box and Muller, 1958). */
  normal(): number
  /** A new array with the values in random order (Fisher and Yates). */
  shuffle<Value>(values: readonly Value[]): Value[]
  /** An index drawn in proportion to the weights, which must not all be 0. */
  weighted(weights: readonly number[]): number
}

/** Two 32-bit hashes of a text (cyrb53's mixing), the seed of a stream. */
function hash(text: string): [number, number] {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return [a >>> 0, b >>> 0]
}

/** The stream named by the parts, e.g. `randomStream(7, 'order', 3)`. Generator: sfc32 (C. Doty-Humphrey). */
export function randomStream(...name: (number | string)[]): RandomStream {
  const text = name.join('\u0000')
  let [a, b] = hash(text)
  let [c, counter] = [hash(`${text}\u0001`)[0], 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  const stream: RandomStream = {
    uniform: () => next() / 4294967296,
    integer: (low, high) => low + Math.floor(stream.uniform() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform()),
    shuffle: (values) => {
      const result = [...values]
      for (let i = result.length - 1; i > 0; i--) {
        const j = stream.integer(0, i)
        const kept = result[i]!
        result[i] = result[j]!
        result[j] = kept
      }
      return result
    },
    weighted: (weights) => {
      let rest = stream.uniform() * weights.reduce((sum, weight) => sum + weight, 0)
      let last = 0
      for (const [index, weight] of weights.entries()) {
        if (weight <= 0) continue
        last = index
        rest -= weight
        if (rest < 0) return index
      }
      return last
    },
  }
  return stream
}
