'use client'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import type { SystemView } from '../../contract/api/system.ts'
import type { TimelineView } from '../../contract/api/where.ts'
import { type DrawnLane, spanKinds, spanStates } from '../../domain/picture/slot-timeline.ts'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { formatCount } from '../_words/format.ts'
import { placeWords } from '../_words/place.ts'
import { statusWord } from '../_words/status.tsx'
import { settingsWords, slotsWords, spanWords, spellWords, labelledTimeTicks } from './where-words.ts'
import styles from './where.module.css'

/** A span by its lane and its place in it. */
type Chosen = { lane: number; at: number }

/**
 * Each slot and node as a lane of what it did. One tab stop: arrows go from span to span and from lane to lane, Enter pins, Escape lets
 * go. What is pointed at is told below.
 */
export function SlotTimeline({
  view,
  kind,
  ofSweep,
}: {
  view: TimelineView
  kind: SystemView['slotKind']
  ofSweep: boolean
}) {
  const [pinned, setPinned] = useState<Chosen | null>(null)
  const [pointed, setPointed] = useState<Chosen | null>(null)
  const detail = useId()
  const { lanes, from, to } = view
  const place = (at: number) => `${(100 * at) / (to - from)}%`
  const chosen = pointed ?? pinned
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setPinned(null)
    const next = nextSpan(lanes, pinned, event.key)
    if (next === null) return
    event.preventDefault()
    setPointed(null)
    setPinned(next)
  }
  if (lanes.length === 0) return <p className="ink2">No slot and no node had anything to do in this time.</p>
  return (
    <>
      <div
        className={styles.picture}
        role="group"
        aria-label="Slots and nodes over time; the table below says the same"
        aria-describedby={detail}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => setPointed(null)}
      >
        {view.queued !== null && <Queued counts={view.queued} />}
        {lanes.map((lane, number) => (
          <div className={styles.lane} key={JSON.stringify([lane.node, lane.slot, number])}>
            <span className={styles.name} title={laneName(lane, kind)}>
              {startsNode(lanes, number) && <span className={styles.node}>{lane.node ?? 'this machine'}</span>}
              {lane.slot === null ? '' : laneSlot(lane, kind)}
            </span>
            <span className={styles.track}>
              {lane.spans.from.map((start, at) => (
                <i
                  key={`${start}.${at}`}
                  className={spanClass(lane, at, ofSweep)}
                  data-chosen={(chosen?.lane === number && chosen.at === at) || undefined}
                  style={{ left: place(start), width: place(lane.spans.to[at]! - start) }}
                  onPointerEnter={() => setPointed({ lane: number, at })}
                  onClick={() => setPinned({ lane: number, at })}
                />
              ))}
            </span>
          </div>
        ))}
        <div className={styles.lane} aria-hidden="true">
          <span />
          <span className={styles.axis}>
            {labelledTimeTicks(from, to, 8).map(({ at, label }) => (
              <span key={at} style={{ left: place(at - from) }}>
                {label}
              </span>
            ))}
          </span>
        </div>
      </div>
      <Legend view={view} ofSweep={ofSweep} />
      <p className={styles.told} id={detail} role="status">
        {chosen && lanes[chosen.lane]?.spans.from[chosen.at] !== undefined ? (
          <Told lane={lanes[chosen.lane]!} at={chosen.at} view={view} kind={kind} />
        ) : (
          <span className="ink3">Point at a span, or go through them with the arrow keys, to see what it was.</span>
        )}
      </p>
    </>
  )
}

/** How many waited at a cluster, the most in each part of the time. */
function Queued({ counts }: { counts: number[] }) {
  const most = Math.max(1, ...counts)
  const steps = counts.map((count, at) => `V${(20 * (1 - count / most)).toFixed(1)}H${at + 1}`).join('')
  return (
    <div className={`${styles.lane} ${styles.queue}`}>
      <span className={styles.name}>queued, at most {formatCount(most)}</span>
      <span className={styles.track}>
        <svg viewBox={`0 0 ${counts.length} 20`} preserveAspectRatio="none" aria-hidden="true">
          <path d={`M0 20${steps}V20Z`} />
        </svg>
      </span>
    </div>
  )
}

