/** The report of an evaluation command: a JSON file with an accuracy per benchmark. */
import { fractionOf } from '../../domain/sweep/files/scale.ts'
import type { ReportSettings } from '../../domain/sweep/sweep.ts'
import { readWholeFile, UnreadableFile } from '../attempt-files/open-file.ts'
import { mostBenchmarks, mostNameCharacters } from './most-names.ts'
import { parsePythonJson } from './python-json.ts'

/** A larger report is not read: what harnesses write of a checkpoint has a hundredth of this. */
const mostBytes = 64 << 20
const quotedCharacters = 200

export type ReportResult = {
  benchmark: string
  accuracy: number | null
  correct: number | null
  total: number | null
  error: string | null
  /** Answers to each question and how many were right, where the report says so and it adds up. */
  outcomes?: { samples: number; correct: Record<string, number> } | undefined
  /** The file that holds each question's answer, where the harness keeps one. Absolute. */
  items?: string | null
  /** The Parquet file that holds them, where the harness keeps such: to be laid out as items. Absolute. */
  details?: string | null
}

/**
 * Reads the accuracies under `settings.accuracies` (a dotted path; absent: the whole file). A benchmark's value is an accuracy, or an
 * object with `accuracy`, or with `correct` and `total` (and, of several answers a question, `samples` and `outcomes`). A value
 * that is no accuracy is kept with an error that says so. `benchmark`: the file is of this one alone, and what stands there is
 * its accuracy. Gives a sentence in place of results when there is no such file, or it is no whole JSON, or holds no
 * benchmarks there.
 */
export function readReport(
  file: string,
  settings: Pick<ReportSettings, 'accuracies' | 'scale'>,
  benchmark: string | null,
): ReportResult[] | string {
  const text = readReportText(file)
  return typeof text === 'string' ? resultsOfReport(file, text, settings, benchmark) : text.problem
}

/** The same of a text that is known already; `file` is what sentences call it. */
export function resultsOfReport(
  file: string,
  text: string,
  settings: Pick<ReportSettings, 'accuracies' | 'scale'>,
  benchmark: string | null,
): ReportResult[] | string {
  let value: unknown
  try {
    value = parsePythonJson(text)
  } catch (error) {
    const start = text.length > 60 ? `${text.slice(0, 60)}…` : text
    return `The report ${file} is no whole JSON (${(error as Error).message}); it begins with ${JSON.stringify(start)}.`
  }
  const key = settings.accuracies
  for (const part of key === undefined || key === '' ? [] : key.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, part)) {
      const present = isRecord(value) ? short(Object.keys(value).slice(0, 8).join(', ')) || 'nothing' : quoted(value)
      return `The report ${file} has no ${key}; it has ${present}.`
    }
    value = value[part]
  }
  const percent = settings.scale === 'percent'
  if (benchmark !== null) return [readResult(benchmark, value, percent)]
  if (!isRecord(value))
    return `The report ${file} holds ${quoted(value)} where benchmarks with accuracies were expected.`
  const entries = Object.entries(value)
  const where = key === undefined || key === '' ? '' : ` under ${key}`
  if (entries.length > mostBenchmarks)
    return `The report ${file} has ${entries.length.toLocaleString('en-US')} names${where}; at most ${mostBenchmarks.toLocaleString('en-US')} benchmarks were expected.`
  const long = entries.find(([name]) => name.length > mostNameCharacters)
  if (long)
    return `The report ${file} names a benchmark with ${long[0].length.toLocaleString('en-US')} characters (${quoted(long[0])}); at most ${mostNameCharacters} were expected.`
  return entries.map(([name, entry]) => readResult(name, entry, percent))
}

/** The text of a report file; a sentence where there is none. */
export function readReportText(file: string): string | { problem: string } {
  try {
    const text = readWholeFile(file, 'anywhere', mostBytes)
    return text ?? { problem: `The evaluation wrote no report at ${file}.` }
  } catch (error) {
    if (error instanceof UnreadableFile) return { problem: `The report ${error.message}.` }
    throw error
  }
}

function readResult(benchmark: string, entry: unknown, percent: boolean): ReportResult {
  const nothing = { benchmark, accuracy: null, correct: null, total: null }
  if (isRecord(entry)) {
    const { correct, total } = entry
    if (isCount(correct) && isCount(total) && total > 0 && correct <= total) {
      return {
        benchmark,
        accuracy: correct / total,
        correct,
        total,
        error: null,
        outcomes: readOutcomes(entry, correct),
      }
    }
    if (Object.hasOwn(entry, 'accuracy')) return readResult(benchmark, entry.accuracy, percent)
    return { ...nothing, error: `${quoted(entry)} has neither an accuracy nor correct and total` }
  }
  if (entry === 'NaN' || entry === 'Infinity' || entry === '-Infinity')
    return readResult(benchmark, Number(entry), percent)
  if (typeof entry !== 'number') return { ...nothing, error: `${quoted(entry)} is not a number` }
  const most = percent ? 100 : 1
  if (!(entry >= 0 && entry <= most)) {
    const advice =
      !percent && entry > 1 && entry <= 100 ? ': a percentage? Then write scale: percent beside the report' : ''
    return { ...nothing, error: `${entry} is not within 0 and ${most}${advice}` }
  }
  return { ...nothing, accuracy: fractionOf(entry, percent ? 'percent' : 'fraction'), error: null }
}

function readOutcomes({ samples, outcomes, total }: Record<string, unknown>, correct: number) {
  if (!isRecord(outcomes)) return undefined
  const each = samples === undefined ? 1 : samples
  const right = Object.values(outcomes)
  const fits =
    isCount(each) &&
    right.every((count) => isCount(count) && count <= each) &&
    right.length * each === total &&
    (right as number[]).reduce((sum, count) => sum + count, 0) === correct
  return fits ? { samples: each, correct: outcomes as Record<string, number> } : undefined
}

function quoted(value: unknown): string {
  return short(JSON.stringify(typeof value === 'string' ? value.slice(0, quotedCharacters + 1) : value))
}

function short(text: string): string {
  return text.length <= quotedCharacters ? text : `${text.slice(0, quotedCharacters).toWellFormed()}…`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
