import { asc, desc, eq, isNull, and, sql } from 'drizzle-orm'
import { baselines } from '../schema/baselines.ts'
import { sweeps } from '../schema/sweeps.ts'
import type { Measured } from '../../domain/sweep/reuse/identity.ts'
import type { Database } from '../client.ts'

export type BaselineRow = typeof baselines.$inferSelect

/** All stored baselines by name, with the number of sweeps that use each. */
export function listBaselines(database: Database): (BaselineRow & { usedBySweeps: number })[] {
  const used = database
    .select({ baselineId: sweeps.baselineId, count: sql<number>`count(*)` })
    .from(sweeps)
    .where(isNull(sweeps.deletedAt))
    .groupBy(sweeps.baselineId)
    .all()
  const counts = new Map(used.map((row) => [row.baselineId, row.count]))
  return database
    .select()
    .from(baselines)
    .orderBy(asc(baselines.name))
    .all()
    .map((row) => ({ ...row, usedBySweeps: counts.get(row.id) ?? 0 }))
}

export function findBaseline(database: Database, id: number): BaselineRow | undefined {
  return database.select().from(baselines).where(eq(baselines.id, id)).get()
}

export function findBaselineByName(database: Database, name: string): BaselineRow | undefined {
  return database.select().from(baselines).where(eq(baselines.name, name)).get()
}

/** Baselines that sweeps measured by such an evaluation of what stands at that path, the newest first. */
export function listMeasuredBaselines(database: Database, { identity, checkpoint }: Omit<Measured, 'state'>) {
  return database
    .select()
    .from(baselines)
    .where(
      sql`json_extract(${baselines.measured}, '$.identity') = ${identity}
        and json_extract(${baselines.measured}, '$.checkpoint') = ${checkpoint}`,
    )
    .orderBy(desc(baselines.id))
    .all()
}

export type NewBaseline = Pick<BaselineRow, 'name' | 'accuracies' | 'note'> &
  Partial<Pick<BaselineRow, 'questions' | 'checkpointId' | 'measured'>>

export function insertBaseline(database: Database, values: NewBaseline): BaselineRow {
  return database.insert(baselines).values(values).returning().get()
}

export function updateBaseline(database: Database, id: number, values: NewBaseline): void {
  database
    .update(baselines)
    .set({ ...values, updatedAt: Date.now() })
    .where(eq(baselines.id, id))
    .run()
}

/** Scores a sweep that has no stored baseline against this one. False: it has one (a lost race). */
export function takeBaseline(database: Database, sweepId: number, baselineId: number): boolean {
  return (
    database
      .update(sweeps)
      .set({ baselineId })
      .where(and(eq(sweeps.id, sweepId), isNull(sweeps.baselineId)))
      .run().changes === 1
  )
}

export function deleteBaseline(database: Database, id: number): void {
  database.delete(baselines).where(eq(baselines.id, id)).run()
}

/** Ids of the sweeps, deleted ones too, that are scored against a stored baseline. */
export function listBaselineSweeps(database: Database, baselineId: number, options: { deletedToo: boolean }): number[] {
  return database
    .select({ id: sweeps.id })
    .from(sweeps)
    .where(and(eq(sweeps.baselineId, baselineId), options.deletedToo ? undefined : isNull(sweeps.deletedAt)))
    .all()
    .map((row) => row.id)
}
