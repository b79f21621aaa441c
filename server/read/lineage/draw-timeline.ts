/** The timeline of a chain as a picture for its report: plain SVG with its colours in it, on white, for paper and dark viewers alike. */
import { rewardNames } from '../../../domain/score/metric-roles.ts'
import {
  fittedText,
  isWidened,
  paddedRange,
  pathOf,
  placeLabels,
  rewardLinesOf,
  scaleOf,
  scoreMarksOf,
  type Segment,
  segmentsOf,
  shortNames,
  tickLabels,
  ticksBetween,
} from '../../../domain/picture/timeline.ts'
import type { Context } from '../../base/context.ts'
import { readSeries } from '../runs/read-series.ts'
import type { LineageRunView } from '../../../contract/api/lineage.ts'

const width = 960
const left = 56
const right = width - 16
const panelHeight = 150
const ink = '#1c1b22'
const quiet = '#66646f'
const line = '#dddce2'
const accent = '#6b3fd4'

type Range = { low: number; high: number; y: (value: number) => number }

/**
 * Reward and score of a chain over all its steps, one run after the other, as the text of an SVG file; null where there is
 * neither. `baselineName`: what the line at 1.0 is called; null: each sweep's own baseline.
 */
export function drawTimeline(
  context: Context,
  chain: readonly Pick<
    LineageRunView,
    'id' | 'sweepName' | 'checkpoints' | 'chosen' | 'startCheckpointId' | 'lastStep'
  >[],
  baselineName: string | null,
): string | null {
  const segments = segmentsOf(chain)
  const runIds = chain.map(({ id }) => id)
  const series = readSeries(context, { runIds, metrics: [...rewardNames], buckets: 400 })
  const rewards = rewardLinesOf(segments, series)
  const marks = scoreMarksOf(segments)
  if (marks.length === 0 && rewards.length === 0) return null
  const x = scaleOf(segments, left, right)
  const parts: string[] = []
  let bottom = 8
  if (rewards.length > 0) {
    const range = rangeOf(
      rewards.flatMap(({ mean }) => mean.filter((value) => value !== null)),
      0.08,
      bottom + 24,
    )
    parts.push(
      title(bottom + 12, 'Mean reward (faint: as reported; line: mean of the last values)'),
      ...gridOf(range, 4, 0),
    )
    for (const { at, mean, smoothed } of rewards) {
      parts.push(
        `<path d="${pathOf(at, mean, x, range.y)}" fill="none" stroke="${accent}" stroke-linecap="round" opacity="0.35"/>`,
        `<path d="${pathOf(at, smoothed, x, range.y)}" fill="none" stroke="${accent}" stroke-linecap="round" stroke-width="1.5"/>`,
      )
    }
    bottom += panelHeight + 40
  }
  if (marks.length > 0) {
    const range = rangeOf(
      [1, ...marks.flatMap(({ score, interval }) => [score, ...(interval ?? [])])],
      0.06,
      bottom + 24,
    )
    const baseline = `1.0 is the baseline${baselineName === null ? ' of each sweep' : ` ${baselineName}`}`
    parts.push(
      title(bottom + 12, `Score (${baseline}; whiskers: 95 %)`),
      ...gridOf(range, 5, 1),
      `<path d="M${left} ${range.y(1)}H${right}" stroke="${quiet}"/>`,
    )
    const chosen = marks.filter((mark) => mark.chosen)
    const path = chosen.map(({ at, score }, index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${range.y(score)}`).join('')
    parts.push(`<path d="${path}" fill="none" stroke="${ink}" stroke-width="1.25"/>`)
    for (const { at, score, interval, chosen: stands } of marks) {
      if (interval) {
        const whisker = `M${x(at)} ${range.y(interval[0])}V${range.y(interval[1])}`
        parts.push(`<path d="${whisker}" stroke="${quiet}" stroke-width="1.5"/>`)
      }
      parts.push(
        `<circle cx="${x(at)}" cy="${range.y(score)}" r="${stands ? 4 : 1.75}" fill="${stands ? ink : quiet}"/>`,
      )
    }
    const texts = chosen.map(({ at, score }) => ({ x: x(at), y: range.y(score), text: score.toFixed(3) }))
    for (const [at, place] of placeLabels(texts, right).entries())
      parts.push(
        // a number stands on the lines behind it
        label(place.x, place.y, texts[at]!.text, place.anchor, ink).replace(
          '<text',
          '<text paint-order="stroke" stroke="#ffffff" stroke-width="3"',
        ),
      )
    bottom += panelHeight + 40
  }
  const names = shortNames(segments.map(({ run }) => run.sweepName))
  const runs = segments.flatMap((segment, at) => runLine(segment, names[at]!, x, bottom))
  const note = isWidened(segments)
    ? [label(left, bottom + 58, 'Short runs are drawn wider than their steps.', 'start')]
    : []
  const height = bottom + (note.length > 0 ? 68 : 50)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    ...runs,
    ...note,
    '</svg>',
  ].join('\n')
}

function rangeOf(values: readonly number[], air: number, top: number): Range {
  const [low, high] = paddedRange(values, air)
  const y = (value: number) => Number((top + panelHeight * (1 - (value - low) / (high - low))).toFixed(1))
  return { low, high, y }
}

function gridOf({ low, high, y }: Range, wanted: number, fewestDecimals: number): string[] {
  const ticks = ticksBetween(low, high, wanted)
  const labels = tickLabels(ticks, fewestDecimals)
  return ticks.flatMap((tick, at) => [
    `<path d="M${left} ${y(tick)}H${right}" stroke="${line}"/>`,
    label(left - 8, y(tick) + 4, labels[at]!, 'end'),
  ])
}

function runLine(
  { run, offset, length }: Segment,
  shortName: string,
  x: (step: number) => number,
  top: number,
): string[] {
  const from = x(offset) + 2
  const to = Math.max(x(offset + length) - 2, from + 1)
  const name = fittedText(run.sweepName, to - from)
  return [
    `<path d="M${from} 8V${top}" stroke="${line}" stroke-dasharray="2 3"/>`,
    `<path d="M${from} ${top + 10}H${to}" stroke="${quiet}" stroke-width="3"/>`,
    label(from, top + 26, name === run.sweepName ? name : fittedText(shortName, to - from), 'start', ink),
    label(
      from,
      top + 41,
      fittedText(`${length.toLocaleString('en')} ${length === 1 ? 'step' : 'steps'}`, to - from),
      'start',
    ),
  ]
}

function title(y: number, text: string): string {
  return `<text x="0" y="${y}" fill="${ink}" font-weight="600">${escaped(text)}</text>`
}

function label(x: number, y: number, text: string, anchor: 'start' | 'end', colour = quiet): string {
  return `<text x="${x}" y="${y}" fill="${colour}" text-anchor="${anchor}">${escaped(text)}</text>`
}

/** What a person named, so that it stays text in the picture. Characters that XML has no place for are left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
