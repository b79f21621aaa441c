'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import { useRef } from 'react'
import { rewardNames } from '../../../domain/score/metric-roles.ts'
import { isJobFinished, isJobLive } from '../../../domain/life/run-status.ts'
import type { Place } from '../../../domain/life/place.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import type { SystemView } from '../../../contract/api/system.ts'
import {
  formatClock,
  formatCount,
  formatDay,
  formatDuration,
  plural,
  progressShare,
  valueOn,
} from '../../_words/format.ts'
import { TriangleIcon } from '../../_shell/icons.tsx'
import { placeWords, waitWords } from '../../_words/place.ts'
import { Status } from '../../_words/status.tsx'
import { showToast } from '../../_shell/toast.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { useNow } from '../../_words/use-now.ts'
import { Judged, tellsJudgement } from './judged.tsx'
import { OtherTrainings } from './other-trainings.tsx'
import { RunNote } from './run-note.tsx'
import { LongValue } from '../../_words/long-value.tsx'
import styles from './run.module.css'

/** What the run is, how far it is, and what can be done with it. */
export function RunHeader({ run }: { run: RunDetail }) {
  const queued = run.status === 'starting' && newestPlace(run) !== null
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${run.sweep.id}`}>{run.sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>
          {run.sweep.name} · run {run.number}
        </h1>
        {run.stopReason && isJobLive(run.status) ? (
          <Status status={run.status} words={stopping[run.stopReason]} />
        ) : queued ? (
          <Status status="waiting" words="Queued" />
        ) : (
          <Status status={run.status} />
        )}
        <RunActions run={run} />
      </div>
      <Start run={run} />
      <OtherTrainings run={run} />
      <Params run={run} />
      <Facts run={run} />
      <Judged run={run} />
      {run.error && run.status !== 'cancelled' && !tellsJudgement(run) && (
        <p className={`error ${styles.why}`} role={run.status === 'failed' ? 'alert' : undefined}>
          <TriangleIcon />
          <span>
            {run.status !== 'failed' && 'Last attempt: '}
            {run.error}
          </span>
        </p>
      )}
      <RunNote run={run} />
    </>
  )
}

/** Its values on the sweep's axes; nothing where the only axis is how long it trains, which the facts say. */
function Params({ run: { sweep, params } }: { run: RunDetail }) {
  if (sweep.axes.every((axis) => axis.milestone)) return null
  return (
    <p className={styles.params}>
      {sweep.axes.map((axis) => (
        <span key={axis.name}>
          <span className="ink3">{axis.milestone ? `to ${axis.name}` : axis.name}</span>{' '}
          <span className="mono">
            <LongValue text={valueOn(params, axis.name)} most={60} />
          </span>
        </span>
      ))}
    </p>
  )
}

/** Which round it is, and what it started from. */
export function Start({ run: { startedFrom, round } }: { run: Pick<RunDetail, 'startedFrom' | 'round'> }) {
  if (startedFrom === null) return null
  const { checkpoint, init } = startedFrom
  return (
    <p className="ink2">
      {round === null ? 'Started from ' : `Round ${round}, from `}
      {checkpoint ? (
        <Link className="link" href={`/runs/${checkpoint.runId}#checkpoint-${checkpoint.id}`}>
          {checkpoint.step !== null
            ? `step ${formatCount(checkpoint.step)}`
            : checkpoint.epoch !== null
              ? `epoch ${checkpoint.epoch}`
              : 'the checkpoint'}{' '}
          of {checkpoint.runTitle}
        </Link>
      ) : (
        <span className={`mono ${styles.init}`}>
          <LongValue text={init} />
        </span>
      )}
    </p>
  )
}

const stopping = {
  cancel: 'Stopping, cancelled',
  timeout: 'Stopping, out of time',
  release: 'Stopping, to go on later',
  trouble: 'Stopping, cannot be followed',
  early: 'Stopping early',
  hold: 'Stopping, to be judged first',
} as const

