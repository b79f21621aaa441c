/** Whether the rows of a leaderboard answered the same questions, and how alike: of one sweep as it is stored, of several by a sample. */
import { readAnswersOfCheckpoints } from '../../db/queries/answers.ts'
import { type AnswerColumns, emptyAnswers, rightAt, type SweepAgreement } from '../../domain/score/same-questions.ts'
import { judgePoints } from '../../domain/score/uncertainty.ts'
import type { Context } from '../base/context.ts'
import type { ScoreColumns } from './score-columns.ts'

/** Of more sweeps and projects than this the rows are compared by their counts. */
const mostSweeps = 60
/** The highest rows, looked at beside the best one of each sweep. */
const highest = 60

/**
 * How alike the checkpoints at `places` answered. Of several sweeps the best of each and the highest of all are looked at: null, and they are
 * compared by their counts, unless every one of these was asked the same questions of each benchmark.
 */
export function agreementOfPlaces(
  context: Context,
  scores: ScoreColumns,
  places: Uint32Array,
  homeKeys: ReadonlySet<number>,
): SweepAgreement | null {
  const { columns } = scores
  const [key] = homeKeys
  if (key === undefined || homeKeys.size > mostSweeps) return null
  const { agreement, scoring } = columns.homes.get(key)!
  if (homeKeys.size === 1) return agreement
  const sample = sampleOf(scores, places)
  const benchmarks = Object.keys(scores.accuraciesOf(key))
  const answers = commonAnswers(context, columns, sample, benchmarks)
  if (answers === null) return null
  const points = sample.map((place, row) => ({
    score: scores.score[place]!,
    counts: Object.fromEntries(
      benchmarks.map((name) => [name, { correct: rightAt(answers[name]!, row), total: answers[name]!.questions }]),
    ),
  }))
  const { aggregate } = scoring
  return judgePoints({ aggregate, baseline: scores.accuraciesOf(key), points, answers }).agreement
}

/** The best place of each sweep, and the highest of all. */
function sampleOf({ columns, score }: ScoreColumns, places: Uint32Array): number[] {
  const scored = places.filter((place) => !Number.isNaN(score[place]!)).sort((a, b) => score[b]! - score[a]! || a - b)
  const seen = new Set<number>()
  return Array.from(scored).filter((place, rank) => {
    const { home } = columns.runs.get(columns.runIds[place]!)!
    const isFirst = !seen.has(home)
    seen.add(home)
    return isFirst || rank < highest
  })
}

/** By benchmark, a row a place; null where one was asked other questions, or nobody knows which. */
function commonAnswers(
  context: Context,
  { ids }: ScoreColumns['columns'],
  sample: readonly number[],
  benchmarks: readonly string[],
): Record<string, AnswerColumns> | null {
  const rowOf = new Map(sample.map((place, row) => [ids[place]!, row]))
  const found = new Map<string, { hash: string; columns: AnswerColumns; known: number }>()
  for (const [id, benchmark, hash, questions, bits] of readAnswersOfCheckpoints(context.database, [...rowOf.keys()])) {
    let one = found.get(benchmark)
    if (one === undefined)
      found.set(benchmark, (one = { hash, columns: emptyAnswers(questions, sample.length), known: 0 }))
    if (one.hash !== hash) continue
    setRowOfBits(one.columns, rowOf.get(id)!, bits)
    one.known += 1
  }
  const isWhole = (name: string) => found.get(name)?.known === sample.length
  if (sample.length < 2 || benchmarks.length === 0 || !benchmarks.every(isWhole)) return null
  return Object.fromEntries(benchmarks.map((name) => [name, found.get(name)!.columns]))
}

/** Writes a row as the table `answers` keeps it. */
export function setRowOfBits(columns: AnswerColumns, row: number, bits: Buffer): void {
  for (let word = 0; word < columns.words; word++)
    columns.bits[row * columns.words + word] = bits.readUInt32LE(word * 4)
  columns.known[row] = 1
}
