'use client'
import { Link } from '../../_shell/link.tsx'
import { Fragment, useEffect, useState } from 'react'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import type { CheckpointView } from '../../../contract/api/checkpoints.ts'
import type { Goal } from '../../../domain/sweep/stop-early.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { formatCount, formatInterval, formatScore, partlyWords, progressWords } from '../../_words/format.ts'
import { CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { StarIcon } from '../../_shell/icons.tsx'
import { Status } from '../../_words/status.tsx'
import { useCheckpointChanges } from '../../_checkpoints/use-checkpoint.ts'
import { Whisker, whiskerDomain } from '../../_charts/whisker.tsx'
import { ChoiceCells, nameOf, PickBox, Result } from './checkpoint-cells.tsx'
import { CheckpointChoice, OnDisk } from './checkpoint-choice.tsx'
import { Reasons } from './reasons.tsx'
import type { LogSource } from './run-log.tsx'
import styles from './run.module.css'

const shownAtFirst = 7
type Order = 'score' | 'step'

function sorted(checkpoints: CheckpointView[], order: Order, goal: Goal): CheckpointView[] {
  const byStep = (a: CheckpointView, b: CheckpointView) => (a.step ?? a.epoch ?? 0) - (b.step ?? b.epoch ?? 0)
  if (order === 'step') return checkpoints.toSorted(byStep)
  const valueOf = ({ score }: CheckpointView) =>
    score === null ? -Number.MAX_VALUE : goal === 'minimize' ? -score : score
  return checkpoints.toSorted((a, b) => valueOf(b) - valueOf(a) || byStep(a, b))
}

/** Every benchmark of the baseline, then the others in the order reported. */
function benchmarksOf(run: RunDetail): string[] {
  const reported = run.checkpoints.flatMap(({ results }) => Object.keys(results))
  return [...new Set([...Object.keys(run.sweep.baseline), ...reported])]
}

/** The run's checkpoints with what their evaluations gave, best first. */
export function Checkpoints({ run, onLog }: { run: RunDetail; onLog: (source: LogSource) => void }) {
  const [order, setOrder] = useState<Order>('score')
  const [all, setAll] = useState(false)
  useEffect(() => {
    // a triangle may lead to a row that is not shown yet
    const onHash = () => {
      if (!location.hash.startsWith('#checkpoint-')) return
      setAll(true)
      requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: 'center' }))
    }
    onHash()
    window.addEventListener('hashchange', onHash)
    return () => window.removeEventListener('hashchange', onHash)
  }, [])
  const { togglePick } = useCheckpointChanges()
  const [opened, setOpened] = useState<number | null>(null)
  const compare = useCompareChoice()
  const { checkpoints } = run
  const { objective } = run.sweep
  const isLow = objective?.goal === 'minimize'
  const rows = sorted(checkpoints, order, objective?.goal ?? 'maximize')
  const shown = all ? rows : rows.slice(0, shownAtFirst)
  const domain = whiskerDomain(checkpoints)
  const benchmarks = benchmarksOf(run)
  const head = (key: Order, label: string, numeric: boolean) => (
    <th
      className={numeric ? 'num' : undefined}
      aria-sort={order === key ? (key === 'score' && !isLow ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" onClick={() => setOrder(key)}>
        {label}
        {order === key && (key === 'score' && !isLow ? ' ↓' : ' ↑')}
      </button>
    </th>
  )
  return (
    <section className="section" id="checkpoints" aria-labelledby="checkpoints-title">
      <div className="section-head">
        <h2 id="checkpoints-title">Checkpoints</h2>
        <span className="note">
          {checkpoints.length === 0
            ? isJobFinished(run.status)
              ? 'none'
              : 'none yet'
            : order === 'score'
              ? `best first${objective === null ? ', against the sweep’s baseline' : ''}; pick one to go on from`
              : 'in the order they were saved'}
        </span>
        <div className="actions">
          <CompareLink chosen={compare.chosen} onClear={compare.clear} />
          {rows.length > shown.length && (
            <button type="button" className="btn sm" onClick={() => setAll(true)}>
              Show all {formatCount(rows.length)}
            </button>
          )}
        </div>
      </div>
      {checkpoints.length === 0 ? (
        <p className="ink3">
          {isJobFinished(run.status)
            ? 'The training ended without saving one.'
            : 'Checkpoints appear here as the trainer reports them, each with its evaluation.'}
        </p>
      ) : (
        <div className="table-wrap">
          <table aria-labelledby="checkpoints-title" className={styles.checkpoints}>
            <thead>
              <tr>
                {head('step', 'Checkpoint', false)}
                {head('score', objective?.metric ?? 'Score', true)}
                {objective === null && <th>95 % interval, line at 1.0</th>}
                {benchmarks.map((benchmark) => (
                  <th className="num" key={benchmark}>
                    {benchmark}, %<span className={styles.ratio}>{benchmark in run.sweep.baseline ? 'ratio' : ''}</span>
                  </th>
                ))}
                <th>Evaluation</th>
                <th>On disk</th>
                <th>Tags</th>
                <th>Compare</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((checkpoint) => (
                <Fragment key={checkpoint.id}>
                  <tr
                    id={`checkpoint-${checkpoint.id}`}
                    className={`${styles.target} ${checkpoint.picked ? 'is-open' : ''}`}
                  >
                    <td className="strong">
                      <PickBox checkpoint={checkpoint} onToggle={togglePick} />{' '}
                      {checkpoint.best && <StarIcon label="Best of this run" className={styles.star} />}
                    </td>
                    <td className="num score" title={partlyWords(checkpoint.partly) || undefined}>
                      {formatScore(checkpoint.score)}
                      {checkpoint.partly && <span className="ink3 small"> {partlyWords(checkpoint.partly)}</span>}
                    </td>
                    {objective === null && (
                      <td>
                        <span className={styles.whisker}>
                          <Whisker
                            score={checkpoint.score}
                            interval={checkpoint.interval}
                            domain={domain}
                            width={112}
                          />
                          {checkpoint.interval && (
                            <span className="interval">{formatInterval(checkpoint.interval)}</span>
                          )}
                        </span>
                      </td>
                    )}
                    {benchmarks.map((benchmark) => (
                      <Result
                        key={benchmark}
                        checkpoint={checkpoint}
                        benchmark={benchmark}
                        withRatio={benchmark in run.sweep.baseline}
                      />
                    ))}
                    <td>
                      <EvaluationCell checkpoint={checkpoint} onLog={onLog} />
                    </td>
                    <td>
                      <OnDisk checkpoint={checkpoint} />
                    </td>
                    <ChoiceCells
                      checkpoint={checkpoint}
                      invitation="tag, note"
                      isOpened={opened === checkpoint.id}
                      onOpen={setOpened}
                      compare={compare}
                    />
                  </tr>
                  {(checkpoint.picked || opened === checkpoint.id || checkpoint.repeats !== null) && (
                    <tr className={`${styles.choice} ${checkpoint.picked ? 'is-open' : ''}`}>
                      <td colSpan={benchmarks.length + (objective === null ? 7 : 6)}>
                        <CheckpointChoice checkpoint={checkpoint} name={nameOf(checkpoint)} onLog={onLog} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {checkpoints.length > 0 && <Reasons run={run} checkpoints={shown} nameOf={nameOf} />}
    </section>
  )
}

function EvaluationCell({ checkpoint, onLog }: { checkpoint: CheckpointView; onLog: (source: LogSource) => void }) {
  const { evaluation, point } = checkpoint
  const error = point?.error ?? evaluation?.error ?? null
  if (!evaluation) {
    // what was cancelled, or never published, is no fault
    if (error) return <span className={point?.status === 'cancelled' ? 'ink3' : styles.wrong}>{error}</span>
    const { measuredIn } = checkpoint
    if (measuredIn)
      return (
        <Link className="link" href={`/runs/${measuredIn.id}`}>
          by {measuredIn.sweepName}, run {measuredIn.number}
        </Link>
      )
    const measured = Object.keys(checkpoint.results).length > 0 ? 'by the training' : ''
    return <span className="ink3">{point ? measured : 'not a point of the grid'}</span>
  }
  const share = progressWords(evaluation.progress)
  return (
    <span className={styles.evaluation}>
      <Status
        status={evaluation.status}
        words={evaluation.status === 'running' && share !== '' ? `Running, ${share}` : undefined}
      />
      {evaluation.attempt > 0 && (
        <button
          type="button"
          className="link small"
          aria-label={`Log of the evaluation of ${nameOf(checkpoint)}`}
          onClick={() => onLog({ attempt: evaluation.attempt, evaluationJobId: evaluation.id })}
        >
          log
        </button>
      )}
      {error && <span className={styles.wrong}>{error}</span>}
    </span>
  )
}
