import type { Issue } from '../../domain/errors.ts'
import { ownValue } from '../../domain/own-value.ts'
import { readAccuracy } from '../sweeps/new/field-values.ts'

/** `questions`: how many the accuracy rests on; empty where nobody knows. */
export type BenchmarkLine = { id: number; name: string; accuracy: string; questions: string }
/** `typed`: something that was typed is wrong; otherwise something is only not filled in yet. */
export type BaselineIssue = Issue & { typed: boolean }

/** A row for each benchmark, or one empty one. */
export function rowsOf(accuracies: Record<string, number>, questions: Record<string, number>): BenchmarkLine[] {
  const rows = Object.entries(accuracies).map(([name, accuracy], at) => ({
    id: at + 1,
    name,
    accuracy: String(accuracy),
    questions: String(ownValue(questions, name) ?? ''),
  }))
  return rows.length > 0 ? rows : [{ id: 1, name: '', accuracy: '', questions: '' }]
}

/** The accuracies that the rows give, and what stands against saving them. */
export function checkBaseline(
  name: string,
  rows: readonly BenchmarkLine[],
): { accuracies: Record<string, number>; questions: Record<string, number>; issues: BaselineIssue[] } {
  const issues: BaselineIssue[] = []
  const accuracies = new Map<string, number>()
  const questions = new Map<string, number>()
  const add = (path: Issue['path'], typed: boolean, message: string, fix?: Issue['fix']) =>
    issues.push({ path, typed, message, ...(fix && { fix }) })
  if (name.trim() === '') add(['name'], false, 'A baseline needs a name, by which sweeps use it.')
  for (const row of rows) {
    const benchmark = row.name.trim()
    const text = row.accuracy.trim()
    const path = ['accuracies', benchmark]
    if (benchmark === '' && text === '') continue
    const asked = row.questions.trim().replaceAll(',', '')
    if (/^[1-9]\d{0,8}$/.test(asked)) questions.set(benchmark, Number(asked))
    else if (asked !== '')
      add(['questions', benchmark], true, `“${row.questions.trim()}” is not a number of questions; expected e.g. 1319.`)
    const accuracy = readAccuracy(text)
    if (benchmark === '') add(path, true, 'This benchmark needs its name, as the reports write it.')
    else if (accuracies.has(benchmark)) add(path, true, `“${benchmark}” stands in the table twice.`)
    else if (text === '') add(path, false, `“${benchmark}” needs an accuracy above 0 and at most 1.`)
    else if (accuracy !== null && accuracy > 0 && accuracy <= 1) accuracies.set(benchmark, accuracy)
    else if (accuracy !== null && accuracy > 1 && accuracy <= 100) {
      const share = String(Number((accuracy / 100).toPrecision(15)))
      add(path, true, `“${text}” is above 1: an accuracy is a share.`, { label: `Use ${share}`, value: share })
    } else add(path, true, `“${text}” is not an accuracy above 0 and at most 1, e.g. 0.716.`)
  }
  if (accuracies.size === 0 && issues.every((issue) => issue.path[0] !== 'accuracies')) {
    add(['accuracies'], false, 'A baseline needs at least one benchmark.')
  }
  return { accuracies: Object.fromEntries(accuracies), questions: Object.fromEntries(questions), issues }
}
