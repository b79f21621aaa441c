/** Appends events to the run's file, one JSON object a line, each line in one write. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { MetricValue, NoteEvent, TrainerEvent } from './contract.ts'

export type Reporter = {
  event(event: TrainerEvent): void
  /** All metrics of a step in one event; values that JSON lacks as the protocol's texts. */
  metrics(step: number, values: Record<string, number>): void
  note(level: NoteEvent['level'], text: string): void
  close(): void
}

function metricValue(value: number): MetricValue {
  return Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity')
}

/** Opens the events file for appending; `time` is put on every event. */
export function openReporter(eventsFile: string): Reporter {
  const file = openSync(eventsFile, 'a')
  const reporter: Reporter = {
    event: (event) => {
      writeSync(file, `${JSON.stringify({ ...event, time: Math.round(Date.now()) / 1000 })}\n`)
    },
    metrics: (step, values) =>
      reporter.event({
        type: 'metrics',
        step,
        values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, metricValue(value)])),
      }),
    note: (level, text) => reporter.event({ type: 'note', level, text }),
    close: () => closeSync(file),
  }
  return reporter
}