function Legend({ view, ofSweep }: { view: TimelineView; ofSweep: boolean }) {
  const entries = [
    [styles.training, 'training'],
    [styles.evaluation, 'evaluation'],
    [styles.live, 'runs now'],
    [styles.failed, 'failed'],
    ...(ofSweep ? [[styles.other, 'another sweep’s']] : []),
    ...(view.machine === null
      ? []
      : [
          [styles.kept, 'idle though something waited'],
          [styles.idleSpan, 'idle'],
        ]),
  ]
  return (
    <ul className={styles.legend}>
      {entries.map(([look, words]) => (
        <li key={words}>
          <i className={look} /> {words}
        </li>
      ))}
    </ul>
  )
}

/** What the span was: an attempt with its run, settings and end; or why nothing ran. */
function Told({
  lane,
  at,
  view,
  kind,
}: {
  lane: DrawnLane
  at: number
  view: TimelineView
  kind: SystemView['slotKind']
}) {
  const trpc = useTRPC()
  const { spans } = lane
  const [jobId, attempt] = [spans.job[at]!, spans.attempt[at]!]
  const query = useQuery({ ...trpc.where.attempt.queryOptions({ jobId, attempt }), enabled: jobId !== 0 })
  const isLive = spanStates[spans.state[at]!] === 'live'
  const what = spanKinds[spans.kind[at]!]!
  const when = spellWords(view.from + spans.from[at]!, view.from + spans.to[at]!, isLive, view.to)
  const head = `${laneName(lane, kind)}, ${when}`
  if (spans.count[at] === 0) return <span>{`${head}: idle, ${spanWords[what]}`}</span>
  if (what === 'several')
    return <span>{`${head}: ${formatCount(spans.count[at]!)} attempts, each too short to be drawn alone`}</span>
  const found = query.data
  if (!found) return <span>{`${head}: ${spanWords[what]}`}</span>
  return (
    <span>
      {`${head}: `}
      <Link className="link" href={`/runs/${found.runId}`}>
        {found.kind === 'training' ? `run ${found.number}` : `evaluation ${found.number}`}
      </Link>
      {` of ${found.sweepName} (${settingsWords(found.params)}), attempt ${found.attempt}, ${statusWord(found.status).toLowerCase()}. `}
      {found.place === null ? slotsWords(found.slots, kind) : placeWords(found.place)}
      {found.error !== null && `. ${found.error}`}
    </span>
  )
}

function spanClass({ spans }: DrawnLane, at: number, ofSweep: boolean): string | undefined {
  const what = spanKinds[spans.kind[at]!]!
  if (spans.count[at] === 0)
    return ['used', 'too-few', 'limit', 'budget', 'paused'].includes(what) ? styles.kept : styles.idleSpan
  if (ofSweep && !spans.own[at]) return styles.other
  const state = spanStates[spans.state[at]!]
  if (state === 'live') return styles.live
  if (state === 'failed') return styles.failed
  return what === 'evaluation' ? styles.evaluation : styles.training
}

function startsNode(lanes: readonly DrawnLane[], number: number): boolean {
  return number === 0 || lanes[number - 1]!.node !== lanes[number]!.node
}

const laneSlot = ({ node, slot }: DrawnLane, kind: SystemView['slotKind']) =>
  `${node === null && kind === 'cpu' ? 'slot' : 'GPU'} ${slot}`

function laneName(lane: DrawnLane, kind: SystemView['slotKind']): string {
  const where = lane.node ?? 'this machine'
  return lane.slot === null ? where : `${laneSlot(lane, kind)} of ${where}`
}

/** Where an arrow leads: to the next span of the lane, or to the one at the same time in the next lane that has any; null: nowhere. */
function nextSpan(lanes: readonly DrawnLane[], from: Chosen | null, key: string): Chosen | null {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[key]
  if (by === undefined) return null
  const first = lanes.findIndex(({ spans }) => spans.from.length > 0)
  if (from === null || !lanes[from.lane]) return first === -1 ? null : { lane: first, at: 0 }
  const own = lanes[from.lane]!.spans
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    return { lane: from.lane, at: Math.max(0, Math.min(own.from.length - 1, from.at + by)) }
  for (let lane = from.lane + by; lane >= 0 && lane < lanes.length; lane += by) {
    const { spans } = lanes[lane]!
    if (spans.from.length === 0) continue
    const at = spans.from.findLastIndex((start) => start <= own.from[from.at]!)
    return { lane, at: Math.max(0, at) }
  }
  return from
}
