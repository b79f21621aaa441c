/** Samples of a run: by step, as pages of a list, and those of one prompt. Texts are read for what is shown or searched only. */
import { findSamples, findSamplesLike, type SampleRow } from '../../../db/queries/samples.ts'
import { sortedBy } from '../../../domain/asking/order.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import {
  type PromptView,
  type SampleOrder,
  type SamplesPage,
  type SampleStepsView,
  type SampleView,
  shownCharacters,
} from '../../../contract/api/samples.ts'
import type { Context } from '../../base/context.ts'
import { requireAnyRun } from '../../base/finding/find-run-job.ts'
import { sampleFields, sampleFilter } from './filter-samples.ts'
import { deviationOf, isSuperseded, partAt, type SampleColumns, sampleColumns } from '../../tables/sample-columns.ts'

export type SamplesQuery = {
  /** All steps without one. */
  step?: number | undefined
  /** Without one: of each step those of the newest attempt that came to it. */
  attempt?: number | undefined
  /** Id of a sample: only those of its prompt. */
  promptOf?: number | undefined
  search: string
  filter: string
  order: SampleOrder
  /** `next` of the page before. */
  after?: number | undefined
  limit: number
}

/** Texts are searched for about so long at a time; what is left is for the next call. */
const searchMilliseconds = 100
const searchedAtOnce = 1000

/** What each step has, and what a filter may name. */
export async function describeSampleSteps(context: Context, runId: number): Promise<SampleStepsView> {
  const columns = await sampleColumns(context, requireAnyRun(context, runId).id)
  const steps: SampleStepsView['steps'] = {
    step: [],
    attempt: [],
    samples: [],
    mean: [],
    low: [],
    high: [],
    superseded: [],
  }
  const attempts = new Map<number, SampleStepsView['attempts'][number]>()
  const { order } = columns
  for (let from = 0, to = 0; from < order.length; from = to) {
    const step = columns.steps[order[from]!]!
    while (to < order.length && columns.steps[order[to]!] === step) to += 1
    const byAttempt = groupPlaces(order.subarray(from, to), (at) => columns.attempts[at]!)
    for (const [attempt, within] of [...byAttempt].toSorted(([a], [b]) => a - b)) {
      const rewards = within.map((at) => columns.rewards[at]!).filter((reward) => !Number.isNaN(reward))
      const superseded = isSuperseded(columns, within[0]!)
      steps.step.push(step)
      steps.attempt.push(attempt)
      steps.samples.push(within.length)
      steps.mean.push(rewards.length === 0 ? null : rewards.reduce((sum, one) => sum + one, 0) / rewards.length)
      steps.low.push(extreme(rewards, Math.min))
      steps.high.push(extreme(rewards, Math.max))
      steps.superseded.push(superseded)
      const figures = attempts.get(attempt) ?? {
        number: attempt,
        samples: 0,
        firstStep: step,
        lastStep: step,
        superseded: 0,
      }
      figures.samples += within.length
      figures.lastStep = step
      if (superseded) figures.superseded += within.length
      attempts.set(attempt, figures)
    }
  }
  return {
    samples: columns.ids.length,
    prompts: columns.promptFigures.length,
    attempts: [...attempts.values()].toSorted((a, b) => a.number - b.number),
    parts: [...columns.parts].map(([name, values]) => {
      const known = values.filter((value) => !Number.isNaN(value))
      return { name, low: extreme(known, Math.min) ?? 0, high: extreme(known, Math.max) ?? 0 }
    }),
    fields: sampleFields(columns),
    steps,
  }
}

