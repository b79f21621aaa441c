/** `trainer_state.json` of Hugging Face's Trainer: what it logged until a checkpoint, with true steps. */
import { createHash } from 'node:crypto'
import type { ForeignMetrics } from '../../formats/json-metrics.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { emptyValues, isObject, isStep, numberOf } from '../protocol.ts'

export type TrainerState = { step: number; epoch: number | null; rows: ForeignMetrics[] }

/** Reads the file; null where it is no whole one (yet). */
export function readTrainerState(file: string): TrainerState | null {
  let state: unknown
  try {
    state = parsePythonJson(readWholeFile(file, 'anywhere', 256 << 20) ?? '')
  } catch {
    return null
  }
  if (!isObject(state) || !isStep(state.global_step) || !Array.isArray(state.log_history)) return null
  const rows = state.log_history.filter(isObject).flatMap((entry) => {
    if (!isStep(entry.step)) return []
    const values = emptyValues()
    for (const [name, value] of Object.entries(entry)) {
      const number = name === 'step' ? null : numberOf(value)
      if (number !== null) values[name] = number
    }
    return [{ step: entry.step, time: null, values }]
  })
  return { step: state.global_step, epoch: typeof state.epoch === 'number' ? state.epoch : null, rows }
}

/** Each later file repeats what the earlier ones hold: the same row has the same mark. */
export function stateRowMark({ step, values }: ForeignMetrics): string {
  return createHash('sha1')
    .update(JSON.stringify([step, Object.entries(values).map(([name, value]) => [name, String(value)])]))
    .digest('base64url')
    .slice(0, 20)
}
