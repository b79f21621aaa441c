import { asc, eq } from 'drizzle-orm'
import type { Database } from '../client.ts'
import { namedViews } from '../schema/named-views.ts'

export type NamedViewRow = typeof namedViews.$inferSelect

/** Those of a page, by name. */
export function listNamedViews(database: Database, page: string): NamedViewRow[] {
  return database.select().from(namedViews).where(eq(namedViews.page, page)).orderBy(asc(namedViews.name)).all()
}

/** Keeps one; false where the page has another of the name. */
export function insertNamedView(database: Database, values: Pick<NamedViewRow, 'page' | 'name' | 'search'>): boolean {
  return database.insert(namedViews).values(values).onConflictDoNothing().run().changes > 0
}

/** Removes one; false where there is none. */
export function deleteNamedView(database: Database, id: number): boolean {
  return database.delete(namedViews).where(eq(namedViews.id, id)).run().changes > 0
}
