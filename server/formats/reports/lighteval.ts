/**
 * lighteval: `OUTPUT/results/MODEL/results_DATE.json`, with every task under `results` as `TASK|SHOTS` (older: `SUITE|TASK|SHOTS|0`), and
 * the averages of it all. A benchmark is called by its task alone. Its answers are in Parquet files (lighteval-details.ts).
 */
import { parsePythonJson } from '../python-json.ts'
import { isRecord, keysOf, type Harness, type HarnessResult } from './harness.ts'

export const lighteval: Harness = {
  scale: 'fraction',
  metrics: [],
  files: ['**/results_*.json'],
  parse(_file, text) {
    const report = parsePythonJson(text)
    if (!isRecord(report) || !isRecord(report.results) || !('config_general' in report || 'config_tasks' in report))
      return `is none of lighteval: expected config_general and results, it has ${keysOf(report)}`
    const configs = isRecord(report.config_tasks) ? report.config_tasks : {}
    const names = Object.keys(report.results)
    return Object.entries(report.results).flatMap(([key, entry]): HarnessResult[] => {
      if (!isRecord(entry) || key === 'all') return []
      const task = taskOf(key)
      // the same task with two numbers of shots: their whole names keep them apart
      const benchmark = names.filter((name) => taskOf(name) === task).length > 1 ? key : task
      const metrics = Object.fromEntries(Object.entries(entry).filter(([name]) => !name.endsWith('_stderr')))
      return [{ benchmark, metrics, questions: questionsOf(configs, key) }]
    })
  },
  itemsOf: () => null,
  item: () => undefined,
}

/**
 * The folder of a report's details, and which of its files is a benchmark's: `OUTPUT/details/MODEL/DATE/details_TASK_DATE.parquet` beside
 * `OUTPUT/results/MODEL/results_DATE.json`. null where the report stands otherwise.
 */
export function detailsOf(
  report: string,
): { folder: string; isOf: (file: string, benchmark: string) => boolean } | null {
  const found = /^(.*\/|)results\/((?:.+\/)?)results_([^/]+)\.json$/.exec(report)
  if (!found) return null
  const [, output, model, date] = found
  return {
    folder: `${output}details/${model}${date}`,
    isOf(file, benchmark) {
      const key = file.startsWith('details_') ? file.slice('details_'.length, -`_${date}.parquet`.length) : ''
      return file.endsWith(`_${date}.parquet`) && (key === benchmark || taskOf(key) === benchmark)
    },
  }
}

function taskOf(key: string): string {
  const parts = key.split('|')
  return parts.length >= 3 ? parts[1]! : parts[0]!
}

/** Configurations are named as the results are, or without their number of shots. */
function questionsOf(configs: Record<string, unknown>, key: string): number | null {
  const names = [key, key.split('|').slice(0, -1).join('|'), key.split('|').slice(0, 2).join('|')]
  const config = names.map((name) => (Object.hasOwn(configs, name) ? configs[name] : undefined)).find(isRecord)
  const count = config?.effective_num_docs
  return typeof count === 'number' && count > 0 ? count : null
}
