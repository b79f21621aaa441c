/**
 * simple-evals: `EVAL_MODEL.json` for each evaluation, its metrics with `score`, and their deviations as `NAME:std`. It keeps no answers
 * but in its HTML.
 */
import { parsePythonJson } from '../python-json.ts'
import { fileName, isRecord, keysOf, type Harness } from './harness.ts'

export const simpleEvals: Harness = {
  scale: 'fraction',
  metrics: ['score'],
  files: ['*.json'],
  parse(file, text) {
    const report = parsePythonJson(text)
    if (!isRecord(report) || !('score' in report))
      return `is none of simple-evals: it has no score, it has ${keysOf(report)}`
    const metrics = Object.fromEntries(
      Object.entries(report).filter(([name]) => !/:(std|min|max|n_samples|bootstrap_std)$/.test(name)),
    )
    const questions = report['score:n_samples']
    return [
      {
        benchmark: /^[^_.]+/.exec(fileName(file))?.[0] ?? fileName(file),
        metrics,
        questions: typeof questions === 'number' ? questions : null,
      },
    ]
  },
  itemsOf: () => null,
  item: () => undefined,
}
