'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ParametersView, ScaledAxis, SurfaceView } from '../../../../contract/api/parameters.ts'
import { useTRPC } from '../../../_shell/trpc.ts'

export type AxisPair = { down: string; across: string }

/** Scores over two axes; null until the server answered. It may still be the pair before. */
export function useSurface(id: number, pair: AxisPair | null, others: SurfaceView['others']): SurfaceView | null {
  const trpc = useTRPC()
  const { data } = useQuery(
    trpc.sweeps.surface.queryOptions(
      { id, down: pair?.down ?? '', across: pair?.across ?? '', others },
      { enabled: pair !== null, placeholderData: keepPreviousData },
    ),
  )
  return useMemo(() => (data === undefined ? null : (JSON.parse(data) as SurfaceView)), [data])
}

/** Axes with scores at two values or more. */
export function varyingAxes({ axes, means }: ParametersView): ScaledAxis[] {
  return axes.filter((_, at) => means[at]!.filter(({ count }) => count > 0).length > 1)
}

/** The pair of these axes that interacts most, the one of more values across; null of fewer than two axes. */
export function strongestPair({ effects }: ParametersView, axes: readonly ScaledAxis[]): AxisPair | null {
  if (axes.length < 2) return null
  const byName = new Map(axes.map((axis) => [axis.name, axis]))
  const pair = effects.find((effect) => effect.axes.length === 2 && effect.axes.every((name) => byName.has(name)))
  const [a, b] = pair ? pair.axes.map((name) => byName.get(name)!) : [axes[0]!, axes[1]!]
  return a!.values.length > b!.values.length ? { down: b!.name, across: a!.name } : { down: a!.name, across: b!.name }
}
