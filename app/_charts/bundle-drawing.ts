/** The lines of a chart of many runs on its canvas, with one that stands out. */
import type uPlot from 'uplot'
import { withAlpha } from './curve-drawing.ts'
import type { Bundle } from './line-bundle.ts'

/** A line as it was last laid out, to be drawn again while nothing moved. */
type Laid = { stroke: Path2D; band: Path2D | null }

/** How the lines are drawn: a CSS colour each, and where one is pointed at, which; -1: none. */
export type LineStyle = { colours: readonly string[]; pointed: number }

const faint = 0.15
/** Lines that are so many are thinner, or they would hide each other. */
const many = 30

/** Draws a bundle's lines; while bundle and scales stay what they are, only how they look is drawn anew. */
export function linesPainter(): (chart: uPlot, bundle: Bundle, style: LineStyle) => void {
  let [laid, of, at]: [Laid[], Bundle | null, string] = [[], null, '']
  return (chart, bundle, { colours, pointed }) => {
    const { ctx, bbox, scales } = chart
    const where = JSON.stringify([bbox, scales['x'], scales['y']].map((one) => pick(one)))
    if (of !== bundle || at !== where) [laid, of, at] = [layOut(chart, bundle), bundle, where]
    const width = (laid.length > many ? 1 : 1.5) * devicePixelRatio
    ctx.save()
    ctx.beginPath()
    // whole pixels: a clip that goes through some makes each line take three times as long
    ctx.rect(bbox.left - 1, bbox.top - 1, bbox.width + 2, bbox.height + 2)
    ctx.clip()
    ctx.lineWidth = width
    // of lines so thin nobody sees the corners, and round ones take longer
    ctx.lineJoin = 'bevel'
    const draw = (line: number) => {
      const { stroke, band } = laid[line]!
      ctx.globalAlpha = pointed === -1 || pointed === line ? 1 : faint
      if (band !== null) {
        ctx.fillStyle = withAlpha(colours[line]!, 0.14)
        ctx.fill(band)
      }
      ctx.strokeStyle = withAlpha(colours[line]!, laid.length > many ? 0.7 : 0.9)
      ctx.stroke(stroke)
    }
    for (let line = 0; line < laid.length; line++) if (line !== pointed) draw(line)
    // nothing lies over the one that is pointed at
    if (pointed !== -1 && pointed < laid.length) draw(pointed)
    ctx.restore()
  }
}

function pick(of: unknown): unknown {
  const { left, top, width, height, min, max, distr } = of as Record<string, unknown>
  return [left, top, width, height, min, max, distr]
}

function layOut(chart: uPlot, { places, lines }: Bundle): Laid[] {
  const [low, high] = [chart.scales['x']!.min!, chart.scales['x']!.max!]
  let [from, to] = [0, places.length - 1]
  // one more at each side, so that lines run to the edge
  while (from < to && places[from + 1]! < low) from++
  while (to > from && places[to - 1]! > high) to--
  const across = places.map((place, at) => (at < from || at > to ? 0 : chart.valToPos(place, 'x', true)))
  const y = upright(chart)
  return lines.map(({ mean, lowest, highest }) => {
    const stroke = new Path2D()
    let begun = false
    for (let at = from; at <= to; at++) {
      const value = mean[at]!
      if (Number.isNaN(value)) continue
      if (begun) stroke.lineTo(across[at]!, y(value))
      else stroke.moveTo(across[at]!, y(value))
      begun = true
    }
    return { stroke, band: lowest === null ? null : bandBetween(across, lowest, highest!, { from, to, y }) }
  })
}

/** Where values stand, as uPlot says it, without asking it for each. */
function upright(chart: uPlot): (value: number) => number {
  const { min, max, distr } = chart.scales['y']!
  const { top, height } = chart.bbox
  const of = distr === 3 ? Math.log10 : (value: number) => value
  const [low, high] = [of(min!), of(max!)]
  return (value) => top + height - ((of(value) - low) / (high - low)) * height
}

/** The area between the lowest and the highest, a piece for each stretch where both are. */
function bandBetween(
  across: Float64Array,
  lowest: Float64Array,
  highest: Float64Array,
  { from, to, y }: { from: number; to: number; y: (value: number) => number },
): Path2D {
  const band = new Path2D()
  for (let start = from; start <= to; start++) {
    if (Number.isNaN(lowest[start]!)) continue
    let end = start
    while (end < to && !Number.isNaN(lowest[end + 1]!)) end++
    band.moveTo(across[start]!, y(highest[start]!))
    for (let at = start + 1; at <= end; at++) band.lineTo(across[at]!, y(highest[at]!))
    for (let at = end; at >= start; at--) band.lineTo(across[at]!, y(lowest[at]!))
    band.closePath()
    start = end
  }
  return band
}
