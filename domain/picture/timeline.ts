/** Where things stand on the timeline of a line of runs: steps of all runs one after the other. */

/** What a timeline needs to know of a run. */
export type TimelineRun = {
  id: number
  home: { name: string }
  startCheckpointId: number | null
  lastStep: number | null
  checkpoints: readonly { id: number; step: number | null; score: number | null }[]
  /** The checkpoint that stands for the run. */
  chosen: { id: number; step: number | null; interval: [number, number] | null } | null
}

export type Segment<Run extends TimelineRun = TimelineRun> = {
  run: Run
  /** Steps before it along the line. */
  offset: number
  /** Steps up to where the next run started, or to its end. */
  length: number
}

/** The runs of a line, each up to the checkpoint that the next one started from; the last in full. */
export function segmentsOf<Run extends TimelineRun>(chain: readonly Run[]): Segment<Run>[] {
  let offset = 0
  return chain.map((run, at) => {
    const next = chain[at + 1]
    const left = next && run.checkpoints.find(({ id }) => id === next.startCheckpointId)
    const last = Math.max(run.lastStep ?? 0, run.chosen?.step ?? 0)
    const length = Math.max(1, left?.step ?? last)
    const segment = { run, offset, length }
    offset += length
    return segment
  })
}

/** No run is drawn narrower than this share of an equal one: rounds would vanish beside a long pretraining. */
const leastShare = 0.75

/** Runs of fewer steps are drawn as wide as one of so many. */
function leastLength(segments: readonly Segment[]): number {
  const steps = segments.reduce((sum, { length }) => sum + length, 0)
  return (leastShare * steps) / segments.length
}

/** Whether `scaleOf` draws some run wider than its steps. */
export function isWidened(segments: readonly Segment[]): boolean {
  return segments.some(({ length }) => length < leastLength(segments))
}

/** From a step of the line to its place between `left` and `right`: even within a run, short runs wider than their steps. */
export function scaleOf(segments: readonly Segment[], left: number, right: number): (step: number) => number {
  const least = leastLength(segments)
  const weights = segments.map(({ length }) => Math.max(length, least))
  const each = (right - left) / weights.reduce((sum, weight) => sum + weight, 0)
  const starts: number[] = []
  let start = left
  for (const weight of weights) {
    starts.push(start)
    start += weight * each
  }
  return (step) => {
    const found = segments.findLastIndex(({ offset }) => offset <= step)
    const at = Math.max(0, found)
    const { offset, length } = segments[at]!
    return Number((starts[at]! + (weights[at]! * each * (step - offset)) / length).toFixed(1))
  }
}

export type ScoreMark = {
  at: number
  score: number
  interval: [number, number] | null
  /** One that stands for its run; the others are dots. */
  chosen: boolean
  runId: number
  label: string
}

/** Every scored checkpoint within the part of its run that belongs to the line, in order. */
export function scoreMarksOf(segments: readonly Segment[]): ScoreMark[] {
  return segments.flatMap(({ run, offset, length }) =>
    run.checkpoints.flatMap(({ id, step, score }): ScoreMark[] => {
      if (score === null || (step ?? length) > length) return []
      const chosen = id === run.chosen?.id
      return [
        {
          at: offset + (step ?? length),
          score,
          interval: chosen ? run.chosen!.interval : null,
          chosen,
          runId: run.id,
          label: `${run.home.name}${step === null ? '' : `, step ${step}`}`,
        },
      ]
    }),
  )
}

/** Mean over the last `window` values at each place; a gap starts afresh. */
export function trailingMean(values: readonly (number | null)[], window: number): (number | null)[] {
  const recent: number[] = []
  return values.map((value) => {
    if (value === null) {
      recent.length = 0
      return null
    }
    recent.push(value)
    if (recent.length > window) recent.shift()
    return recent.reduce((sum, one) => sum + one, 0) / recent.length
  })
}

/** A curve of rewards within the part of its run that belongs to the line. */
export type RewardLine = {
  runId: number
  /** Steps along the line, with the mean reward at each and the mean of the last `window`. */
  at: number[]
  mean: (number | null)[]
  smoothed: (number | null)[]
  window: number
}

/** The rewards of the runs of a line, as far as the next one went on from them; of several curves of a run the first. */
export function rewardLinesOf(
  segments: readonly Segment[],
  series: readonly { runId: number; steps: readonly number[]; mean: readonly (number | null)[] }[],
): RewardLine[] {
  const byRun = new Map(series.toReversed().map((one) => [one.runId, one]))
  return segments.flatMap(({ run, offset, length }) => {
    const one = byRun.get(run.id)
    if (!one) return []
    const kept = one.steps.flatMap((step, index) => (step <= length ? [index] : []))
    const mean = kept.map((index) => one.mean[index] ?? null)
    const window = Math.max(1, Math.round(mean.length / 20))
    const at = kept.map((index) => offset + one.steps[index]!)
    return [{ runId: run.id, at, mean, smoothed: trailingMean(mean, window), window }]
  })
}

