import type { PointToJudge, RunToJudge } from '../../../db/queries/judgements.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { areAlike } from '../../../domain/stopping/alike.ts'
import { answerColumns } from '../../tables/answer-columns.ts'
import { pointColumns } from '../../tables/points-columns.ts'
import { exhaust } from '../../tables/metric-columns.ts'
import type { Context } from '../../base/context.ts'
import { measuredColumns } from './measured-columns.ts'

/** Whether two trainings, by their numbers, cannot be told apart at a rung; what that takes is read when somebody asks. */
export function alikeAtRung(
  context: Context,
  sweep: SweepRow,
  points: PointToJudge[],
  runs: RunToJudge[],
): (first: number, second: number, rung: number) => boolean | null {
  const numbers = new Map(runs.map(({ id, number }) => [id, number]))
  const places = new Map(
    points.map(({ runId, milestone, number }) => [`${numbers.get(runId)} ${Number(milestone)}`, number - 1]),
  )
  let compare: ((first: number, second: number) => boolean | null) | null = null
  return (first, second, rung) => {
    const [one, two] = [places.get(`${first} ${rung}`), places.get(`${second} ${rung}`)]
    if (one === undefined || two === undefined) return null
    compare ??= comparer(context, sweep)
    return compare(one, two)
  }
}

function comparer(context: Context, sweep: SweepRow) {
  const columns = pointColumns(context, sweep, { accuracies: true })
  const answers = exhaust(answerColumns(context, sweep.id, columns.count))
  const measured = measuredColumns(context, sweep, columns, answers)
  return (first: number, second: number) => {
    const of = (index: number) => ({
      score: Number.isNaN(measured.score[index]!) ? null : measured.score[index]!,
      counts: Object.fromEntries(
        measured.counts.map(({ benchmark, correct, total }) => [
          benchmark,
          total[index]! < 0 ? null : { correct: correct[index]!, total: total[index]! },
        ]),
      ),
    })
    return areAlike({ ...measured, points: [first, second].map((index) => ({ index, ...of(index) })) })
  }
}
