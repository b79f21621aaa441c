/**
 * The samples of a run as columns in memory: what steps, filters, orders, groups and prompts are answered from without reading a
 * text again. Loaded in slices when a run's samples are first asked for, then kept up with what arrives.
 */
import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listSampleFigures, newestEvent, type SampleFigures } from '../../db/queries/samples.ts'
import type { Context } from '../base/context.ts'
import { heldBy } from '../base/process/held.ts'
import { ownValue } from '../../domain/own-value.ts'

/** `first`: place of the sample that came first. */
type Group = {
  first: number
  samples: number
  rewarded: number
  mean: number
  squares: number
  /** Of the whole group as its trainer told it; null: it told nothing of what it did not report. */
  whole: { samples: number; mean: number; deviation: number } | null
}

export type SampleColumns = {
  /** In the order read; NaN: no finite number was reported. */
  ids: number[]
  steps: number[]
  attempts: number[]
  rewards: number[]
  advantages: number[]
  /** Characters of the response. */
  characters: number[]
  /** Number of its prompt, and of its group (step, attempt and prompt). */
  prompts: number[]
  groups: number[]
  parts: Map<string, number[]>
  /** Places of the samples by step, those of a group where the first of them arrived. */
  order: Uint32Array
  placeOf: Map<number, number>
  groupFigures: Group[]
  promptFigures: { samples: number; steps: Set<number> }[]
  /** An attempt's samples from this step on were taken up again by a later one; Infinity: none. */
  supersededFrom: Map<number, number>
}

type Entry = {
  columns: SampleColumns
  /** Events up to this id were looked at. */
  readTo: number
  /** The smallest step of each attempt's samples. */
  firstSteps: Map<number, number>
  promptNumbers: Map<string, number>
  groupNumbers: Map<string, number>
  loading: Promise<void>
}

const sliceRows = 500
/** Of all runs together, beside the one asked for: about 150 bytes each. */
const mostSamplesKept = 1_000_000
const entriesOf = heldBy<Context['database'], number, Entry>(mostSamplesKept, {
  sizeOf: ({ columns }) => columns.ids.length,
})

/** Columns of the run as its samples stand now. */
export async function sampleColumns(context: Context, runId: number): Promise<SampleColumns> {
  const entries = entriesOf(context.database)
  const entry = entries.take(runId, newEntry)
  entry.loading = entry.loading.then(() => load(context, runId, entry))
  try {
    await entry.loading
  } catch (error) {
    // what was read in part is read again whole
    if (entries.peek(runId) === entry) entries.drop(runId)
    throw error
  }
  // it has grown since: others may have to go
  if (entries.peek(runId) === entry) entries.put(runId, entry)
  return entry.columns
}

function newEntry(): Entry {
  return {
    columns: {
      ids: [],
      steps: [],
      attempts: [],
      rewards: [],
      advantages: [],
      characters: [],
      prompts: [],
      groups: [],
      parts: new Map(),
      order: new Uint32Array(),
      placeOf: new Map(),
      groupFigures: [],
      promptFigures: [],
      supersededFrom: new Map(),
    },
    readTo: 0,
    firstSteps: new Map(),
    promptNumbers: new Map(),
    groupNumbers: new Map(),
    loading: Promise.resolve(),
  }
}

async function load(context: Context, runId: number, entry: Entry): Promise<void> {
  const { columns, readTo } = entry
  const upTo = newestEvent(context.database)
  if (upTo > readTo) {
    const before = columns.ids.length
    let after: { step: number; id: number } | null = null
    for (;;) {
      const range = { above: readTo, upTo, after, limit: sliceRows }
      const rows: SampleFigures[] = listSampleFigures(context.database, runId, range)
      for (const row of rows) add(entry, row)
      const last = rows.at(-1)
      if (rows.length < sliceRows || last === undefined) break
      after = { step: last.step, id: last.id }
      // other requests have their turn between two slices
      await setImmediate()
    }
    entry.readTo = upTo
    if (columns.ids.length > before) columns.order = orderOf(columns)
  }
  columns.supersededFrom = supersededFrom(context, runId, entry.firstSteps)
}

