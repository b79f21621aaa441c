'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { TimelineView } from '../../contract/api/where.ts'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { formatCount, formatDuration, plural } from '../_words/format.ts'
import { waitWords } from '../_words/place.ts'
import { useNow } from '../_words/use-now.ts'
import { AttemptsWhere } from './attempts-where.tsx'
import { SlotTimeline } from './slot-timeline.tsx'
import { idleWords, machineWords, timeShareWords, spellWords, toldOfIdle } from './where-words.ts'
import styles from './where.module.css'

const hour = 3_600_000
const spans = [7 * 24 * hour, 24 * hour, 6 * hour, hour, hour / 6]
/** What grows while it runs is read again, though nothing changed. */
const readAgainMilliseconds = 10_000

/** Where does it run, and why does it wait? Of a sweep, or of everything. */
export function WherePage({ sweepId }: { sweepId: number | null }) {
  const trpc = useTRPC()
  const sweep = useQuery({ ...trpc.sweeps.get.queryOptions({ id: sweepId ?? 0 }), enabled: sweepId !== null })
  const kind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  const [shown, setShown] = useState<{ to: number | null; milliseconds: number | null }>({
    to: null,
    milliseconds: null,
  })
  const [firstLane, setFirstLane] = useState(0)
  const query = useQuery({
    ...trpc.where.timeline.queryOptions({ id: sweepId, ...shown, firstLane }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.live ? readAgainMilliseconds : false),
  })
  const view = query.data
  const name = sweep.data?.name
  useEffect(() => {
    document.title = `Where it runs${name ? ` · ${name}` : ''} · Sweepboard`
  }, [name])

  if (sweepId !== null && sweep.isError)
    return <LoadError error={sweep.error} what="sweep" retry={() => void sweep.refetch()} />
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> /
        {sweepId !== null && (
          <>
            {' '}
            <Link href={`/sweeps/${sweepId}`}>{name ?? '…'}</Link> /
          </>
        )}
      </p>
      <div className="title">
        <h1>Where it runs</h1>
      </div>
      {query.isError && !view ? (
        <LoadError error={query.error} what="timeline" retry={() => void query.refetch()} />
      ) : !view ? (
        <Ghost lines={8} />
      ) : (
        <>
          <p className={styles.answer}>{answerWords(view, kind, sweepId !== null)}</p>
          <Waiting view={view} />
          <section className="section" aria-labelledby="timeline-title">
            <div className="section-head">
              <h2 id="timeline-title">Slots and nodes</h2>
              <Window view={view} shown={shown} whole={sweepId === null ? null : 'Whole sweep'} onShow={setShown} />
            </div>
            <SlotTimeline view={view} kind={kind} ofSweep={sweepId !== null} />
            <Lanes view={view} onFirst={setFirstLane} />
            {view.cutAt !== null && (
              <p className="small ink2">
                There are too many attempts to draw them all: those that began before{' '}
                {spellWords(view.cutAt, view.to, false, view.to)} are left out. Choose a shorter time.
              </p>
            )}
            <Idle view={view} />
          </section>
        </>
      )}
      <AttemptsWhere sweepId={sweepId} kind={kind} />
    </>
  )
}

function answerWords(view: TimelineView, kind: 'gpu' | 'cpu', ofSweep: boolean): string {
  const queued = view.waiting.reduce((sum, { jobs }) => sum + jobs, 0)
  const nodes = new Set(view.lanes.flatMap(({ node }) => node ?? [])).size
  const parts = [
    view.machine === null ? '' : machineWords(view.machine, kind, ofSweep),
    nodes > 0 ? `It ran on ${plural(nodes, 'node')} of a cluster.` : '',
    queued > 0 ? `${plural(queued, 'job')} ${queued === 1 ? 'waits' : 'wait'} there.` : '',
  ]
  return parts.filter(Boolean).join(' ') || 'Nothing ran in this time.'
}

