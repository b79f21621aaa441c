'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { aboutHours, hoursText } from '../../../domain/life/slot-hours.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import { formatCount, formatDay, formatDuration, plural, slotWords, timeLeftWords } from '../../_words/format.ts'
import { PauseReason } from '../../_words/pause-reason.tsx'
import { ProgressBar } from '../../_words/progress-bar.tsx'
import { Status } from '../../_words/status.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { useNow } from '../../_words/use-now.ts'
import { Agents } from './agents.tsx'
import { RaiseBudget } from './raise-budget.tsx'
import { SweepActions } from './sweep-actions.tsx'
import { SweepNote } from './sweep-note.tsx'
import styles from './sweep.module.css'

/** Name, state, what can be done, how far it is and how long it still takes. */
export function SweepHeader({ sweep }: { sweep: SweepDetail }) {
  const { counts } = sweep
  const unit = useSlotUnit(sweep)
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> /
        {sweep.curriculum && (
          <>
            {' '}
            <Link href={`/curricula/${sweep.curriculum.id}`}>{sweep.curriculum.name}</Link>, stage{' '}
            {sweep.curriculum.stage} of {sweep.curriculum.stages} /
          </>
        )}
      </p>
      <div className="title">
        <h1>{sweep.name}</h1>
        <Status status={sweep.status} />
        <SweepActions sweep={sweep} />
      </div>
      <SweepNote sweep={sweep} />
      <div className={styles.facts}>
        {sweep.isScored && (
          <span>
            <b>
              {formatCount(counts.scored)} of {formatCount(counts.points)}
            </b>{' '}
            {counts.points === 1 ? 'point' : 'points'} scored
          </span>
        )}
        {sweep.origin !== 'imported' && (
          <span>
            <b>
              {formatCount(counts.trainingsDone)} of {formatCount(counts.trainings)}
            </b>{' '}
            {counts.trainings === 1 ? 'training' : 'trainings'} done
          </span>
        )}
        <Clock sweep={sweep} />
        {sweep.openRepeats > 0 && (
          <span>
            <b>{plural(sweep.openRepeats, 'checkpoint')}</b> {sweep.openRepeats === 1 ? 'is' : 'are'} evaluated again
          </span>
        )}
        <Failures sweep={sweep} />
        <TimeLeft sweep={sweep} />
        <SlotHours sweep={sweep} unit={unit} />
        {sweep.origin !== 'imported' && (
          <Link className="link" href={`/where?sweep=${sweep.id}`}>
            Where it runs
          </Link>
        )}
      </div>
      <ProgressBar cells={sweep.cells} shares={sweep.shares} label={sweep.isScored ? 'Points scored' : 'Points done'} />
      <Agents sweep={sweep} />
      {sweep.status === 'paused' && (
        <div className={styles.paused}>
          <PauseReason sweep={sweep} />
          {sweep.definition.budget && /budget/i.test(sweep.pauseReason ?? '') && (
            <RaiseBudget sweep={sweep} unit={unit} />
          )}
        </div>
      )}
    </>
  )
}

/** What its slots are called: a cluster's are GPUs. */
function useSlotUnit({ definition }: SweepDetail): 'GPU' | 'CPU slot' {
  const trpc = useTRPC()
  const kind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  return kind === 'gpu' || executorNameOf(definition, 'training') !== 'local' ? 'GPU' : 'CPU slot'
}

/** What it took so far, of what it may, and what it still takes. */
function SlotHours({ sweep, unit }: { sweep: SweepDetail; unit: string }) {
  const { slotHoursSpent: spent, slotHoursLeft: left } = sweep
  const budget = sweep.definition.budget?.gpu_hours
  if (sweep.origin === 'imported' || (spent === 0 && budget === undefined)) return null
  const more = left === null ? 0 : left.training + (left.evaluation ?? 0)
  return (
    <span>
      <b>
        {hoursText(spent)}
        {budget !== undefined && ` of ${hoursText(budget)}`} {unit} hours
      </b>{' '}
      spent
      {more > 0 && `, ${aboutHours(more)} more${left!.evaluation === null ? ' and evaluations' : ''}`}
      {budget !== undefined && more > 0 && spent + more > budget && ', past its budget'}
    </span>
  )
}

/** Since when it runs, or how long it took. */
function Clock({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const kind = useQuery(trpc.system.get.queryOptions()).data?.slotKind ?? 'gpu'
  const now = useNow(10)
  const { startedAt, finishedAt, slotsHeld, status } = sweep
  if (sweep.origin === 'imported') return <span>loaded {formatDay(sweep.createdAt, now)}</span>
  if (startedAt === null) return null
  if (finishedAt !== null && (slotsHeld === 0 || sweep.openRepeats > 0)) {
    const took = formatDuration((finishedAt - startedAt) / 1_000)
    return (
      <span>
        {formatDay(finishedAt, now)}, took {took}
      </span>
    )
  }
  const since = formatDuration((now - startedAt) / 1_000)
  const used = slotsHeld - sweep.slotsQueued
  const slots = used > 0 ? `${slotWords(used, kind)}, ` : ''
  return (
    <span>
      {slots}
      {status === 'running' ? `running for ${since}` : `started ${since} ago`}
    </span>
  )
}

/** Attempts that were tried again, and points that got no score, each with the run to look at. */
function Failures({ sweep }: { sweep: SweepDetail }) {
  const { retried } = sweep
  const failed = sweep.inShort.failedRun
  return (
    <>
      {retried && (
        <span>
          {plural(retried.attempts, 'attempt')} failed and {retried.attempts === 1 ? 'was' : 'were'} retried,{' '}
          <Link className="link" href={`/runs/${retried.runId}`}>
            see run {retried.runNumber}
          </Link>
        </span>
      )}
      {failed && (
        <span className={styles.failed}>
          {plural(sweep.counts.failed, 'point')} failed,{' '}
          <Link className="link" href={`/runs/${failed.id}`}>
            see run {failed.number}
          </Link>
        </span>
      )}
    </>
  )
}

function TimeLeft({ sweep }: { sweep: SweepDetail }) {
  if (sweep.status !== 'running' && sweep.status !== 'waiting' && sweep.status !== 'paused') return null
  const { head, parts } = timeLeftWords(sweep.timeLeft)
  const where = sweep.status === 'paused' && head ? ' when it goes on' : ''
  return (
    <span className={styles.left}>
      {head && <b>{head}</b>}
      {where}
      {head && parts && ': '}
      {parts}
    </span>
  )
}
