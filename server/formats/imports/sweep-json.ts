/** The JSON of a sweep, ours: its points with their values, accuracies and scores, back to runs. */
import { z } from 'zod'
import { aggregates, baselineAccuraciesSchema } from '../../../domain/sweep/sweep.ts'
import type { Telling, ToldPoint, ToldRun } from './telling.ts'

const number = z.number().nullable()
const pointSchema = z.object({
  params: z.record(z.string(), z.string()),
  run: z.number(),
  checkpoint: z.object({ path: z.string().nullable(), step: number, epoch: number }).nullable(),
  accuracies: z.record(z.string(), z.object({ correct: number, total: number, accuracy: number })),
  score: number,
  error: z.string().nullable(),
})
const sweepSchema = z.object({
  points: z.array(pointSchema).min(1, 'has no points'),
  scoring: z.object({ aggregate: z.enum(aggregates), baseline: baselineAccuraciesSchema }).optional(),
})

/** What the JSON tells, a telling a run. Throws a SyntaxError, a sentence's end with the key, where it is none. */
export function readSweepJson(value: unknown): Telling[] {
  const read = sweepSchema.safeParse(value)
  if (!read.success) {
    const [{ path, message }] = read.error.issues as [z.core.$ZodIssue]
    throw new SyntaxError(`is no JSON of a sweep: ${path.join('.')}: ${message}`)
  }
  const runs = Map.groupBy(read.data.points, ({ run }) => run)
  const { scoring } = read.data
  return [...runs].map(([key, points]) => ({
    run: runOf(key, points),
    attempt: 0,
    events: [],
    points,
    ...(scoring && { scoring: { ...scoring, questions: {} } }),
  }))
}

/** A run has the values of its last point: of milestones it went to the highest. */
function runOf(key: number, points: ToldPoint[]): ToldRun {
  return { key: String(key), name: `run ${key}`, params: points.at(-1)!.params }
}
