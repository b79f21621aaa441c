import { and, asc, desc, eq, gt, inArray, isNull, lt, lte } from 'drizzle-orm'
import type { Database } from '../client.ts'
import { idleSpells } from '../schema/idle-spells.ts'
import { jobs } from '../schema/jobs.ts'
import { sweeps } from '../schema/sweeps.ts'

export type IdleSpellRow = typeof idleSpells.$inferSelect

/** Adds spells; gives their ids, in the order given. */
export function insertIdleSpells(database: Database, spells: Omit<IdleSpellRow, 'id'>[]): number[] {
  if (spells.length === 0) return []
  return database
    .insert(idleSpells)
    .values(spells)
    .returning({ id: idleSpells.id })
    .all()
    .map(({ id }) => id)
}

/** Says up to when these spells were seen to last. */
export function extendIdleSpells(database: Database, ids: number[], until: number): void {
  if (ids.length > 0) database.update(idleSpells).set({ until }).where(inArray(idleSpells.id, ids)).run()
}

/** Removes spells that ended before `before`, and of the others all but the newest `most`. */
export function pruneIdleSpells(database: Database, { before, most }: { before: number; most: number }): void {
  database.delete(idleSpells).where(lt(idleSpells.until, before)).run()
  const newest = database.select({ id: idleSpells.id }).from(idleSpells).orderBy(desc(idleSpells.id))
  const oldestKept = newest.limit(1).offset(most).get()
  if (oldestKept !== undefined) database.delete(idleSpells).where(lte(idleSpells.id, oldestKept.id)).run()
}

/** Spells that touch the time from `from` to `to`, each slot's in order. */
export function listIdleSpells(database: Database, from: number, to: number): IdleSpellRow[] {
  return database
    .select()
    .from(idleSpells)
    .where(and(gt(idleSpells.until, from), lt(idleSpells.since, to)))
    .orderBy(asc(idleSpells.slot), asc(idleSpells.since))
    .all()
}

/** Whether a sweep that is paused has a job that waits. */
export function hasPausedWork(database: Database): boolean {
  const found = database
    .select({ id: jobs.id })
    .from(sweeps)
    .innerJoin(jobs, eq(jobs.sweepId, sweeps.id))
    .where(and(eq(sweeps.status, 'paused'), isNull(sweeps.deletedAt), eq(jobs.status, 'waiting')))
    .limit(1)
    .get()
  return found !== undefined
}
