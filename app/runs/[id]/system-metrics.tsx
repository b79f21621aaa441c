'use client'
import { useQuery } from '@tanstack/react-query'
import { useId, useMemo, useState } from 'react'
import type { RunDetail, SystemMetricsView } from '../../../contract/api/runs.ts'
import { type CurveAxis, curveAxis } from '../../_charts/curve-axis.ts'
import { CurveChart } from '../../_charts/curve-chart.tsx'
import curves from '../../_charts/curves.module.css'
import { formatCount } from '../../_words/format.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import { systemGroups, systemTitle, type SystemGroup } from './system-words.ts'
import styles from './system-metrics.module.css'

/** With more charts than these the machine and all GPUs but the first are folded up. */
const openedUpTo = 12

/** What the training, or one of its evaluations, took of its machine, over time; nothing where nothing was sampled. */
export function SystemMetrics({ run }: { run: RunDetail }) {
  const trpc = useTRPC()
  const [evaluationJobId, setEvaluation] = useState<number>()
  const evaluations = run.checkpoints.flatMap(({ step, epoch, evaluation }) =>
    evaluation === null
      ? []
      : [{ id: evaluation.id, words: step === null ? `epoch ${epoch ?? '?'}` : `step ${formatCount(step)}` }],
  )
  const { data } = useQuery(
    trpc.runs.systemMetrics.queryOptions({ id: run.id, ...(evaluationJobId !== undefined && { evaluationJobId }) }),
  )
  if (data === undefined || (data === null && evaluationJobId === undefined)) return null
  return (
    <section className="section" aria-labelledby="system-title">
      <div className="section-head">
        <h2 id="system-title">System</h2>
        <span className="note">sampled beside the program; none of its metrics</span>
        {evaluations.length > 0 && (
          <select
            className={styles.choice}
            aria-label="Whose system metrics"
            value={evaluationJobId ?? ''}
            onChange={({ target }) => setEvaluation(target.value === '' ? undefined : Number(target.value))}
          >
            <option value="">Training</option>
            {evaluations.map(({ id, words }) => (
              <option key={id} value={id}>
                Evaluation of {words}
              </option>
            ))}
          </select>
        )}
      </div>
      {data === null ? (
        <p className="ink3">It ended before its first sample.</p>
      ) : (
        <Groups key={evaluationJobId ?? 'training'} view={data} />
      )}
    </section>
  )
}

function Groups({ view }: { view: SystemMetricsView }) {
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const syncKey = useId()
  const axis = useMemo((): CurveAxis => {
    const relative = curveAxis('relative', undefined, false)
    return { ...relative, wordsOfLast: relative.words }
  }, [])
  const groups = systemGroups(view.series)
  const whole: [number, number] = [0, Math.max(1, view.seconds)]
  const marks = {
    checkpoints: [],
    attempts: view.attempts
      .filter(({ number }) => number > 1)
      .map(({ number, seconds }) => ({ step: seconds, label: `attempt ${number}` })),
    now: null,
  }
  const isOpen = ({ key }: SystemGroup, at: number) =>
    view.series.length <= openedUpTo || key === 'attempt' || at === groups.findIndex((one) => one.key !== 'attempt')
  return groups.map((group, at) => (
    <details key={group.key} className={styles.group} open={isOpen(group, at)}>
      <summary>
        <b>{group.title}</b> <span className="ink3">{group.note}</span>
      </summary>
      <div className={curves.grid}>
        {group.series.map((series) => (
          <CurveChart
            key={series.metric}
            metric={`system/${series.metric}`}
            title={systemTitle(series.metric)}
            series={[series]}
            axis={axis}
            range={zoom ?? whole}
            window={0}
            logarithmic={false}
            withAxis
            marks={marks}
            syncKey={syncKey}
            onZoom={(next) => setZoom(next && [Math.max(0, next[0]), Math.min(whole[1], next[1])])}
          />
        ))}
      </div>
    </details>
  ))
}
