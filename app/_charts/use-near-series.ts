'use client'
import { useQuery } from '@tanstack/react-query'
import { type RefObject, useEffect, useState } from 'react'
import { useTRPC } from '../_shell/trpc.ts'
import type { BoardChart } from './curve-board.tsx'

type Options = Pick<BoardChart, 'metric' | 'axis' | 'range' | 'zoomed'> & {
  runIds: number[]
  /** How finely it is read; 0: that is not known yet. */
  buckets: number
  /** Whether the least and the greatest value of each bucket are wanted, too. */
  envelope: boolean
}

/** Reads a metric of runs while its chart, the `holder`, is near the screen, and again when the zoom changes. */
export function useNearSeries(holder: RefObject<HTMLElement | null>, options: Options) {
  const { runIds, metric, axis, range, zoomed, buckets, envelope } = options
  const trpc = useTRPC()
  const [near, setNear] = useState(false)
  useEffect(() => {
    // on a busy machine several come at once, the oldest first
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)!.isIntersecting), {
      rootMargin: '300px',
    })
    observer.observe(holder.current!)
    return () => observer.disconnect()
  }, [holder])
  const { kind } = axis
  const [low, high] = range
  const air = kind === 'step' ? 1 : 0.01 * (high - low)
  const query = useQuery({
    ...trpc.runs.series.queryOptions({
      runIds,
      metrics: [metric],
      axis: kind,
      buckets,
      envelope,
      // a little more at each side, so that lines run to the edge
      ...(zoomed && { from: Math.max(0, low - air), to: high + air }),
    }),
    // what nobody sees is not read again while its run lives: it is when it comes near again
    enabled: near && buckets > 0,
    // what stood there stays until the new is read, but not on another axis
    placeholderData: (before, query) => (axisOf(query?.queryKey[1]) === kind ? before : undefined),
  })
  return { near, query }
}

/** The axis that a reading of series asked for. */
function axisOf(options: unknown): unknown {
  return (options as { input?: { axis?: unknown } } | undefined)?.input?.axis
}
