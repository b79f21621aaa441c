import type { EvaluationRow } from '../../db/queries/checkpoints.ts'
import { countsOf } from '../../domain/score/score.ts'
import { accuracyInterval } from '../../domain/score/uncertainty.ts'
import type { BenchmarkResult } from '../../contract/api/checkpoints.ts'
import { accuracyOf } from '../../domain/score/score.ts'
import { ownValue } from '../../domain/own-value.ts'

/**
 * What a checkpoint was measured to do, by benchmark: those of the baseline first, in its order, then the others.
 * Counts that the report did not give are derived from `questions` where that names the benchmark.
 */
export function describeResults(
  rows: EvaluationRow[],
  baseline: Record<string, number>,
  questions: Record<string, number>,
): Record<string, BenchmarkResult> {
  const byName = new Map(rows.map((row) => [row.benchmark, row]))
  const names = [...new Set([...Object.keys(baseline), ...byName.keys()])].filter((name) => byName.has(name))
  return Object.fromEntries(
    names.map((name) => [name, describeResult(byName.get(name)!, ownValue(baseline, name), ownValue(questions, name))]),
  )
}

function describeResult(
  row: EvaluationRow,
  baseline: number | undefined,
  questions: number | undefined,
): BenchmarkResult {
  const accuracy = accuracyOf(row)
  const counts = resultCounts(row, questions)
  return {
    accuracy,
    correct: counts?.correct ?? null,
    total: counts?.total ?? null,
    ratio: accuracy === null || baseline === undefined ? null : accuracy / baseline,
    interval: counts ? accuracyInterval(counts) : null,
    counts: row.total !== null && row.correct !== null ? 'reported' : counts ? 'derived' : 'unknown',
    error: row.error,
  }
}

/** Correct and total of a result: as reported, else derived from the number of questions, else null. */
export function resultCounts(
  row: EvaluationRow,
  questions: number | undefined,
): { correct: number; total: number } | null {
  if (row.correct !== null && row.total !== null && row.total > 0) return { correct: row.correct, total: row.total }
  const accuracy = accuracyOf(row)
  // a report may round its accuracies and say how many questions they rest on
  const asked = questions ?? row.total ?? undefined
  return accuracy === null || asked === undefined || asked < 1 ? null : countsOf(accuracy, asked)
}
