/** Slots and nodes over time: which attempt held each and when, what stood idle and why, drawn no finer than it is seen. */
import type { IdleReason } from '../life/idle-reason.ts'

export const spanKinds = [
  'training',
  'evaluation',
  /** More attempts than one, each too short to be seen alone. */
  'several',
  'used',
  'too-few',
  'limit',
  'budget',
  'running',
  'paused',
  'nothing',
] as const satisfies readonly ('training' | 'evaluation' | 'several' | IdleReason['code'])[]
export type SpanKind = (typeof spanKinds)[number]

export const spanStates = ['ended', 'live', 'failed'] as const
export type SpanState = (typeof spanStates)[number]

/** Where a piece of time belongs. `node` null: this machine. `slot` null: a node that did not say which GPU. */
export type Lane = { node: string | null; slot: string | null }

/** An attempt on one of its slots, or an idle spell of a slot. Times are milliseconds since 1970. */
export type Piece = Lane & {
  from: number
  to: number
  kind: Exclude<SpanKind, 'several'>
  state: SpanState
  /** Whether it is of the sweep that is asked about. */
  own: boolean
  /** 0 of what is no attempt. */
  job: number
  attempt: number
}

/** What is drawn in one lane, as columns; `from` and `to` in milliseconds after the beginning of the picture. */
export type Spans = {
  from: number[]
  to: number[]
  /** Places in `spanKinds` and `spanStates`. */
  kind: number[]
  state: number[]
  own: boolean[]
  job: number[]
  attempt: number[]
  /** How many attempts stand in it. */
  count: number[]
}

export type DrawnLane = Lane & {
  /** How long attempts held it. */
  busyMilliseconds: number
  spans: Spans
}

/** As fine as the picture is at most: parts of the whole time. */
const finest = 480
const coarsest = 30

/**
 * The lanes that pieces are in: slots of this machine, then nodes, each in the order of their names. Pieces of a node that did not say
 * which GPUs they had are laid in as few lanes as they need.
 */
export function lanesOf(pieces: readonly Piece[], capacity: readonly string[]): (Lane & { pieces: Piece[] })[] {
  const lanes = new Map<string, Lane & { pieces: Piece[] }>()
  const laneOf = (node: string | null, slot: string | null, number = 0) => {
    const key = JSON.stringify([node, slot, number])
    if (!lanes.has(key)) lanes.set(key, { node, slot, pieces: [] })
    return lanes.get(key)!
  }
  for (const slot of capacity) laneOf(null, slot)
  for (const piece of pieces.toSorted((one, other) => one.from - other.from)) {
    let lane = laneOf(piece.node, piece.slot)
    for (let at = 1; piece.slot === null && (lane.pieces.at(-1)?.to ?? -Infinity) > piece.from; at++)
      lane = laneOf(piece.node, null, at)
    lane.pieces.push(piece)
  }
  const order = new Intl.Collator('en', { numeric: true }).compare
  return [...lanes.values()].toSorted(
    (one, other) =>
      Number(one.node !== null) - Number(other.node !== null) ||
      order(one.node ?? '', other.node ?? '') ||
      order(one.slot ?? '', other.slot ?? ''),
  )
}

/** The lanes as they are drawn from `from` to `to`, of at most about `most` spans together: the more there are, the coarser. */
export function drawLanes(
  lanes: readonly (Lane & { pieces: readonly Piece[] })[],
  { from, to }: { from: number; to: number },
  most: number,
): DrawnLane[] {
  for (let parts = finest; ; parts /= 2) {
    const drawn = lanes.map(({ node, slot, pieces }) => ({
      node,
      slot,
      busyMilliseconds: pieces.reduce((sum, piece) => sum + (piece.job === 0 ? 0 : overlap(piece, from, to)), 0),
      spans: spansOf(pieces, from, to, (to - from) / parts),
    }))
    const count = drawn.reduce((sum, { spans }) => sum + spans.from.length, 0)
    if (count <= most || parts / 2 < coarsest) return drawn
  }
}

/** How much of a piece lies from `from` to `to`, in milliseconds. */
export function overlap(piece: { from: number; to: number }, from: number, to: number): number {
  return Math.max(0, Math.min(to, piece.to) - Math.max(from, piece.from))
}

function spansOf(pieces: readonly Piece[], from: number, to: number, least: number): Spans {
  const spans: Spans = { from: [], to: [], kind: [], state: [], own: [], job: [], attempt: [], count: [] }
  let together: { first: Piece; to: number; state: SpanState; own: boolean; count: number } | null = null
  const add = (piece: Piece, end: number, kind: SpanKind, state: SpanState, own: boolean, count: number) => {
    spans.from.push(Math.round(Math.max(piece.from, from) - from))
    spans.to.push(Math.round(Math.min(end, to) - from))
    spans.kind.push(spanKinds.indexOf(kind))
    spans.state.push(spanStates.indexOf(state))
    spans.own.push(own)
    spans.job.push(count === 1 ? piece.job : 0)
    spans.attempt.push(count === 1 ? piece.attempt : 0)
    spans.count.push(count)
  }
  const flush = () => {
    if (together === null) return
    const { first, to: end, state, own, count } = together
    add(first, end, count === 1 ? first.kind : 'several', state, own, count)
    together = null
  }
  for (const piece of pieces) {
    if (piece.to < from || piece.from > to) continue
    const isAttempt = piece.job !== 0
    if (piece.to - piece.from >= least) {
      flush()
      add(piece, piece.to, piece.kind, piece.state, piece.own, isAttempt ? 1 : 0)
      continue
    }
    // too short to be seen; what it adds up to is counted all the same
    if (!isAttempt) continue
    if (together !== null && piece.from - together.to < least) {
      together.to = Math.max(together.to, piece.to)
      together.count++
      together.own ||= piece.own
      if (piece.state !== 'ended') together.state = piece.state
      continue
    }
    flush()
    together = { first: piece, to: piece.to, state: piece.state, own: piece.own, count: 1 }
  }
  flush()
  return spans
}

/** The most that waited at once in each of `parts` parts of the time; `waits`: from when to when each did. */
export function mostWaiting(
  waits: readonly { from: number; to: number }[],
  { from, to }: { from: number; to: number },
  parts: number,
): number[] {
  const steps = waits
    .flatMap((wait) =>
      wait.to > wait.from && wait.to > from && wait.from < to
        ? [
            { at: wait.from, by: 1 },
            { at: wait.to, by: -1 },
          ]
        : [],
    )
    // one that leaves as another comes does not make two
    .toSorted((one, other) => one.at - other.at || one.by - other.by)
  const most: number[] = []
  let next = 0
  let now = 0
  for (let part = 1; part <= parts; part++) {
    const end = from + ((to - from) * part) / parts
    const begin = end - (to - from) / parts
    while (next < steps.length && steps[next]!.at <= begin) now += steps[next++]!.by
    let highest = now
    while (next < steps.length && steps[next]!.at < end) {
      now += steps[next++]!.by
      highest = Math.max(highest, now)
    }
    most.push(highest)
  }
  return most
}
