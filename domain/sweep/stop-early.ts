/** `stop_early`: when trainings of a sweep that are worse than others are given up before their end (docs/stopping.md). */
import { z } from 'zod'

/**
 * `milestones`: all trainings to the first milestone, a share goes on. `asha`: asynchronous successive halving (Li et al., "A System for
 * Massively Parallel Hyperparameter Tuning", 2020). `median`: the median stopping rule (Golovin et al., "Google Vizier", 2017).
 */
export const stopMethods = ['milestones', 'asha', 'median'] as const
export type StopMethod = (typeof stopMethods)[number]

export const goals = ['minimize', 'maximize'] as const
/** Whether less of a metric is better, or more. */
export type Goal = (typeof goals)[number]

export const stopEarlySchema = z.strictObject({
  method: z.enum(stopMethods, `expected ${stopMethods.join(', ')}`),
  /** `milestones`: the share of the trainings that goes on; a third where absent, and always at least three. */
  keep: z
    .number()
    .gt(0, 'expected a share above 0 and below 1')
    .lt(1, 'expected a share above 0 and below 1')
    .optional(),
  /** The first milestone at which a training may be stopped, or the first step where a metric decides. */
  min: z.number().positive('expected a number above 0').optional(),
  /** `asha`: one in so many goes on at each rung; 3 where absent. */
  factor: z.number().min(2, 'expected a number of at least 2').optional(),
  /** A logged metric that decides in place of the score, and whether less of it is better. */
  metric: z.string().min(1).optional(),
  goal: z.enum(goals).optional(),
  /** Whether a training waits at the milestone until it is judged, and goes on from its checkpoint. */
  hold: z.boolean().optional(),
})
export type StopEarly = z.output<typeof stopEarlySchema>
