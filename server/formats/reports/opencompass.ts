/**
 * OpenCompass: `OUTPUTS/DATE/results/MODEL/DATASET.json`, a file for each data set with its metrics in percent and `details`; or the
 * table over all of them, `OUTPUTS/DATE/summary/summary_DATE.csv`, with a column for each model.
 */
import { parsePythonJson } from '../python-json.ts'
import {
  fileName,
  isRecord,
  keysOf,
  outcomeOf,
  textIn,
  type Harness,
  type HarnessItem,
  type HarnessResult,
} from './harness.ts'

const tableHead = ['dataset', 'version', 'metric', 'mode']

export const opencompass: Harness = {
  scale: 'percent',
  metrics: ['accuracy', 'score', 'exact_match'],
  files: ['**/results/*/*.json', '**/summary_*.csv'],
  parse(file, text) {
    if (text.startsWith(`${tableHead.join(',')},`)) return parseTable(text)
    const report = parsePythonJson(text)
    if (!isRecord(report)) return `is none of OpenCompass: expected metrics of a data set, it has ${keysOf(report)}`
    if (typeof report.error === 'string') return `says ${JSON.stringify(report.error.slice(0, 200))}`
    const metrics = Object.fromEntries(
      Object.entries(report).filter(([, value]) => typeof value === 'number' || value === 'NaN'),
    )
    if (Object.keys(metrics).length === 0)
      return `is none of OpenCompass: expected a metric such as accuracy, it has ${keysOf(report)}`
    const { details } = report
    const each = isRecord(details) ? Object.values(details).filter(isRecord) : Array.isArray(details) ? details : []
    return [
      { benchmark: fileName(file).replace(/\.json$/, ''), metrics, questions: each.length > 0 ? each.length : null },
    ]
  },
  itemsOf: () => null,
  item: () => undefined,
  itemsWithin(text) {
    if (text.startsWith(`${tableHead.join(',')},`)) return []
    const report = parsePythonJson(text)
    const details = isRecord(report) ? report.details : undefined
    if (typeof details !== 'object' || details === null) return []
    return Object.entries(details).flatMap(([id, detail]): HarnessItem[] => {
      if (!isRecord(detail)) return []
      // with several runs of each question the first is its outcome
      const first =
        Array.isArray(detail.predictions) && isRecord(detail.predictions[0]) ? detail.predictions[0] : detail
      const outcome = first.correct ?? first.is_correct ?? first.cascade_correct
      const correct = outcomeOf(Array.isArray(outcome) ? outcome[0] : outcome)
      if (correct === null) return []
      return [
        {
          id: textIn(detail.example_abbr) ?? id,
          prompt: textIn(first.origin_prompt ?? first.prompt ?? first.question) ?? '',
          response: textIn(first.origin_prediction ?? first.prediction ?? first.pred) ?? '',
          answer: textIn(first.answer ?? first.references ?? first.reference ?? first.gold),
          given: textIn(first.pred),
          correct,
        },
      ]
    })
  },
}

function parseTable(text: string): HarnessResult[] | string {
  const [head, ...rows] = text.trim().split(/\r?\n/)
  const models = head!.split(',').slice(tableHead.length)
  if (models.length !== 1)
    return `has ${models.length} models (${models.slice(0, 5).join(', ')}); expected the table of one checkpoint`
  const results = new Map<string, HarnessResult>()
  for (const row of rows) {
    const [benchmark, , metric, , value] = row.split(',')
    // a dash stands for what was not measured
    if (!benchmark || !metric || value === undefined || value === '-' || metric === '-') continue
    const result = results.get(benchmark) ?? { benchmark, metrics: {}, questions: null }
    result.metrics[metric] = value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
    results.set(benchmark, result)
  }
  return [...results.values()]
}
