'use client'
import { type QueryFilters, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Change } from '../../server/api/views.ts'
import { formatClock } from './format.ts'
import { useTRPC, useTRPCClient } from './trpc.ts'

const millisecondsBetweenReads = 500
const millisecondsBeforeRetry = 2_000
/** A restart of the server takes less; a banner that only flickers helps nobody. */
const millisecondsBeforeBanner = 1_500
/** A browser opens six connections to one server: tabs that nobody looks at must not keep them. */
const millisecondsHiddenBeforeRelease = 5_000

/** Follows the server's changes and reads again what they touch; says so when the connection is lost. */
export function LiveUpdates() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const [lostSince, setLostSince] = useState<number | null>(null)

  useEffect(() => {
    const reads = readAgain(queryClient, (change) => filtersOf(trpc, change))
    let subscription: { unsubscribe: () => void } | null = null
    let retry: ReturnType<typeof setTimeout> | undefined
    let release: ReturnType<typeof setTimeout> | undefined
    let banner: ReturnType<typeof setTimeout> | undefined
    let attempt = 0
    let connectedBefore = false
    let lost = false

    const onConnected = () => {
      const connectedAt = Date.now()
      clearTimeout(banner)
      setLostSince(null)
      // what changed while nothing listened: everything, or what was read before the first connection stood
      if (lost) void queryClient.invalidateQueries()
      else if (!connectedBefore) {
        void queryClient.invalidateQueries({
          predicate: ({ state }) => state.dataUpdatedAt > 0 && state.dataUpdatedAt < connectedAt,
        })
      }
      connectedBefore = true
      lost = false
    }
    const onLost = () => {
      if (lost) return
      lost = true
      const since = Date.now()
      banner = setTimeout(() => setLostSince(since), millisecondsBeforeBanner)
    }
    const stop = () => {
      attempt += 1
      clearTimeout(retry)
      subscription?.unsubscribe()
      subscription = null
    }
    const connect = () => {
      stop()
      // one that was given up still says so, and must not be taken for the one in its place
      const current = (attempt += 1)
      const only = (act: () => void) => () => {
        if (current === attempt) act()
      }
      const restart = only(() => {
        onLost()
        clearTimeout(retry)
        retry = setTimeout(connect, millisecondsBeforeRetry)
      })
      subscription = client.changes.subscribe.subscribe(undefined, {
        onData: (change) => reads.add(change),
        onConnectionStateChange: (state) => {
          if (state.state === 'pending') only(onConnected)()
          else if (state.state === 'connecting' && state.error) only(onLost)()
        },
        onError: restart,
        onComplete: restart,
      })
    }
    const onVisibility = () => {
      clearTimeout(release)
      if (document.visibilityState === 'hidden') {
        release = setTimeout(() => {
          stop()
          clearTimeout(banner)
          lost = true
        }, millisecondsHiddenBeforeRelease)
      } else if (subscription === null) connect()
    }
    connect()
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      clearTimeout(release)
      clearTimeout(banner)
      stop()
      reads.stop()
    }
  }, [client, queryClient, trpc])

  return (
    <div role="status" aria-live="polite">
      {lostSince !== null && (
        <p className="banner">Connection lost. Trying again … What you see is from {formatClock(lostSince)}.</p>
      )}
    </div>
  )
}

/** The queries that show what changed. */
function filtersOf(trpc: ReturnType<typeof useTRPC>, change: Change): QueryFilters[] {
  const filters: QueryFilters[] = []
  if (change.topic === 'system') filters.push(trpc.system.get.pathFilter())
  if (change.topic === 'baseline') filters.push(trpc.baselines.list.pathFilter(), trpc.sweeps.get.pathFilter())
  if (change.topic === 'sweep' || change.topic === 'run') {
    filters.push(trpc.sweeps.list.pathFilter(), trpc.system.get.pathFilter(), trpc.examples.list.pathFilter())
    if (change.sweepId !== null) filters.push(trpc.sweeps.get.queryFilter({ id: change.sweepId }))
  }
  if (change.runId !== null) {
    filters.push(trpc.runs.get.queryFilter({ id: change.runId }), seriesFilter(trpc, change.runId))
  }
  return filters
}

/** Every chart that draws the run, whichever metrics and range it asked for. */
function seriesFilter(trpc: ReturnType<typeof useTRPC>, runId: number): QueryFilters {
  return {
    ...trpc.runs.series.pathFilter(),
    predicate: ({ queryKey }) => {
      const options = queryKey[1] as { input?: { runIds?: number[] } } | undefined
      return options?.input?.runIds?.includes(runId) ?? false
    },
  }
}

/**
 * Gathers changes and reads their queries again: at most twice a second each, never one that is still being read, and
 * what takes long (a sweep of many thousand points) at most a quarter of the time.
 */
function readAgain(queryClient: QueryClient, filtersOfChange: (change: Change) => QueryFilters[]) {
  const pending = new Map<string, Change>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastFlush = 0
  const restsUntil = new Map<string, number>()
  const flush = () => {
    const started = Date.now()
    lastFlush = started
    for (const [key, change] of pending) {
      if ((restsUntil.get(key) ?? 0) > started) continue
      const filters = filtersOfChange(change)
      // a change that arrives during a read may be missing from its answer, so it waits for the next round
      if (filters.some((filter) => queryClient.isFetching(filter) > 0)) continue
      pending.delete(key)
      void Promise.all(filters.map((filter) => queryClient.invalidateQueries(filter))).then(() =>
        restsUntil.set(key, Date.now() + 3 * (Date.now() - started)),
      )
    }
    timer = pending.size > 0 ? setTimeout(flush, millisecondsBetweenReads) : undefined
  }
  return {
    add(change: Change) {
      pending.set(`${change.topic} ${change.sweepId} ${change.runId}`, change)
      timer ??= setTimeout(flush, Math.max(0, lastFlush + millisecondsBetweenReads - Date.now()))
    },
    stop: () => clearTimeout(timer),
  }
}
