/** Samples that trainers report: events of type `sample`, by the index on run, type and step. */
import { and, eq, gt, gte, inArray, like, lte, max, or, sql } from 'drizzle-orm'
import { events } from '../schema/events.ts'
import type { Database } from '../client.ts'

/** `body` is the event as it was read; a number that JSON lacks (NaN, infinities) stands there as null. */
export type SampleRow = {
  id: number
  attempt: number
  line: number
  step: number
  time: number | null
  body: SampleBody
}
export type SampleBody = {
  prompt: string
  response: string
  reward?: number | null
  parts?: Record<string, number | null>
  advantage?: number | null
  group?: { samples: number; mean: number; deviation: number }
  /** The right answer, where the trainer told it. */
  answer?: string
}

const columns = {
  id: events.id,
  attempt: events.attempt,
  line: events.line,
  step: events.step,
  time: events.time,
  body: events.body,
}

function ofRun(jobId: number) {
  return and(eq(events.jobId, jobId), eq(events.type, 'sample'))
}

/** The newest id of all events: while it stays, no run has a new sample. */
export function newestEvent(database: Database): number {
  return (
    database
      .select({ id: max(events.id) })
      .from(events)
      .get()?.id ?? 0
  )
}

/** Which samples: of those with ids above `above` up to `upTo` the next `limit` after a place, by step and then id. */
export type SampleRange = {
  above: number
  upTo: number
  after: { step: number; id: number } | null
  limit: number
}

/** A sample without its texts: what orders, filters and groups need of it. */
export type SampleFigures = {
  id: number
  attempt: number
  step: number
  /** Of the response. */
  characters: number
  /** JSON of `[prompt, reward, parts, advantage, group]`, null where there is none. */
  figures: string
}

/** Samples of a run in brief. SQLite takes the figures out of the stored JSON in half the time that parsing it here takes. */
export function listSampleFigures(database: Database, jobId: number, range: SampleRange): SampleFigures[] {
  return database
    .select({
      id: events.id,
      attempt: events.attempt,
      step: events.step,
      characters: sql`length(json_extract(${events.body}, '$.response'))`,
      figures: sql`json_extract(${events.body}, '$.prompt', '$.reward', '$.parts', '$.advantage', '$.group')`,
    })
    .from(events)
    .where(inRange(jobId, range))
    .orderBy(events.step, events.id)
    .limit(range.limit)
    .all() as SampleFigures[]
}

/** Samples of a run by step, those of one step as they arrived. */
export function listSamples(database: Database, jobId: number, range: SampleRange): SampleRow[] {
  return database
    .select(columns)
    .from(events)
    .where(inRange(jobId, range))
    .orderBy(events.step, events.id)
    .limit(range.limit)
    .all() as unknown as SampleRow[]
}

function inRange(jobId: number, { above, upTo, after }: SampleRange) {
  const beyond =
    after === null
      ? undefined
      : // the first condition alone is what the index is entered by
        and(
          gte(events.step, after.step),
          or(gt(events.step, after.step), and(eq(events.step, after.step), gt(events.id, after.id))),
        )
  return and(ofRun(jobId), beyond, gt(events.id, above), lte(events.id, upTo))
}

/** The run's samples of these ids, in their order. */
export function findSamples(database: Database, jobId: number, ids: readonly number[]): SampleRow[] {
  const rows = database
    .select(columns)
    .from(events)
    .where(and(inIds(ids), ofRun(jobId)))
    .all() as unknown as SampleRow[]
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** Of these samples, those whose stored text is like `pattern` (`!` escapes). */
export function findSamplesLike(database: Database, ids: readonly number[], pattern: string): SampleRow[] {
  return database
    .select(columns)
    .from(events)
    .where(and(inIds(ids), like(events.body, sql`${pattern} escape '!'`)))
    .all() as unknown as SampleRow[]
}

/** Ids as one parameter: their number is not bounded by what a statement may have. */
function inIds(ids: readonly number[]) {
  return inArray(events.id, sql`(select value from json_each(${JSON.stringify(ids)}))`)
}
