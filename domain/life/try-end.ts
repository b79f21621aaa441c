/** What is said of a try that has ended. */
import type { TriedPart } from '../sweep/commands/part-to-try.ts'
import { formatDuration } from '../words.ts'

/** Why it was stopped; null: it ended by itself. */
export type TryStop = 'time' | 'checkpoint' | 'cancelled' | 'trouble' | null

export type TryEnd = {
  of: TriedPart
  stop: TryStop
  /** null: nobody saw how it ended. */
  exitCode: number | null
  /** Why it could not be started, or not be followed. */
  error: string | null
  /** Why it failed, as its logs say it. */
  reason: string | null
  seconds: number
  /** The first checkpoint that a training wrote. */
  checkpoint: string | null
}

/** A sentence for people, and whether it is what they hoped for. */
export function describeTryEnd(end: TryEnd): { text: string; good: boolean } {
  const { of, stop, exitCode, error, reason, checkpoint } = end
  if (stop === 'cancelled') return { text: 'It was cancelled.', good: false }
  if (stop === 'trouble') return { text: error ?? 'It could not be followed.', good: false }
  if (stop === 'checkpoint')
    return { text: `It wrote its first checkpoint, ${checkpoint}, and was stopped.`, good: true }
  if (stop === 'time') {
    const after = `It was stopped after ${formatDuration(end.seconds)}`
    if (of === 'evaluation') return { text: `${after}, before it had ended: give it longer.`, good: false }
    if (checkpoint !== null) return { text: `${after}; its first checkpoint is ${checkpoint}.`, good: true }
    return { text: `${after}; it had written no checkpoint by then.`, good: true }
  }
  if (error !== null) return { text: `It did not start: ${error}.`, good: false }
  if (exitCode === null)
    return { text: 'It ended, and nobody saw how: something killed the process that watched it.', good: false }
  if (exitCode !== 0)
    return { text: `It ended with exit code ${exitCode}${reason === null ? '' : `: ${reason}`}`, good: false }
  if (of === 'evaluation') return { text: 'It ended with exit code 0.', good: true }
  if (checkpoint !== null)
    return { text: `It ended with exit code 0; its first checkpoint is ${checkpoint}.`, good: true }
  return {
    text: 'It ended with exit code 0, and no checkpoint was found: neither did it report one, nor is one where the sweep says.',
    good: false,
  }
}
