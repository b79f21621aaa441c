import { and, asc, desc, eq, inArray } from 'drizzle-orm'
import { curricula, curriculumStages } from '../schema/curricula.ts'
import type { CurriculumStatus } from '../../domain/life/run-status.ts'
import type { Database } from '../client.ts'

export type CurriculumRow = typeof curricula.$inferSelect
export type NewCurriculum = typeof curricula.$inferInsert
export type StageRow = typeof curriculumStages.$inferSelect

/** Adds a curriculum and gives its row. */
export function insertCurriculum(database: Database, values: NewCurriculum): CurriculumRow {
  return database.insert(curricula).values(values).returning().get()
}

/** The curriculum; undefined when there is none of that number. */
export function findCurriculum(database: Database, id: number): CurriculumRow | undefined {
  return database.select().from(curricula).where(eq(curricula.id, id)).get()
}

/** The newest curriculum of the same definition and folder. */
export function findCurriculumByFingerprint(database: Database, fingerprint: string): CurriculumRow | undefined {
  return database
    .select()
    .from(curricula)
    .where(eq(curricula.fingerprint, fingerprint))
    .orderBy(desc(curricula.id))
    .get()
}

/** The newest curricula, newest first. */
export function listCurricula(database: Database, limit: number): CurriculumRow[] {
  return database.select().from(curricula).orderBy(desc(curricula.id)).limit(limit).all()
}

/** Curricula whose next stage may have to start, oldest first. */
export function listRunningCurricula(database: Database): CurriculumRow[] {
  return database.select().from(curricula).where(eq(curricula.status, 'running')).orderBy(asc(curricula.id)).all()
}

/** Changes a curriculum's status if it is one of `from`. False: it was not (a lost race). */
export function moveCurriculum(
  database: Database,
  id: number,
  from: CurriculumStatus[],
  values: Partial<Omit<NewCurriculum, 'id'>>,
): boolean {
  const result = database
    .update(curricula)
    .set(values)
    .where(and(eq(curricula.id, id), inArray(curricula.status, from)))
    .run()
  return result.changes === 1
}

/** The stages of these curricula that were started, in their order. */
export function listStages(database: Database, curriculumIds: number[]): StageRow[] {
  return database
    .select()
    .from(curriculumStages)
    .where(inArray(curriculumStages.curriculumId, curriculumIds))
    .orderBy(asc(curriculumStages.curriculumId), asc(curriculumStages.place))
    .all()
}

/** The curricula that a sweep is a stage of, newest first, with how many stages they have. */
export function listCurriculaOfSweep(
  database: Database,
  sweepId: number,
): (StageRow & { name: string; stages: number })[] {
  return database
    .select({ stage: curriculumStages, name: curricula.name, definition: curricula.definition })
    .from(curriculumStages)
    .innerJoin(curricula, eq(curricula.id, curriculumStages.curriculumId))
    .where(eq(curriculumStages.sweepId, sweepId))
    .orderBy(desc(curriculumStages.curriculumId))
    .all()
    .map(({ stage, name, definition }) => ({ ...stage, name, stages: definition.stages.length }))
}

export function insertStage(database: Database, values: Pick<StageRow, 'curriculumId' | 'place' | 'sweepId'>): void {
  database.insert(curriculumStages).values(values).run()
}

/** Writes what the rule picked of a stage. */
export function updateStage(database: Database, { curriculumId, place, ...values }: Omit<StageRow, 'sweepId'>): void {
  database
    .update(curriculumStages)
    .set(values)
    .where(and(eq(curriculumStages.curriculumId, curriculumId), eq(curriculumStages.place, place)))
    .run()
}
