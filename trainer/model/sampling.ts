/**
 * From logits to a token, with the filters people know from transformers, in its order: repetition penalty, temperature, top-k,
 * top-p, min-p.
 */

/** Which tokens can be drawn; a filter that is left out lets all through. */
export type Filters = {
  /** The likeliest so many. */
  topK?: number
  /** The likeliest that together have this probability. */
  topP?: number
  /** Those with at least this share of the likeliest one's probability. */
  minP?: number
  /** Logits of tokens that stand in the prompt or the response are divided by it where positive, else multiplied. */
  repetitionPenalty?: number
}

/** Whether any filter does anything: without one, the kernel draws. */
export function filtersAnything({ topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 }: Filters): boolean {
  return topK > 0 || topP < 1 || minP > 0 || repetitionPenalty !== 1
}

/** exp(logit - highest) of each, so that nothing overflows. */
function weightsOf(logits: ArrayLike<number>): number[] {
  let top = -Infinity
  for (let token = 0; token < logits.length; token++) top = Math.max(top, logits[token]!)
  return Array.from(logits, (value) => Math.exp(value - top))
}

const sumOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0)

/**
 * Weights of tokens, in proportion to which one is drawn: 0 for those that the filters leave out.
 * @param seen tokens of the prompt and the response so far
 * @param temperature above 0
 */
export function filteredWeights(
  logits: ArrayLike<number>,
  seen: Iterable<number>,
  temperature: number,
  { topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 }: Filters,
): number[] {
  const scores = Array.from(logits)
  if (repetitionPenalty !== 1) {
    for (const token of new Set(seen)) {
      scores[token]! *= scores[token]! > 0 ? 1 / repetitionPenalty : repetitionPenalty
    }
  }
  const weights = weightsOf(scores.map((score) => score / temperature))
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]! || a - b)
  if (topK > 0 && topK < order.length) {
    // tokens as likely as the last of them stay, too
    const least = weights[order[topK - 1]!]!
    for (const [token, weight] of weights.entries()) if (weight < least) weights[token] = 0
  }
  if (topP < 1) {
    const total = sumOf(weights)
    let taken = 0
    for (const [rank, token] of order.entries()) {
      // the one that crosses the line stays
      if (rank > 0 && taken >= topP * total) weights[token] = 0
      else taken += weights[token]!
    }
  }
  if (minP > 0) {
    const least = minP * weights[order[0]!]!
    for (const [token, weight] of weights.entries()) if (weight < least) weights[token] = 0
  }
  return weights
}

/**
 * Draws a token.
 * @param temperature 0 takes the likeliest token
 * @param uniform a number in [0, 1) that decides
 * @returns the token, and its log-probability under the whole distribution at the temperature: filters are no part of it
 */
export function drawToken(
  logits: ArrayLike<number>,
  seen: Iterable<number>,
  temperature: number,
  filters: Filters,
  uniform: number,
): [token: number, logProbability: number] {
  const inverse = temperature > 0 ? 1 / temperature : 1
  const whole = weightsOf(Array.from(logits, (value) => value * inverse))
  // where the logits are no numbers, there is no likeliest one
  let token = Math.max(0, whole.indexOf(1))
  if (temperature > 0) {
    const weights = filtersAnything(filters) ? filteredWeights(logits, seen, temperature, filters) : whole
    let rest = uniform * sumOf(weights)
    for (const [candidate, weight] of weights.entries()) {
      if (weight === 0) continue
      token = candidate
      rest -= weight
      if (rest < 0) break
    }
  }
  return [token, Math.log(whole[token]! / sumOf(whole))]
}
