/** The axes that curves of a run can stand on besides its steps. */
import { listCheckpoints } from '../../../db/queries/checkpoints.ts'
import { listAttempts } from '../../../db/queries/attempts.ts'
import {
  axisKinds,
  type AxisKind,
  axisMetric,
  isAxis,
  placesOfAttempts,
  type StepPlaces,
} from '../../../domain/asking/step-places.ts'
import type { Context } from '../../base/context.ts'
import { timeMetric } from '../../formats/step-times.ts'
import type { AxisChoice } from '../../../contract/api/runs.ts'
import { requireAnyRun } from '../../base/finding/find-run-job.ts'
import { metricNames } from '../../base/finding/metric-names.ts'

export type StepRange = { from?: number; to?: number; buckets: number }

/** Places that a page is given of a run: for marks, not for curves. */
const bucketsForMarks = 200

/** Which axes the curves of these runs can stand on, and why not. Throws `not-found`. */
export function listAxes(context: Context, runIds: number[]): AxisChoice[] {
  const runs = runIds.map((id) => requireAnyRun(context, id))
  return axisKinds.flatMap((kind): AxisChoice[] => {
    if (kind === 'step') return []
    const found = runs.map(({ id, number }) => ({
      id,
      number,
      places: stepPlacesOf(context, id, kind, { buckets: bucketsForMarks }),
    }))
    const without = found.find(({ places }) => typeof places === 'string')
    if (without) {
      const missing =
        runs.length > 1 ? `Run ${without.number}: ${without.places as string}` : (without.places as string)
      return [{ kind, missing, extent: null, runs: [] }]
    }
    const known = found.map(({ id, places }) => ({ runId: id, ...(places as StepPlaces) }))
    const extent: [number, number] = [
      Math.min(...known.map(({ places }) => places[0]!)),
      Math.max(...known.map(({ places }) => places.at(-1)!)),
    ]
    return [{ kind, missing: null, extent, runs: known }]
  })
}

/** Where a run's steps stand on an axis, at most `buckets` an attempt; a sentence where it has no such axis. */
export function stepPlacesOf(
  context: Context,
  runId: number,
  kind: Exclude<AxisKind, 'step'>,
  range: StepRange,
): StepPlaces | string {
  if (kind === 'relative' || kind === 'wall') return timesOf(context, runId, kind === 'relative', range)
  const metric = axisMetric(metricNames(context.series, runId), kind)
  if (metric === null)
    return kind === 'epoch'
      ? epochsOfCheckpoints(context, runId)
      : 'its trainer reported no metric that counts tokens, such as “tokens”.'
  const { steps, minimum } = context.series.read(runId, metric, range)
  const counted = finite({ steps, places: minimum })
  const newest = context.series.last([runId], [metric])[0]
  // a bucket stands at its first step: the end would be missing
  if (newest && range.to === undefined && newest.step > (counted.steps.at(-1) ?? Infinity))
    addEnd(counted, newest.step, newest.value)
  // what is zoomed into may be a stretch in which nothing grows
  if (range.from !== undefined || isAxis(counted)) return counted
  return `its metric “${metric}” does not grow from step to step.`
}

function timesOf(context: Context, runId: number, relative: boolean, range: StepRange): StepPlaces | string {
  const attempts = listAttempts(context.database, runId)
    .filter((attempt) => attempt.firstStep !== null)
    .toSorted((a, b) => a.number - b.number)
  const parts = attempts.flatMap(({ number, firstStep, lastStep }, at) => {
    const later = attempts.slice(at + 1).map((one) => one.firstStep!)
    // time of training counts from the start, also where less is looked at
    const from = Math.max(firstStep!, relative ? 0 : (range.from ?? 0))
    const to = Math.min(range.to ?? Number.MAX_SAFE_INTEGER, ...later.map((step) => step - 1))
    if (from > to) return []
    const read = (start: number, end: number, buckets: number) => {
      const { steps, minimum, maximum } = context.series.read(runId, timeMetric, {
        from: start,
        to: end,
        buckets,
        attempt: number,
      })
      const times = finite({ steps, places: minimum })
      addEnd(times, Math.min(end, lastStep ?? 0), maximum.at(-1) ?? Number.NaN)
      return times
    }
    if (!relative || range.from === undefined || range.from <= from) return [read(from, to, range.buckets)]
    const before = read(from, Math.min(to, range.from - 1), 200)
    const within = range.from <= to ? read(range.from, to, range.buckets) : { steps: [], places: [] }
    return [{ steps: [...before.steps, ...within.steps], places: [...before.places, ...within.places] }]
  })
  const times = placesOfAttempts(
    parts.filter(({ steps }) => steps.length > 0),
    relative,
  )
  if (times.steps.length === 0) return 'its trainer wrote no time with its metrics.'
  if (range.from === undefined && times.places.at(-1)! <= times.places[0]!)
    return 'the times of its steps are all the same.'
  return times
}

/** From the epochs that checkpoints were saved at: the first step is epoch 0. */
function epochsOfCheckpoints(context: Context, runId: number): StepPlaces | string {
  const rows = listCheckpoints(context.database, runId).filter(({ step, epoch }) => step !== null && epoch !== null)
  const places = { steps: [0, ...rows.map(({ step }) => step!)], places: [0, ...rows.map(({ epoch }) => epoch!)] }
  const rising = places.steps.every((step, at) => at === 0 || step > places.steps[at - 1]!)
  return rows.length > 0 && rising && isAxis(places)
    ? places
    : 'its trainer reported no epoch, neither as a metric nor with its checkpoints.'
}

function addEnd({ steps, places }: StepPlaces, step: number, place: number): void {
  if (steps.length === 0 || step <= steps.at(-1)! || !Number.isFinite(place)) return
  steps.push(step)
  places.push(place)
}

function finite({ steps, places }: StepPlaces): StepPlaces {
  const kept = steps.flatMap((step, at) => (Number.isFinite(places[at]) ? [at] : []))
  return { steps: kept.map((at) => steps[at]!), places: kept.map((at) => places[at]!) }
}
