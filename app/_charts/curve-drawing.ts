/** How a chart of curves is drawn: its series, axes and colours, the lines of attempts, the triangles of checkpoints. */
import uPlot from 'uplot'
import type { SeriesView } from '../../contract/api/runs.ts'
import { type CurveAxis, isTime, timeIncrements } from './curve-axis.ts'
import { type Columns, columnsOf, formatTicks } from './curve-data.ts'

export type CurveMarks = {
  /** Triangles on the axis; `href` leads to the checkpoint. */
  checkpoints: { step: number; label: string; href: string; best: boolean }[]
  /** Dashed lines. */
  attempts: { step: number; label: string }[]
  /** The step that a live run has reached; null when it has ended. */
  now: number | null
}

export const axisHeight = 36
export const labelWidth = 56

/** A CSS colour as it is now, in light or dark: a canvas can read neither `var()` nor `light-dark()`. */
export function colour(element: HTMLElement, value: string): string {
  const probe = document.createElement('i')
  probe.style.color = value
  element.append(probe)
  const computed = getComputedStyle(probe).color
  probe.remove()
  return computed
}

/** CSS colours as they are now, each asked for once and all of them together: the page is not laid out in between. */
export function coloursNow(element: HTMLElement, values: readonly string[]): string[] {
  const probes = new Map([...new Set(values)].map((value) => [value, document.createElement('i')]))
  for (const [value, probe] of probes) probe.style.color = value
  element.append(...probes.values())
  const computed = new Map([...probes].map(([value, probe]) => [value, getComputedStyle(probe).color]))
  for (const probe of probes.values()) probe.remove()
  return values.map((value) => computed.get(value)!)
}