/** What a cluster lets wait now, in its own words. */
function Waiting({ view }: { view: TimelineView }) {
  const now = useNow(10)
  if (view.waiting.length === 0) return null
  return (
    <ul className={styles.waiting} aria-label="Queued now">
      {view.waiting.map(({ words, jobs, place }) => (
        <li key={words}>
          <b>{plural(jobs, 'job')}</b> <span className="ink2">{waitWords(place, now)}</span>
        </li>
      ))}
    </ul>
  )
}

/** Which time is shown: all of it, or a part, and its neighbours. */
function Window({
  view,
  shown,
  whole,
  onShow,
}: {
  view: TimelineView
  shown: { to: number | null; milliseconds: number | null }
  whole: string | null
  onShow: (shown: { to: number | null; milliseconds: number | null }) => void
}) {
  const length = view.to - view.from
  const move = (by: number) => onShow({ to: Math.round(view.to + by * length), milliseconds: Math.round(length) })
  const choices = [...(whole === null ? [] : [null]), ...spans]
  return (
    <span className={styles.window} role="group" aria-label="Time shown">
      {choices.map((milliseconds) => {
        const chosen =
          milliseconds === shown.milliseconds ||
          (whole === null && shown.milliseconds === null && milliseconds === 24 * hour)
        return (
          <button
            key={milliseconds}
            type="button"
            className={`link small ${chosen ? 'strong' : ''}`}
            aria-pressed={chosen}
            onClick={() => onShow({ to: milliseconds === null ? null : shown.to, milliseconds })}
          >
            {milliseconds === null ? whole : formatDuration(milliseconds / 1000).replace(/ 0+ (min|h)$/, '')}
          </button>
        )
      })}
      <button type="button" className="link small" onClick={() => move(-0.5)}>
        Earlier
      </button>
      <button type="button" className="link small" disabled={shown.to === null} onClick={() => move(0.5)}>
        Later
      </button>
      <span className="small ink3">{spellWords(view.from, view.to, view.live && shown.to === null, view.to)}</span>
    </span>
  )
}

function Lanes({ view, onFirst }: { view: TimelineView; onFirst: (first: number) => void }) {
  const { firstLane, lanes, lanesTotal } = view
  if (lanes.length === lanesTotal) return null
  const end = firstLane + lanes.length
  return (
    <p className={`small ink2 ${styles.lanes}`}>
      Lanes {formatCount(firstLane + 1)} to {formatCount(end)} of {formatCount(lanesTotal)}
      {firstLane > 0 && (
        <button type="button" className="link" onClick={() => onFirst(Math.max(0, firstLane - 48))}>
          Earlier lanes
        </button>
      )}
      {end < lanesTotal && (
        <button type="button" className="link" onClick={() => onFirst(end)}>
          Later lanes
        </button>
      )}
    </p>
  )
}

/** What this machine's slots did all the time, as shares. */
function Idle({ view: { machine } }: { view: TimelineView }) {
  if (machine === null) return null
  const all = machine.busy + machine.unknown + machine.idle.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  if (all === 0) return null
  const told = toldOfIdle(machine)
  const rows = [
    { words: 'worked', milliseconds: machine.busy },
    ...told.map((one) => ({ words: `idle: ${idleWords(one)}`, milliseconds: one.milliseconds })),
    {
      words: 'not known: for less than a second, too long ago, or Sweepboard was busy or did not run',
      milliseconds: machine.unknown,
    },
  ].filter(({ milliseconds }) => milliseconds / all >= 0.001)
  return (
    <table className={styles.idle} aria-label="What this machine’s slots did">
      <tbody>
        {rows.map(({ words, milliseconds }) => (
          <tr key={words}>
            <td className="num">{timeShareWords(milliseconds / all)}</td>
            <td>{words}</td>
            <td className="num ink2">{formatDuration(milliseconds / 1000)} of a slot</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
