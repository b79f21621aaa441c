/**
 * How long the main loop is held, and by what: while one thing runs there, no page is answered and no run is looked at. The time in
 * which other programs had the processor is not counted: trainings take all of it, and that is no fault of anything here.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { waitedForProcessor } from '../../executors/clock.ts'

/** What held the loop, when and for how long. */
export type Hold = { what: string; named: boolean; milliseconds: number; at: number }

export type LoopWatch = {
  /** Does the work, and remembers that it was this where it takes long. */
  during<Result>(what: string, work: () => Result): Result
  /** Something that runs in parts, between others (a request). Gives a function that ends it. */
  begin(what: string): () => void
  /** The longest hold of the last minute above what a page may wait for; null: there was none. */
  last(): Hold | null
  /** Of the last minute or so, in milliseconds. */
  delay(): { mean: number; max: number }
  /** Each hold from now on is told to the listener; one of which nothing is known but its length has `named` false. */
  tellTo(listener: (hold: Hold) => void): void
  stop(): void
}

/** Above this a hold is told in the log: pages are not to wait longer for what an attempt wrote. */
const toldMilliseconds = 200
const lookMilliseconds = 50
const rememberedMilliseconds = 60_000

/** Watches this process's loop until `stop`. `waited`: how long it was ready to run while others did, in milliseconds, ever growing. */
export function watchLoop(waited = waitedForProcessor): LoopWatch {
  let tell = (_hold: Hold) => {}
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  const running = new Map<symbol, string>()
  let longest: Hold | null = null
  let delayBefore = { mean: 0, max: 0 }
  let resetAt = performance.now()
  let lookedAt = performance.now()
  let waitedBefore = waited()
  let notedAt = 0

  function note(what: string | null, milliseconds: number): void {
    notedAt = performance.now()
    const hold = {
      what: what ?? 'Something without a name',
      named: what !== null,
      milliseconds: Math.round(milliseconds),
      at: Date.now(),
    }
    if (longest === null || isOld(longest) || longest.milliseconds < milliseconds) longest = hold
    tell(hold)
  }

  function isOld({ at }: Hold): boolean {
    return Date.now() - at > rememberedMilliseconds
  }

  function look(): void {
    const now = performance.now()
    const waitedNow = waited()
    const late = now - lookedAt - lookMilliseconds - (waitedNow - waitedBefore)
    waitedBefore = waitedNow
    // what has a name of its own was noted when it ended
    if (late > toldMilliseconds && notedAt < lookedAt)
      note([...new Set(running.values())].slice(0, 5).join(', ') || null, late)
    lookedAt = now
    if (now - resetAt > rememberedMilliseconds) {
      delayBefore = read()
      histogram.reset()
      resetAt = now
    }
  }

  function read(): { mean: number; max: number } {
    const of = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - 10) : 0)
    return { mean: of(histogram.mean), max: of(histogram.max) }
  }

  const timer = setInterval(look, lookMilliseconds).unref()

  return {
    during(what, work) {
      const startedAt = performance.now()
      try {
        return work()
      } finally {
        const took = performance.now() - startedAt
        if (took > toldMilliseconds) {
          const own = took - (waited() - waitedBefore)
          if (own > toldMilliseconds) note(what, own)
        }
      }
    },
    begin(what) {
      const key = Symbol(what)
      running.set(key, what)
      return () => running.delete(key)
    },
    last: () => (longest === null || isOld(longest) ? null : longest),
    delay() {
      const now = read()
      return { mean: now.mean, max: Math.max(now.max, delayBefore.max) }
    },
    tellTo(listener) {
      tell = listener
    },
    stop() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
