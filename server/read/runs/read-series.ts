import { type AxisKind, placeOfStep, stepsAround } from '../../../domain/asking/step-places.ts'
import { lastStepOfJobs } from '../../../db/queries/jobs.ts'
import type { SeriesView } from '../../../contract/api/runs.ts'
import type { Context } from '../../base/context.ts'
import { stepPlacesOf, type StepRange } from './step-axis.ts'

/** Places that the end of a zoomed range is looked up in. */
const bucketsForRange = 2000

/**
 * Curves of several metrics of several runs, each reduced to at most `buckets` places with exact extremes. `from` and `to` are
 * places on the axis; a run that has no such axis is left out.
 */
export function readSeries(
  context: Context,
  input: {
    runIds: number[]
    metrics: string[]
    axis?: AxisKind | undefined
    from?: number | undefined
    to?: number | undefined
    buckets: number
  },
): SeriesView[] {
  const last = new Map(
    context.series.last(input.runIds, input.metrics).map((row) => [`${row.runId}/${row.metric}`, row]),
  )
  return input.runIds.flatMap((runId) => {
    const on = onAxis(context, runId, input)
    if (on === null) return []
    return input.metrics.flatMap((metric) => {
      const newest = last.get(`${runId}/${metric}`)
      if (newest === undefined) return []
      const { steps, mean, minimum, maximum, points } = context.series.read(runId, metric, on.range)
      return [
        {
          runId,
          metric,
          steps,
          places: on.placeOf && steps.map(on.placeOf),
          mean: mean.map(finite),
          minimum: minimum.map(finite),
          maximum: maximum.map(finite),
          points,
          last: { step: newest.step, value: newest.value },
        },
      ]
    })
  })
}

/** The highest step that any of these runs has reached, of whatever metric; 0 where none reported one. */
export function lastStepOf({ database }: Context, runIds: number[]): number {
  return lastStepOfJobs(database, runIds)
}

/** The steps that are looked at, and where each stands; null where the run has no such axis. */
export function onAxis(
  context: Context,
  runId: number,
  {
    axis = 'step',
    from,
    to,
    buckets,
  }: { axis?: AxisKind | undefined; from?: number | undefined; to?: number | undefined; buckets: number },
): { range: StepRange; placeOf: ((step: number) => number) | null } | null {
  if (axis === 'step') {
    const range = {
      buckets,
      ...(from !== undefined && { from: Math.max(0, Math.floor(from)) }),
      ...(to !== undefined && { to: Math.max(0, Math.ceil(to)) }),
    }
    return { range, placeOf: null }
  }
  let range: StepRange = { buckets }
  if (from !== undefined || to !== undefined) {
    const coarse = stepPlacesOf(context, runId, axis, { buckets: bucketsForRange })
    if (typeof coarse === 'string') return null
    const [first, last] = stepsAround(coarse, from ?? -Infinity, to ?? Infinity)
    range = { buckets, from: first, to: last }
  }
  const places = stepPlacesOf(context, runId, axis, range)
  if (typeof places === 'string') return null
  return places.steps.length === 0 ? null : { range, placeOf: (step) => placeOfStep(places, step) }
}

/** Charts draw a gap where a value is no finite number. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
