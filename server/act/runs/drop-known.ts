/** Of an events file that was begun anew: what was read before, of the one before it. */
import { listEventBodies } from '../../../db/queries/events.ts'
import type { SeriesStore } from '../../../db/series/index.ts'
import type { Context } from '../../base/context.ts'
import type { ParsedEvents } from '../../formats/parse-events.ts'

type Of = { jobId: number; attempt: number; lastStep: number | null }

/** What of the lines is new: values that stand there with the same step, and events with the same words, came before. */
export function dropKnown({ database, series }: Context, parsed: ParsedEvents, of: Of): ParsedEvents {
  const steps = parsed.others.flatMap(({ event }) => ('step' in event && event.step !== undefined ? [event.step] : []))
  const known = new Set(
    listEventBodies(
      database,
      of.jobId,
      of.attempt,
      steps.toSorted((a, b) => a - b),
    ),
  )
  const isNew = (body: unknown) => !known.has(JSON.stringify(body))
  return {
    ...parsed,
    metrics: newMetrics(series, parsed.metrics, of),
    others: parsed.others.filter(({ event }) => isNew(event)),
    unknown: parsed.unknown.filter(({ body }) => isNew(body)),
    problems: parsed.problems.filter(({ text, message }) => isNew({ text, message })),
  }
}

function newMetrics(series: SeriesStore, rows: ParsedEvents['metrics'], of: Of): ParsedEvents['metrics'] {
  const { lastStep } = of
  const again = lastStep === null ? [] : rows.filter((row) => row.step <= lastStep)
  if (again.length === 0) return rows
  const steps = new Set(again.map(({ step }) => step))
  const last = again.reduce((most, { step }) => Math.max(most, step), 0)
  const stored = new Map<string, Set<string>>()
  for (const name of new Set(again.flatMap(({ values }) => Object.keys(values)))) {
    const values = new Set<string>()
    for (const { step, value } of series.values(of.jobId, name, of.attempt)) {
      if (step > last) break
      if (steps.has(step)) values.add(`${step} ${value}`)
    }
    stored.set(name, values)
  }
  return rows.flatMap((row) => {
    if (!steps.has(row.step)) return [row]
    const isStored = ([name, value]: [string, number | null]) => stored.get(name)!.has(`${row.step} ${value}`)
    const left = Object.entries(row.values).filter((entry) => !isStored(entry))
    return left.length === 0 ? [] : [{ ...row, values: Object.fromEntries(left) }]
  })
}
