'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import { useEffect, useMemo, useState } from 'react'
import { countLeading, orderMetrics } from '../../../domain/score/metric-roles.ts'
import { measurementNumber } from '../../../domain/sweep/measured-baseline.ts'
import { isJobFinished, isJobLive } from '../../../domain/life/run-status.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import type { CurveMarks } from '../../_charts/curve-drawing.ts'
import { Curves } from '../../_charts/curves.tsx'
import { formatCount, formatScore } from '../../_words/format.ts'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { CheckpointCharts } from './checkpoint-charts.tsx'
import { Attempts } from './attempts.tsx'
import { Checkpoints } from './checkpoints.tsx'
import { MeasurementPage } from './measurement.tsx'
import { MetricsFiles } from './metrics-files.tsx'
import { OwnRunPage } from './own-run-page.tsx'
import { RunHeader } from './run-head.tsx'
import { type LogSource, RunLog } from './run-log.tsx'
import { Notes } from './run-notes.tsx'
import { RunSettingsList } from './run-settings.tsx'
import { UsedAndMade } from './used-and-made.tsx'
import { SystemMetrics } from './system-metrics.tsx'
import { WhatWasRunSection } from './what-was-run.tsx'
import styles from './run.module.css'

/** One training: whether it goes well, its curves and log, and its checkpoints. */
export function RunPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.runs.get.queryOptions({ id }))
  const { data } = query
  const run = useMemo(
    () =>
      data &&
      (data.sweep === null ? data : { ...data, attempts: data.attempts.toSorted((a, b) => a.number - b.number) }),
    [data],
  )
  if (run) return run.sweep === null ? <OwnRunPage run={run} /> : <Run run={run} />
  return query.error ? (
    <LoadError error={query.error} what="run" retry={() => void query.refetch()} />
  ) : (
    <Ghost lines={8} />
  )
}

function Run({ run }: { run: RunDetail }) {
  const [source, setSource] = useState<LogSource | null>(null)
  useEffect(() => {
    const what = run.number === measurementNumber ? 'baseline' : `run ${run.number}`
    document.title = `${run.sweep.name} · ${what} · Sweepboard`
  }, [run.sweep.name, run.number])
  useEffect(() => {
    // the part that an address names was not there yet when the page was opened
    if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView()
  }, [])
  const showLog = (next: LogSource) => {
    setSource(next)
    document.getElementById('log')?.scrollIntoView({ block: 'start', behavior: 'smooth' })
  }
  // it ran elsewhere: there is no log, no job file, and no state of its code
  const imported = run.sweep.origin === 'imported'
  if (imported && run.attempts.length === 0) return <Imported run={run} />
  if (run.number === measurementNumber) return <MeasurementPage run={run} source={source} onSource={setSource} />
  const measured = run.metrics.length > 0
  const log = !imported && <RunLog run={run} source={source} onSource={setSource} />
  return (
    <>
      <RunHeader run={run} />
      {measured && (
        <section className="section" aria-label="Curves">
          <CurvesOfRun run={run} />
        </section>
      )}
      <section className="section" aria-label={imported ? 'Attempts' : 'Log and attempts'}>
        <div className={imported ? undefined : `cols ${styles.two}`}>
          {log}
          <div>
            <Attempts run={run} onLog={imported ? null : showLog} />
            {!measured && <NoCurves run={run} />}
          </div>
        </div>
      </section>
      {(!imported || run.checkpoints.length > 0) && <Checkpoints run={run} onLog={showLog} />}
      {!imported && <SystemMetrics run={run} />}
      <UsedAndMade artifacts={run.artifacts} />
      <Notes run={run} />
      <RunSettingsList run={run} />
      {!imported && run.attempts.length > 0 && <WhatWasRunSection run={run} />}
    </>
  )
}

/** A run of which only figures are known. */
function Imported({ run }: { run: RunDetail }) {
  return (
    <>
      <RunHeader run={run} />
      <section className="section" aria-label="Where its figures come from">
        <p className="ink2">
          Published figures: nothing was trained here, so there are no curves and no log. Its scores stand on{' '}
          <Link className="link" href={`/sweeps/${run.sweep.id}`}>
            the page of {run.sweep.name}
          </Link>
          .
        </p>
      </section>
      {run.checkpoints.length > 0 && <Checkpoints run={run} onLog={() => undefined} />}
    </>
  )
}

function CurvesOfRun({ run }: { run: RunDetail }) {
  const lastStep = run.attempts.reduce((highest, attempt) => Math.max(highest, attempt.lastStep ?? 0), 0)
  const total = stepsInAll(run, lastStep)
  const marks = useMemo(() => marksOf(run, lastStep), [run, lastStep])
  const metrics = useMemo(() => orderMetrics(run.metrics), [run.metrics])
  return (
    <>
      <div className="section-head">
        <h2>Curves</h2>
        <span className="note">
          faint: each step or its range; line: smoothed; triangles: checkpoints. Drag to zoom.
        </span>
        <MetricsFiles id={run.id} />
      </div>
      <Curves
        runIds={[run.id]}
        metrics={metrics}
        steps={[0, Math.max(1, total)]}
        marks={marks}
        shownAtFirst={Math.max(8, countLeading(metrics))}
        renderBefore={(range, axis) => <CheckpointCharts run={run} range={range} axis={axis} />}
      />
    </>
  )
}

function NoCurves({ run }: { run: RunDetail }) {
  return (
    <div className={styles.attempts}>
      <div className="section-head">
        <h2>Curves</h2>
      </div>
      <p className="ink3">{noCurves(run)}</p>
    </div>
  )
}

function noCurves(run: RunDetail): string {
  if (run.sweep.origin === 'imported') return 'No metrics were imported of it.'
  if (run.status === 'waiting') return 'Curves are drawn here once the training has started and reports metrics.'
  return isJobFinished(run.status)
    ? 'This training reported no metrics. A trainer appends them to the file in SWEEPBOARD_EVENTS.'
    : 'No metrics yet. They appear as the trainer reports them.'
}

/** Where the axis ends: at the last step to come, where the trainer's progress counts steps. */
function stepsInAll(run: RunDetail, lastStep: number): number {
  const { progress } = run
  const countsSteps = progress !== null && Math.abs(progress.done - lastStep) <= Math.max(1, 0.02 * progress.total)
  return countsSteps && isJobLive(run.status) ? Math.max(lastStep, progress.total) : lastStep
}

function marksOf(run: RunDetail, lastStep: number): CurveMarks {
  return {
    checkpoints: run.checkpoints.flatMap(({ id, step, score, best }) =>
      step === null
        ? []
        : [
            {
              step,
              label: `Checkpoint, step ${formatCount(step)}${score === null ? '' : `: ${formatScore(score)}`}`,
              href: `#checkpoint-${id}`,
              best,
            },
          ],
    ),
    attempts: run.attempts.flatMap(({ number, firstStep, resumedFrom }) => {
      if (number === 1 || firstStep === null) return []
      const from = Math.max(0, firstStep - 1)
      return [
        {
          step: from,
          label: resumedFrom === null ? `attempt ${number}` : `attempt ${number} from ${formatCount(from)}`,
        },
      ]
    }),
    now: isJobLive(run.status) && lastStep > 0 ? lastStep : null,
  }
}
