import { type Heatmap, positionOnScale } from '../../../domain/picture/heatmap.ts'
import type { HeatmapPoint } from '../../_charts/heatmap.tsx'
import { formatScore } from '../../_words/format.ts'
import { heatInk, heatStops } from '../../_charts/heat-scale.ts'
import type { Figure, PlotColors } from '../../_charts/plot.tsx'
import { statusWord } from '../../_words/status.tsx'
import { roundTicks, tickLabel } from '../../_charts/ticks.ts'

/** With more cells than this a panel's scores would be unreadable, so only colours are drawn. */
const largestWithScores = 150
const font = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif'

/** The panels as a Plotly figure: in pictures at every size, and on the page where there are too many cells for a grid of text. */
export function scoreMapFigure(
  heatmap: Heatmap<HeatmapPoint>,
  options: { bestId: number | null; hasBaseline?: boolean; title?: string; colors: PlotColors },
): Figure {
  const { panels, down, across, panel: panelAxis, domain } = heatmap
  const { colors, bestId, title = '' } = options
  const rows = down?.values ?? ['']
  const columns = across?.values ?? ['']
  const withScores = rows.length * columns.length <= largestWithScores
  const perLine = Math.min(panels.length, columns.length > 12 ? 2 : 3)
  const lines = Math.ceil(panels.length / perLine)
  const cellWidth = withScores ? 76 : Math.max(6, Math.min(34, 600 / columns.length))
  const cellHeight = withScores ? 52 : Math.max(4, Math.min(28, 420 / rows.length))
  // labels wider than their cell stand upright, and take their room below
  const labelsDown = !withScores && cellWidth < 8 * longest(columns) ? 6 * longest(columns) : 0
  const margin = {
    l: 16 + 8 * longest(rows) + (down ? 24 : 0),
    r: 110,
    t: (panelAxis ? 24 : 8) + (title ? 32 : 0),
    b: 56 + labelsDown,
  }
  const panelWidth = Math.max(160, columns.length * cellWidth)
  const panelHeight = rows.length * cellHeight
  const [gapAcross, gapDown] = [32 + 8 * longest(rows), 64 + labelsDown]
  const inner = {
    width: perLine * panelWidth + (perLine - 1) * gapAcross,
    height: lines * panelHeight + (lines - 1) * gapDown,
  }

  const layout: Record<string, unknown> = {
    ...(title && { title: { text: title, x: 0, xref: 'paper', font: { size: 14, color: colors.ink } } }),
    font: { family: font, size: 12, color: colors.ink2 },
    paper_bgcolor: colors.background,
    plot_bgcolor: colors.background,
    margin,
    coloraxis: colorAxis(heatmap, colors, options.hasBaseline ?? true),
  }
  const annotations: object[] = []
  const data: object[] = []
  panels.forEach((panel, at) => {
    const suffix = at === 0 ? '' : String(at + 1)
    const [line, place] = [Math.floor(at / perLine), at % perLine]
    const left = (place * (panelWidth + gapAcross)) / inner.width
    const top = 1 - (line * (panelHeight + gapDown)) / inner.height
    const axis = { type: 'category', showgrid: false, zeroline: false, ticks: '', fixedrange: true, color: colors.ink2 }
    layout[`xaxis${suffix}`] = {
      ...axis,
      title: { text: across?.name ?? '', standoff: 8 },
      domain: [left, left + panelWidth / inner.width],
      anchor: `y${suffix}`,
    }
    layout[`yaxis${suffix}`] = {
      ...axis,
      title: place === 0 ? { text: down?.name ?? '', standoff: 8 } : undefined,
      domain: [Math.max(0, top - panelHeight / inner.height), top],
      anchor: `x${suffix}`,
      autorange: 'reversed',
    }
    if (panelAxis) {
      annotations.push({
        text: `<b>${panelAxis.name} ${panel.value}</b>`,
        showarrow: false,
        xref: `x${suffix} domain`,
        yref: `y${suffix} domain`,
        x: 0.5,
        y: 1,
        yanchor: 'bottom',
        font: { color: colors.ink, size: 12 },
      })
    }
    data.push({
      type: 'heatmap',
      x: columns,
      y: rows,
      z: panel.cells.map((cells) => cells.map((cell) => cell.point?.score ?? null)),
      customdata: panel.cells.map((cells) => cells.map((cell) => cell.point?.id ?? null)),
      xaxis: `x${suffix}`,
      yaxis: `y${suffix}`,
      coloraxis: 'coloraxis',
      xgap: withScores ? 2 : 0,
      ygap: withScores ? 2 : 0,
      hoverinfo: 'none',
    })
    panel.cells.forEach((cells, row) => {
      cells.forEach(({ point }, column) => {
        const text = textOf(point, bestId, withScores)
        if (!text) return
        const scored = point !== null && point.score !== null && domain !== null
        annotations.push({
          text,
          showarrow: false,
          xref: `x${suffix}`,
          yref: `y${suffix}`,
          // by place: Plotly takes a category that looks like a number for a number
          x: column,
          y: row,
          font: {
            color: scored ? heatInk(positionOnScale(point.score!, domain)) : colors.ink2,
            size: withScores ? 13 : 12,
          },
        })
      })
    })
  })
  layout['annotations'] = annotations
  return {
    data,
    layout,
    width: Math.round(inner.width + margin.l + margin.r),
    height: Math.round(inner.height + margin.t + margin.b),
  }
}

function textOf(point: HeatmapPoint | null, bestId: number | null, withScores: boolean): string {
  if (!point) return ''
  const star = point.id === bestId ? '★' : ''
  if (!withScores) return star
  if (point.score === null) return statusWord(point.status).toLowerCase()
  return `${formatScore(point.score)}${star ? ' ★' : point.broken !== null ? ' ⊘' : point.onFront ? ' ◆' : point.tiedWithBest ? ' ≈' : ''}`
}

function colorAxis({ domain }: Heatmap<HeatmapPoint>, colors: PlotColors, hasBaseline: boolean): object {
  const { low: worst, high: best } = domain ?? { low: 0, high: 1 }
  const [low, high] = [Math.min(worst, best), Math.max(worst, best)]
  const ticks = roundTicks(low, high, 5)
  const baseline = hasBaseline && low <= 1 && high >= 1
  const far = ticks.filter((tick) => !baseline || Math.abs(tick - 1) > 0.05 * (high - low))
  return {
    cmin: low,
    cmax: high > low ? high : low + 1e-9,
    reversescale: worst > best,
    colorscale: heatStops.map((color, at) => [at / (heatStops.length - 1), color]),
    showscale: domain !== null,
    colorbar: {
      thickness: 12,
      outlinewidth: 0,
      tickfont: { color: colors.ink2, size: 12 },
      tickvals: baseline ? [...far, 1] : far,
      ticktext: [...far.map((tick) => tickLabel(tick, ticks)), ...(baseline ? ['<b>1.0 baseline</b>'] : [])],
    },
  }
}

function longest(values: string[]): number {
  return Math.min(16, Math.max(...values.map((value) => value.length)))
}
