/** `objective`: a logged metric that decides which point is the best, in place of a score (docs/objective.md). */
import { z } from 'zod'
import { goals } from './stop-early.ts'

/** Which of the values of a run counts. */
export const objectiveTimes = ['last', 'best', 'milestone'] as const

export const objectiveSchema = z.strictObject({
  /** As the trainer logs it. */
  metric: z.string().min(1, 'expected the name of a metric, as the trainer logs it'),
  goal: z.enum(goals, 'expected minimize or maximize'),
  /** The last value, the best one, or the one at the point's own milestone; up to the milestone where there are some. */
  at: z.enum(objectiveTimes, `expected ${objectiveTimes.join(', ')}`).default('last'),
})
export type Objective = z.output<typeof objectiveSchema>