function Facts({ run }: { run: RunDetail }) {
  const now = useNow(run.status === 'running' ? 1 : 10)
  const { progress, checkpoints } = run
  const trpc = useTRPC()
  const slotKind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  const lastStep = run.attempts.reduce((highest, attempt) => Math.max(highest, attempt.lastStep ?? 0), 0)
  const scored = checkpoints.filter((checkpoint) => checkpoint.point?.status === 'scored').length
  // one training gives as many points as its milestone axis has values
  const points = run.sweep.axes.find((axis) => axis.milestone)?.values.length ?? 1
  const ran = run.startedAt === null ? null : ((run.finishedAt ?? now) - run.startedAt) / 1_000
  const share = progressShare(progress)
  const place = newestPlace(run)
  const countsSteps = progress !== null && progress.done === lastStep
  return (
    <>
      <div className={styles.meta}>
        {progress && (
          <span>
            <b>
              {countsSteps ? 'Step ' : ''}
              {formatCount(progress.done)}
            </b>{' '}
            of {formatCount(progress.total)}
          </span>
        )}
        {!progress && lastStep > 0 && (
          <span>
            <b>Step {formatCount(lastStep)}</b>
          </span>
        )}
        {checkpoints.length > 0 && (
          <a className="link" href="#checkpoints">
            <b>{formatCount(checkpoints.length)}</b> {checkpoints.length === 1 ? 'checkpoint' : 'checkpoints'}
          </a>
        )}
        {checkpoints.length > 0 && (
          <span>
            {formatCount(scored)} of {plural(points, 'point')} scored
          </span>
        )}
        {run.slots && run.slots.length > 0 && <span>{slotsWords(run.slots, slotKind)}</span>}
        {place && <span>{(isJobLive(run.status) ? waitWords(place, now) : null) ?? placeWords(place)}</span>}
        {run.startedAt !== null && !(place && run.status === 'starting') && (
          <span title={new Date(run.startedAt).toLocaleString()}>
            {isJobFinished(run.status) ? 'Ran' : 'Running for'} {formatDuration(ran!)}, since{' '}
            {formatDay(run.startedAt, now)} {formatClock(run.startedAt)}
          </span>
        )}
        {run.status === 'waiting' && (
          <span>
            {run.sweep.status === 'paused'
              ? 'Waits: its sweep is paused'
              : place
                ? 'Waits to be handed to Slurm'
                : 'Waits for free slots'}
            {run.attempt > 0 && `, for attempt ${run.attempt + 1}`}
          </span>
        )}
        <span className={styles.left}>
          {isJobLive(run.status) && !(place && run.status === 'starting') && <TimeLeft run={run} />}
        </span>
      </div>
      {share !== null && (
        <StepsBar
          share={share}
          done={progress!.done}
          total={progress!.total}
          live={isJobLive(run.status)}
          failed={run.status === 'failed'}
        />
      )}
    </>
  )
}

/** Where a cluster has its newest attempt. */
function newestPlace({ attempts }: RunDetail): Place | null {
  return attempts.find(({ number }) => number === Math.max(...attempts.map((one) => one.number)))?.place ?? null
}

function TimeLeft({ run }: { run: RunDetail }) {
  if (run.timeLeftSeconds === null) return <>Time left is known once the training reports its progress</>
  return <b>About {formatDuration(run.timeLeftSeconds)} left</b>
}

/** `GPUs 4 to 7`, `GPUs 0, 2`, `GPU 3`; CPU slots are named alike. */
function slotsWords(slots: string[], kind: SystemView['slotKind']): string {
  const word = kind === 'gpu' ? 'GPU' : 'CPU slot'
  const numbers = slots.map(Number)
  const whole = numbers.every(Number.isInteger)
  const consecutive =
    whole && numbers.length > 2 && numbers.every((number, at) => at === 0 || number === numbers[at - 1]! + 1)
  if (slots.length === 1) return `${word} ${slots[0]}`
  return `${word}s ${consecutive ? `${slots[0]} to ${slots.at(-1)}` : slots.join(', ')}`
}

const segments = 20

function StepsBar({
  share,
  done,
  total,
  live,
  failed,
}: {
  share: number
  done: number
  total: number
  live: boolean
  failed: boolean
}) {
  const filled = Math.floor(share * segments)
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      {Array.from({ length: segments }, (_, at) => {
        const partly = at === filled && share < 1
        const name = at < filled ? 'done' : partly ? (live ? 'live' : failed ? 'bad' : 'off') : undefined
        return (
          <i
            key={at}
            className={name}
            style={
              partly && live ? ({ '--p': `${100 * (share * segments - filled)}%` } as React.CSSProperties) : undefined
            }
          />
        )
      })}
    </div>
  )
}

