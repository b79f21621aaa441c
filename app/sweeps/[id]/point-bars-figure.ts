import type { AxisView, PointView } from '../../../contract/api/points.ts'
import { pointName } from '../../_words/format.ts'
import type { Figure, PlotColors } from '../../_charts/plot.tsx'

/** The sorted bars as a Plotly figure, for pictures. `scored` stands best first. */
export function pointBarsFigure(
  scored: PointView[],
  options: { axes: AxisView[]; bestId: number | null; title: string; colors: PlotColors },
): Figure {
  const { axes, bestId, title, colors } = options
  const names = scored.map((point) => pointName(point.params, axes))
  const named = scored.length <= 60
  const color = (point: PointView) =>
    point.id === bestId ? colors.accent : point.tiedWithBest ? colors.barTied : colors.bar
  const longest = named ? Math.max(0, ...names.map((name) => name.length)) : 0
  const margin = { l: 60, r: 24, t: 56, b: 32 + 6 * longest }
  return {
    data: [
      {
        type: 'bar',
        x: named ? names : scored.map((_, rank) => rank + 1),
        y: scored.map((point) => point.score),
        marker: { color: scored.map(color) },
        text: named ? scored.map((point) => point.score!.toFixed(2)) : undefined,
        textposition: 'inside',
        insidetextanchor: 'start',
        textangle: 0,
        error_y: {
          type: 'data',
          symmetric: false,
          array: scored.map((point) => (point.interval ? point.interval[1] - point.score! : 0)),
          arrayminus: scored.map((point) => (point.interval ? point.score! - point.interval[0] : 0)),
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
    width: Math.max(560, margin.l + margin.r + (named ? 40 * scored.length : 900)),
    height: 320 + margin.b,
  }
}
