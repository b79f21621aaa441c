/** Which problems a round may train on: those above a threshold, and what to hold them against. */
import { createRandom } from '../stats/rng.ts'

/** A set of problems by their places, rising. */
export type ProblemSet = { name: string; places: number[] }

/** The draw of the random sets is no setting: it is the same whoever asks. */
const stream = 16

/**
 * The chosen problems of each threshold, and with `controls` all of them and, for each threshold, as many at random.
 * @param scores by problem; null for one that has none, which is never chosen
 */
export function problemSets(
  scores: readonly ({ score: number } | null)[],
  thresholds: readonly number[],
  controls: boolean,
): ProblemSet[] {
  const all = scores.map((_, place) => place)
  const sets = thresholds.flatMap((threshold, at): ProblemSet[] => {
    const places = all.filter((place) => scores[place] !== null && scores[place]!.score >= threshold)
    const chosen = { name: `chosen-${threshold}`, places }
    return controls ? [chosen, { name: `random-${threshold}`, places: some(all, places.length, at) }] : [chosen]
  })
  return controls ? [{ name: 'all', places: all }, ...sets] : sets
}

/** `count` of the places, each as likely as any other. */
function some(places: readonly number[], count: number, seed: number): number[] {
  const random = createRandom(seed, stream)
  return places
    .map((place) => ({ place, key: random.uniform() }))
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ place }) => place)
    .toSorted((a, b) => a - b)
}
