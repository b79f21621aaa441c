/** The timeline of a line of runs as shapes: reward and score over all its steps. The page and the export draw the same ones. */
import {
  fittedText,
  type LetterSizes,
  paddedRange,
  pathOf,
  placeLabels,
  type RewardLine,
  scaleOf,
  type ScoreMark,
  type Segment,
  shortNames,
  tickLabels,
  ticksBetween,
} from './timeline.ts'

/** What a shape is, which says how it is coloured. */
export type ShapeRole = 'grid' | 'axis' | 'ink' | 'quiet' | 'accent'
export type TextRole = 'heading' | 'change' | 'value' | 'ink' | 'quiet'

export type DrawnShape =
  | {
      kind: 'path'
      d: string
      role: ShapeRole
      width: number
      dashed?: true
      faint?: true
      round?: true
      title?: string
    }
  | { kind: 'circle'; x: number; y: number; radius: number; role: ShapeRole; title: string }
  /** `note` follows the text more quietly. */
  | { kind: 'text'; x: number; y: number; text: string; role: TextRole; anchor: 'start' | 'end'; note?: string }

/** The sheet that is drawn on, in its own pixels. */
export type Sheet = {
  width: number
  /** Where axes begin and end; what stands left of them is their labels. */
  left: number
  right: number
  /** How tall a panel is. */
  rewardHeight: number
  scoreHeight: number
  letters: LetterSizes
}

export type Picture = { height: number; shapes: DrawnShape[] }

/** `change`: what is said above where the run begins. */
type NamedSegment = Segment & { change?: string | null }

const [headingRoom, panelRoom, runsRoom, edge] = [16, 38, 52, 16]

/**
 * What a timeline holds, from the top: what changed from run to run, the panel of rewards where there are any, that of scores
 * where there are any, and the runs. `baselineName`: what the line at 1.0 is called; null: each sweep's own baseline.
 */
export function drawTimeline(
  {
    segments,
    rewards,
    marks,
    baselineName,
  }: {
    segments: readonly NamedSegment[]
    rewards: readonly RewardLine[]
    marks: readonly ScoreMark[]
    baselineName: string | null
  },
  sheet: Sheet,
): Picture {
  const x = scaleOf(segments, sheet.left, sheet.right)
  const changes = changeLabels(segments, x, sheet)
  const shapes: DrawnShape[] = []
  let y = changes.length > 0 ? 2 * edge : edge
  if (rewards.length > 0) {
    shapes.push(...rewardPanel(rewards, x, sheet, y))
    y += headingRoom + sheet.rewardHeight + panelRoom
  }
  if (marks.length > 0) {
    shapes.push(...scorePanel(marks, x, sheet, { heading: y, baselineName }))
    y += headingRoom + sheet.scoreHeight + panelRoom
  }
  const base = y - panelRoom
  const starts = segments.map(({ offset }): DrawnShape => {
    const d = `M${x(offset)} ${edge + 4}V${base + 4}`
    return { kind: 'path', d, role: 'axis', width: 1, dashed: true }
  })
  return {
    height: base + runsRoom,
    shapes: [...starts, ...changes, ...shapes, ...runLines(segments, x, sheet, base)],
  }
}

/** What changed, above the run that it changed in; left out where the one before reaches that far. */
function changeLabels(segments: readonly NamedSegment[], x: (step: number) => number, sheet: Sheet): DrawnShape[] {
  let free = 0
  return segments.flatMap(({ change, offset }): DrawnShape[] => {
    if (change == null) return []
    const from = x(offset)
    const wide = change.length * sheet.letters.bold
    const start = from + wide > sheet.width ? from - wide - 4 : from + 6
    if (start < free) return []
    free = start + wide + 8
    return [{ kind: 'text', x: start, y: edge - 2, text: change, role: 'change', anchor: 'start' }]
  })
}

type Panel = { low: number; high: number; y: (value: number) => number }

function panelOf(values: readonly number[], air: number, top: number, height: number): Panel {
  const [low, high] = paddedRange(values, air)
  return { low, high, y: (value) => Number((top + height * (1 - (value - low) / (high - low))).toFixed(1)) }
}

/** `marked`: the value whose label stands out. */
function gridOf(
  { low, high, y }: Panel,
  wanted: number,
  fewestDecimals: number,
  { left, right }: Sheet,
  marked?: number,
): DrawnShape[] {
  const ticks = ticksBetween(low, high, wanted)
  const labels = tickLabels(ticks, fewestDecimals)
  return ticks.flatMap((tick, at): DrawnShape[] => [
    { kind: 'path', d: `M${left} ${y(tick)}H${right}`, role: 'grid', width: 1 },
    {
      kind: 'text',
      x: left - 8,
      y: y(tick) + 4,
      text: labels[at]!,
      role: tick === marked ? 'ink' : 'quiet',
      anchor: 'end',
    },
  ])
}