/** A command, or files that were imported, may hold samples; a built-in trainer has them where it is rewarded for what it writes. */
function mayHaveSamples({ attempt, command, metrics, sweep }: RunDetail): boolean {
  const fromElsewhere = command !== null || sweep.origin === 'imported'
  return attempt > 0 && (fromElsewhere || rewardNames.some((name) => metrics.includes(name)))
}

function RunActions({ run }: { run: RunDetail }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const dialog = useRef<HTMLDialogElement>(null)
  const onSuccess = () => void queryClient.invalidateQueries(trpc.runs.get.queryFilter({ id: run.id }))
  const cancel = useMutation(trpc.runs.cancel.mutationOptions({ onSuccess }))
  const retry = useMutation(trpc.runs.retry.mutationOptions({ onSuccess }))
  const { id } = run
  const live = isJobLive(run.status)
  const evaluating = run.checkpoints.filter(({ evaluation }) => evaluation && isJobLive(evaluation.status)).length
  // one that a person picked, else the best; without its files nothing can start
  const there = run.checkpoints.filter((checkpoint) => checkpoint.exists)
  const picked = there.filter((checkpoint) => checkpoint.picked)
  const next = picked.length > 0 ? picked : there.filter((checkpoint) => checkpoint.best).slice(0, 1)
  const onCancel = () => {
    if (live) return dialog.current?.showModal()
    cancel.mutate(
      { id },
      { onSuccess: () => showToast({ text: `Run ${run.number} is cancelled.`, undo: () => retry.mutate({ id }) }) },
    )
  }
  const onRetry = () =>
    retry.mutate(
      { id },
      {
        onSuccess: () =>
          showToast({ text: `Run ${run.number} is in the queue again.`, undo: () => cancel.mutate({ id }) }),
      },
    )
  return (
    <div className="actions">
      {mayHaveSamples(run) && (
        <Link className="btn" href={`/runs/${run.id}/rollouts`}>
          Rollouts
        </Link>
      )}
      {!isJobFinished(run.status) && run.stopReason !== 'cancel' && (
        <button type="button" className="btn" onClick={onCancel} disabled={cancel.isPending}>
          Cancel run
        </button>
      )}
      {next.length > 0 && (
        <Link
          className={isJobFinished(run.status) ? 'btn primary' : 'btn'}
          href={`/sweeps/new?checkpoint=${next.map(({ id }) => id).join(',')}`}
        >
          Start the next round
          {next.length > 1
            ? ` from the ${next.length} picked`
            : next[0]!.step !== null && ` from step ${formatCount(next[0]!.step)}`}
        </Link>
      )}
      {(run.status === 'failed' || run.status === 'cancelled' || run.status === 'stopped') && (
        <button
          type="button"
          className={next.length > 0 ? 'btn' : 'btn primary'}
          onClick={onRetry}
          disabled={retry.isPending}
        >
          {run.checkpoints.some((checkpoint) => checkpoint.exists) ? 'Go on from the last checkpoint' : 'Retry'}
        </button>
      )}
      <dialog ref={dialog} aria-labelledby="cancel-title">
        <h2 id="cancel-title">Cancel run {run.number}?</h2>
        <p>
          {workDone(run)} would stop.
          {evaluating > 0 && ` ${plural(evaluating, 'evaluation')} of its checkpoints would stop too.`} Its checkpoints
          and curves are kept, and a retry goes on from the last checkpoint.
        </p>
        <form method="dialog" className="actions">
          <button className="btn" autoFocus>
            Keep it running
          </button>
          <button className="btn danger" onClick={() => cancel.mutate({ id })}>
            Cancel the run
          </button>
        </form>
      </dialog>
    </div>
  )
}

function workDone(run: RunDetail): string {
  const seconds = run.startedAt === null ? 0 : (Date.now() - run.startedAt) / 1_000
  const share = progressShare(run.progress)
  return `A training of ${formatDuration(seconds)}${share === null ? '' : `, ${Math.floor(100 * share)} % done,`}`
}
