import { isObject } from './plain-values.ts'

/** The state that a file of states holds, one a line: the last line that is whole counts. An empty one where there is none. */
export function lastState(text: string): Record<string, unknown> {
  const lines = text.split('\n')
  // what comes after the last line end was cut off, but for a file of a version that wrote none
  const whole = lines.length === 1 ? lines[0]! : lines.at(-2)!
  try {
    const state: unknown = JSON.parse(whole)
    return isObject(state) ? state : {}
  } catch {
    return {}
  }
}