function rewardPanel(
  rewards: readonly RewardLine[],
  x: (step: number) => number,
  sheet: Sheet,
  heading: number,
): DrawnShape[] {
  const values = rewards.flatMap(({ mean }) => mean.filter((value) => value !== null))
  const panel = panelOf(values, 0.08, heading + headingRoom, sheet.rewardHeight)
  const windows = [...new Set(rewards.map(({ window }) => window))]
  const many = windows.length === 1 ? windows[0] : `${Math.min(...windows)} to ${Math.max(...windows)}`
  const smoothed = windows.some((window) => window > 1) ? `; line: mean of the last ${many} values drawn` : ''
  return [
    {
      kind: 'text',
      x: 0,
      y: heading,
      text: 'Mean reward',
      role: 'heading',
      anchor: 'start',
      note: `faint: as reported${smoothed}`,
    },
    ...gridOf(panel, 4, 0, sheet),
    ...rewards.flatMap((line): DrawnShape[] => [
      { kind: 'path', d: pathOf(line.at, line.mean, x, panel.y), role: 'accent', width: 1, faint: true, round: true },
      {
        kind: 'path',
        d: pathOf(line.at, line.smoothed, x, panel.y),
        role: 'accent',
        // a single value is a dot
        width: line.mean.length === 1 ? 5 : 1.5,
        round: true,
      },
    ]),
  ]
}

function scorePanel(
  marks: readonly ScoreMark[],
  x: (step: number) => number,
  sheet: Sheet,
  { heading, baselineName }: { heading: number; baselineName: string | null },
): DrawnShape[] {
  const { left, right } = sheet
  const values = [1, ...marks.flatMap(({ score, interval }) => [score, ...(interval ?? [])])]
  const panel = panelOf(values, 0.06, heading + headingRoom, sheet.scoreHeight)
  const { y } = panel
  const chosen = marks.filter((mark) => mark.chosen)
  const newest = chosen.at(-1)
  const texts = chosen.map(({ at, score }) => ({ x: x(at), y: y(score), text: score.toFixed(3) }))
  const places = placeLabels(texts, right, sheet.letters)
  return [
    {
      kind: 'text',
      x: 0,
      y: heading,
      text: 'Score',
      role: 'heading',
      anchor: 'start',
      note: 'dots: every scored checkpoint; whiskers: 95 % of those that stand for a run',
    },
    ...gridOf(panel, 5, 1, sheet, 1),
    { kind: 'path', d: `M${left} ${y(1)}H${right}`, role: 'axis', width: 1.5 },
    {
      kind: 'text',
      x: left + 6,
      y: y(1) - 5,
      text: baselineName === null ? 'baseline of each sweep' : `baseline ${baselineName}`,
      role: 'quiet',
      anchor: 'start',
    },
    {
      kind: 'path',
      d: texts.map((at, index) => `${index === 0 ? 'M' : 'L'}${at.x} ${at.y}`).join(''),
      role: 'ink',
      width: 1.25,
    },
    ...marks.flatMap((mark): DrawnShape[] => [
      ...(mark.interval === null
        ? []
        : [
            {
              kind: 'path' as const,
              d: `M${x(mark.at)} ${y(mark.interval[0])}V${y(mark.interval[1])}`,
              role: 'quiet' as const,
              width: 1.5,
            },
          ]),
      {
        kind: 'circle',
        x: x(mark.at),
        y: y(mark.score),
        radius: mark.chosen ? 4 : 1.75,
        role: mark === newest ? 'accent' : mark.chosen ? 'ink' : 'quiet',
        title: `${mark.label}: ${mark.score.toFixed(3)}`,
      },
    ]),
    ...places.map((place, at): DrawnShape => ({
      kind: 'text',
      ...place,
      text: texts[at]!.text,
      role: 'value',
      anchor: place.anchor,
    })),
  ]
}

/** The runs below the panels: how far each reaches, its name as far as there is room, and its steps. */
function runLines(segments: readonly Segment[], x: (step: number) => number, sheet: Sheet, base: number): DrawnShape[] {
  const names = shortNames(segments.map(({ run }) => run.home.name))
  return segments.flatMap(({ run, offset, length }, at): DrawnShape[] => {
    const from = x(offset) + 2
    const to = Math.max(x(offset + length) - 2, from + 1)
    const fit = (text: string) => fittedText(text, to - from, sheet.letters)
    const name = fit(run.home.name)
    const steps = `${length.toLocaleString('en')} ${length === 1 ? 'step' : 'steps'}`
    const role = at === segments.length - 1 ? 'accent' : 'quiet'
    return [
      { kind: 'path', d: `M${from} ${base + 18}H${to}`, role, width: 3, title: `${run.home.name}: ${steps}` },
      {
        kind: 'text',
        x: from,
        y: base + 34,
        // what is left of a name that has no room says most without what all names begin with
        text: name === run.home.name ? name : fit(names[at]!),
        role: 'ink',
        anchor: 'start',
      },
      { kind: 'text', x: from, y: base + 48, text: fit(steps), role: 'quiet', anchor: 'start' },
    ]
  })
}
