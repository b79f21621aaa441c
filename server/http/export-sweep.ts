/** A sweep as a file: its definition, or its points as a table. */
import type { ParametersView } from '../../contract/api/parameters.ts'
import type { WholeSweep } from '../../contract/api/sweeps.ts'
import { csvTable } from '../formats/csv.ts'
import { questionsAsked } from '../read/sweeps/sweep-result.ts'
import { ownValue } from '../../domain/own-value.ts'

/** The points as CSV: parameters as written, then per benchmark accuracy, correct, total and ratio, then the score. */
export function sweepAsCsv(sweep: WholeSweep): string {
  const axes = sweep.axes.map((axis) => axis.name)
  const benchmarks = [...new Set(sweep.points.flatMap((point) => Object.keys(point.results)))]
  const { objectives = [], constraints = [] } = sweep.definition
  const races = sweep.points.some(({ questions }) => questions !== null)
  const head = [
    'point',
    'run',
    'attempt',
    'status',
    ...axes,
    'score',
    'rounded',
    'interval_low',
    'interval_high',
    'chance_of_best',
    'tied_with_best',
    ...objectives.map(({ metric }) => `objective_${metric}`),
    ...(objectives.length > 0 ? ['on_front'] : []),
    ...(constraints.length > 0 ? ['constraint_broken'] : []),
    ...benchmarks.flatMap((name) => [name, `${name}_correct`, `${name}_total`, `${name}_ratio`]),
    'checkpoint',
    'step',
    'epoch',
    'code_commit',
    'code_changes',
    'error',
    ...(races ? ['questions_asked', 'questions'] : []),
  ]
  const rows = sweep.points.map((point) => [
    point.number,
    point.runNumber,
    point.attempt,
    point.status,
    ...axes.map((name) => ownValue(point.params, name)),
    point.score,
    point.rounded,
    point.interval?.[0],
    point.interval?.[1],
    point.chanceOfBest,
    point.tiedWithBest,
    ...objectives.map((_, at) => point.objectives[at]),
    ...(objectives.length > 0 ? [point.onFront] : []),
    ...(constraints.length > 0 ? [point.broken] : []),
    ...benchmarks.flatMap((name) => {
      const result = ownValue(point.results, name)
      return [result?.accuracy, result?.correct, result?.total, result?.ratio]
    }),
    point.checkpoint?.path,
    point.checkpoint?.step,
    point.checkpoint?.epoch,
    point.commit,
    point.changes,
    point.error,
    ...(races ? [questionsAsked(point), point.questions] : []),
  ])
  return csvTable([head, ...rows])
}

/** What each axis and pair of axes explains as CSV; shares from 0 to 1, cells empty where nothing is known. */
export function parametersAsCsv({ effects, method, noise }: ParametersView): string {
  const head = [
    'effect',
    'kind',
    'share',
    'share_without_noise',
    'share_of_noise',
    'sum_of_squares',
    'degrees_of_freedom',
    'chance_by_noise',
    'told_from_noise',
    'method',
    'noise',
  ]
  const rows = effects.map((effect) => [
    effect.axes.join(' × '),
    effect.axes.length === 1 ? 'axis' : 'interaction',
    effect.share,
    effect.correctedShare,
    effect.noiseShare,
    effect.sumOfSquares,
    effect.degreesOfFreedom,
    effect.chance,
    effect.told,
    method,
    noise,
  ])
  return csvTable([head, ...rows])
}
