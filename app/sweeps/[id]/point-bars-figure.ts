import type { AxisView, ListedPoint } from '../../../contract/api/points.ts'
import type { PointsInShort } from '../../../contract/api/sweeps.ts'
import { pointName } from '../../_words/format.ts'
import type { Figure, PlotColors } from '../../_charts/plot.tsx'

export type Bar = { score: number; interval: [number, number] | null; tied: boolean }
/** Best first; with names, or with ranks from 1. */
export type Bars = { bars: Bar[]; places: string[] | number[] }

/** Points as bars, each under its settings. */
export function namedBars(points: readonly ListedPoint[], axes: AxisView[]): Bars {
  const scored = points.filter((point) => point.score !== null)
  return {
    bars: scored.map(({ score, interval, tiedWithBest }) => ({ score: score!, interval, tied: tiedWithBest })),
    places: scored.map((point) => pointName(point.params, axes)),
  }
}

/** A sample of many points as bars at their ranks. */
export function rankedBars({ ranks, scores, intervals, tied }: PointsInShort['ranks']): Bars {
  return {
    bars: scores.map((score, at) => ({ score, interval: intervals[at]!, tied: tied[at]! })),
    places: ranks.map((rank) => rank + 1),
  }
}

/** The sorted bars as a Plotly figure, for pictures. */
export function pointBarsFigure({ bars, places }: Bars, options: { title: string; colors: PlotColors }): Figure {
  const { title, colors } = options
  const named = typeof places[0] !== 'number'
  const color = (bar: Bar, at: number) => (at === 0 ? colors.accent : bar.tied ? colors.barTied : colors.bar)
  const longest = Math.max(0, ...places.map((place) => (typeof place === 'string' ? place.length : 0)))
  const margin = { l: 60, r: 24, t: 56, b: 32 + 6 * longest }
  return {
    data: [
      {
        type: 'bar',
        x: places,
        y: bars.map((bar) => bar.score),
        marker: { color: bars.map(color) },
        text: named ? bars.map((bar) => bar.score.toFixed(2)) : undefined,
        textposition: 'inside',
        insidetextanchor: 'start',
        textangle: 0,
        error_y: {
          type: 'data',
          symmetric: false,
          array: bars.map((bar) => (bar.interval ? bar.interval[1] - bar.score : 0)),
          arrayminus: bars.map((bar) => (bar.interval ? bar.score - bar.interval[0] : 0)),
          color: colors.ink2,
          thickness: 1.2,
          width: 2,
        },
      },
    ],
    layout: {
      title: { text: title, x: 0, xref: 'paper', font: { size: 14, color: colors.ink } },
      font: {
        family: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif',
        size: 12,
        color: colors.ink2,
      },
      paper_bgcolor: colors.background,
      plot_bgcolor: colors.background,
      margin,
      bargap: 0.1,
      showlegend: false,
      xaxis: {
        type: named ? 'category' : 'linear',
        tickangle: named ? -90 : 0,
        title: named ? undefined : { text: 'rank' },
        color: colors.ink2,
      },
      yaxis: {
        title: { text: 'score' },
        rangemode: 'tozero',
        gridcolor: colors.line,
        zeroline: false,
        color: colors.ink2,
      },
      shapes: [{ type: 'line', xref: 'paper', x0: 0, x1: 1, y0: 1, y1: 1, line: { color: colors.ink, width: 1.5 } }],
      annotations: [
        {
          text: 'baseline',
          showarrow: false,
          xref: 'paper',
          x: 1,
          y: 1,
          xanchor: 'right',
          yanchor: 'bottom',
          font: { size: 11, color: colors.ink },
        },
      ],
    },
    width: Math.max(560, margin.l + margin.r + (named ? 40 * bars.length : 900)),
    height: 320 + margin.b,
  }
}
