/** Random numbers as a pure function of a seed: the same seed gives the same numbers on every machine. */

export type Random = {
  /** Uniform above 0 and below 1, in steps of 2^-32. */
  uniform(): number
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number
  /** Gamma with the given shape above 0 and scale 1. */
  gamma(shape: number): number
  /** Beta with both parameters above 0. */
  beta(alpha: number, beta: number): number
}

/** One step of splitmix32: spreads seeds that differ by little over all 32 bits. */
function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return mixed ^ (mixed >>> 15)
}

/**
 * A generator of its own for each pair of seed and stream (whole numbers): xoshiro128** (Blackman & Vigna, "Scrambled
 * linear pseudorandom number generators", 2021).
 */
export function createRandom(seed: number, stream = 0): Random {
  let state = mix(seed | 0) ^ mix((stream | 0) + 0x6d2b79f5)
  const next = () => mix((state = (state + 0x9e3779b9) | 0))
  let a = next()
  let b = next()
  let c = next()
  let d = next() | 1 // all zeros would stay zeros
  let spare = Number.NaN

  function uniform(): number {
    const product = Math.imul(b, 5)
    const bits = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return ((bits >>> 0) + 0.5) / 4294967296
  }

  /** The polar method (Marsaglia & Bray, 1964): two at a time. */
  function normal(): number {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = Number.NaN
      return kept
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      spare = y * factor
      return x * factor
    }
  }

  /** Marsaglia & Tsang, "A simple method for generating gamma variables", 2000; shapes below 1 by their boost. */
  function gamma(shape: number): number {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape)
    const offset = shape - 1 / 3
    const scale = 1 / Math.sqrt(9 * offset)
    for (;;) {
      const x = normal()
      const base = 1 + scale * x
      if (base <= 0) continue
      const v = base * base * base
      const u = uniform()
      const square = x * x
      if (u < 1 - 0.0331 * square * square) return offset * v
      if (Math.log(u) < 0.5 * square + offset * (1 - v + Math.log(v))) return offset * v
    }
  }

  function beta(alpha: number, betaParameter: number): number {
    const first = gamma(alpha)
    const sum = first + gamma(betaParameter)
    // both may vanish where both parameters are tiny
    return sum > 0 ? first / sum : alpha / (alpha + betaParameter)
  }

  return { uniform, normal, gamma, beta }
}
