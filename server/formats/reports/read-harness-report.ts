/** Results of a harness' report file, by the sweep file's settings. Pure: text in, results out. */
import type { ReportFormat, ReportSettings } from '../../../domain/sweep/sweep.ts'
import type { ReportResult } from '../read-report.ts'
import { chooseMetric, metricOf, resultOf, type Harness, type HarnessResult } from './harness.ts'
import { lighteval } from './lighteval.ts'
import { lmEval } from './lm-eval.ts'
import { opencompass } from './opencompass.ts'
import { qwenMath } from './qwen-math.ts'
import { simpleEvals } from './simple-evals.ts'
import { verl } from './verl.ts'

export const harnesses: Record<ReportFormat, Harness> = {
  'lm-eval': lmEval,
  lighteval,
  opencompass,
  'qwen-math': qwenMath,
  verl,
  'simple-evals': simpleEvals,
}

/**
 * Reads one file. `benchmark`: the one that the sweep file names it for; null: the file says which it holds. `wanted`: benchmarks that
 * must have an accuracy, `all` but those that lack the one metric that is named; of others one whose metric is not known is left
 * out. A sentence where the file gives nothing.
 */
export function readHarnessReport(
  file: string,
  text: string,
  settings: ReportSettings & { format: ReportFormat },
  { benchmark, wanted }: { benchmark: string | null; wanted: readonly string[] | 'all' },
): ReportResult[] | string {
  const harness = harnesses[settings.format]
  let parsed: HarnessResult[] | string
  try {
    parsed = harness.parse(file, text)
  } catch (error) {
    return `The report ${file} is no whole JSON (${(error as Error).message}); it begins with ${JSON.stringify(text.slice(0, 60))}.`
  }
  if (typeof parsed === 'string') return `The report ${file} ${parsed}.`
  const named = namedFor(settings.format, parsed, benchmark, wanted)
  if (typeof named === 'string') return `The report ${file} ${named}.`
  const results: ReportResult[] = []
  for (const result of named) {
    const chosen = chooseMetric(harness, result, metricOf(settings, result.benchmark))
    if ('problem' in chosen) {
      const lacks = typeof settings.metric === 'string' && !('several' in chosen)
      if (wanted === 'all' ? !lacks : wanted.includes(result.benchmark))
        results.push({ benchmark: result.benchmark, accuracy: null, correct: null, total: null, error: chosen.problem })
      continue
    }
    const scale = settings.scale ?? harness.scale
    results.push(resultOf(result.benchmark, result.metrics[chosen.name], scale, result.questions))
  }
  return results
}

/** The results under the names that the sweep knows them by. */
function namedFor(
  format: ReportFormat,
  parsed: HarnessResult[],
  benchmark: string | null,
  wanted: readonly string[] | 'all',
): HarnessResult[] | string {
  if (benchmark !== null) {
    const own = parsed.length === 1 ? parsed[0] : parsed.find((result) => result.benchmark === benchmark)
    if (own) return [{ ...own, benchmark }]
    return `has no ${benchmark}; it has ${parsed.map((result) => result.benchmark).join(', ')}`
  }
  // verl's file does not say what it was of, and a sweep with one benchmark leaves no choice
  if (format === 'verl' && parsed.length === 1 && wanted !== 'all' && wanted.length === 1)
    return [{ ...parsed[0]!, benchmark: wanted[0]! }]
  return parsed
}
