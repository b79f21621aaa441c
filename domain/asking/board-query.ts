/** What the leaderboard across sweeps is asked for; its page's address carries the same. */
import { z } from 'zod'

const day = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)), 'expected a day as 2026-03-01')

/** Days are those of the clock in Greenwich, the last included. */
export const boardQuerySchema = z.object({
  /** What every score compares with; null: each sweep's own baseline. */
  baselineId: z.number().int().nullable().default(null),
  /** As typed: `learning_rate < 1e-4 and score > 1`. */
  filter: z.string().max(2000).default(''),
  sweepIds: z.array(z.number().int()).max(1000).default([]),
  trainer: z.string().max(100).default(''),
  tag: z.string().max(100).default(''),
  from: day.nullable().default(null),
  to: day.nullable().default(null),
  picked: z.boolean().default(false),
  /** One row for the checkpoints that differ in nothing but their seed. */
  grouped: z.boolean().default(false),
  /** Of groups: checkpoints of different commits, or with other uncommitted changes, stand in different ones. */
  byCommit: z.boolean().default(false),
  /** `score`, `corrected`, `chance`, `spread`, `sweep`, `step`, `date`, `setting:NAME` or `benchmark:NAME`. */
  sort: z.string().max(300).default('score'),
  descending: z.boolean().default(true),
})
export type BoardQuery = z.output<typeof boardQuerySchema>

/** Every value as it is where an address says nothing. */
export const plainBoardQuery: BoardQuery = boardQuerySchema.parse({})

/** The query in an address; what cannot be read there counts as not said. */
export function readBoardQuery(address: { get(name: string): string | null }): BoardQuery {
  const numbers = (text: string | null) =>
    (text ?? '')
      .split(',')
      .filter((part) => /^\d{1,15}$/.test(part))
      .map(Number)
  const dayOf = (text: string | null) => (day.safeParse(text).success ? text : null)
  const sort = address.get('sort') ?? 'score'
  const known = boardQuerySchema.safeParse({
    baselineId: numbers(address.get('baseline'))[0] ?? null,
    filter: address.get('filter') ?? '',
    sweepIds: numbers(address.get('sweep')),
    trainer: address.get('trainer') ?? '',
    tag: address.get('tag') ?? '',
    from: dayOf(address.get('from')),
    to: dayOf(address.get('to')),
    picked: address.get('picked') === '1',
    grouped: address.get('group') === 'seed' || address.get('group') === 'commit',
    byCommit: address.get('group') === 'commit',
    sort,
    descending: address.get('order') === 'up' ? false : address.get('order') === 'down' || descendsFirst(sort),
  })
  return known.success ? known.data : plainBoardQuery
}

/** The query as an address carries it; what is as usual is left out. */
export function writeBoardQuery(query: BoardQuery): URLSearchParams {
  const address = new URLSearchParams()
  const set = (name: string, value: string | null) => {
    if (value !== null && value !== '') address.set(name, value)
  }
  set('filter', query.filter.trim())
  set('baseline', query.baselineId === null ? null : String(query.baselineId))
  set('sweep', query.sweepIds.join(','))
  set('trainer', query.trainer)
  set('tag', query.tag)
  set('from', query.from)
  set('to', query.to)
  set('picked', query.picked ? '1' : null)
  set('group', query.grouped ? (query.byCommit ? 'commit' : 'seed') : null)
  set('sort', query.sort === 'score' ? null : query.sort)
  set('order', query.descending === descendsFirst(query.sort) ? null : query.descending ? 'down' : 'up')
  return address
}

/** Figures are looked at from the highest down, settings and names from the first up. */
export function descendsFirst(sort: string): boolean {
  return !/^(sweep|setting:)/.test(sort)
}
