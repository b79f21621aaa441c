/**
 * The evaluation of Qwen2.5-Math, and what many projects made of it: a folder for each benchmark, in it `…_metrics.json` with the accuracy
 * in percent, rounded to one decimal, and with `--save_outputs` the answers in a `.jsonl` whose name the other begins with.
 */
import { parsePythonJson } from '../python-json.ts'
import { fileName, folderOf, isRecord, keysOf, noOutcome, outcomeOf, textIn, type Harness } from './harness.ts'

export const qwenMath: Harness = {
  scale: 'percent',
  metrics: ['acc'],
  files: ['**/*_metrics.json'],
  parse(file, text) {
    const report = parsePythonJson(text)
    if (!isRecord(report) || !('acc' in report))
      return `is none of the Qwen2.5-Math evaluation: it has no acc, it has ${keysOf(report)}`
    const { acc, num_samples: questions } = report
    return [
      {
        benchmark: fileName(folderOf(file)),
        metrics: { acc },
        questions: typeof questions === 'number' ? questions : null,
      },
    ]
  },
  itemsOf(report, _benchmark, files) {
    const name = fileName(report)
    const beside = files.filter((file) => {
      const stem = /^(.+)\.jsonl$/.exec(fileName(file))?.[1]
      return folderOf(file) === folderOf(report) && stem !== undefined && name.startsWith(`${stem}_`)
    })
    return beside.toSorted((a, b) => b.length - a.length)[0] ?? null
  },
  item(line) {
    const { idx, score } = line
    if (idx === undefined || !('pred' in line)) return undefined
    // of several answers the accuracy is that of the first
    const outcome = firstOf(score)
    const correct = outcomeOf(outcome)
    if (correct === null) return noOutcome(outcome, 'score')
    return {
      id: String(idx),
      prompt: textIn(line.question) ?? '',
      response: textIn(firstOf(line.code)) ?? '',
      answer: textIn(line.gt ?? line.answer),
      given: textIn(firstOf(line.pred)),
      correct,
    }
  },
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}
