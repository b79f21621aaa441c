/** Simulated questions that are answered several times, for tests and `npm run bench -- luck`. */
import type { Random } from '../stats/rng.ts'

/**
 * The chances that at most 0, 1, … of a question's samples are right: the Beta-binomial distribution. `alike` is the sum of
 * the Beta's parameters; small ones make questions that are always or never answered.
 */
function cumulativeChances(accuracy: number, samples: number, alike: number): number[] {
  const [alpha, beta] = [accuracy * alike, (1 - accuracy) * alike]
  let chance = 1
  for (let sample = 0; sample < samples; sample++) chance *= (beta + sample) / (alpha + beta + sample)
  let sum = 0
  return Array.from({ length: samples + 1 }, (_, right) => {
    if (right > 0) chance *= (((samples - right + 1) / right) * (alpha + right - 1)) / (beta + samples - right)
    return (sum += chance)
  })
}

/**
 * How many of its samples each question has right: every question has a chance of its own, drawn from a Beta with the accuracy
 * as its mean. Gives a function that draws a set of so many questions.
 */
export function repeatedAnswers(
  accuracy: number,
  samples: number,
  alike: number,
): (random: Random, questions: number) => number[] {
  const chances = cumulativeChances(accuracy, samples, alike)
  return (random, questions) =>
    Array.from({ length: questions }, () => {
      const drawn = random.uniform()
      let right = 0
      while (right < samples && drawn >= chances[right]!) right += 1
      return right
    })
}