/** A line as the path of an SVG, broken where there is no value; a value with none beside it is a dot. */
export function pathOf(
  at: readonly number[],
  values: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let pen = 'M'
  return values
    .map((value, index) => {
      if (value === null) {
        pen = 'M'
        return ''
      }
      const part = `${pen}${x(at[index]!)} ${y(value)}${pen === 'M' ? 'h0' : ''}`
      pen = 'L'
      return part
    })
    .join('')
}

/** The range of values with a share of it as air on both sides; 0 to 1 without any. */
export function paddedRange(values: readonly number[], share: number): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  if (low === Infinity) return [0, 1]
  const air = share * (high - low) || 0.1 * Math.abs(high) || 1
  return [low - air, high + air]
}

/** How wide letters are in the unit of the drawing: of plain text, of bold text, and of the figures beside marks, with their height. */
export type LetterSizes = { plain: number; bold: number; value: { wide: number; tall: number } }

/** As much of a text as has room; nothing rather than two letters. */
export function fittedText(text: string, room: number, { plain }: LetterSizes): string {
  const letters = Math.floor(room / plain)
  if (text.length <= letters) return text
  return letters < 5 ? '' : `${text.slice(0, letters - 1)}…`
}

/** The names of runs without what all of them begin with, up to a `-`, `_`, `.`, `/` or space; as they are where that leaves one empty. */
export function shortNames(names: readonly string[]): string[] {
  const [first = ''] = names
  if (names.length < 2) return [...names]
  let shared = 0
  for (let at = 0; at < first.length && names.every((name) => name[at] === first[at]); at++) {
    if (/[-_./ ]/.test(first[at]!)) shared = at + 1
  }
  return names.some((name) => name.length === shared) ? [...names] : names.map((name) => name.slice(shared))
}

/** Where the words beside a mark stand: from `x` to `x + wide` on the line `y`. */
export type LabelPlace = { x: number; y: number; anchor: 'start' | 'end' }

/**
 * A place beside each mark, in order, for its text: above at the right, and where another label or mark is in the way the first of
 * below at the right, above at the left, below at the left and further up that is free. `right`: where the drawing ends.
 */
export function placeLabels(
  marks: readonly { x: number; y: number; text: string }[],
  right: number,
  { value }: LetterSizes,
): LabelPlace[] {
  const taken = marks.map(({ x, y }) => ({ from: x - 4, to: x + 4, top: y - 4, bottom: y + 4 }))
  return marks.map(({ x, y, text }) => {
    const wide = value.wide * text.length
    const beside = (anchor: 'start' | 'end', by: number) => ({
      x: x + (anchor === 'start' ? 8 : -8),
      y: y + by,
      anchor,
    })
    const places = [
      beside('start', -6),
      beside('start', 16),
      beside('end', -6),
      beside('end', 16),
      beside('start', -20),
      beside('end', -20),
    ]
    const boxOf = (place: LabelPlace) => {
      const from = place.anchor === 'start' ? place.x : place.x - wide
      return { from, to: from + wide, top: place.y - value.tall + 3, bottom: place.y + 3 }
    }
    const fits = (place: LabelPlace) => {
      const box = boxOf(place)
      return (
        box.from >= 0 &&
        box.to <= right + 16 &&
        !taken.some((one) => one.from < box.to && box.from < one.to && one.top < box.bottom && box.top < one.bottom)
      )
    }
    const place = places.find(fits) ?? places[x + 8 + wide > right + 16 ? 2 : 0]!
    taken.push(boxOf(place))
    return place
  })
}

/** A round step such that about `wanted` of them span the range; 1, 2 or 5 times a power of ten. */
export function tickStep(range: number, wanted: number): number {
  const rough = range / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const digit = rough / power
  return power * (digit > 5.001 ? 10 : digit > 2.001 ? 5 : digit > 1.001 ? 2 : 1)
}

/** The round values within a range, from low to high. */
export function ticksBetween(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low]
  const step = tickStep(high - low, wanted)
  const ticks: number[] = []
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at++)
    ticks.push(Number((at * step).toPrecision(12)))
  return ticks
}

/** Ticks as texts with the same number of decimals, as few as tell them apart. */
export function tickLabels(ticks: readonly number[], fewest = 0): string[] {
  const decimals = Math.max(fewest, ...ticks.map((tick) => String(tick).split('.')[1]?.length ?? 0))
  return ticks.map((tick) => tick.toFixed(decimals))
}
