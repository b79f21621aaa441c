import { findCurriculum, type CurriculumRow } from '../../../db/queries/curricula.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../context.ts'

/** The curriculum of that number. Throws `not-found` when there is none. */
export function requireCurriculum(context: Context, id: number): CurriculumRow {
  const curriculum = findCurriculum(context.database, id)
  if (!curriculum) throw new SweepboardError('not-found', `There is no curriculum ${id}.`)
  return curriculum
}
