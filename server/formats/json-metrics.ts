/**
 * Lines of metrics as other trainers write them, to the trainer protocol's. One rule reads them all: an object with a step;
 * every number in it, however deep, is a metric, named by the keys that lead to it. verl writes `{"step": 1, "data": {…}}`,
 * prime-rl and most others put the metrics beside the step.
 */
import { parsePythonJson } from './python-json.ts'

/** Names of the step, the likeliest first. */
export const stepNames = ['step', 'global_step', '_step', 'trainer/global_step', 'iteration']
/** Names of the time: seconds since 1970 or a date as text. */
export const timeNames = ['time', 'timestamp', '_timestamp', 'wall_time', 'ts']
/** Objects that only hold the metrics: their name says nothing of them. */
const wrappers = ['data', 'metrics', 'values', 'scalars']

export type ForeignMetrics = { step: number; time: number | null; values: Record<string, number> }

/** One line; a sentence where it is none of this. Lines without a single metric give null. */
export function readMetricsLine(text: string): ForeignMetrics | { problem: string } | null {
  let line: unknown
  try {
    line = parsePythonJson(text)
  } catch (error) {
    return { problem: `is no JSON (${(error as Error).message})` }
  }
  if (line === null || typeof line !== 'object' || Array.isArray(line))
    return { problem: 'is no JSON object; expected one with a step, such as {"step": 1, "data": {"loss": 0.5}}' }
  const body = line as Record<string, unknown>
  const stepName = stepNames.find((name) => body[name] !== undefined)
  if (stepName === undefined) return { problem: `has no step; expected one of ${stepNames.join(', ')}` }
  const step = Number(body[stepName])
  if (!Number.isSafeInteger(step) || step < 0)
    return { problem: `has the ${stepName} ${JSON.stringify(body[stepName])}; expected a whole number of 0 or more` }
  const timeName = timeNames.find((name) => body[name] !== undefined)
  const values = Object.create(null) as Record<string, number>
  for (const [name, value] of Object.entries(body)) {
    if (name === stepName || name === timeName || name === 'type') continue
    gather(values, wrappers.includes(name) && isObject(value) ? '' : name, value)
  }
  if (Object.keys(values).length === 0) return null
  return { step, time: timeName === undefined ? null : secondsOf(body[timeName]), values }
}

function gather(values: Record<string, number>, name: string, value: unknown): void {
  if (typeof value === 'number') values[name] = value
  else if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') values[name] = Number(value)
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) gather(values, name === '' ? key : `${name}/${key}`, inner)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Seconds since 1970; null where the value is no time. */
export function secondsOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  const milliseconds = Date.parse(String(value))
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000
}
