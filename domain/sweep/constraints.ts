/** `constraints`: limits that a point keeps or breaks, whatever its score (docs/objective.md). */
import { z } from 'zod'

export const relations = ['<=', '>=', '<', '>'] as const
export type Relation = (typeof relations)[number]

/** `name`: of a benchmark that the point was measured on, or else of a metric that its training logged. */
export type Constraint = { name: string; relation: Relation; limit: number }

const expected = 'expected a metric or benchmark, <, <=, > or >=, and a number, e.g. response_length < 2000'

/** What a text such as `response_length < 2000` says; null where it is no constraint. */
export function readConstraint(text: string): Constraint | null {
  const found = /^([^<>=]*[^<>=\s])\s*(<=|>=|<|>)\s*([^<>=\s]+)$/.exec(text.trim())
  if (found === null) return null
  const limit = Number(found[3])
  if (!Number.isFinite(limit) || !/^[-+.\d]/.test(found[3]!)) return null
  return { name: found[1]!, relation: found[2] as Relation, limit }
}

const mostConstraints = 20

export const constraintsSchema = z
  .array(
    z.string(expected).refine((text) => readConstraint(text) !== null, {
      error: ({ input }) => `“${String(input)}” is no constraint: ${expected}`,
    }),
    { error: `expected a list of constraints, e.g. ["response_length < 2000"]` },
  )
  .min(1, expected)
  .max(mostConstraints, `expected at most ${mostConstraints} constraints`)

/** The constraints of a checked sweep, in the file's order. */
export function constraintsOf({ constraints = [] }: { constraints?: readonly string[] | undefined }): Constraint[] {
  return constraints.map((text) => readConstraint(text)!)
}

/** How far inside its limit a value lies, in its own unit: above 0 it keeps it, below it breaks it; at 0 only `<=` and `>=` are kept. */
export function slackOf({ relation, limit }: Constraint, value: number): number {
  return relation === '<' || relation === '<=' ? limit - value : value - limit
}

export function keeps(constraint: Constraint, value: number): boolean {
  const slack = slackOf(constraint, value)
  return slack > 0 || (slack === 0 && constraint.relation.endsWith('='))
}

/**
 * What a point breaks, in a sentence; null where it keeps all. `values`: one for each constraint, null where none is known: nobody can
 * say then that it is kept, so it counts as broken.
 */
export function brokenWords(constraints: readonly Constraint[], values: readonly (number | null)[]): string | null {
  const broken = constraints.flatMap((constraint, at) => {
    const { name, relation, limit } = constraint
    const value = values[at] ?? null
    if (value === null) return [`${name} is not known, and is to be ${relation} ${limit}`]
    return keeps(constraint, value)
      ? []
      : [`${name} is ${Number(value.toPrecision(6))}, and is to be ${relation} ${limit}`]
  })
  return broken.length === 0 ? null : `${broken.join('; ')}.`
}
