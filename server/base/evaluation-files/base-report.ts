/** A baseline that is a report of the base model: its accuracies, read as the evaluations' own reports are. */
import { statSync } from 'node:fs'
import path from 'node:path'
import type { Issue } from '../../../domain/errors.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import { isReportBaseline, type Sweep } from '../../../domain/sweep/sweep.ts'
import type { ReportResult } from '../../formats/read-report.ts'
import { matchPattern } from './path-pattern.ts'
import { readReportFile } from './read-report-file.ts'

const at = ['score', 'baseline', 'report']

/** `questions`: how many each accuracy rests on, where the report says so. */
type BaseReport = { accuracies: Record<string, number>; questions: Record<string, number>; issues: Issue[] }

/**
 * Accuracies of the base model's report, and what stands against taking them: with what the file holds and what to write, before a
 * training starts. Empty of both where the sweep's baseline is no report.
 */
export function readBaseReport({ score, evaluate }: Sweep, directory: string): BaseReport {
  if (score === undefined || !isReportBaseline(score.baseline)) return { accuracies: {}, questions: {}, issues: [] }
  const settings = evaluate?.report ?? { file: '${report}' }
  const { report } = score.baseline
  const files = isPattern(report) ? matchPattern(directory, report) : [path.resolve(directory, report)]
  const refuse = (message: string) => ({ accuracies: {}, questions: {}, issues: [{ path: at, message }] })
  if (typeof files === 'string') return refuse(`The report of the base model cannot be looked for: ${files}.`)
  if (files.length === 0)
    return refuse(`There is no report of the base model that ${report} stands for in ${directory}.`)
  const oldestFirst = files.length === 1 ? files : files.toSorted((a, b) => changedAt(a) - changedAt(b))
  const results = new Map<string, ReportResult>()
  for (const file of settings.format === undefined ? oldestFirst.slice(-1) : oldestFirst) {
    const read = readReportFile(file, settings, { benchmark: null, wanted: 'all', folder: null })
    if (typeof read === 'string')
      return refuse(read.replace('The evaluation wrote no report', 'There is no report of the base model'))
    for (const result of read) results.set(result.benchmark, result)
  }
  const issues: Issue[] = []
  const accuracies: [string, number][] = []
  for (const { benchmark, accuracy, error } of results.values()) {
    if (accuracy === null) issues.push({ path: at, message: `${report}: ${error ?? `${benchmark} has no accuracy`}.` })
    else if (accuracy > 0) accuracies.push([benchmark, accuracy])
    else
      issues.push({
        path: at,
        message: `${report}: the base model has 0 on ${benchmark}, and a baseline accuracy must be above 0; expected accuracies of the benchmarks that count, e.g. baseline: { GSM8k: 0.716 }.`,
      })
  }
  if (results.size === 0)
    return refuse(
      `${report} holds no benchmark${settings.metric === undefined ? '' : ` with ${JSON.stringify(settings.metric)}`}.`,
    )
  const questions = results
    .values()
    .flatMap(({ benchmark, total }): [string, number][] => (total === null || total < 1 ? [] : [[benchmark, total]]))
  return { accuracies: Object.fromEntries(accuracies), questions: Object.fromEntries(questions), issues }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
