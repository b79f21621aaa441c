/** Whatever a sweep file may say with a meaning goes through the form and out of it unchanged: sweeps made at random from the schema itself. */
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { createRandom, type Random } from '../../../domain/stats/rng.ts'
import { type Sweep, sweepSchema } from '../../../domain/sweep/sweep.ts'
import { withoutWritten } from '../../../domain/sweep/files/written.ts'
import { checkSweep } from '../../../domain/sweep/plan.ts'
import { partsLeftOut, sweepOfForm } from './read-sweep-form.ts'
import { formOfSweep } from './sweep-form.ts'

const texts = [
  'a',
  'x y',
  '1e-5',
  '07',
  '${lr}',
  '$${x}',
  '"q"',
  "it's",
  'a=b',
  'a,b',
  'true',
  'null',
  '漢',
  'models/base',
  '-1',
  '{a}',
  'loss < 2',
]
const names = ['lr', 'batch_size', 'epoch', 'A', 'WANDB_MODE', 'x-1']

/** What zod says of a schema, of any kind: those parts that its kind has. */
type Def = {
  type: string
  innerType: z.core.$ZodType
  in: z.core.$ZodType
  shape: Record<string, z.core.$ZodType>
  valueType: z.core.$ZodType
  element: z.core.$ZodType
  items: z.core.$ZodType[]
  options: z.core.$ZodType[]
  entries: Record<string, string>
  values: unknown[]
}

/** A value that the schema may take: refinements are looked at when all of it is there. */
function anyOf(schema: z.core.$ZodType, random: Random): unknown {
  const pick = <One>(all: readonly One[]) => all[Math.floor(random.uniform() * all.length)]!
  const some = (most: number) => Math.floor(random.uniform() * (most + 1))
  const { def } = schema._zod as unknown as { def: Def }
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
      return random.uniform() < 0.5 ? undefined : anyOf(def.innerType, random)
    case 'pipe':
      return anyOf(def.in, random)
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape).flatMap(([key, inner]) => {
          const value = anyOf(inner, random)
          return value === undefined ? [] : [[key, value]]
        }),
      )
    case 'record':
      return Object.fromEntries(Array.from({ length: 1 + some(2) }, () => [pick(names), anyOf(def.valueType, random)]))
    case 'array':
      return Array.from({ length: 1 + some(2) }, () => anyOf(def.element, random))
    case 'tuple':
      return def.items.map((item) => anyOf(item, random))
    case 'union':
      return anyOf(pick(def.options), random)
    case 'enum':
      return pick(Object.values(def.entries))
    case 'literal':
      return pick(def.values)
    case 'boolean':
      return random.uniform() < 0.5
    case 'number':
      return pick([1, 2, 3, 0.5, 7, 24])
    case 'string':
      return pick(texts)
    case 'unknown':
    case 'lazy':
      return pick<unknown>([1, 0.5, true, null, 'text', ['a', 2], { b: [1] }])
    default:
      throw new Error(`The schema has a ${def.type}, which this test cannot make.`)
  }
}

type Made = {
  axes: Record<string, unknown[] | { milestones?: unknown[] }>
  trainer?: string
  config?: unknown
  checkpoint?: string
  train?: { command?: unknown }
  evaluate?: { command?: unknown; report?: unknown }
}

/** A sweep that says what one may say: a built-in trainer and a command of one's own are one or the other. */
function oneWay(made: Made): Made {
  if (made.trainer === undefined) delete made.config
  else {
    // nor has it a use for a path of checkpoints, or a report
    delete made.train?.command
    delete made.evaluate?.command
    delete made.checkpoint
    delete made.evaluate?.report
  }
  // an axis' values differ, and milestones are at most one axis'
  let milestones = 0
  for (const [name, axis] of Object.entries(made.axes)) {
    const values = Array.isArray(axis) ? axis : axis.milestones
    if (values) values.splice(0, values.length, ...new Set(values.map(String)))
    if (!Array.isArray(axis) && axis.milestones && milestones++ > 0) delete made.axes[name]
  }
  return made
}

test('nothing that a file may say is lost through the form', () => {
  const random = createRandom(11)
  const seen = new Set<string>()
  let tried = 0
  for (let at = 0; at < 6000 && tried < 400; at++) {
    const parsed = sweepSchema.safeParse(oneWay(anyOf(sweepSchema, random) as Made))
    if (!parsed.success) continue
    tried += 1
    const sweep: Sweep = parsed.data
    for (const key of Object.keys(sweep)) seen.add(key)
    const { input } = sweepOfForm(formOfSweep(sweep))
    const words = JSON.stringify(sweep)
    expect(sweepSchema.safeParse(withoutWritten(input)).success, words).toBe(true)
    // what has no meaning where it stands (a factor of the median rule) is refused by the file as well
    const refused = checkSweep(sweep, { slots: 64, storedBaselines: texts }).map((issue) => issue.path.join('.'))
    const lost = partsLeftOut(sweep).filter((key) => !refused.some((at) => at.startsWith(key)))
    expect(lost, words).toEqual([])
  }
  expect(tried).toBeGreaterThan(100)
  expect([...seen].toSorted()).toEqual(Object.keys(sweepSchema.shape).toSorted())
})
