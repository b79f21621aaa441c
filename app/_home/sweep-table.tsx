'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '../_shell/link.tsx'
import { isSweepFinished } from '../../domain/life/run-status.ts'
import type { SweepSummary } from '../../contract/api/sweeps.ts'
import type { SystemView } from '../../contract/api/system.ts'
import {
  formatAgo,
  formatCount,
  formatDay,
  formatDuration,
  formatInterval,
  formatScore,
  plural,
} from '../_words/format.ts'
import { BinIcon } from '../_shell/icons.tsx'
import { MiniHeatmap } from './mini-heatmap.tsx'
import { PauseReason } from '../_words/pause-reason.tsx'
import { ProgressBar } from '../_words/progress-bar.tsx'
import { Status } from '../_words/status.tsx'
import { showToast } from '../_shell/toast.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { useHeldRows } from '../_tables/use-held-rows.ts'
import { useNow } from '../_words/use-now.ts'
import { Whisker, whiskerDomain } from '../_charts/whisker.tsx'
import styles from './home.module.css'

/** Every sweep with its status, progress, grid and best score, newest first. */
export function SweepTable({ sweeps }: { sweeps: SweepSummary[] }) {
  const trpc = useTRPC()
  const system = useQuery(trpc.system.get.queryOptions()).data
  const now = useNow(30)
  const held = useHeldRows(sweeps, (sweep) => sweep.id)
  const domain = whiskerDomain(sweeps.flatMap((sweep) => (sweep.objective === null ? (sweep.best ?? []) : [])))
  return (
    <>
      {held.news > 0 && (
        <p className={styles.news} role="status">
          {plural(held.news, 'new sweep')},{' '}
          <button type="button" className="link" onClick={held.apply}>
            show
          </button>
        </p>
      )}
      <div className="table-wrap" {...held.holders}>
        <table className={styles.list} aria-label="Sweeps">
          <thead>
            <tr>
              <th>Sweep</th>
              <th>
                <span className="sr">Delete</span>
              </th>
              <th>Status</th>
              <th>Progress</th>
              <th>Scores</th>
              <th className="num">Best score</th>
              <th>95 % interval</th>
              <th className="num">{system?.slotKind === 'cpu' ? 'CPU slots' : 'GPUs'}</th>
              <th className="num">Time</th>
            </tr>
          </thead>
          <tbody>
            {held.rows.map((sweep) => (
              <SweepRow key={sweep.id} sweep={sweep} domain={domain} now={now} slotKind={system?.slotKind ?? 'gpu'} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

type RowProps = { sweep: SweepSummary; domain: [number, number]; now: number; slotKind: SystemView['slotKind'] }

function SweepRow({ sweep, domain, now, slotKind }: RowProps) {
  const { counts, best } = sweep
  const progress = [
    `${formatCount(sweep.isScored ? counts.scored : counts.done)} of ${plural(counts.points, 'point')}`,
    counts.failed > 0 ? `${formatCount(counts.failed)} failed` : '',
  ].filter(Boolean)
  return (
    <>
      <tr>
        <td className={styles.name}>
          <Link className="row" href={`/sweeps/${sweep.id}`}>
            {sweep.name}
          </Link>
          <div className="small ink3">{Object.keys(sweep.axes).join(' × ')}</div>
        </td>
        <td className={styles.remove}>
          <DeleteButton sweep={sweep} />
        </td>
        <td className={styles.state}>
          <Status status={sweep.status} />
        </td>
        <td className={styles.progress}>
          <ProgressBar cells={sweep.cells} shares={sweep.shares} thin label={`Points of ${sweep.name} scored`} />
          <div className="small ink2">{progress.join(', ')}</div>
        </td>
        <td className={styles.grid}>
          <MiniHeatmap sweep={sweep} />
        </td>
        <td className={`num ${best ? 'score' : 'ink3'} ${styles.best}`}>{formatScore(best?.score ?? null)}</td>
        <td className={styles.interval}>
          {best && sweep.objective ? (
            <span className="small ink3">
              {sweep.objective.metric}, {sweep.objective.goal === 'minimize' ? 'less' : 'more'} is better
            </span>
          ) : best ? (
            <div className={styles.whisker}>
              <Whisker score={best.score} interval={best.interval} domain={domain} />
              <span className="interval">{best.interval ? formatInterval(best.interval) : 'no interval'}</span>
            </div>
          ) : (
            <span className="ink3 small">{isSweepFinished(sweep.status) ? 'no score' : 'no score yet'}</span>
          )}
        </td>
        <td className={`num ${styles.slots}`}>
          {sweep.slotsHeld > sweep.slotsQueued ? sweep.slotsHeld - sweep.slotsQueued : <span className="ink3">–</span>}
          <span className={styles.unit}> {slotKind === 'gpu' ? 'GPUs' : 'CPU slots'}</span>
        </td>
        <td className={`num ink2 ${styles.time}`}>{timeWords(sweep, now)}</td>
      </tr>
      {sweep.status === 'paused' && (
        <tr className={styles.why}>
          <td colSpan={9}>
            <PauseReason sweep={sweep} />
          </td>
        </tr>
      )}
    </>
  )
}

function timeWords(sweep: SweepSummary, now: number): string {
  const left = sweep.timeLeft && formatDuration(sweep.timeLeft.seconds)
  if (sweep.origin === 'imported') return `loaded ${formatAgo(sweep.createdAt, now)}`
  if (sweep.status === 'waiting') return left ? `waiting, then ${left}` : `added ${formatAgo(sweep.createdAt, now)}`
  if (sweep.status === 'paused') return left ? `${left} of work left` : `added ${formatAgo(sweep.createdAt, now)}`
  if (sweep.status === 'running') {
    if (left) return `${left} left`
    return sweep.startedAt === null ? '' : `running for ${formatDuration((now - sweep.startedAt) / 1_000)}`
  }
  if (sweep.finishedAt === null) return ''
  const day = formatDay(sweep.finishedAt, now)
  return sweep.startedAt === null ? day : `${day}, took ${formatDuration((sweep.finishedAt - sweep.startedAt) / 1_000)}`
}

/** Takes effect at once and can be taken back for 10 seconds; only live work has to be cancelled first, on the sweep's page. */
function DeleteButton({ sweep }: { sweep: SweepSummary }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const readAgain = () => void queryClient.invalidateQueries(trpc.sweeps.list.pathFilter())
  const restore = useMutation(trpc.sweeps.restore.mutationOptions({ onSuccess: readAgain }))
  const remove = useMutation(
    trpc.sweeps.remove.mutationOptions({
      onSuccess: () => {
        readAgain()
        showToast({ text: `Deleted ${sweep.name}.`, undo: () => restore.mutate({ id: sweep.id }) })
      },
    }),
  )
  const live = sweep.slotsHeld > 0
  return (
    <button
      type="button"
      className="btn quiet icon sm"
      aria-label={`Delete ${sweep.name}`}
      title={live ? 'It is running: cancel it first' : 'Delete'}
      disabled={live || remove.isPending}
      onClick={() => remove.mutate({ id: sweep.id })}
    >
      <BinIcon />
    </button>
  )
}
