/** The store's obligations in their plainest form, for tests: every value in a list, everything found by looking at all. */
import type { Envelope, LastValue, MetricRow } from '../../db/series/index.ts'

export type ReferenceValue = { attempt: number; step: number; time: number | null; value: number }

export class ReferenceSeries {
  /** By run, then metric: values in order of arrival. */
  readonly runs = new Map<number, Map<string, ReferenceValue[]>>()

  append(runId: number, attempt: number, rows: MetricRow[]): void {
    let run = this.runs.get(runId)
    if (run === undefined) this.runs.set(runId, (run = new Map()))
    for (const { step, time, values } of rows) {
      for (const [metric, value] of Object.entries(values)) {
        let points = run.get(metric)
        if (points === undefined) run.set(metric, (points = []))
        points.push({ attempt, step, time, value })
      }
    }
  }

  /** Values to be seen, in step order. */
  values(runId: number, metric: string, attempt?: number): ReferenceValue[] {
    const run = this.runs.get(runId)
    const firstSteps = new Map<number, number>()
    for (const points of run?.values() ?? []) {
      for (const point of points) {
        firstSteps.set(point.attempt, Math.min(firstSteps.get(point.attempt) ?? Infinity, point.step))
      }
    }
    const limit = (of: number): number =>
      Math.min(Infinity, ...[...firstSteps].filter(([other]) => other > of).map(([, step]) => step))
    const seen = (run?.get(metric) ?? []).filter((point) =>
      attempt === undefined ? point.step < limit(point.attempt) : point.attempt === attempt,
    )
    return seen
      .map((point, index) => ({ point, index }))
      .sort((a, b) => a.point.attempt - b.point.attempt || a.point.step - b.point.step || a.index - b.index)
      .map(({ point }) => point)
  }

  last(runId: number, metric: string): Omit<LastValue, 'runId' | 'metric'> | null {
    const points = this.values(runId, metric)
    const newest = points.at(-1)
    if (newest === undefined) return null
    const values = points.map(({ value }) => value).filter((value) => !Number.isNaN(value))
    return {
      step: newest.step,
      value: newest.value,
      points: points.length,
      minimum: values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b)),
      maximum: values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b)),
    }
  }
}

/** Where two lists of values differ first, or null: quicker than an assertion on each. */
export function valuesProblem(found: Iterable<ReferenceValue>, expected: ReferenceValue[]): string | null {
  let index = 0
  for (const point of found) {
    const other = expected[index]
    const same =
      other !== undefined &&
      point.attempt === other.attempt &&
      point.step === other.step &&
      point.time === other.time &&
      Object.is(point.value, other.value)
    if (!same) return `point ${index} is ${describe(point)}; expected ${describe(other)}`
    index++
  }
  return index === expected.length ? null : `${index} points; expected ${expected.length}`
}

function describe(point: ReferenceValue | undefined): string {
  if (point === undefined) return 'none'
  return `${point.value} at step ${point.step} of attempt ${point.attempt}, time ${point.time}`
}

/** What is wrong with an envelope of these values, or null. */
export function envelopeProblem(envelope: Envelope, points: ReferenceValue[], buckets: number): string | null {
  const { steps } = envelope
  if (envelope.points !== points.length) return `${envelope.points} points; there are ${points.length}`
  if (steps.length > buckets) return `${steps.length} buckets; ${buckets} were asked for`
  if (points.length > 0 && steps[0] !== points[0]!.step)
    return `begins at ${steps[0]}; the first step is ${points[0]!.step}`
  let at = 0
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1] ?? Infinity
    if (!(step < next)) return `bucket ${index} begins at ${step}, the next at ${next}`
    const values: number[] = []
    let sum = 0
    let count = 0
    for (; at < points.length && points[at]!.step < next; at++, count++) {
      if (count === 0 && points[at]!.step !== step)
        return `bucket ${index} begins at ${step}; its first point is at ${points[at]!.step}`
      const { value } = points[at]!
      if (Number.isNaN(value)) continue
      values.push(value)
      sum += value
    }
    if (count === 0) return `bucket ${index} at ${step} is empty`
    const minimum = values.length === 0 ? NaN : values.reduce((a, b) => Math.min(a, b))
    const maximum = values.length === 0 ? NaN : values.reduce((a, b) => Math.max(a, b))
    if (envelope.minimum[index] !== minimum && !(Number.isNaN(envelope.minimum[index]!) && Number.isNaN(minimum))) {
      return `bucket ${index} has the minimum ${envelope.minimum[index]}; it is ${minimum}`
    }
    if (envelope.maximum[index] !== maximum && !(Number.isNaN(envelope.maximum[index]!) && Number.isNaN(maximum))) {
      return `bucket ${index} has the maximum ${envelope.maximum[index]}; it is ${maximum}`
    }
    const mean = sum / values.length
    const tolerance = 1e-9 * values.reduce((a, b) => Math.max(a, Math.abs(b)), 1)
    if (Number.isFinite(mean) && !(Math.abs(envelope.mean[index]! - mean) <= tolerance)) {
      return `bucket ${index} has the mean ${envelope.mean[index]}; it is ${mean}`
    }
    if (!Number.isFinite(mean) && !Object.is(envelope.mean[index], mean)) {
      return `bucket ${index} has the mean ${envelope.mean[index]}; it is ${mean}`
    }
  }
  return at === points.length ? null : `${points.length - at} points lie before the first bucket`
}
