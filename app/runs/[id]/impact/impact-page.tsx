'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ImpactView } from '../../../../contract/api/impact.ts'
import { formatValue } from '../../../_charts/curve-data.ts'
import { Link } from '../../../_shell/link.tsx'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { BelowRunCrumb } from '../below-run-crumb.tsx'
import { ImpactControls } from './impact-controls.tsx'
import { ImpactCurves } from './impact-curves.tsx'
import { ImpactScores } from './impact-scores.tsx'
import { ImpactTable } from './impact-table.tsx'
import styles from './impact.module.css'
import { StartRound } from './start-round.tsx'
import { useImpactAddress } from './use-impact-address.ts'

/** Which problems of a run taught it: their rewards over the epochs, how well each follows the mean, and those above a threshold. */
export function LearningImpactPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const { asked, change, exported } = useImpactAddress()
  const { by, epochs, threshold } = asked
  const run = useQuery(trpc.runs.get.queryOptions({ id }))
  const impact = useQuery(
    trpc.impact.get.queryOptions({ id, by, epochs, threshold }, { placeholderData: keepPreviousData }),
  )
  const title =
    run.data && (run.data.sweep === null ? run.data.name : `${run.data.sweep.name} · run ${run.data.number}`)
  useEffect(() => {
    if (title) document.title = `Learning impact in ${title} · Sweepboard`
  }, [title])
  const failed = run.error ?? impact.error
  if (!run.data || !impact.data) {
    if (!failed) return <Ghost lines={8} />
    return (
      <LoadError
        error={failed}
        what="run"
        retry={() => {
          void run.refetch()
          void impact.refetch()
        }}
      />
    )
  }
  const view = impact.data
  return (
    <>
      <BelowRunCrumb run={run.data}>
        {' '}
        <Link href={`/runs/${id}/rollouts`}>Rollouts</Link> /
      </BelowRunCrumb>
      <div className="title">
        <h1>Learning impact</h1>
        {view.problems > 0 && (
          <span className="ink2">
            {plural(view.samples, 'response')} to {plural(view.problems, 'problem')}
          </span>
        )}
        {view.why === null && (
          <div className="actions">
            <a
              className="btn"
              href={`/export/runs/${id}/impact.csv?${exported}`}
              download
              aria-label="All scores as CSV"
            >
              CSV
            </a>
            <a
              className="btn"
              href={`/export/runs/${id}/problems.jsonl?${exported}`}
              download
              aria-label="The chosen problems as JSONL"
            >
              JSONL
            </a>
          </div>
        )}
      </div>
      <Answer view={view} />
      {view.problems > 0 && <ImpactControls view={view} asked={asked} change={change} />}
      {view.why === null && (
        <>
          <div className={styles.charts}>
            <ImpactCurves view={view} />
            <ImpactScores view={view} onChoose={(threshold) => change({ threshold })} />
          </div>
          <StartRound runId={id} view={view} knowsSweep={run.data.sweep !== null} />
          <ImpactTable runId={id} asked={asked} onOrder={(next) => change({ order: next })} />
        </>
      )}
    </>
  )
}

/** What was found, and what it rests on. */
function Answer({ view }: { view: ImpactView }) {
  if (view.why !== null)
    return (
      <p className={styles.answer} role="status">
        {view.why}
        {view.problems === 0 && ' A trainer reports them as events of type sample, with a reward.'}
      </p>
    )
  const { chosen, scored, threshold, close, luck, mean, problems, range } = view
  const left = problems - scored
  const what = view.by === '' ? 'reward' : view.by
  return (
    <div className={styles.answer}>
      <p role="status">
        <b>
          {formatCount(chosen)} of {plural(scored, 'problem')}
        </b>{' '}
        {scored === 1 ? 'follows' : 'follow'} the mean curve by {threshold} or more.
        {close > 0 &&
          ` ${formatCount(close)} of all ${close === 1 ? 'lies' : 'lie'} so close to ${threshold} that other responses could have put ${close === 1 ? 'it' : 'them'} on its other side.`}
      </p>
      <p className="ink2 small">
        {what} {formatValue(range.zero)} counts as 0 and {formatValue(range.one)} as 1; the mean goes from{' '}
        {mean[0]!.toFixed(2)} to {mean.at(-1)!.toFixed(2)} over {plural(mean.length, 'epoch')}. The luck of the
        responses takes {luck.toFixed(2)} off a score.
        {left > 0 && ` ${plural(left, 'problem')} without a curve: asked too seldom.`}
      </p>
    </div>
  )
}
