import type { ChangeNotice } from '../../../contract/api/system.ts'
import { procedure, router } from '../trpc.ts'

/** Pages need no more than this many a second: they read again what they show, not each event. */
const gatherMilliseconds = 250

export const changesRouter = router({
  /** What changed, gathered: each sweep and run at most once in a quarter of a second. */
  subscribe: procedure.subscription(async function* ({ ctx, signal }) {
    let gathered = new Map<string, ChangeNotice>()
    let wake = Promise.withResolvers<void>()
    const listener = (change: ChangeNotice) => {
      gathered.set(`${change.sweepId}/${change.runId}`, change)
      wake.resolve()
    }
    const leave = () => wake.resolve()
    ctx.app.signals.on('change', listener)
    signal?.addEventListener('abort', leave)
    try {
      while (!signal?.aborted) {
        await wake.promise
        await new Promise((resolve) => setTimeout(resolve, gatherMilliseconds))
        const changes = [...gathered.values()]
        gathered = new Map()
        wake = Promise.withResolvers<void>()
        if (signal?.aborted) return
        for (const change of changes) yield change
      }
    } finally {
      ctx.app.signals.off('change', listener)
      signal?.removeEventListener('abort', leave)
    }
  }),
})
