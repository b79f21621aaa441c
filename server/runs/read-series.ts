import type { SeriesView } from '../views/runs.ts'
import type { Context } from '../context.ts'

/** Curves of several metrics of several runs, each reduced to at most `buckets` places with exact extremes. */
export function readSeries(
  context: Context,
  input: { runIds: number[]; metrics: string[]; from?: number | undefined; to?: number | undefined; buckets: number },
): SeriesView[] {
  const range = {
    buckets: input.buckets,
    ...(input.from !== undefined && { from: input.from }),
    ...(input.to !== undefined && { to: input.to }),
  }
  const last = new Map(
    context.series.last(input.runIds, input.metrics).map((row) => [`${row.runId}/${row.metric}`, row]),
  )
  return input.runIds.flatMap((runId) =>
    input.metrics.flatMap((metric) => {
      const newest = last.get(`${runId}/${metric}`)
      if (newest === undefined) return []
      const { steps, mean, minimum, maximum, points } = context.series.read(runId, metric, range)
      return [
        {
          runId,
          metric,
          steps,
          mean: mean.map(finite),
          minimum: minimum.map(finite),
          maximum: maximum.map(finite),
          points,
          last: { step: newest.step, value: finite(newest.value) },
        },
      ]
    }),
  )
}

/** Charts draw a gap where a value is no finite number. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
