import type { Sweep } from './sweep.ts'

/** How a sweep's checkpoints become scores; of a sweep that only keeps track, with no benchmark to compare. */
export type Scoring = NonNullable<Sweep['score']>

const nothingScored: Scoring = { aggregate: 'harmonic-mean', baseline: {}, questions: {} }

/** Whether points of the sweep get scores; else they are done when their training is. */
export function isScored({ score }: Pick<Sweep, 'score'>): boolean {
  return score !== undefined
}

/** How the sweep scores; where it does not, a baseline without benchmarks. */
export function scoringOf({ score }: Pick<Sweep, 'score'>): Scoring {
  return score ?? nothingScored
}
