/** Ctrl-C and its kin. */
import { exitCodes } from './exit-codes.ts'

export type Signals = { first: Promise<true>; seen: () => boolean }

/** One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const sameKeyMilliseconds = 1000

/** Listens from before anything is started: a Ctrl-C between two steps must not end the process in the middle of one. */
export function listenToSignals(): Signals {
  const first = Promise.withResolvers<true>()
  let firstAt: number | undefined
  const listener = () => {
    firstAt ??= performance.now()
    first.resolve(true)
    if (performance.now() - firstAt < sameKeyMilliseconds) return
    console.error('Left at once. What runs goes on by itself, and the same command finds it again.')
    process.exit(exitCodes.interrupted)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, listener)
  return { first: first.promise, seen: () => firstAt !== undefined }
}
