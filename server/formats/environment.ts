/** Variables of a process, read. */
import { SweepboardError } from '../../domain/errors.ts'

export type Environment = Record<string, string | undefined>

/** A variable that holds a whole number; null where it is not set. Throws a SweepboardError that quotes it otherwise. */
export function readWhole(environment: Environment, name: string, low: number, high: number): number | null {
  const text = environment[name]
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new SweepboardError('invalid', `${name}=${text} is not a whole number from ${low} to ${high}.`)
  }
  return value
}

/** A variable that holds seconds, at most a day; null where it is not set. Throws a SweepboardError that quotes it otherwise. */
export function readSeconds(environment: Environment, name: string): number | null {
  const text = environment[name]
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!(value >= 0 && value <= 86_400)) {
    throw new SweepboardError('invalid', `${name}=${text} is not a number of seconds from 0 to 86400.`)
  }
  return value
}
