'use client'
import { type QueryFilters, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ChangeNotice } from '../../contract/api/system.ts'
import type { CompareView } from '../../contract/api/compare.ts'
import type { OwnRunDetail } from '../../contract/api/own-runs.ts'
import type { RunDetail } from '../../contract/api/runs.ts'
import { formatClock } from '../_words/format.ts'
import { listenUnseen } from './browser-notifications.tsx'
import { useTRPC, useTRPCClient } from './trpc.ts'

const millisecondsBetweenReads = 500
const millisecondsBeforeRetry = 2_000
/** A restart of the server takes less; a banner that only flickers helps nobody. */
const millisecondsBeforeBanner = 1_500
/** A browser opens six connections to one server: tabs that nobody looks at must not keep them, but for one where alerts are shown. */
const millisecondsHiddenBeforeRelease = 5_000

/** Follows the server's changes and reads again what they touch; says so when the connection is lost. */
export function LiveUpdates() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const [lostSince, setLostSince] = useState<number | null>(null)

  useEffect(() => {
    const reads = readAgain(queryClient)
    let subscription: { unsubscribe: () => void } | null = null
    let retry: ReturnType<typeof setTimeout> | undefined
    let release: ReturnType<typeof setTimeout> | undefined
    let banner: ReturnType<typeof setTimeout> | undefined
    let onSeen = () => {}
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
        onData: (change) => reads.add(readingsOf(trpc, change)),
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
      onSeen()
      if (document.visibilityState === 'hidden') {
        release = setTimeout(() => {
          stop()
          clearTimeout(banner)
          lost = true
          onSeen = listenUnseen(connect)
        }, millisecondsHiddenBeforeRelease)
      } else if (subscription === null) connect()
    }
    connect()
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      clearTimeout(release)
      clearTimeout(banner)
      onSeen()
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

const partsOfSweep = [
  'againstBaseline',
  'points',
  'map',
  'point',
  'parameters',
  'surface',
  'parallel',
  'front',
  'search',
  'searchMap',
  'metricNames',
  'runs',
] as const

/** A name for a set of queries, which no other set has, and the filter that finds them. */
type Reading = [name: string, filter: QueryFilters]

/** The queries that show what changed. */
export function readingsOf(trpc: ReturnType<typeof useTRPC>, { topic, sweepId, runId }: ChangeNotice): Reading[] {
  const readings: Reading[] = [['system', trpc.system.get.pathFilter()]]
  if (topic === 'system')
    readings.push(
      ['try', trpc.tries.get.pathFilter()],
      ['starting points', trpc.examples.startingPoints.pathFilter()],
      ['views', trpc.views.pathFilter()],
    )
  if (topic === 'alert') return [['alerts', trpc.alerts.pathFilter()]]
  if (topic === 'baseline') {
    readings.push(['baselines', trpc.baselines.list.pathFilter()], ['all sweeps', trpc.sweeps.pathFilter()])
    readings.push(['lineage', trpc.lineage.pathFilter()], ['leaderboard', trpc.leaderboard.pathFilter()])
  }
  if (topic === 'sweep' || topic === 'run') {
    readings.push(['curricula', trpc.curricula.list.pathFilter()], ['curriculum', trpc.curricula.get.pathFilter()])
    readings.push(['list', trpc.sweeps.list.pathFilter()], ['examples', trpc.examples.list.pathFilter()])
    readings.push(['lineage', trpc.lineage.pathFilter()], ['leaderboard', trpc.leaderboard.pathFilter()])
    if (sweepId !== null) {
      readings.push([`where, of ${sweepId}`, { ...trpc.where.pathFilter(), predicate: isWithin(sweepId) }])
      readings.push([`sweep ${sweepId}`, trpc.sweeps.get.queryFilter({ id: sweepId })])
      for (const part of partsOfSweep) {
        readings.push([`${part} of ${sweepId}`, { ...trpc.sweeps[part].pathFilter(), predicate: isOf(sweepId) }])
      }
    }
  }
  if (runId === null && sweepId !== null) {
    // scores and intervals of a run's checkpoints change with its sweep
    const ofSweep = ({ state }: { state: { data: unknown } }) =>
      (state.data as RunDetail | OwnRunDetail | undefined)?.sweep?.id === sweepId
    readings.push([`details of runs of ${sweepId}`, { ...trpc.runs.get.pathFilter(), predicate: ofSweep }])
  }
  if (runId !== null) {
    const list = trpc.runs.list.pathFilter()
    if (sweepId === null) readings.push(['projects', trpc.ownRuns.pathFilter()], ['lists of runs', list])
    else readings.push(['lists of runs of sweeps', { ...list, predicate: listsAll }])
  }
  if (runId !== null) {
    readings.push(
      [`run ${runId}`, trpc.runs.get.queryFilter({ id: runId })],
      [`what was run of ${runId}`, { ...trpc.runs.ran.pathFilter(), predicate: isOf(runId) }],
      [`samples of ${runId}`, trpc.samples.steps.queryFilter({ id: runId })],
      [`impact of ${runId}`, { ...trpc.impact.pathFilter(), predicate: isOf(runId) }],
      [`series ${runId}`, drawsRun(trpc.runs.series.pathFilter(), runId)],
      [`bundles of ${runId}`, drawsRun(trpc.runs.bundle.pathFilter(), runId)],
      [`system metrics of ${runId}`, { ...trpc.runs.systemMetrics.pathFilter(), predicate: isOf(runId) }],
      [`last step ${runId}`, drawsRun(trpc.runs.lastStep.pathFilter(), runId)],
      [`axes ${runId}`, drawsRun(trpc.runs.axes.pathFilter(), runId)],
      [`comparisons of ${runId}`, { ...trpc.compare.get.pathFilter(), predicate: comparesRun(runId) }],
    )
  }
  return readings
}

/** Queries whose input names the sweep, or the run. */
function isOf(id: number): QueryFilters['predicate'] & object {
  return ({ queryKey }) => {
    const options = queryKey[1] as { input?: { id?: number } } | undefined
    return options?.input?.id === id
  }
}

/** Lists of runs that have those of sweeps among them. */
const listsAll: QueryFilters['predicate'] & object = ({ queryKey }) =>
  (queryKey[1] as { input?: { of?: string } } | undefined)?.input?.of === 'all'

/** Queries of the sweep, or of none alone. */
function isWithin(id: number): QueryFilters['predicate'] & object {
  return ({ queryKey }) => {
    const options = queryKey[1] as { input?: { id?: number | null } } | undefined
    return options?.input?.id == null || options.input.id === id
  }
}

function comparesRun(runId: number): QueryFilters['predicate'] & object {
  return ({ state }) => (state.data as CompareView | undefined)?.compared.some((one) => one.runId === runId) ?? false
}

/** Every chart that draws the run, whichever metrics and range it asked for. */
function drawsRun(filter: QueryFilters, runId: number): QueryFilters {
  return {
    ...filter,
    predicate: ({ queryKey }) => {
      const options = queryKey[1] as { input?: { runIds?: number[] } } | undefined
      return options?.input?.runIds?.includes(runId) ?? false
    },
  }
}

/**
 * Gathers what has to be read again: at most twice a second each, never one that is still being read, and what takes long
 * (a sweep of many thousand points) at most a quarter of the time.
 */
function readAgain(queryClient: QueryClient) {
  const pending = new Map<string, QueryFilters>()
  const restsUntil = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastFlush = 0
  const flush = () => {
    const started = Date.now()
    lastFlush = started
    for (const [name, filter] of pending) {
      // a change that arrives during a read may be missing from its answer, so it waits for the next round
      if ((restsUntil.get(name) ?? 0) > started || queryClient.isFetching(filter) > 0) continue
      pending.delete(name)
      void queryClient
        .invalidateQueries(filter)
        .then(() => restsUntil.set(name, Date.now() + 3 * (Date.now() - started)))
    }
    timer = pending.size > 0 ? setTimeout(flush, millisecondsBetweenReads) : undefined
  }
  return {
    add(readings: Reading[]) {
      for (const [name, filter] of readings) pending.set(name, filter)
      timer ??= setTimeout(flush, Math.max(0, lastFlush + millisecondsBetweenReads - Date.now()))
    },
    stop: () => clearTimeout(timer),
  }
}
