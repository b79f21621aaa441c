/** `objective`: a logged metric that decides which point is the best, in place of a score; `objectives`: several (docs/objective.md). */
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

const severalExpected =
  'expected two or more objectives, e.g. [{ metric: score, goal: maximize }, { metric: response_length, goal: minimize }]'
export const objectivesSchema = z
  .array(objectiveSchema, { error: severalExpected })
  .min(2, severalExpected)
  .max(6, 'expected at most six objectives: with more nearly every point is on the front')

/** The name by which `objectives` call the score, where the sweep has one. */
export const scoreName = 'score'

/** As much of a sweep as says what ranks its points. */
type Ranked = {
  score?: object | undefined
  objective?: Objective | undefined
  objectives?: readonly Objective[] | undefined
}

/** The metric whose values stand in place of scores: the one, or the first of several where none of them is the score. null: there are scores, or nothing. */
export function objectiveOf({ score, objective, objectives }: Ranked): Objective | null {
  return objective ?? (score === undefined ? (objectives?.[0] ?? null) : null)
}

/** Of several objectives, which one a point's score stands for; −1 where there are not several. */
export function scorePlace({ score, objectives = [] }: Ranked): number {
  if (score !== undefined) return objectives.findIndex(({ metric }) => metric === scoreName)
  return objectives.length > 0 ? 0 : -1
}
