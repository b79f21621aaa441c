/** What a sweep's points were measured to do, as the figures about their luck take it. */
import { pointStatuses } from '../../../domain/life/run-status.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { countsOf } from '../../../domain/score/score.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import type { Context } from '../../base/context.ts'
import type { PointColumns } from '../../tables/points-columns.ts'
import type { MeasuredColumns } from './uncertainty-columns.ts'

/** Columns of the points' scores and counts; where reports give accuracies alone the counts are derived from `questions`. */
export function measuredColumns(
  context: Context,
  sweep: SweepRow,
  columns: PointColumns,
  answers: MeasuredColumns['answers'],
): MeasuredColumns {
  const baseline = baselineOf(context, sweep).accuracies
  const { aggregate, questions } = scoringOf(sweep.definition)
  const counts = Object.keys(baseline).flatMap((benchmark) => {
    const found = columns.accuracies.get(benchmark)
    if (found === undefined) return []
    const { accuracy } = found
    const [correct, total] = [found.correct.slice(), found.total.slice()]
    const asked = ownValue(questions, benchmark)
    for (let index = 0; asked !== undefined && index < total.length; index++) {
      if (total[index]! >= 0 || Number.isNaN(accuracy[index]!)) continue
      const derived = countsOf(accuracy[index]!, asked)
      correct[index] = derived?.correct ?? -1
      total[index] = derived?.total ?? -1
    }
    return [{ benchmark, correct, total }]
  })
  return {
    aggregate,
    baseline,
    score: columns.score.slice(),
    counts,
    answers,
    broken: columns.broken.slice(),
    stopped: Uint8Array.from(columns.asked, (asked) => Number(asked >= 0)),
    givenUp: ofStoppedTrainings(columns),
  }
}

/** 1 for each point of a training that never came to its later ones, as it was stopped early. */
function ofStoppedTrainings({ status, runIds }: PointColumns): Uint8Array {
  const stopped = pointStatuses.indexOf('stopped')
  const runs = new Set<number>()
  for (const [index, one] of status.entries()) if (one === stopped) runs.add(runIds[index]!)
  return Uint8Array.from(runIds, (run) => Number(runs.has(run)))
}
