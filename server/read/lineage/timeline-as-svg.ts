/** The timeline of a chain as a picture for its report: plain SVG with its colours in it, on white, for paper and dark viewers alike. */
import {
  drawTimeline,
  type DrawnShape,
  type ShapeRole,
  type Sheet,
  type TextRole,
} from '../../../domain/picture/draw-timeline.ts'
import { isWidened, rewardLinesOf, scoreMarksOf, segmentsOf } from '../../../domain/picture/timeline.ts'
import { rewardNames } from '../../../domain/score/metric-roles.ts'
import type { LineageRunView } from '../../../contract/api/lineage.ts'
import type { Context } from '../../base/context.ts'
import { readSeries } from '../runs/read-series.ts'

const sheet: Sheet = {
  width: 960,
  left: 56,
  right: 944,
  rewardHeight: 150,
  scoreHeight: 150,
  letters: { plain: 6.2, bold: 6.6, value: { wide: 7, tall: 13 } },
}
const noteRoom = 16
const colours: Record<ShapeRole, string> = {
  grid: '#dddce2',
  axis: '#66646f',
  ink: '#1c1b22',
  quiet: '#66646f',
  accent: '#6b3fd4',
}

/**
 * Reward and score of a chain over all its steps, one run after the other, as the text of an SVG file; null where there is
 * neither. `baselineName`: what the line at 1.0 is called; null: each sweep's own baseline.
 */
export function timelineAsSvg(
  context: Context,
  chain: readonly Pick<LineageRunView, 'id' | 'home' | 'checkpoints' | 'chosen' | 'startCheckpointId' | 'lastStep'>[],
  baselineName: string | null,
): string | null {
  const segments = segmentsOf(chain)
  const runIds = chain.map(({ id }) => id)
  const rewards = rewardLinesOf(segments, readSeries(context, { runIds, metrics: [...rewardNames], buckets: 400 }))
  const marks = scoreMarksOf(segments)
  if (marks.length === 0 && rewards.length === 0) return null
  const picture = drawTimeline({ segments, rewards, marks, baselineName }, sheet)
  const widened = isWidened(segments)
  const height = picture.height + (widened ? noteRoom : 0)
  const note: DrawnShape = {
    kind: 'text',
    x: sheet.left,
    y: picture.height + 10,
    text: 'Short runs are drawn wider than their steps.',
    role: 'quiet',
    anchor: 'start',
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sheet.width} ${height}" width="${sheet.width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${sheet.width}" height="${height}" fill="#ffffff"/>`,
    ...[...picture.shapes, ...(widened ? [note] : [])].map(asSvg),
    '</svg>',
  ].join('\n')
}

const textLooks: Record<TextRole, string> = {
  heading: `fill="${colours.ink}" font-weight="600"`,
  change: `fill="${colours.ink}" font-weight="600"`,
  // a number stands on the lines behind it
  value: `fill="${colours.ink}" paint-order="stroke" stroke="#ffffff" stroke-width="3"`,
  ink: `fill="${colours.ink}"`,
  quiet: `fill="${colours.quiet}"`,
}

function asSvg(shape: DrawnShape): string {
  if (shape.kind === 'text') {
    const note =
      shape.note === undefined
        ? ''
        : `<tspan dx="6" fill="${colours.quiet}" font-weight="400">${escaped(shape.note)}</tspan>`
    return `<text x="${shape.x}" y="${shape.y}" text-anchor="${shape.anchor}" ${textLooks[shape.role]}>${escaped(shape.text)}${note}</text>`
  }
  const title = shape.title === undefined ? '' : `<title>${escaped(shape.title)}</title>`
  if (shape.kind === 'circle') {
    return `<circle cx="${shape.x}" cy="${shape.y}" r="${shape.radius}" fill="${colours[shape.role]}">${title}</circle>`
  }
  const looks = [
    shape.dashed && 'stroke-dasharray="2 3"',
    shape.round && 'stroke-linecap="round"',
    shape.faint && 'opacity="0.35"',
  ].filter(Boolean)
  const drawn = `d="${shape.d}" fill="none" stroke="${shape.dashed ? colours.grid : colours[shape.role]}" stroke-width="${shape.width}"`
  return `<path ${[drawn, ...looks].join(' ')}>${title}</path>`
}

/** What a person named, so that it stays text in the picture. Characters that XML has no place for are left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