export function withAlpha(value: string, alpha: number): string {
  return value.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`)
}

/** Runs of one chart: told apart by lightness too, where hues look alike. */
const runColours = [
  'var(--accent)',
  'light-dark(#b45309, #f0a34a)',
  'light-dark(#0b7a6b, #52d6bd)',
  'light-dark(#8f2463, #f29ac9)',
  'light-dark(#17191d, #eceef1)',
  'light-dark(#7c8a00, #c3d64a)',
  'light-dark(#7a5bd0, #bba6f7)',
]

/** What a chart draws now. */
export type Drawn = {
  series: SeriesView[]
  range: [number, number]
  window: number
  logarithmic: boolean
  axis: CurveAxis
}
export const columnsPerRun = 4
/** Within a run's columns: lowest, highest, mean, smoothed mean. */
export const place = { minimum: 1, maximum: 2, mean: 3, smoothed: 4 }

export function curveData({ series, window, logarithmic, axis }: Drawn): uPlot.AlignedData {
  const scales = { x: axis.logarithmic, y: logarithmic }
  const columns: Columns[] = series.map((one) => columnsOf(one, window, scales))
  if (columns.length === 1) return columns[0]!
  // 1: where a run has no value at another's step the line goes on; a null of its own is a gap
  return uPlot.join(columns, columns.map((column) => column.map(() => 1)) as uPlot.JoinNullMode[][])
}

type Look = {
  runs: number
  smoothed: boolean
  logarithmic: boolean
  withAxis: boolean
  /** The axis of steps, time, epochs or tokens. */
  kind: CurveAxis['kind']
  logarithmicX: boolean
  fewPoints: boolean
  /** CSS colours of the runs; empty: those below. */
  colours: string[]
  syncKey: string
  /** Read at every redraw. */
  latest: { current: Drawn }
}

export function optionsOf(element: HTMLElement, look: Look): Omit<uPlot.Options, 'width' | 'height' | 'hooks'> {
  const { runs, smoothed, logarithmic, withAxis, kind, logarithmicX, fewPoints, syncKey, latest } = look
  const colours = look.colours.length > 0 ? look.colours : runColours
  const background = colour(element, 'var(--bg)')
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  for (let run = 0; run < runs; run++) {
    const stroke = colour(element, colours[run % colours.length]!)
    const first = run * columnsPerRun
    const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
    series.push(hidden, { ...hidden })
    series.push({
      stroke: smoothed ? withAlpha(stroke, 0.35) : stroke,
      width: smoothed ? 1 : 1.5,
      points: { show: fewPoints && !smoothed, size: 5 },
    })
    series.push({ stroke, width: 1.5, points: { show: false }, show: smoothed })
    bands.push({ series: [first + place.maximum, first + place.minimum], fill: withAlpha(stroke, 0.14) })
  }
  const isMain = (at: number) => at > 0 && (at - 1) % columnsPerRun === (smoothed ? place.smoothed : place.mean) - 1
  return {
    padding: [6, 20, 0, 0],
    legend: { show: false },
    series,
    bands,
    cursor: {
      sync: { key: syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: {
        size: (_, at) => (isMain(at) ? 8 : 0),
        width: (_, at) => (isMain(at) ? 2 : 0),
        fill: () => background,
        stroke: (chart, at) => (isMain(at) ? (chart.series[at]!.stroke as () => string)() : 'transparent'),
      },
    },
    scales: {
      x: { time: false, distr: logarithmicX ? 3 : 1, range: () => latest.current.range },
      // a little air, so that the labels at both ends have room
      y: logarithmic ? { distr: 3 } : { range: (_, low, high) => curveRange(low, high) },
    },
    axes: chartAxes(element, { kind, logarithmicX, withAxis, axis: () => latest.current.axis }),
  }
}

/** The two axes of a chart: places below, values at the left; `withAxis` false: the places' labels stand under another chart. */
export function chartAxes(
  element: HTMLElement,
  {
    kind,
    logarithmicX,
    withAxis = true,
    axis,
  }: { kind: CurveAxis['kind']; logarithmicX: boolean; withAxis?: boolean; axis: () => CurveAxis },
): uPlot.Axis[] {
  const [ink, grid, axisLine] = ['--ink-3', '--line', '--line-2'].map((name) => colour(element, `var(${name})`))
  return [
    {
      show: withAxis,
      size: axisHeight,
      gap: 12,
      stroke: ink,
      font: '11px system-ui, sans-serif',
      grid: { show: false },
      ticks: { show: false },
      border: { show: true, stroke: axisLine, width: 1 },
      space: isTime(kind) ? 90 : 60,
      ...(isTime(kind) && !logarithmicX && { incrs: timeIncrements }),
      values: (_, splits) => labelsOf(axis(), splits),
    },
    {
      size: labelWidth,
      gap: 8,
      stroke: ink,
      font: '11px system-ui, sans-serif',
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
      space: 24,
      values: (_, splits) => formatTicks(splits),
    },
  ]
}

/** A logarithmic axis leaves some of its lines without a label: null. */
function labelsOf(axis: CurveAxis, splits: (number | null)[]): string[] {
  const shown = splits.filter((place) => place !== null)
  const labels = new Map(axis.labels(shown).map((label, at) => [shown[at]!, label]))
  return splits.map((place) => (place === null ? '' : labels.get(place)!))
}

export function curveRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  // what was 0 throughout stands on the ground, not between lines that it never was near
  if (low === 0 && high === 0) return [-0.05, 1]
  const air = high > low ? 0.1 * (high - low) : 0.25 * Math.abs(high) || 1
  return [low - air, high + air]
}

/** Dashed lines where attempts began, and where a live run stands now. */
export function drawLines(
  chart: uPlot,
  element: HTMLElement,
  { attempts, now }: CurveMarks,
  axis: CurveAxis,
  labelled: boolean,
) {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const line = (step: number, stroke: string, dash: number[]) => {
    const place = axis.placeOf(step)
    if (place === null) return null
    const x = Math.round(chart.valToPos(place, 'x', true)) + 0.5
    if (x < bbox.left || x > bbox.left + bbox.width + 1) return null
    ctx.strokeStyle = stroke
    ctx.lineWidth = ratio
    ctx.setLineDash(dash.map((length) => length * ratio))
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    return x
  }
  /** `above` the axis, in pixels. */
  const write = (text: string, x: number, fill: string, above: number) => {
    if (!labelled) return
    ctx.font = `${11 * ratio}px system-ui, sans-serif`
    ctx.fillStyle = fill
    ctx.textBaseline = 'bottom'
    const wide = ctx.measureText(text).width
    const right = x + 4 * ratio + wide <= bbox.left + bbox.width
    ctx.textAlign = right ? 'left' : 'right'
    ctx.fillText(text, x + (right ? 4 : -4) * ratio, bbox.top + bbox.height - above * ratio)
  }
  ctx.save()
  for (const { step, label } of attempts) {
    const x = line(step, colour(element, 'var(--line-2)'), [3, 3])
    if (x !== null) write(label, x, colour(element, 'var(--ink-3)'), 16)
  }
  if (now !== null) {
    const accent = colour(element, 'var(--accent)')
    const x = line(now, withAlpha(accent, 0.4), [])
    if (x !== null) write(`now, step ${now.toLocaleString('en-US')}`, x, accent, 2)
  }
  ctx.restore()
}

/** Moves each triangle under its step; those outside the range are hidden. */
export function placeTriangles(chart: uPlot, holder: HTMLElement | null, axis: CurveAxis) {
  const [low, high] = [chart.scales['x']!.min!, chart.scales['x']!.max!]
  for (const triangle of holder?.querySelectorAll<HTMLElement>('[data-step]') ?? []) {
    const place = axis.placeOf(Number(triangle.dataset['step']))
    triangle.hidden = place === null || place < low || place > high
    triangle.style.display = triangle.hidden ? 'none' : 'block'
    triangle.style.transform = `translateX(${place === null ? 0 : chart.valToPos(place, 'x') - 8}px)`
  }
}
