import { listIdleSpells } from '../../../db/queries/idle-spells.ts'
import { firstKnownSince, listHeldTimes, type HeldTime } from '../../../db/queries/placed-attempts.ts'
import { findSweep, type SweepRow } from '../../../db/queries/sweeps.ts'
import { drawLanes, lanesOf, mostWaiting, overlap, type Piece } from '../../../domain/picture/slot-timeline.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { TimelineView } from '../../../contract/api/where.ts'
import type { Context } from '../../base/context.ts'

/** An answer stays below 100 kB with these: a span takes up to 50 bytes. */
const mostSpans = 1200
const lanesEachAnswer = 48
/** As many attempts as are read for one picture. */
const mostAttempts = 20_000
const partsOfQueue = 240
const mostReasons = 8
const dayMilliseconds = 24 * 3_600_000

/**
 * `to` null: the sweep's end, or now; `milliseconds` before that, null: from the sweep's start on; without a sweep of the last day, from
 * the first thing that is known of it on.
 */
export type TimelineQuery = { to: number | null; milliseconds: number | null; firstLane: number }

/** Slots and nodes over time: of a sweep, with what else held this machine's slots meanwhile; or of everything. */
export function describeTimeline(context: Context, sweep: SweepRow | null, query: TimelineQuery): TimelineView {
  const { database } = context
  const now = Date.now()
  const end = sweep?.finishedAt ?? now
  const to = Math.min(now, query.to ?? end)
  const whole = sweep === null ? lastDay(context, to) : (sweep.startedAt ?? sweep.createdAt)
  // a picture of no time at all has no width
  const from = Math.min(query.milliseconds === null ? whole : to - query.milliseconds, to - 1000)
  const held = listHeldTimes(database, { from, to }, mostAttempts)
  const cutAt = held.length === mostAttempts ? held.at(-1)!.claimedAt : null
  const isOwn = ({ sweepId }: { sweepId: number | null }) => sweep === null || sweepId === sweep.id
  const runsHere = sweep === null || runsOn(sweep, 'local') || held.some((one) => isOwn(one) && !one.away)
  const capacity = runsHere ? context.executors.local.slots.ids : []

  const local = runsHere ? held.filter(({ away }) => !away) : []
  const away = held.filter((one) => one.away && isOwn(one))
  const busy = local.flatMap((one) =>
    one.slots.map((slot) => pieceOf(one, { node: null, slot }, one.claimedAt, isOwn(one), now)),
  )
  const known = new Set(capacity)
  const spells = runsHere ? listIdleSpells(database, from, to).filter(({ slot }) => known.has(slot)) : []
  const idle = spells.map((spell): Piece => ({
    node: null,
    slot: spell.slot,
    from: spell.since,
    to: spell.until,
    kind: spell.reason,
    state: 'ended',
    own: isOwn(spell),
    job: 0,
    attempt: 0,
  }))
  const nodes = away.flatMap((one) => piecesAway(one, isOwn(one), now))
  const lanes = lanesOf([...busy, ...idle, ...nodes], capacity)
  const firstLane = Math.max(0, Math.min(query.firstLane, lanes.length - 1))
  const waits = away.map((one) => ({ from: one.claimedAt, to: one.startedAt ?? one.finishedAt ?? now }))
  return {
    from,
    to,
    live: to === now || held.some(({ finishedAt }) => finishedAt === null),
    cutAt,
    firstLane,
    lanesTotal: lanes.length,
    lanes: drawLanes(lanes.slice(firstLane, firstLane + lanesEachAnswer), { from, to }, mostSpans),
    machine: runsHere ? sumOfMachine() : null,
    queued: away.length === 0 ? null : mostWaiting(waits, { from, to }, partsOfQueue),
    waiting: waitingOf(away),
  }

  function sumOfMachine(): TimelineView['machine'] {
    const onKnown = busy.filter(({ slot }) => known.has(slot!))
    const sum = (pieces: readonly Piece[]) => pieces.reduce((all, piece) => all + overlap(piece, from, to), 0)
    const reasons = Map.groupBy(spells, ({ reason, sweepId, detail }) => JSON.stringify([reason, sweepId, detail]))
    const idleSums = [...reasons.values()].map((some) => {
      const { reason: code, sweepId, detail } = some[0]!
      return {
        code,
        sweepName: sweepId === null ? null : (findSweep(database, sweepId)?.name ?? null),
        detail,
        milliseconds: some.reduce((all, { since, until }) => all + overlap({ from: since, to: until }, from, to), 0),
      }
    })
    const total = capacity.length * (to - from)
    const taken = sum(onKnown)
    const stood = idleSums.reduce((all, { milliseconds }) => all + milliseconds, 0)
    return {
      slots: capacity.length,
      busy: taken,
      own: sum(onKnown.filter(({ own }) => own)),
      idle: idleSums.filter(({ milliseconds }) => milliseconds > 0).toSorted((a, b) => b.milliseconds - a.milliseconds),
      unknown: Math.max(0, total - taken - stood),
    }
  }
}

