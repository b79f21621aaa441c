/** Which questions each point of a sweep answered right, a row a point, as domain/score/same-questions.ts compares them. */
import { readAnswers } from '../../db/queries/answers.ts'
import { type AnswerColumns, emptyAnswers } from '../../domain/score/same-questions.ts'
import type { Context } from '../base/context.ts'
import { setRowOfBits } from './board-pairs.ts'

/** Sets of questions that one benchmark may have in a sweep; what comes beyond is compared by its counts. */
const mostSets = 4
/** Points whose answers are read at once. */
const pointsEachSlice = 2000

/** By benchmark and hash of the questions. */
type Sets = Map<string, Map<string, AnswerColumns>>

/**
 * By benchmark of the sweep, of the questions that most points were asked; nothing of a benchmark whose answers nobody knows.
 * `count`: of points. Yields between slices of them.
 */
export function* answerColumns(
  context: Context,
  sweepId: number,
  count: number,
): Generator<void, Record<string, AnswerColumns>> {
  const sets: Sets = new Map()
  for (let from = 1; from <= count; from += pointsEachSlice) {
    for (const row of readAnswers(context.database, sweepId, from, from + pointsEachSlice - 1)) setRow(sets, count, row)
    yield
  }
  return Object.fromEntries(
    [...sets].map(([benchmark, found]) => [
      benchmark,
      [...found.values()].reduce((most, one) => (knownIn(one) > knownIn(most) ? one : most)),
    ]),
  )
}

function setRow(
  sets: Sets,
  count: number,
  [number, benchmark, hash, questions, bits]: ReturnType<typeof readAnswers>[number],
) {
  let ofBenchmark = sets.get(benchmark)
  if (ofBenchmark === undefined) sets.set(benchmark, (ofBenchmark = new Map()))
  let columns = ofBenchmark.get(hash)
  if (columns === undefined) {
    if (ofBenchmark.size === mostSets) return
    ofBenchmark.set(hash, (columns = emptyAnswers(questions, count)))
  }
  setRowOfBits(columns, number - 1, bits)
}

const knownIn = ({ known }: AnswerColumns) => known.reduce((sum, one) => sum + one, 0)
