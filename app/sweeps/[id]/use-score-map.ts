'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { pointStatuses } from '../../../domain/life/run-status.ts'
import type { Heatmap } from '../../../domain/picture/heatmap.ts'
import type { AxisView, PointsMap, PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import type { HeatmapPoint } from '../../_charts/heatmap.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import type { ShownAxes } from './axis-choosers.tsx'

/** The matrices of the axes chosen; null until they are there. */
export function useScoreMap(sweep: SweepDetail, { untouched, shown, fixed }: ShownAxes): Heatmap<HeatmapPoint> | null {
  const trpc = useTRPC()
  const { axes, id } = sweep
  const asked = useQuery(
    trpc.sweeps.map.queryOptions(untouched ? { id } : { id, ...shown, fixed }, { placeholderData: keepPreviousData }),
  )
  return useMemo(
    () => (asked.data === undefined ? null : mapPanels(JSON.parse(asked.data) as PointsMap, axes)),
    [axes, asked.data],
  )
}

/** The point in full; the one before until the answer is there. */
export function usePoint(sweep: SweepDetail, pointId: number | null): PointView | null {
  const trpc = useTRPC()
  const { bestPoint } = sweep
  const known = bestPoint?.id === pointId
  const asked = useQuery(
    trpc.sweeps.point.queryOptions(
      { id: sweep.id, pointId: pointId ?? 0 },
      { enabled: pointId !== null && !known, placeholderData: keepPreviousData },
    ),
  )
  if (pointId === null) return null
  return known ? bestPoint : (asked.data ?? bestPoint)
}

/** The server's columns as cells. It draws the axes that it was asked for, which may have changed since. */
function mapPanels(map: PointsMap, axes: AxisView[]): Heatmap<HeatmapPoint> {
  const axisNamed = (name: string | null) => axes.find((axis) => axis.name === name) ?? null
  const [panel, down, across] = [axisNamed(map.panel), axisNamed(map.down), axisNamed(map.across)]
  const progress = new Map(map.progress.map(([cell, done, total]) => [cell, { done, total }]))
  const asked = new Map(map.asked)
  const paramsAt = (at: number, places: readonly [AxisView | null, number][]) => {
    const shown = new Map(places.map(([axis, place]) => [axis?.name, place]))
    return Object.fromEntries(
      axes.map(({ name, values }) => [name, values[shown.get(name) ?? map.hidden[name]?.[at] ?? 0]!]),
    )
  }
  const cellAt = (inPanel: number, row: number, column: number) => {
    const at = (inPanel * map.rows + row) * map.columns + column
    const id = map.ids[at]!
    const point =
      id === 0
        ? null
        : {
            id,
            number: map.numbers[at]!,
            // looked at for one cell at a time
            get params() {
              return paramsAt(at, [
                [panel, inPanel],
                [down, row],
                [across, column],
              ])
            },
            status: pointStatuses[Number(map.states[at])]!,
            score: map.scores[at]!,
            tiedWithBest: map.tied[at] === 1,
            onFront: map.front[at] === 1,
            broken: map.broken[at] === 1 ? 'a constraint' : null,
            progress: progress.get(at) ?? null,
            asked: asked.get(at) ?? null,
            questions: map.questions,
          }
    return { point, points: map.points[at]!, scored: map.scored[at]! }
  }
  return {
    down,
    across,
    panel,
    panels: Array.from({ length: map.panels }, (_panel, at) => ({
      value: panel?.values[at] ?? null,
      cells: Array.from({ length: map.rows }, (_row, row) =>
        Array.from({ length: map.columns }, (_cell, column) => cellAt(at, row, column)),
      ),
    })),
    bestOver: map.bestOver,
    domain: map.domain,
  }
}
