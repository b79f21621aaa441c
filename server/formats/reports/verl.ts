/**
 * verl's validation: `VALIDATION_DATA_DIR/STEP.jsonl`, a line for each answer with `input`, `output`, `gts`, `score` and what else the
 * reward said, such as `acc`. Benchmarks are told apart by `data_source`, where the reward passes it on. Several answers to a question
 * are several lines with one input.
 */
import { fileName, isRecord, noOutcome, outcomeOf, textIn, type Harness, type HarnessResult } from './harness.ts'

/** Fields of a line that are no metric. */
const noMetrics = new Set(['input', 'output', 'gts', 'step', 'pred', 'data_source'])
const usual = ['acc', 'score']

export const verl: Harness = {
  scale: 'fraction',
  metrics: usual,
  files: ['**/*.jsonl'],
  parse(file, text) {
    const groups = new Map<string, { lines: Record<string, unknown>[]; inputs: Set<string> }>()
    let number = 0
    for (const written of text.split('\n')) {
      number += 1
      if (written.trim() === '') continue
      let line: unknown
      try {
        line = JSON.parse(written)
      } catch {
        return `has no JSON in line ${number}: ${JSON.stringify(written.slice(0, 60))}`
      }
      if (!isRecord(line) || typeof line.input !== 'string')
        return `is none of verl's validation: line ${number} has no input`
      const benchmark = typeof line.data_source === 'string' ? line.data_source : fileName(file)
      const group = groups.get(benchmark) ?? { lines: [], inputs: new Set() }
      group.lines.push(line)
      group.inputs.add(line.input)
      groups.set(benchmark, group)
    }
    if (groups.size === 0) return 'has no line'
    return [...groups].map(([benchmark, { lines, inputs }]): HarnessResult => {
      return { benchmark, metrics: sharesOf(lines), questions: inputs.size }
    })
  },
  itemsOf: (report) => report,
  item(line, named) {
    if (typeof line.input !== 'string' || !('output' in line)) return undefined
    const metric = named ?? usual.find((name) => Object.hasOwn(line, name)) ?? 'score'
    const correct = outcomeOf(line[metric])
    if (correct === null) return noOutcome(line[metric], metric)
    return {
      id: hashOf(line.input),
      prompt: line.input,
      response: textIn(line.output) ?? '',
      answer: textIn(line.gts),
      given: textIn(line.pred),
      correct,
    }
  },
}

/** Of every field that is right or wrong in each line its share; what holds anything else is no accuracy and is left out. */
function sharesOf(lines: readonly Record<string, unknown>[]): Record<string, number> {
  const names = Object.keys(lines[0]!).filter((name) => !noMetrics.has(name))
  const shares = names.flatMap((name) => {
    const outcomes = lines.map((line) => outcomeOf(line[name]))
    if (outcomes.includes(null)) return []
    return [[name, outcomes.filter((outcome) => outcome).length / lines.length] as const]
  })
  return Object.fromEntries(shares)
}

/** A short name for a question that the file gives none: FNV-1a over its characters, twice. */
function hashOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0x9dc5811c]
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193)
    high = Math.imul(high ^ text.charCodeAt(text.length - 1 - at), 0x01000193)
  }
  return [low, high].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
}
