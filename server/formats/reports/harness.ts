/** What every harness' reader gives, and what is made of it: a file a format beside this one, each of pure functions. */
import { fractionOf, type AccuracyScale } from '../../../domain/sweep/files/scale.ts'
import type { ReportSettings } from '../../../domain/sweep/sweep.ts'
import type { ReportResult } from '../read-report.ts'

/** A benchmark as a report holds it. */
export type HarnessResult = {
  benchmark: string
  /** Its metrics by the harness' names, as they are written; errors of metrics (`…_stderr`) are none. */
  metrics: Record<string, unknown>
  /** How many questions it rests on, where the report says so. */
  questions: number | null
}

/** A question and its answer, as Compare shows them. */
export type HarnessItem = {
  id: string
  prompt: string
  response: string
  answer: string | null
  given: string | null
  correct: boolean
}

export type Harness = {
  /** What its accuracies are written in, where the sweep file does not say. */
  scale: AccuracyScale
  /** Metrics that count where the sweep file names none, the first that is there. */
  metrics: readonly string[]
  /** Where below a folder of the harness' output its reports stand; of several patterns the first that matches counts. */
  files: readonly string[]
  /** The benchmarks of one file; the end of "The report FILE …" where it holds none. */
  parse(file: string, text: string): HarnessResult[] | string
  /** Which of the files around a report holds a benchmark's questions; null where the harness keeps none. */
  itemsOf(report: string, benchmark: string, files: readonly string[]): string | null
  /**
   * A line of such a file. null: it is of another metric than the named one. undefined: it is no line of this harness. A sentence's
   * end where it has no outcome.
   */
  item(line: Record<string, unknown>, metric: string | null): HarnessItem | string | null | undefined
  /** The questions that the report itself holds, where it does. */
  itemsWithin?(text: string): HarnessItem[]
}

/** The metric that the sweep file names for a benchmark; null where it names none. */
export function metricOf({ metric }: Pick<ReportSettings, 'metric'>, benchmark: string): string | null {
  if (metric === undefined || typeof metric === 'string') return metric ?? null
  return Object.hasOwn(metric, benchmark) ? metric[benchmark]! : null
}

/** The name of the metric that counts; a sentence where that is not known. */
export function chooseMetric(
  harness: Harness,
  { benchmark, metrics }: HarnessResult,
  named: string | null,
): { name: string } | { problem: string; several?: true } {
  const names = Object.keys(metrics)
  const listed = names.length === 0 ? 'none' : names.slice(0, 12).join('; ')
  if (named !== null) {
    if (Object.hasOwn(metrics, named)) return { name: named }
    // a metric without its filter, where there is one filter only
    const filtered = names.filter((name) => name.startsWith(`${named},`))
    if (filtered.length === 1) return { name: filtered[0]! }
    if (filtered.length > 1)
      return { problem: `${benchmark} has several metrics ${named}; expected one of ${listed}`, several: true }
    return { problem: `${benchmark} has no metric ${named}; expected one of ${listed}` }
  }
  const usual = harness.metrics.find((name) => Object.hasOwn(metrics, name))
  if (usual !== undefined) return { name: usual }
  if (names.length === 1) return { name: names[0]! }
  if (names.length === 0) return { problem: `${benchmark} has no metric` }
  return {
    problem: `${benchmark} has several metrics (${listed}) and it is not said which counts; write metric: { ${keyText(benchmark)}: ${JSON.stringify(names[0])} } beside the report`,
  }
}

function keyText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : JSON.stringify(name)
}

/**
 * An accuracy as it is stored. Where it is a whole number of the questions they are counts; where it was rounded, or every question was
 * answered several times, it stays as it was written and the questions serve its interval.
 */
export function resultOf(
  benchmark: string,
  value: unknown,
  scale: AccuracyScale,
  questions: number | null,
): ReportResult {
  const nothing = { benchmark, accuracy: null, correct: null, total: null }
  const number = value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value
  if (typeof number !== 'number') return { ...nothing, error: `${JSON.stringify(value)?.slice(0, 80)} is not a number` }
  const most = scale === 'percent' ? 100 : 1
  if (!(number >= 0 && number <= most)) {
    const other =
      number > 1 && number <= 100 && scale === 'fraction'
        ? ': a percentage? Then write scale: percent beside the report'
        : ''
    return { ...nothing, error: `${number} is not within 0 and ${most}${other}` }
  }
  const accuracy = fractionOf(number, scale)
  if (questions === null || questions < 1) return { ...nothing, accuracy, error: null }
  const correct = Math.round(accuracy * questions)
  const whole = Math.abs(accuracy * questions - correct) < 1e-6 * Math.max(1, questions)
  return { benchmark, accuracy, correct: whole ? correct : null, total: questions, error: null }
}

/** A text as it is, anything else as JSON; null for what is not there. */
export function textIn(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Right or wrong of 0, 1, true and false; null for anything between. */
export function outcomeOf(value: unknown): boolean | null {
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : null
}

/** The end of a sentence about a value that is neither right nor wrong. */
export function noOutcome(value: unknown, name: string): string {
  return `has ${value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)} as ${name}; expected 0 or 1`
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a file holds in place of what was expected, for sentences. */
export function keysOf(value: unknown): string {
  if (!isRecord(value)) return Array.isArray(value) ? 'a list' : String(JSON.stringify(value)?.slice(0, 80))
  return Object.keys(value).slice(0, 8).join(', ').slice(0, 200) || 'nothing'
}

/** The last part of a path. */
export function fileName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** The path without its last part. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')))
}
