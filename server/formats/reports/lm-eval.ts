/**
 * lm-evaluation-harness 0.4: `OUTPUT/MODEL/results_DATE.json`, with every task under `results`, metrics named `metric,filter`; and with
 * `--log_samples` a `samples_TASK_DATE.jsonl` beside it, a line for each question and filter.
 */
import { parsePythonJson } from '../python-json.ts'
import {
  fileName,
  folderOf,
  isRecord,
  keysOf,
  noOutcome,
  outcomeOf,
  textIn,
  type Harness,
  type HarnessResult,
} from './harness.ts'

/** What stands beside the metrics of a task. */
const noMetrics = new Set(['alias', 'name', 'sample_len', 'sample_count', 'samples'])

export const lmEval: Harness = {
  scale: 'fraction',
  metrics: [],
  files: ['**/results_*.json'],
  parse(_file, text) {
    const report = parsePythonJson(text)
    if (!isRecord(report) || !isRecord(report.results))
      return `is none of lm-evaluation-harness: it has no results, it has ${keysOf(report)}`
    const counts = isRecord(report['n-samples']) ? report['n-samples'] : {}
    return Object.entries(report.results).flatMap(([benchmark, entry]): HarnessResult[] => {
      if (!isRecord(entry)) return []
      const metrics = Object.fromEntries(
        Object.entries(entry).filter(([name]) => !noMetrics.has(name) && !/_stderr(,|$)/.test(name)),
      )
      const count = Object.hasOwn(counts, benchmark) ? counts[benchmark] : undefined
      const questions = isRecord(count) ? count.effective : undefined
      return [{ benchmark, metrics, questions: typeof questions === 'number' ? questions : null }]
    })
  },
  itemsOf(report, benchmark, files) {
    const date = /^results_(.+)\.json$/.exec(fileName(report))?.[1]
    const wanted = `${folderOf(report)}/samples_${benchmark}_${date}.jsonl`
    return date !== undefined && files.includes(wanted) ? wanted : null
  },
  item(line, named) {
    const { doc_id: id, resps, filtered_resps: filtered, arguments: given } = line
    if (id === undefined || !('doc' in line)) return undefined
    const [metric, filter] = (named ?? '').split(',')
    if (filter !== undefined && line.filter !== undefined && line.filter !== filter) return null
    const reported = Array.isArray(line.metrics) ? line.metrics : []
    const name = metric === '' || metric === undefined ? textIn(reported[0]) : metric
    if (name === null) return 'names no metric'
    const correct = outcomeOf(line[name])
    if (correct === null) return noOutcome(line[name], name)
    return {
      id: String(id),
      prompt: promptOf(given),
      response: textIn(firstOf(firstOf(resps))) ?? '',
      answer: textIn(line.target),
      given: textIn(firstOf(filtered)),
      correct,
    }
  },
}

/** `{ gen_args_0: { arg_0: prompt, … } }`; older versions write lists. */
function promptOf(given: unknown): string {
  const first = isRecord(given) ? Object.values(given)[0] : firstOf(given)
  return textIn(isRecord(first) ? first.arg_0 : firstOf(first)) ?? ''
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}