/** One page. A search looks at what is left of the list for a tenth of a second and says how far it came. */
export async function readSamples(context: Context, runId: number, query: SamplesQuery): Promise<SamplesPage> {
  const columns = await sampleColumns(context, requireAnyRun(context, runId).id)
  const { passes, error } = sampleFilter(columns, query.filter)
  if (error !== null) return { error, samples: [], next: null, candidates: 0, looked: 0 }
  const candidates = candidatesOf(columns, query, passes)
  const wanted = query.search.trim()
  let looked = query.after === undefined ? 0 : candidates.indexOf(columns.placeOf.get(query.after) ?? -1) + 1
  const found: SampleRow[] = []
  const deadline = performance.now() + searchMilliseconds
  while (looked < candidates.length && found.length < query.limit) {
    if (wanted === '') {
      const next = candidates.slice(looked, looked + query.limit)
      found.push(...findSamples(context.database, runId, idsOf(columns, next)))
      looked += next.length
      continue
    }
    const next = idsOf(columns, candidates.slice(looked, looked + searchedAtOnce))
    for (const row of searchSamples(context, next, wanted)) {
      found.push(row)
      if (found.length === query.limit) break
    }
    // a full page ends where its last sample stands; the rest is looked at again for the next one
    looked += found.length === query.limit ? next.indexOf(found.at(-1)!.id) + 1 : next.length
    if (performance.now() > deadline) break
  }
  return {
    error: null,
    samples: found.map((row) => describeSample(columns, columns.placeOf.get(row.id)!, row)),
    next: looked < candidates.length && looked > 0 ? columns.ids[candidates[looked - 1]!]! : null,
    candidates: candidates.length,
    looked,
  }
}

/** The run's samples of these ids, in their order; ids that it has not are left out. */
export async function listSamplesByIds(context: Context, runId: number, ids: number[]): Promise<SampleView[]> {
  const columns = await sampleColumns(context, requireAnyRun(context, runId).id)
  return findSamples(context.database, runId, ids).flatMap((row) => {
    const at = columns.placeOf.get(row.id)
    return at === undefined ? [] : [describeSample(columns, at, row)]
  })
}

/** One sample with its whole texts. Throws `not-found` where the run has none of this id. */
export function readSample(context: Context, runId: number, sampleId: number): { prompt: string; response: string } {
  const { prompt, response } = requireSample(context, runId, sampleId).body
  return { prompt, response }
}

/** The reward and length of every sample of the same prompt, in the order of their steps, without superseded ones. */
export async function describePrompt(context: Context, runId: number, sampleId: number): Promise<PromptView> {
  const { prompt } = requireSample(context, runId, sampleId).body
  const columns = await sampleColumns(context, runId)
  const places = candidatesOf(columns, { promptOf: sampleId, order: 'reported' }, () => true)
  return {
    prompt,
    points: places.map((at) => ({
      id: columns.ids[at]!,
      step: columns.steps[at]!,
      attempt: columns.attempts[at]!,
      reward: orNull(columns.rewards[at]!),
      characters: columns.characters[at]!,
    })),
  }
}

function requireSample(context: Context, runId: number, sampleId: number): SampleRow {
  requireAnyRun(context, runId)
  const [row] = findSamples(context.database, runId, [sampleId])
  if (!row) throw new SweepboardError('not-found', `Run ${runId} has no sample ${sampleId}.`)
  return row
}

/** Places of the samples that pass everything but the search, in the order asked for. */
function candidatesOf(
  columns: SampleColumns,
  query: Pick<SamplesQuery, 'step' | 'attempt' | 'promptOf' | 'order'>,
  passes: (at: number) => boolean,
): number[] {
  const { step, attempt, promptOf } = query
  const prompt = promptOf === undefined ? null : columns.prompts[columns.placeOf.get(promptOf)!]
  const { order } = columns
  const [from, to] = step === undefined ? [0, order.length] : placesOfStep(columns, step)
  const places: number[] = []
  for (let index = from; index < to; index++) {
    const at = order[index]!
    if (attempt === undefined ? isSuperseded(columns, at) : columns.attempts[at] !== attempt) continue
    if (prompt !== null && columns.prompts[at] !== prompt) continue
    if (passes(at)) places.push(at)
  }
  return sorted(columns, places, query.order)
}

