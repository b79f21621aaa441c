import { and, desc, eq, inArray } from 'drizzle-orm'
import { events } from '../schema.ts'
import type { Database } from '../client.ts'

export type EventRow = typeof events.$inferSelect
export type NewEvent = typeof events.$inferInsert

export function insertEvents(database: Database, values: NewEvent[]): void {
  for (let start = 0; start < values.length; start += 1000) {
    database
      .insert(events)
      .values(values.slice(start, start + 1000))
      .run()
  }
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
