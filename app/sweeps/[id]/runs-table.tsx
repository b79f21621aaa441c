'use client'
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CompareBox, CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { Link } from '../../_shell/link.tsx'
import { isJobLive } from '../../../domain/life/run-status.ts'
import type { RunRow, RunRowsPage } from '../../../contract/api/runs.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import {
  cutMiddle,
  formatAgo,
  formatCount,
  formatDuration,
  formatScore,
  mostOfValue,
  plural,
  progressShare,
  trainingWords,
  valueOn,
} from '../../_words/format.ts'
import { reasonBeside, Status, statusWord } from '../../_words/status.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { pagesByNumber, rowsEachPage, usePagedRows } from '../../_tables/paged-rows.tsx'
import { useNow } from '../../_words/use-now.ts'
import { Spacer, UnreadRow } from '../../_tables/virtual-rows.tsx'
import styles from './runs-table.module.css'

type Which = 'all' | 'live' | 'failed'
const rowHeight = 31

/** Every training with its state, live; by number, all of them or those in a state. */
export function SweepRunsTable({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const kind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  const now = useNow(10)
  const { counts, axes } = sweep
  const compare = useCompareChoice()
  const [which, setWhich] = useState<Which>('all')
  const total = { all: counts.trainings, live: counts.trainingsLive, failed: counts.trainingsFailed }[which]
  const { body, indexes, pageNumbers, before, after } = usePagedRows(total, rowHeight)
  const pages = pagesByNumber<RunRowsPage>(
    useQueries({
      queries: pageNumbers.map((number) =>
        trpc.sweeps.runs.queryOptions(
          { id: sweep.id, which, offset: number * rowsEachPage, limit: rowsEachPage },
          { placeholderData: keepPreviousData, staleTime: 60_000, gcTime: 60_000 },
        ),
      ),
    }),
  )
  // published figures have nothing that ran; imported metrics have
  const ran = sweep.origin !== 'imported' || sweep.runs.some((run) => run.attempt > 0)
  if (!ran || counts.trainings === 0) return null
  const choose = (some: Which, count: number, words: string) =>
    (count > 0 || which === some) && (
      <>
        {', '}
        <button
          type="button"
          className="link"
          aria-pressed={which === some}
          onClick={() => setWhich(which === some ? 'all' : some)}
        >
          {formatCount(count)} {words}
        </button>
      </>
    )
  return (
    <section className="section" id="runs" aria-labelledby="runs-title">
      <div className="section-head">
        <h2 id="runs-title">Runs</h2>
        <span className="note">
          {plural(counts.trainings, 'training')}
          {sweep.inShort.broken > 0 && ', points that break a constraint are none’s best'}
          {choose('live', counts.trainingsLive, 'running now')}
          {choose('failed', counts.trainingsFailed, 'failed')}
          {which !== 'all' && (
            <>
              {': only these are listed, '}
              <button type="button" className="link" onClick={() => setWhich('all')}>
                show all
              </button>
            </>
          )}
        </span>
        <CompareLink of="runs" chosen={compare.chosen} onClear={compare.clear} />
      </div>
      <div className="table-wrap">
        <table className={styles.runs} aria-label="Runs" aria-rowcount={total + 1}>
          <thead>
            <tr>
              <th>Run</th>
              <th>Settings</th>
              <th>Status</th>
              <th className="num">Attempt</th>
              <th>{kind === 'gpu' ? 'GPUs' : 'CPU slots'}</th>
              <th className="num">{sweep.objective ? `Best ${sweep.objective.metric}` : 'Best score'}</th>
              <th className="num">Time</th>
            </tr>
          </thead>
          <tbody ref={body}>
            <Spacer columns={7} height={before} />
            {indexes.map((index) => {
              const page = pages.get(Math.floor(index / rowsEachPage))
              const run = page?.rows[index - page.offset]
              if (run) return <Row key={run.id} run={run} axes={axes} now={now} compare={compare} />
              return <UnreadRow key={`unread-${index}`} columns={7} />
            })}
            <Spacer columns={7} height={after} />
          </tbody>
        </table>
      </div>
    </section>
  )
}

type RowProps = { run: RunRow; axes: SweepDetail['axes']; now: number; compare: ReturnType<typeof useCompareChoice> }

function Row({ run, axes, now, compare }: RowProps) {
  const live = isJobLive(run.status)
  const settings = axes
    .filter((axis) => !axis.milestone)
    .map((axis) => `${axis.name} ${cutMiddle(valueOn(run.params, axis.name), mostOfValue)}`)
  const share = live ? trainingWords(run.progress, axes) : ''
  const reason = reasonBeside(run.status, run.error)
  return (
    <tr>
      <td className="nowrap">
        <CompareBox
          id={run.id}
          name={`run ${run.number}`}
          checked={compare.chosen.includes(run.id)}
          onToggle={compare.toggle}
        />{' '}
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
        {reason !== '' && (
          <span className={`small ink3 ${styles.error}`} title={reason}>
            {reason}
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
