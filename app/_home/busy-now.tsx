'use client'
import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { Link } from '../_shell/link.tsx'
import type { SystemView } from '../../contract/api/system.ts'
import { cutMiddle, formatDuration, mostOfValue, progressWords, slotWords } from '../_words/format.ts'
import { placeWords, waitWords } from '../_words/place.ts'
import { useNow } from '../_words/use-now.ts'
import { useTRPC } from '../_shell/trpc.ts'
import styles from './home.module.css'

type Live = SystemView['live'][number]

/** More lines than this would push the sweeps off the screen: a machine with many slots is summed up a sweep. */
const maximumLines = 8

/** The slots and what holds them, with the time left. */
export function BusyNow() {
  const trpc = useTRPC()
  const system = useQuery(trpc.system.get.queryOptions()).data
  if (!system) return null
  const { live, slotKind, slots } = system
  const used = slots.filter((slot) => slot.usedBy !== null)
  return (
    <section className={styles.now} aria-label={`${slotKind === 'gpu' ? 'GPUs' : 'CPU slots'} busy now`}>
      {live.length === 0 && (
        <p className={styles.idle}>Nothing runs. {slotWords(slots.length - used.length, slotKind)} free.</p>
      )}
      {live.length > maximumLines
        ? bySweep(live).map((jobs) => <SweepLine key={jobs[0]!.sweepId} jobs={jobs} slotKind={slotKind} />)
        : live.map((job) => <JobLine key={job.jobId} job={job} />)}
      {used.map((slot) => (
        <p key={slot.id} className={styles.idle}>
          GPU {slot.id} is used by {slot.usedBy}. It is not given out meanwhile.
        </p>
      ))}
    </section>
  )
}

function JobLine({ job }: { job: Live }) {
  const now = useNow(30)
  const params = Object.entries(job.params).map(([name, value]) => `${name} ${cutMiddle(value, mostOfValue)}`)
  const facts = [progressWords(job.progress), job.attempt > 1 ? `attempt ${job.attempt}` : ''].filter(Boolean)
  const then = job.kind === 'training' ? ', then evaluation' : ''
  return (
    <>
      <span className={styles.ids} aria-label={`Slots ${job.slots.join(', ')}`}>
        {job.slots.map((slot) => (
          <b key={slot}>{slot}</b>
        ))}
      </span>
      <span>
        <Link className="link" href={`/sweeps/${job.sweepId}`}>
          {job.sweepName}
        </Link>{' '}
        <span className="ink2">
          {job.kind === 'training' ? 'training' : job.again ? 'evaluating again' : 'evaluating'}{' '}
          <Link className={styles.what} href={`/runs/${job.runId}`}>
            {params.map((param, at) => (
              <Fragment key={param}>
                {at > 0 && ', '}
                <span className="nowrap">{param}</span>
              </Fragment>
            ))}
          </Link>
          {facts.length > 0 && `: ${facts.join(', ')}`}
          {job.place && ` · ${waitWords(job.place, now) ?? placeWords(job.place)}`}
        </span>
      </span>
      <span className={`ink2 ${styles.left}`}>
        {job.secondsLeft === null ? '' : `${formatDuration(job.secondsLeft)} left${then}`}
      </span>
    </>
  )
}

function SweepLine({ jobs, slotKind }: { jobs: Live[]; slotKind: SystemView['slotKind'] }) {
  const { sweepId, sweepName } = jobs[0]!
  const slots = jobs.reduce((sum, job) => sum + job.slots.length, 0)
  const running = jobs.filter((job) => job.place?.waits == null)
  const gpus = running.reduce((sum, job) => sum + job.gpusAway, 0)
  const trainings = running.filter((job) => job.kind === 'training').length
  const words = [
    trainings > 0 ? `${trainings} training` : '',
    running.length > trainings ? `${running.length - trainings} evaluating` : '',
    jobs.length > running.length ? `${jobs.length - running.length} queued at Slurm` : '',
  ]
  return (
    <>
      <span className="ink2 nowrap">
        {gpus > 0 ? slotWords(gpus, 'gpu') : slots > 0 ? slotWords(slots, slotKind) : ''}
      </span>
      <span>
        <Link className="link" href={`/sweeps/${sweepId}`}>
          {sweepName}
        </Link>{' '}
        <span className="ink2">{words.filter(Boolean).join(', ')}</span>
      </span>
      <span className={styles.left} />
    </>
  )
}

function bySweep(live: Live[]): Live[][] {
  const groups = new Map<number, Live[]>()
  for (const job of live) groups.set(job.sweepId, [...(groups.get(job.sweepId) ?? []), job])
  return [...groups.values()]
}
