/**
 * What becomes of an attempt that cannot be looked at: an error is the attempt's own, told on its run, tried again with longer
 * and longer pauses, and in the end the attempt fails. Nobody else waits for it.
 */
import { UnreadableFile } from '../attempt-files/open-file.ts'

/** Times are of a monotonic clock, in milliseconds. */
export type Trouble = { times: number; since: number; nextAt: number; message: string }

const firstPauseMilliseconds = 200
const longestPauseMilliseconds = 30_000
/** What is certain to stay as it is (a pipe where a file was to be) is tried so often: about 6 s. */
const mostTimes = 6
/** What may pass (a file server that is away, say) does not end a training that lives before this. */
const patienceMilliseconds = 600_000

/** Whether an error is the machine's (a full disk, say), which passes by itself and is no attempt's. */
export function isOfTheMachine(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return (
    typeof code === 'string' &&
    /^(SQLITE_(CORRUPT|NOTADB|FULL|BUSY|IOERR|READONLY|NOMEM)|ENOSPC|EROFS|EDQUOT|EMFILE|ENFILE|ENOMEM|EIO$)/.test(code)
  )
}

/** The trouble after one more error. */
export function withError(before: Trouble | undefined, error: unknown, now: number): Trouble {
  const times = (before?.times ?? 0) + 1
  const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (times - 1))
  const message = error instanceof Error ? error.message : String(error)
  return { times, since: before?.since ?? now, nextAt: now + pause, message: message.slice(0, 1000) }
}

/**
 * Whether the attempt is given up now. `lives`: a process of it does; what has ended does not change by waiting. `asked`: a person
 * cancelled it, and waits.
 */
export function isHopeless(
  trouble: Trouble,
  error: unknown,
  { lives, asked, now }: { lives: boolean; asked: boolean; now: number },
): boolean {
  if (!lives && (asked || error instanceof UnreadableFile)) return trouble.times >= 2
  if (trouble.times < mostTimes) return false
  return !lives || error instanceof UnreadableFile || now - trouble.since >= patienceMilliseconds
}

/** For the run: what is wrong, and what is done about it. */
export function describeTrouble({ message }: Trouble): string {
  return `This attempt cannot be followed: ${message.replace(/\.$/, '')}. It is tried again for a while; then the attempt fails.`
}

/** Why it failed, in the end. */
export function describeGivenUp({ message, times }: Trouble): string {
  return `It could not be followed, ${times} times: ${message.replace(/\.$/, '')}.`
}
