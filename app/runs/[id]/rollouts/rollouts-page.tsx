'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../../_shell/link.tsx'
import { useEffect, useMemo, useState } from 'react'
import { isJobFinished } from '../../../../domain/life/run-status.ts'
import type { SampleStepsView } from '../../../../contract/api/samples.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { type AnyRun, BelowRunCrumb } from '../below-run-crumb.tsx'
import { NoSamples } from './no-samples.tsx'
import { PromptOverSteps } from './prompt-over-steps.tsx'
import styles from './rollouts.module.css'
import { SampleControls } from './sample-controls.tsx'
import { SampleList } from './sample-list.tsx'
import { StepList } from './step-list.tsx'
import { StepPicker } from './step-picker.tsx'
import { type StepRow, stepRows } from './step-rows.ts'
import { useAddress } from './use-address.ts'
import { useArrowKeys } from './use-arrow-keys.ts'

/** What the model answered while it was trained: the samples of a run by step, with the parts of their rewards. */
export function RolloutsPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const run = useQuery(trpc.runs.get.queryOptions({ id }))
  const steps = useQuery(trpc.samples.steps.queryOptions({ id }))
  const failed = run.error ?? steps.error
  const title = run.data && titleOf(run.data)
  useEffect(() => {
    if (title) document.title = `Rollouts of ${title} · Sweepboard`
  }, [title])
  if (run.data && steps.data) return <Rollouts run={run.data} steps={steps.data} />
  if (!failed) return <Ghost lines={8} />
  return (
    <LoadError
      error={failed}
      what="run"
      retry={() => {
        void run.refetch()
        void steps.refetch()
      }}
    />
  )
}

const titleOf = (run: AnyRun) =>
  run.sweep === null ? `${run.project.name} · ${run.name}` : `${run.sweep.name} · run ${run.number}`

function Rollouts({ run, steps }: { run: AnyRun; steps: SampleStepsView }) {
  const [shown, change] = useAddress()
  const rows = useMemo(() => stepRows(steps, shown.attempt), [steps, shown.attempt])
  const last = rows.at(-1)
  // a step that came while somebody reads another is offered, never put in its place
  const [opened, setOpened] = useState<number | null>(null)
  if (opened === null && last) setOpened(last.step)
  const step = shown.step ?? opened ?? last?.step ?? null
  const at = typeof step === 'number' ? rows.findIndex((row) => row.step === step) : -1
  const seen = Math.max(opened ?? -1, typeof step === 'number' ? step : -1)
  const newer = rows.length - 1 - rows.findLastIndex((row) => row.step <= seen)
  const choose = (row: StepRow) => {
    if (row === last) setOpened(row.step)
    change({ step: row.step, prompt: null })
  }
  useArrowKeys({
    onStep: (by) => {
      const next = rows[Math.max(0, Math.min(rows.length - 1, (at === -1 ? rows.length : at) + by))]
      if (next && shown.prompt === null) choose(next)
    },
  })
  const following = shown.prompt !== null
  return (
    <>
      <BelowRunCrumb run={run} />
      <div className="title">
        <h1>Rollouts</h1>
        {steps.samples > 0 && (
          <span className="ink2">
            {plural(steps.samples, 'sample')} of {plural(steps.prompts, 'prompt')} in {plural(rows.length, 'step')}
          </span>
        )}
        {steps.samples > 0 && (
          <div className="actions">
            <Link className="btn" href={`/runs/${run.id}/impact`}>
              Learning impact
            </Link>
            <a className="btn" href={`/export/runs/${run.id}/samples.jsonl`} download aria-label="All samples as JSONL">
              JSONL
            </a>
          </div>
        )}
      </div>
      {steps.samples === 0 ? (
        <NoSamples finished={isJobFinished(run.status)} />
      ) : (
        <>
          {newer > 0 && last && (
            <p className={styles.offer} role="status">
              {plural(newer, 'new step')} while you read.{' '}
              <button type="button" className="link" onClick={() => choose(last)}>
                Show step {formatCount(last.step)}
              </button>
            </p>
          )}
          <div className={styles.page}>
            <StepList rows={rows} chosen={step} onChoose={choose} />
            <div className={styles.main}>
              {following ? (
                <PromptOverSteps runId={run.id} sampleId={shown.prompt!} onBack={() => change({ prompt: null })} />
              ) : (
                <>
                  <StepPicker
                    rows={rows}
                    at={at}
                    step={step}
                    attempt={shown.attempt}
                    onChoose={choose}
                    onChange={change}
                  />
                  <SampleControls shown={shown} steps={steps} step={step} onChange={change} />
                  <SampleList
                    runId={run.id}
                    steps={steps}
                    shown={{ ...shown, step }}
                    row={rows[at] ?? null}
                    onChange={change}
                  />
                </>
              )}
            </div>
          </div>
        </>
      )}
    </>
  )
}
