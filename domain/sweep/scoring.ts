import { objectiveOf } from './objective.ts'
import type { Goal } from './stop-early.ts'
import type { Sweep } from './sweep.ts'

/** How a sweep's checkpoints become scores; of a sweep that only keeps track, with no benchmark to compare. */
export type Scoring = NonNullable<Sweep['score']>

const nothingScored: Scoring = { aggregate: 'harmonic-mean', baseline: {}, questions: {} }

/** Whether points of the sweep get scores, or the value of a metric in their place; else they are done when their training is. */
export function isScored(sweep: Pick<Sweep, 'score' | 'objective' | 'objectives'>): boolean {
  return sweep.score !== undefined || objectiveOf(sweep) !== null
}

/** Whether checkpoints are evaluated by jobs of their own: of a metric in place of a score nobody asks. */
export function isEvaluated(
  sweep: Pick<Sweep, 'trainer' | 'evaluate' | 'score' | 'objective' | 'objectives'>,
): boolean {
  return objectiveOf(sweep) === null && (sweep.trainer !== undefined || sweep.evaluate?.command !== undefined)
}

/** Which way scores are better; of benchmarks more is. */
export function goalOf(sweep: Pick<Sweep, 'score' | 'objective' | 'objectives'>): Goal {
  return objectiveOf(sweep)?.goal ?? 'maximize'
}

/** How the sweep scores; where it does not, a baseline without benchmarks. */
export function scoringOf({ score }: Pick<Sweep, 'score'>): Scoring {
  return score ?? nothingScored
}
