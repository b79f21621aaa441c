import type { SeriesStore } from '../../../db/series/index.ts'

/** What was logged of a run at one step. `values` are in the order of the names asked for; undefined: not logged there. */
export type MetricsRow = { attempt: number; step: number; time: number | null; values: (number | undefined)[] }

/**
 * The metrics of a run side by side, a row a step, as charts show them: steps that a later attempt took up again come from
 * that one. A metric that was logged several times at a step gives as many rows. Reads a chunk of each metric at a time.
 */
export function* mergeMetrics(series: SeriesStore, runId: number, names: string[]): Generator<MetricsRow> {
  const streams = names.map((name) => series.values(runId, name))
  const heads = streams.map((stream) => stream.next())
  for (;;) {
    let attempt = Infinity
    let step = Infinity
    for (const { done, value } of heads) {
      if (done) continue
      if (value.attempt < attempt || (value.attempt === attempt && value.step < step)) ({ attempt, step } = value)
    }
    if (attempt === Infinity) return
    const row: MetricsRow = { attempt, step, time: null, values: Array.from(names, () => undefined) }
    for (const [at, { done, value }] of heads.entries()) {
      if (done || value.attempt !== attempt || value.step !== step) continue
      row.values[at] = value.value
      row.time ??= value.time
      heads[at] = streams[at]!.next()
    }
    yield row
  }
}
