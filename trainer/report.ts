/** Appends events to the run's file, one JSON object a line, each line in one write; and prints them for whoever reads the log. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { MetricValue, NoteEvent, TrainerEvent } from '../contract/trainer.ts'

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

/** Metrics of every step would flood the log: one line in so many milliseconds says how it goes. */
const logMilliseconds = 2000

/** An event as a line of the log; null for what the log leaves out. */
export function lineOf(event: TrainerEvent): string | null {
  switch (event.type) {
    case 'metrics': {
      const values = Object.entries(event.values).map(
        ([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`,
      )
      return `step ${event.step}  ${values.join('  ')}`
    }
    case 'checkpoint':
      return `checkpoint saved: ${event.path}${event.epoch === undefined ? '' : ` (epoch ${event.epoch})`}`
    case 'evaluation':
      return `${event.benchmark}: ${event.correct} of ${event.total} right`
    case 'note':
      return event.level === 'info' ? event.text : `${event.level}: ${event.text}`
    default:
      return null
  }
}

/** Opens the events file for appending; `time` is put on every event. `print` is given the lines of the log. */
export function openReporter(eventsFile: string, print: (line: string) => void = () => {}): Reporter {
  const file = openSync(eventsFile, 'a')
  let nextLogAt = 0
  const reporter: Reporter = {
    event: (event) => {
      const now = Date.now()
      writeSync(file, `${JSON.stringify({ ...event, time: Math.round(now) / 1000 })}\n`)
      if (event.type === 'metrics' && now < nextLogAt) return
      if (event.type === 'metrics') nextLogAt = now + logMilliseconds
      const line = lineOf(event)
      if (line !== null) print(`${new Date(now).toTimeString().slice(0, 8)} ${line}`)
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