/** Where the samples of a step begin and end in the order of the steps. */
function placesOfStep({ order, steps }: SampleColumns, step: number): [from: number, to: number] {
  const firstFrom = (wanted: number) => {
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (steps[order[middle]!]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  return [firstFrom(step), firstFrom(step + 1)]
}

/** Stable: what is equal stays in the order reported. What has no reward stands last. */
function sorted(columns: SampleColumns, places: number[], order: SampleOrder): number[] {
  if (order === 'reported') return places
  if (order === 'spread') {
    const spread = (at: number) => deviationOf(columns.groupFigures[columns.groups[at]!]!) ?? -1
    const groups = [...groupPlaces(places, (at) => columns.groups[at]!).values()]
    return groups.toSorted(([a], [b]) => compare(spread(b!), spread(a!))).flat()
  }
  return [...sortedBy(Uint32Array.from(places), Float64Array.from(columns.rewards), order === 'highest')]
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Those of the samples whose prompt or response holds the text, whichever letters are capital, in the order of the ids. */
function searchSamples(context: Context, ids: number[], wanted: string): SampleRow[] {
  const text = wanted.toLowerCase()
  const holds = ({ body }: SampleRow) =>
    body.prompt.toLowerCase().includes(text) || body.response.toLowerCase().includes(text)
  const found = findSamplesLike(context.database, ids, patternOf(wanted)).filter(holds)
  const byId = new Map(found.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/**
 * A LIKE pattern that the stored JSON of every sample with the text matches; others may match too. SQLite knows capitals of
 * ASCII only, so any other letter that has one matches any character.
 */
export function patternOf(wanted: string): string {
  const written = JSON.stringify(wanted).slice(1, -1)
  const pattern = [...written].map((character) => {
    if (/[!%_]/.test(character)) return `!${character}`
    const cased = character.toLowerCase() !== character || character.toUpperCase() !== character
    return cased && character > '\x7f' ? '%' : character
  })
  return `%${pattern.join('')}%`
}

function describeSample(columns: SampleColumns, at: number, { id, step, attempt, body }: SampleRow): SampleView {
  const group = columns.groupFigures[columns.groups[at]!]!
  const ofPrompt = columns.promptFigures[columns.prompts[at]!]!
  return {
    id,
    step,
    attempt,
    superseded: isSuperseded(columns, at),
    prompt: cut(body.prompt),
    promptCharacters: body.prompt.length,
    response: cut(body.response),
    responseCharacters: body.response.length,
    reward: orNull(columns.rewards[at]!),
    parts: Object.fromEntries(
      Object.keys(body.parts ?? {}).map((name) => [name, orNull(partAt(columns, name, at))] as const),
    ),
    advantage: orNull(columns.advantages[at]!),
    group: {
      index: columns.groups[at]!,
      samples: group.samples,
      of: group.whole?.samples ?? null,
      mean: group.whole?.mean ?? (group.rewarded === 0 ? null : group.mean),
      deviation: deviationOf(group),
    },
    ofPrompt: { samples: ofPrompt.samples, steps: ofPrompt.steps.size },
  }
}

function cut(text: string): string {
  return text.length <= shownCharacters ? text : text.slice(0, shownCharacters).toWellFormed()
}

function idsOf(columns: SampleColumns, places: number[]): number[] {
  return places.map((at) => columns.ids[at]!)
}

function groupPlaces(places: Iterable<number>, keyOf: (at: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const at of places) {
    const key = keyOf(at)
    const group = groups.get(key)
    if (group) group.push(at)
    else groups.set(key, [at])
  }
  return groups
}

/** `Math.min(...values)` would overflow the stack on a long list. */
function extreme(values: number[], of: (a: number, b: number) => number): number | null {
  return values.length === 0 ? null : values.reduce((found, value) => of(found, value))
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
