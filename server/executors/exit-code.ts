/** How a shell tells that a signal ended a command: as 128 and the signal's number. */
import { constants } from 'node:os'

/** The name of the signal that an exit code stands for; null where the program left by itself. */
export function signalOf(exitCode: number): string | null {
  if (exitCode <= 128 || exitCode > 192) return null
  const named = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)
  return named?.[0] ?? `signal ${exitCode - 128}`
}
