'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Heatmap, heatmapPanels } from '../../../domain/picture/heatmap.ts'
import type { AxisView, PointsMap, PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import type { HeatmapPoint } from '../../_charts/heatmap.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import type { ShownAxes } from './axis-choosers.tsx'

/** The matrices of the axes chosen: made here where all points are at hand, else by the server; null until it answered. */
export function useScoreMap(sweep: SweepDetail, { shown, fixed }: ShownAxes): Heatmap<HeatmapPoint> | null {
  const trpc = useTRPC()
  const { axes, points, large, id } = sweep
  const asked = useQuery(
    trpc.sweeps.map.queryOptions(
      { id, ...shown, fixed },
      { enabled: large !== null, placeholderData: keepPreviousData },
    ),
  )
  return useMemo(() => {
    if (large === null) return heatmapPanels({ axes, points, ...shown, fixed })
    return asked.data === undefined ? null : mapPanels(JSON.parse(asked.data) as PointsMap, axes)
  }, [large, axes, points, shown, fixed, asked.data])
}

/** The point in full: at hand, or asked for; the one before until the answer is there. */
export function usePoint(sweep: SweepDetail, pointId: number | null): PointView | null {
  const trpc = useTRPC()
  const found = sweep.points.find((point) => point.id === pointId) ?? null
  const asked = useQuery(
    trpc.sweeps.point.queryOptions(
      { id: sweep.id, pointId: pointId ?? 0 },
      {
        enabled: sweep.large !== null && found === null && pointId !== null,
        placeholderData: keepPreviousData,
      },
    ),
  )
  if (found !== null || pointId === null) return found
  return asked.data ?? sweep.points[0] ?? null
}

/** The server's columns as cells. It draws the axes that it was asked for, which may have changed since. */
function mapPanels(map: PointsMap, axes: AxisView[]): Heatmap<HeatmapPoint> {
  const axisNamed = (name: string | null) => axes.find((axis) => axis.name === name) ?? null
  const panel = axisNamed(map.panel)
  const size = axes.reduce((product, axis) => product * axis.values.length, 1)
  const paramsOf = (number: number) => {
    let stride = size
    return Object.fromEntries(
      axes.map(({ name, values }) => {
        stride /= values.length
        return [name, values[Math.floor((number - 1) / stride) % values.length]!]
      }),
    )
  }
  const cellAt = (at: number) => {
    const id = map.ids[at]!
    const number = map.numbers[at]!
    const point =
      id === 0
        ? null
        : {
            id,
            number,
            // looked at for one cell at a time
            get params() {
              return paramsOf(number)
            },
            status: map.statuses[Number(map.states[at])]!,
            score: map.scores[at]!,
            tiedWithBest: map.tied[at] === 1,
            progress: null,
          }
    return { point, points: map.points[at]!, scored: map.scored[at]! }
  }
  return {
    down: axisNamed(map.down),
    across: axisNamed(map.across),
    panel,
    panels: Array.from({ length: map.panels }, (_panel, at) => ({
      value: panel?.values[at] ?? null,
      cells: Array.from({ length: map.rows }, (_row, row) =>
        Array.from({ length: map.columns }, (_cell, column) => cellAt((at * map.rows + row) * map.columns + column)),
      ),
    })),
    bestOver: map.bestOver,
    domain: map.domain,
  }
}
