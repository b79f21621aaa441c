/** Intervals, chances and ties of a large sweep, from columns to columns: these pass to a thread and back without copies of rows. */
import type { Aggregate } from '../../../domain/sweep/sweep.ts'
import type { AnswerColumns, SweepAgreement } from '../../../domain/score/same-questions.ts'
import { judgePoints } from '../../../domain/score/uncertainty.ts'

/** One entry a point; NaN where there is no score, −1 where there are no counts. */
export type MeasuredColumns = {
  aggregate: Aggregate
  baseline: Record<string, number>
  score: Float64Array
  counts: { benchmark: string; correct: Int32Array; total: Int32Array }[]
  /** 1 for points that a race gave up. */
  stopped: Uint8Array
  /** 1 for points that break a constraint. */
  broken: Uint8Array
  /** 1 for points of trainings that were stopped early. */
  givenUp: Uint8Array
  /** By benchmark, where answers are known. */
  answers: Record<string, AnswerColumns>
}

/** NaN where nothing is known. */
export type UncertaintyColumns = {
  low: Float64Array
  high: Float64Array
  chance: Float64Array
  tied: Uint8Array
  agreement: SweepAgreement | null
}

export function uncertaintyColumns(measured: MeasuredColumns): UncertaintyColumns {
  const { aggregate, baseline, score, counts, answers, stopped, broken, givenUp } = measured
  const { points: found, agreement } = judgePoints({
    aggregate,
    baseline,
    answers,
    points: Array.from(score, (value, index) => ({
      score: Number.isNaN(value) ? null : value,
      stopped: stopped[index] === 1,
      broken: broken[index] === 1,
      givenUp: givenUp[index] === 1,
      counts: Object.fromEntries(
        counts.map(({ benchmark, correct, total }) => [
          benchmark,
          total[index]! < 0 ? null : { correct: correct[index]!, total: total[index]! },
        ]),
      ),
    })),
  })
  return {
    low: Float64Array.from(found, ({ interval }) => interval?.[0] ?? NaN),
    high: Float64Array.from(found, ({ interval }) => interval?.[1] ?? NaN),
    chance: Float64Array.from(found, ({ chanceOfBest }) => chanceOfBest ?? NaN),
    tied: Uint8Array.from(found, ({ tiedWithBest }) => Number(tiedWithBest)),
    agreement,
  }
}
