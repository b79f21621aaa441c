import { and, desc, eq, inArray } from 'drizzle-orm'
import { events } from '../schema/events.ts'
import { prepared, transaction, type Database } from '../client.ts'

export type EventRow = typeof events.$inferSelect
export type NewEvent = typeof events.$inferInsert

const eventInsert = prepared(({ $client }) =>
  $client.prepare('insert into events (job_id, attempt, line, type, step, time, body) values (?, ?, ?, ?, ?, ?, ?)'),
)

/** Adds events, all of them or none. */
export function insertEvents(database: Database, values: NewEvent[]): void {
  if (values.length === 0) return
  const insert = eventInsert(database)
  // each by the statement that is there: to write one for many rows takes longer than to run it
  transaction(database, () => {
    for (const { jobId, attempt, line, type, step = null, time = null, body } of values)
      insert.run(jobId, attempt, line, type, step, time, JSON.stringify(body))
  })
}

/** The bodies, as stored, of an attempt's events that have no step or one within the span of these, which are in order. */
export function listEventBodies({ $client }: Database, jobId: number, attempt: number, steps: number[]): string[] {
  return $client
    .prepare('select body from events where job_id = ? and attempt = ? and (step is null or step between ? and ?)')
    .pluck()
    .all(jobId, attempt, steps[0] ?? 0, steps.at(-1) ?? -1) as string[]
}

/** Whether something like this, in SQL's wildcards, was told on the job already. */
export function hasProblemLike({ $client }: Database, jobId: number, message: string): boolean {
  return (
    $client
      .prepare("select 1 from events where job_id = ? and type = 'problem' and body ->> 'message' like ? limit 1")
      .get(jobId, message) !== undefined
  )
}

/** The models that versions before this one kept of runs of their own as events, oldest first; they are events no more. */
export function takeCheckpointEvents({ $client }: Database): { jobId: number; body: Record<string, unknown> }[] {
  const rows = $client
    .prepare(
      `select events.id, events.job_id as jobId, events.body from own_runs
       join events on events.job_id = own_runs.job_id and events.type = 'checkpoint' order by events.id`,
    )
    .all() as { id: number; jobId: number; body: string }[]
  const remove = $client.prepare('delete from events where id = ?')
  for (const { id } of rows) remove.run(id)
  return rows.map(({ jobId, body }) => ({ jobId, body: JSON.parse(body) as Record<string, unknown> }))
}

/** The newest events of some types, oldest of them first. */
export function listEvents(database: Database, jobId: number, types: EventRow['type'][], limit: number): EventRow[] {
  return database
    .select()
    .from(events)
    .where(and(eq(events.jobId, jobId), inArray(events.type, types)))
    .orderBy(desc(events.id))
    .limit(limit)
    .all()
    .reverse()
}
