/** Which questions evaluations answered right. */
import { eq } from 'drizzle-orm'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import type { Database } from '../client.ts'
import { answers } from '../schema/evaluations.ts'
import { sweeps } from '../schema/sweeps.ts'

export type UnreadAnswers = {
  evaluationId: number
  readOf: number
  checkpointId: number
  benchmark: string
  items: string
  accuracy: number | null
  correct: number | null
  total: number | null
}

/** Evaluations of a sweep's points whose items file has not been read, or was read before they were measured again. */
export function listUnreadAnswers(database: Database, sweepId: number, limit: number): UnreadAnswers[] {
  return database.$client
    .prepare(
      `select evaluations.id as evaluationId, evaluations.created_at as readOf, evaluations.checkpoint_id as checkpointId,
         benchmark, items, accuracy, correct, total
       from points join evaluations on evaluations.checkpoint_id = points.checkpoint_id
       left join answers on answers.evaluation_id = evaluations.id and answers.read_of = evaluations.created_at
       where points.sweep_id = ? and items is not null and answers.evaluation_id is null
       group by evaluations.id order by points.score desc limit ?`,
    )
    .all(sweepId, limit) as UnreadAnswers[]
}

/** Sweeps with such evaluations, the newest first: of a data folder from before answers were read, or a server that was killed. */
export function listSweepsWithUnreadAnswers(database: Database): number[] {
  return database.$client
    .prepare(
      `select distinct points.sweep_id from evaluations join points on points.checkpoint_id = evaluations.checkpoint_id
       join sweeps on sweeps.id = points.sweep_id and sweeps.deleted_at is null
       where items is not null
         and not exists (select 1 from answers where evaluation_id = evaluations.id and read_of = evaluations.created_at)
       order by points.sweep_id desc`,
    )
    .pluck()
    .all() as number[]
}

/** `bits` null: the file does not say what the evaluation reported. */
export function saveAnswers(database: Database, values: typeof answers.$inferInsert): void {
  const { evaluationId: _id, ...set } = values
  database.insert(answers).values(values).onConflictDoUpdate({ target: answers.evaluationId, set }).run()
}

/** Point's number, benchmark, hash of the questions, how many, bits. */
export type AnswersRow = [number, string, string, number, Buffer]

/** Of the points `from` to `to` (numbers, both included), those that serve. */
export function readAnswers(database: Database, sweepId: number, from: number, to: number): AnswersRow[] {
  return database.$client
    .prepare(
      `select points.number, benchmark, answers.questions, answers.count, answers.bits
       from points join evaluations on evaluations.checkpoint_id = points.checkpoint_id
       join answers on answers.evaluation_id = evaluations.id and answers.read_of = evaluations.created_at
       where points.sweep_id = ? and points.number between ? and ? and answers.bits is not null`,
    )
    .raw()
    .all(sweepId, from, to) as AnswersRow[]
}

/** Of these checkpoints, those that serve; a checkpoint's id in place of a point's number. */
export function readAnswersOfCheckpoints(database: Database, ids: readonly number[]): AnswersRow[] {
  return database.$client
    .prepare(
      `select evaluations.checkpoint_id, benchmark, answers.questions, answers.count, answers.bits
       from json_each(?) join evaluations on evaluations.checkpoint_id = json_each.value
       join answers on answers.evaluation_id = evaluations.id and answers.read_of = evaluations.created_at
       where answers.bits is not null`,
    )
    .raw()
    .all(JSON.stringify(ids)) as AnswersRow[]
}

export function saveAgreement(database: Database, sweepId: number, agreement: SweepAgreement | null): void {
  database.update(sweeps).set({ agreement }).where(eq(sweeps.id, sweepId)).run()
}
