import { asc, eq } from 'drizzle-orm'
import type { Database } from '../client.ts'
import { startingPoints } from '../schema/starting-points.ts'

export type StartingPointRow = typeof startingPoints.$inferSelect

/** Those that a person keeps, by name. */
export function listKeptStartingPoints(database: Database): StartingPointRow[] {
  return database.select().from(startingPoints).orderBy(asc(startingPoints.name)).all()
}

/** Keeps one; false where another has the name. */
export function insertStartingPoint(
  database: Database,
  values: Pick<StartingPointRow, 'name' | 'definition' | 'directory'>,
): boolean {
  return database.insert(startingPoints).values(values).onConflictDoNothing().run().changes > 0
}

/** Removes one; false where there is none. */
export function deleteStartingPoint(database: Database, id: number): boolean {
  return database.delete(startingPoints).where(eq(startingPoints.id, id)).run().changes > 0
}
