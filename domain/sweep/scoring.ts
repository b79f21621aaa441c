import type { Goal } from './stop-early.ts'
import type { Sweep } from './sweep.ts'

/** How a sweep's checkpoints become scores; of a sweep that only keeps track, with no benchmark to compare. */
export type Scoring = NonNullable<Sweep['score']>

const nothingScored: Scoring = { aggregate: 'harmonic-mean', baseline: {}, questions: {} }

/** Whether points of the sweep get scores, or the value of a metric in their place; else they are done when their training is. */
export function isScored({ score, objective }: Pick<Sweep, 'score' | 'objective'>): boolean {
  return score !== undefined || objective !== undefined
}

/** Whether checkpoints are evaluated by jobs of their own: of a metric in place of a score nobody asks. */
export function isEvaluated({
  trainer,
  evaluate,
  objective,
}: Pick<Sweep, 'trainer' | 'evaluate' | 'objective'>): boolean {
  return objective === undefined && (trainer !== undefined || evaluate?.command !== undefined)
}

/** Which way scores are better; of benchmarks more is. */
export function goalOf({ objective }: Pick<Sweep, 'objective'>): Goal {
  return objective?.goal ?? 'maximize'
}

/** How the sweep scores; where it does not, a baseline without benchmarks. */
export function scoringOf({ score }: Pick<Sweep, 'score'>): Scoring {
  return score ?? nothingScored
}
