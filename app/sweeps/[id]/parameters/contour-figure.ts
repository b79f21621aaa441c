import { isBetter } from '../../../../domain/stopping/method.ts'
import type { Goal } from '../../../../domain/sweep/stop-early.ts'
import { notThere } from '../../../../domain/sweep/axes/axis-scale.ts'
import type { ScaledAxis, SurfaceView } from '../../../../contract/api/parameters.ts'
import { formatScore } from '../../../_words/format.ts'
import { heatStops } from '../../../_charts/heat-scale.ts'
import type { Figure, PlotColors } from '../../../_charts/plot.tsx'
import { shortValue } from './parameter-words.ts'

/** Where the axis is not there it has no place among numbers. */
const placed = ({ order, values }: ScaledAxis) => order.filter((place) => values[place] !== notThere)

type Axes = { down: ScaledAxis; across: ScaledAxis }

/** What is measured, with the places of its rows and columns. Colours end where it ends: empty rows and columns at the edges are left out. */
function measuredCells(surface: SurfaceView, { down, across }: Axes) {
  const columns = across.values.length
  const meanAt = (row: number, column: number) => surface.means[row * columns + column] ?? null
  const shownRows = trimmed(placed(down), (row) => placed(across).some((column) => meanAt(row, column) !== null))
  const shownColumns = trimmed(placed(across), (column) => placed(down).some((row) => meanAt(row, column) !== null))
  return { shownRows, shownColumns, meanAt }
}

/** Whether what is measured has two rows and two columns at least: of a line there are no heights between. */
export function isLandscape(surface: SurfaceView, axes: Axes): boolean {
  const { shownRows, shownColumns } = measuredCells(surface, axes)
  return shownRows.length > 1 && shownColumns.length > 1
}

/** Score over two numeric axes: colours and lines between measured points, which are drawn as dots. Cells without a score stay empty. */
export function contourFigure(
  surface: SurfaceView,
  options: Axes & { goal: Goal; colors: PlotColors; title?: string },
): Figure {
  const { down, across, goal, colors, title = '' } = options
  const { shownRows, shownColumns, meanAt } = measuredCells(surface, { down, across })
  const x = shownColumns.map((column) => Number(across.values[column]))
  const y = shownRows.map((row) => Number(down.values[row]))
  const z = shownRows.map((row) => shownColumns.map((column) => meanAt(row, column)))
  const measured = z.flatMap((cells, row) =>
    cells.flatMap((score, column) => (score === null ? [] : [{ x: x[column]!, y: y[row]!, score }])),
  )
  const best = measured.reduce((a, b) => (isBetter(goal, b.score, a.score) ? b : a), measured[0]!)
  const axis = (of: ScaledAxis, places: number[], numbers: number[]) => {
    // few values are labelled as they are written, many by round numbers
    const few = numbers.length <= 12
    return {
      type: of.scale === 'log' ? 'log' : 'linear',
      title: { text: of.name, standoff: 8 },
      ...(few && {
        tickmode: 'array',
        tickvals: numbers,
        ticktext: places.map((place) => shortValue(of.values[place]!)),
      }),
      exponentformat: 'e',
      color: colors.ink2,
      showgrid: false,
      zeroline: false,
      fixedrange: true,
    }
  }
  return {
    data: [
      {
        type: 'contour',
        x,
        y,
        z,
        reversescale: goal === 'minimize',
        colorscale: heatStops.map((color, at) => [at / (heatStops.length - 1), color]),
        contours: { coloring: 'heatmap' },
        line: { width: 0.75, color: 'rgba(255,255,255,0.5)', smoothing: 0 },
        connectgaps: false,
        colorbar: { thickness: 12, outlinewidth: 0, tickfont: { color: colors.ink2 }, tickformat: '.2f' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: measured.map((point) => point.x),
        y: measured.map((point) => point.y),
        text: measured.map((point) => formatScore(point.score)),
        hovertemplate: `${across.name} %{x}<br>${down.name} %{y}<br>%{text}<extra></extra>`,
        marker: {
          size: measured.map((point) => (point === best ? 12 : measured.length > 400 ? 3 : 6)),
          symbol: measured.map((point) => (point === best ? 'star' : 'circle')),
          color: '#ffffff',
          line: { width: measured.length > 400 ? 0 : 1, color: '#17191d' },
        },
        cliponaxis: false,
      },
    ],
    layout: {
      ...(title && { title: { text: title, x: 0, xref: 'paper', font: { size: 14, color: colors.ink } } }),
      font: {
        family: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif',
        size: 12,
        color: colors.ink2,
      },
      paper_bgcolor: colors.background,
      plot_bgcolor: colors.background,
      margin: { l: 84, r: 24, t: title ? 48 : 12, b: 56 },
      showlegend: false,
      xaxis: axis(across, shownColumns, x),
      yaxis: axis(down, shownRows, y),
    },
    width: 760,
    height: 400,
  }
}

/** The items from the first to the last that has what is asked. */
function trimmed(items: number[], has: (item: number) => boolean): number[] {
  return items.slice(items.findIndex(has), items.findLastIndex(has) + 1)
}