/** A day before `to`, or whatever is first known since, ten minutes before it at the latest: of a new folder a day would be empty. */
function lastDay({ database }: Context, to: number): number {
  const from = to - dayMilliseconds
  return Math.max(from, Math.min(firstKnownSince(database, from) ?? to, to - dayMilliseconds / 144))
}

function runsOn({ definition }: SweepRow, name: 'local'): boolean {
  return (['training', 'evaluation'] as const).some((kind) => executorNameOf(definition, kind) === name)
}

function pieceOf(one: HeldTime, lane: Pick<Piece, 'node' | 'slot'>, from: number, own: boolean, now: number): Piece {
  const isLive = one.finishedAt === null
  const hasFailed = one.status === 'failed' || one.status === 'lost'
  return {
    ...lane,
    from,
    to: one.finishedAt ?? now,
    kind: one.kind,
    state: isLive ? 'live' : hasFailed ? 'failed' : 'ended',
    own,
    job: one.jobId,
    attempt: one.number,
  }
}

/** What ran on a node, one piece a GPU; what never began ran nowhere. */
function piecesAway(one: HeldTime, own: boolean, now: number): Piece[] {
  const { place, startedAt } = one
  if (startedAt === null || place === null) return []
  const cluster = place.cluster === null ? '' : ` of ${place.cluster}`
  const node = `${place.node ?? (place.engine === 'ray' ? 'Ray' : 'a node')}${cluster}`
  const gpus = place.gpus === null || place.gpus === '' ? [null] : place.gpus.split(',')
  return gpus.map((slot) => pieceOf(one, { node, slot }, startedAt, own, now))
}

/** By the cluster's own reason: what it says of one of a thousand jobs it says of most. */
function waitingOf(away: readonly HeldTime[]): TimelineView['waiting'] {
  const waiting = away.flatMap((one) =>
    one.finishedAt === null && one.startedAt === null && one.place?.waits != null
      ? [{ ...one, place: one.place, words: one.place.waits }]
      : [],
  )
  return [...Map.groupBy(waiting, ({ words, place }) => `${place.engine} ${words}`).values()]
    .map((some) => {
      // the one that comes first
      const next = some.toSorted(
        (a, b) => orderOf(a.place.expectedStart, b.place.expectedStart) || orderOf(a.place.ahead, b.place.ahead),
      )[0]!
      return { words: next.words, jobs: some.length, place: next.place }
    })
    .toSorted((a, b) => b.jobs - a.jobs)
    .slice(0, mostReasons)
}

/** Smaller first, and what is not known last. */
function orderOf(one: number | null | undefined, other: number | null | undefined): number {
  return one == null || other == null ? Number(one == null) - Number(other == null) : one - other
}
