/** Tables that scripts log of what a model reached on benchmarks, a row each. */
import type { EvaluationEvent, NoteEvent, SampleEvent } from '../../contract/trainer.ts'
import { isStep } from './plain-values.ts'
import { tableSamples } from './rollout-table.ts'

const benchmarks = /^(benchmarks?|tasks?)$/i
/** A table of more rows than this is data, not results. */
const mostRows = 1000

/**
 * The evaluations in a table: null where it has no columns `benchmark`, `correct` and `total`. A column `step` says the step, else it is
 * `step`. A row whose counts are none is told in a note.
 */
export function tableEvaluations(
  columns: unknown[],
  rows: unknown[][],
  step: number,
): (EvaluationEvent | NoteEvent)[] | null {
  const names = columns.map((name) => String(name).toLowerCase())
  const [benchmarkAt, correctAt, totalAt, stepAt] = [
    names.findIndex((name) => benchmarks.test(name)),
    names.indexOf('correct'),
    names.indexOf('total'),
    names.indexOf('step'),
  ]
  if (benchmarkAt === -1 || correctAt === -1 || totalAt === -1) return null
  return rows.slice(0, mostRows).map((row) => {
    const [benchmark, correct, total] = [row[benchmarkAt], row[correctAt], row[totalAt]]
    const own = stepAt === -1 ? null : row[stepAt]
    if (typeof benchmark !== 'string' || benchmark === '' || !isStep(correct) || !isStep(total) || correct > total) {
      const text = `The row ${JSON.stringify(row).slice(0, 200)} of a table of evaluations is none; expected a benchmark, and whole numbers with 0 ≤ correct ≤ total.`
      return { type: 'note', level: 'warning', text }
    }
    return { type: 'evaluation', step: isStep(own) ? own : step, benchmark, correct, total }
  })
}

/** What a logged table becomes: evaluations, or samples; nothing where it is neither. */
export function tableEvents(
  columns: unknown[],
  rows: unknown[][],
  step: number,
): (EvaluationEvent | NoteEvent | SampleEvent)[] {
  return tableEvaluations(columns, rows, step) ?? tableSamples(columns, rows, step) ?? []
}