/** What a sample's figures hold. */
type Told = [
  prompt: string,
  reward: number | null,
  parts: Record<string, number | null> | null,
  advantage: number | null,
  group: Group['whole'],
]

function add({ columns, firstSteps, promptNumbers, groupNumbers }: Entry, row: SampleFigures): void {
  const { id, step, attempt } = row
  const told = JSON.parse(row.figures) as Told
  const at = columns.ids.length
  const reward = finite(told[1])
  const prompt = numberOf(promptNumbers, hash('sha1', told[0], 'base64'))
  const group = numberOf(groupNumbers, `${attempt}/${step}/${prompt}`)
  columns.placeOf.set(id, at)
  columns.ids.push(id)
  columns.steps.push(step)
  columns.attempts.push(attempt)
  columns.rewards.push(reward)
  columns.advantages.push(finite(told[3]))
  columns.characters.push(row.characters)
  columns.prompts.push(prompt)
  columns.groups.push(group)
  firstSteps.set(attempt, Math.min(firstSteps.get(attempt) ?? Infinity, step))
  const parts = told[2] ?? {}
  for (const name of Object.keys(parts)) {
    let part = columns.parts.get(name)
    if (!part) columns.parts.set(name, (part = []))
    while (part.length < at) part.push(NaN)
    part.push(finite(ownValue(parts, name)))
  }
  const ofPrompt = (columns.promptFigures[prompt] ??= { samples: 0, steps: new Set() })
  ofPrompt.samples += 1
  ofPrompt.steps.add(step)
  const figures = (columns.groupFigures[group] ??= {
    first: at,
    samples: 0,
    rewarded: 0,
    mean: 0,
    squares: 0,
    whole: told[4],
  })
  figures.samples += 1
  if (Number.isNaN(reward)) return
  // Welford's running mean and sum of squared differences
  figures.rewarded += 1
  const apart = reward - figures.mean
  figures.mean += apart / figures.rewarded
  figures.squares += apart * (reward - figures.mean)
}

/** What is read slice by slice is nearly in order already. */
function orderOf({ ids, steps, groups, groupFigures }: SampleColumns): Uint32Array {
  const first = (at: number) => ids[groupFigures[groups[at]!]!.first]!
  const compare = (a: number, b: number) => steps[a]! - steps[b]! || first(a) - first(b) || ids[a]! - ids[b]!
  const order = Uint32Array.from(ids.keys())
  return order.every((at) => at === 0 || compare(at - 1, at) < 0) ? order : order.sort(compare)
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, numbers.size)
  return numbers.size - 1
}

function finite(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : NaN
}

/** As with metrics: an attempt hides those before it from its smallest step on, whether that step logged a metric or a sample. */
function supersededFrom(context: Context, runId: number, sampled: Map<number, number>): Map<number, number> {
  const first = new Map(sampled)
  for (const { number, firstStep } of listAttempts(context.database, runId)) {
    first.set(number, Math.min(firstStep ?? Infinity, sampled.get(number) ?? Infinity))
  }
  const from = new Map<number, number>()
  let limit = Infinity
  for (const attempt of [...first.keys()].toSorted((a, b) => b - a)) {
    from.set(attempt, limit)
    limit = Math.min(limit, first.get(attempt)!)
  }
  return from
}

/** Whether a later attempt took up the step of the sample at this place. */
export function isSuperseded(columns: SampleColumns, at: number): boolean {
  return columns.steps[at]! >= (columns.supersededFrom.get(columns.attempts[at]!) ?? Infinity)
}

/**
 * Standard deviation of a group's rewards (the sample's, as GRPO's advantages have it): of the whole group where its trainer
 * told it, else of those that are here; null where none has a reward.
 */
export function deviationOf({ rewarded, squares, whole }: Group): number | null {
  if (whole !== null) return whole.deviation
  return rewarded === 0 ? null : Math.sqrt(Math.max(0, squares) / Math.max(1, rewarded - 1))
}

/** The value of a part at a place; NaN where it has none. */
export function partAt(columns: SampleColumns, name: string, at: number): number {
  return columns.parts.get(name)?.[at] ?? NaN
}
