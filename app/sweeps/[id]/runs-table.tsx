'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import { isJobLive } from '../../../domain/life/run-status.ts'
import type { RunRow } from '../../../contract/api/runs.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import {
  formatAgo,
  formatCount,
  formatDuration,
  formatScore,
  plural,
  progressShare,
  trainingWords,
} from '../../_words/format.ts'
import { Status, statusWord } from '../../_words/status.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { useHeldRows } from '../../_tables/use-held-rows.ts'
import { useNow } from '../../_words/use-now.ts'
import { TableBody } from '../../_tables/virtual-rows.tsx'
import styles from './runs-table.module.css'

/** Every training with its state, live. */
export function RunsTable({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const kind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  const now = useNow(10)
  const held = useHeldRows(sweep.runs, { keyOf: (run) => run.id })
  // published figures have nothing that ran; imported metrics have
  const ran = sweep.origin !== 'imported' || sweep.runs.some((run) => run.attempt > 0)
  if (!ran || sweep.runs.length === 0) return null
  const live = sweep.runs.filter((run) => isJobLive(run.status)).length
  return (
    <section className="section" id="runs" aria-labelledby="runs-title">
      <div className="section-head">
        <h2 id="runs-title">Runs</h2>
        <span className="note">
          {plural(sweep.counts.trainings, 'training')}
          {sweep.runs.length < sweep.counts.trainings &&
            `, ${formatCount(sweep.runs.length)} of them here: live ones, failed ones, those that ended last`}
          {live > 0 && `, ${live} running now`}
        </span>
      </div>
      <div className="table-wrap" {...held.holders}>
        <table className={styles.runs} aria-label="Runs">
          <thead>
            <tr>
              <th>Run</th>
              <th>Settings</th>
              <th>Status</th>
              <th className="num">Attempt</th>
              <th>{kind === 'gpu' ? 'GPUs' : 'CPU slots'}</th>
              <th className="num">Best score</th>
              <th className="num">Time</th>
            </tr>
          </thead>
          <TableBody
            items={held.rows}
            columns={7}
            rowHeight={31}
            keyOf={(run) => run.id}
            render={(run) => <Row run={run} axes={sweep.axes} now={now} />}
          />
        </table>
      </div>
    </section>
  )
}

function Row({ run, axes, now }: { run: RunRow; axes: SweepDetail['axes']; now: number }) {
  const live = isJobLive(run.status)
  const settings = axes.filter((axis) => !axis.milestone).map((axis) => `${axis.name} ${run.params[axis.name]}`)
  const share = live ? trainingWords(run.progress, axes) : ''
  return (
    <tr>
      <td>
        <Link className="row" href={`/runs/${run.id}`}>
          run {run.number}
        </Link>
      </td>
      <td className={styles.settings}>{settings.length > 0 ? settings.join(', ') : '–'}</td>
      <td className={styles.state}>
        <Status status={run.status} words={stateWords(run, share)} />
        {live && (
          <span className={styles.track} aria-hidden="true">
            <i style={{ width: `${100 * (progressShare(run.progress) ?? 0)}%` }} />
          </span>
        )}
        {run.error && run.status !== 'cancelled' && (
          <span className={`small ink3 ${styles.error}`} title={run.error}>
            {run.error}
          </span>
        )}
      </td>
      <td className={`num ${styles.attempt}`}>{run.attempt > 0 ? run.attempt : ''}</td>
      <td className={styles.slots}>{run.slots?.join(', ')}</td>
      <td className={`num ${styles.best} ${run.bestScore === null ? 'ink3' : ''}`}>{formatScore(run.bestScore)}</td>
      <td className={`num ink2 ${styles.time}`}>{timeWords(run, now)}</td>
    </tr>
  )
}

function stateWords(run: RunRow, share: string): string {
  if (run.stopReason === 'cancel' && isJobLive(run.status)) return 'Stopping'
  return [statusWord(run.status), share].filter(Boolean).join(', ')
}

function timeWords(run: RunRow, now: number): string {
  if (run.startedAt === null) return ''
  if (run.finishedAt === null) return `running for ${formatDuration((now - run.startedAt) / 1_000)}`
  return `${formatAgo(run.finishedAt, now)}, took ${formatDuration((run.finishedAt - run.startedAt) / 1_000)}`
}
