'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react'
import type { AxisKind } from '../../domain/asking/step-places.ts'
import { useTRPC, useTRPCClient } from '../_shell/trpc.ts'
import type { BoardChart } from './curve-board.tsx'
import { type RunLines, withNews } from './run-lines.ts'

type Options = Pick<BoardChart, 'metric' | 'axis' | 'range' | 'zoomed'> & {
  runIds: number[]
  /** How finely it is read; 0: that is not known yet. */
  buckets: number
}

/** Pixels beyond the screen within which a chart is read and drawn. */
const margin = 300

/** Whether the holder is near the screen; known from the first moment on. */
function useNear(holder: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false)
  // an observer tells of it a frame later: what is to be read is asked for at once
  useLayoutEffect(() => {
    const { top, bottom } = holder.current!.getBoundingClientRect()
    if (top < window.innerHeight + margin && bottom > -margin) setNear(true)
  }, [holder])
  useEffect(() => {
    // on a busy machine several come at once, the oldest first
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)!.isIntersecting), {
      rootMargin: `${margin}px`,
    })
    observer.observe(holder.current!)
    return () => observer.disconnect()
  }, [holder])
  return near
}

/** What is read of the axis: where a chart is zoomed a little more at each side, so that lines run to the edge. */
function inputOf({ axis: { kind }, range: [low, high], zoomed }: Options) {
  const air = kind === 'step' ? 1 : 0.01 * (high - low)
  return { axis: kind, ...(zoomed && { from: Math.max(0, low - air), to: high + air }) }
}

/** Reads a metric of runs while its chart, the `holder`, is near the screen, and again when the zoom changes. */
export function useNearSeries(holder: RefObject<HTMLElement | null>, options: Options) {
  const { runIds, metric, buckets } = options
  const trpc = useTRPC()
  const near = useNear(holder)
  const { axis, ...zoom } = inputOf(options)
  const query = useQuery({
    ...trpc.runs.series.queryOptions({ runIds, metrics: [metric], axis, buckets, ...zoom }),
    // what nobody sees is not read again while its run lives: it is when it comes near again
    enabled: near && buckets > 0,
    // what stood there stays until the new is read, but not on another axis
    placeholderData: (before, query) => (axisOf(query?.queryKey[1]) === axis ? before : undefined),
  })
  return { near, query }
}

/**
 * The same for lines over each other, their means alone. Of runs that are written only what changed is read again; the lines of the
 * others stay the very same.
 */
export function useNearLines(holder: RefObject<HTMLElement | null>, options: Options) {
  const { runIds, metric, buckets } = options
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const near = useNear(holder)
  const input = { runIds, metric, buckets, ...inputOf(options) }
  const queryKey = trpc.runs.bundle.queryKey(input)
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<RunLines> => {
      const before = queryClient.getQueryData<RunLines>(queryKey)
      const news = await client.runs.bundle.query({ ...input, ...(before && { since: before.version }) }, { signal })
      return withNews(before, news)
    },
    // columns of numbers are compared by whether their run changed
    structuralSharing: false,
    enabled: near,
    placeholderData: (before, query) => (axisOf(query?.queryKey[1]) === input.axis ? before : undefined),
  })
  return { near, query }
}

/** The axis that a reading of series asked for. */
function axisOf(options: unknown): AxisKind | undefined {
  return (options as { input?: { axis?: AxisKind } } | undefined)?.input?.axis
}
