/** `search` in a sweep file: a method that proposes one training after another. */
import { z } from 'zod'

/** Methods that propose, beside the grid that tries every combination. */
export const searchingMethods = ['random', 'tpe', 'gaussian-process'] as const
export type SearchingMethod = (typeof searchingMethods)[number]

const expected =
  'expected grid, or { method: random | tpe | gaussian-process, trainings: N, seed: S }, e.g. { method: tpe, trainings: 12, seed: 1 }'

const needed = 'expected how many trainings the search may have in all, e.g. 20'

const searchingSchema = z
  .strictObject({
    method: z.enum(['grid', ...searchingMethods], `expected grid, ${searchingMethods.join(', ')}`),
    /** How many trainings there will be in all, those that a person proposes among them. */
    trainings: z.number(needed).int(needed).min(1).max(100_000).optional(),
    /** What is random follows from it. */
    seed: z
      .number('expected a whole number')
      .int('expected a whole number')
      .min(0)
      .max(2 ** 31 - 1)
      .optional(),
  })
  .superRefine(({ method, trainings, seed }, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (method !== 'grid') {
      if (trainings === undefined) refuse('trainings', needed)
      return
    }
    const chosen = `expected none beside method: grid, which has every combination; a search has them, e.g. method: tpe`
    if (trainings !== undefined) refuse('trainings', chosen)
    if (seed !== undefined) refuse('seed', chosen)
  })
  .transform(({ method, trainings, seed }) =>
    method === 'grid' ? ('grid' as const) : { method, trainings: trainings!, seed: seed ?? 1 },
  )

/** A method that proposes, with how many trainings in all. */
export type Searching = { method: SearchingMethod; trainings: number; seed: number }

/** `grid`, however it is written, or how it searches. */
export const searchSchema = z
  .union(
    [
      z
        .string()
        .refine((text) => text === 'grid', expected)
        .transform(() => 'grid' as const),
      searchingSchema,
    ],
    { error: expected },
  )
  .default('grid')

/** How a sweep proposes its trainings; null where it is a grid, which has them all from the start. */
export function searchingOf({ search }: { search: 'grid' | Searching }): Searching | null {
  return search === 'grid' ? null : search
}
