/** What a job's attempts and their machine took, as charts over time. */
import { listAttempts } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import type { SeriesView, SystemMetricsView } from '../../../contract/api/runs.ts'
import type { Context } from '../../base/context.ts'
import { systemSeriesOf } from '../../base/process/system-series.ts'

const prefix = 'system/'

/** Each series in at most about `buckets` places; null where nothing was sampled. */
export function describeSystemMetrics(
  { database, series: store }: Context,
  job: JobRow,
  buckets: number,
): SystemMetricsView | null {
  const key = systemSeriesOf(job.id)
  const last = store.last([key])
  if (last.length === 0) return null
  const attempts = listAttempts(database, job.id).toSorted((one, other) => one.number - other.number)
  const each = Math.max(20, Math.ceil(buckets / Math.max(1, attempts.length)))
  const parts = last.map(({ metric, step, value }) => {
    const read = attempts.map(({ number }) => store.read(key, metric, { buckets: each, attempt: number }))
    return { metric, last: { step, value }, read: read.filter(({ steps }) => steps.length > 0) }
  })
  const first = Math.min(...parts.flatMap(({ read }) => read.map(({ steps }) => steps[0]!)))
  const begun = Math.min(first, Math.floor((attempts[0]?.startedAt ?? Infinity) / 1000))
  const views = parts.map(({ metric, last: newest, read }): SeriesView => {
    const view: SeriesView = {
      runId: job.id,
      metric: metric.startsWith(prefix) ? metric.slice(prefix.length) : metric,
      steps: [],
      places: [],
      mean: [],
      minimum: [],
      maximum: [],
      points: 0,
      last: { ...newest, step: newest.step - begun },
    }
    for (const part of read) {
      // nothing is known of the time between two attempts
      const gap = view.steps.length === 0 ? [] : [null]
      view.steps.push(...gap.map(() => view.steps.at(-1)! + 1), ...part.steps)
      view.mean.push(...gap, ...part.mean)
      view.minimum.push(...gap, ...part.minimum)
      view.maximum.push(...gap, ...part.maximum)
      view.points += part.points
    }
    view.places = view.steps.map((step) => step - begun)
    return view
  })
  return {
    begun,
    seconds: Math.max(...last.map(({ step }) => step)) - begun,
    attempts: attempts.flatMap(({ number, startedAt }) =>
      startedAt === null ? [] : [{ number, seconds: Math.max(0, startedAt / 1000 - begun) }],
    ),
    series: views,
  }
}
