/** Signals and cancellations for Slurm, passed on together, and again until Slurm has answered. */
import { monotonicMilliseconds } from '../clock.ts'
import type { Call } from './call.ts'

export type Wish = 'USR1' | 'USR2' | 'cancel'

const callSeconds = 30
const mostInCall = 200
/** What was passed on and did not help is passed on again after this. */
const againMilliseconds = 5000

export type SlurmRequests = {
  /** Passes the wish on for a job of Slurm's number; the same again does nothing for a while. */
  send(job: string, wish: Wish): void
}

export function sendingRequests(call: Call): SlurmRequests {
  const waiting = new Map<string, { job: string; wish: Wish }>()
  const sent = new Map<string, number>()
  let running = false
  let pauseMilliseconds = 500

  async function pump(): Promise<void> {
    if (running) return
    running = true
    // what is asked for in one turn goes in one call
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.size > 0) {
      const { wish } = waiting.values().next().value!
      const some = [...waiting].filter(([, request]) => request.wish === wish).slice(0, mostInCall)
      const jobs = some.map(([, { job }]) => job)
      const how = wish === 'cancel' ? ['--quiet'] : ['--quiet', '--batch', `--signal=${wish}`]
      const answer = await call('scancel', [...how, ...jobs], callSeconds)
      // that it has ended, or never was, is an answer too
      if (answer.ok || answer.sure) {
        pauseMilliseconds = 500
        for (const [key] of some) {
          waiting.delete(key)
          sent.set(key, monotonicMilliseconds())
        }
        continue
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds).unref())
      pauseMilliseconds = Math.min(30_000, pauseMilliseconds * 2)
    }
    for (const [key, at] of sent) if (monotonicMilliseconds() - at > 600_000) sent.delete(key)
    running = false
  }

  return {
    send(job, wish) {
      const key = `${wish} ${job}`
      if (waiting.has(key) || monotonicMilliseconds() - (sent.get(key) ?? -Infinity) < againMilliseconds) return
      waiting.set(key, { job, wish })
      void pump()
    },
  }
}
