/** `trainer_state.json` of Hugging Face's Trainer: what it logged until a checkpoint, with true steps. */
import { createHash } from 'node:crypto'
import type { ForeignMetrics } from './json-metrics.ts'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { parsePythonJson } from './python-json.ts'
import { emptyValues, isObject, isStep, numberOf, quoted } from './plain-values.ts'

/** `problems`: entries of its log that are none, a sentence's end each (`log_history[3] has no step`). */
export type SavedTrainerState = { step: number; epoch: number | null; rows: ForeignMetrics[]; problems: string[] }

/** Reads the file; null where it is no whole one (yet). */
export function readTrainerState(file: string): SavedTrainerState | null {
  try {
    return trainerStateOf(parsePythonJson(readWholeFile(file, 'anywhere', 256 << 20) ?? ''))
  } catch {
    return null
  }
}

/** What the file's JSON says; null where it is that of something else. */
export function trainerStateOf(state: unknown): SavedTrainerState | null {
  if (!isObject(state) || !isStep(state.global_step) || !Array.isArray(state.log_history)) return null
  const problems: string[] = []
  const rows = state.log_history.flatMap((entry: unknown, at) => {
    if (!isObject(entry) || !isStep(entry.step)) {
      const what = isObject(entry) && entry.step !== undefined ? `the step ${quoted(entry.step)}` : 'no step'
      problems.push(`log_history[${at}] has ${what}; expected an object with a whole number of 0 or more`)
      return []
    }
    const values = emptyValues()
    for (const [name, value] of Object.entries(entry)) {
      const number = name === 'step' ? null : numberOf(value)
      if (number !== null) values[name] = number
    }
    return [{ step: entry.step, time: null, values }]
  })
  return { step: state.global_step, epoch: typeof state.epoch === 'number' ? state.epoch : null, rows, problems }
}

/** Each later file repeats what the earlier ones hold: the same row has the same mark. */
export function stateRowMark({ step, values }: ForeignMetrics): string {
  return createHash('sha1')
    .update(JSON.stringify([step, Object.entries(values).map(([name, value]) => [name, String(value)])]))
    .digest('base64url')
    .slice(0, 20)
}
