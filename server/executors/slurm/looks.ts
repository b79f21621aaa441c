/** How an attempt stands that Slurm runs: its folder's word, and Slurm's where that says nothing. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import type { Place } from '../../../domain/life/place.ts'
import { monotonicMilliseconds } from '../clock.ts'
import { isAwaited, nodeOf, runningNow, type Engine, type Sight } from '../cluster/cluster-executor.ts'
import { abandon, endOf, leftOf } from '../cluster/folder.ts'
import type { Observation } from '../executor.ts'
import { nodeSchema, type NodeFile, type SlurmSubmission } from './files.ts'
import {
  askedFromOutside,
  endedAtSlurmWithoutWord,
  interruptionOf,
  phaseOf,
  reasonInWords,
  requeued,
} from './job-states.ts'
import type { JobRecord, SlurmKnowledge, SlurmQueue } from './queue.ts'
import type { SlurmRequests } from './requests.ts'
import type { Site } from './site.ts'
import type { SlurmSubmissions } from './submissions.ts'

/** What is remembered of an attempt beside what all clusters remember. */
export type KeptSlurmLook = { submission?: SlurmSubmission; node?: NodeFile }

/** What is known of an attempt: how it was submitted, Slurm's record of it, and the answer that this comes from. */
export type SlurmKnown = {
  submission: SlurmSubmission | null
  record: JobRecord | null
  knowledge: SlurmKnowledge | null
}

type Looks = Pick<Engine<KeptSlurmLook, SlurmKnown>, 'ended' | 'barred' | 'begun' | 'waiting'>

type Means = {
  queue: SlurmQueue
  requests: SlurmRequests
  submissions: SlurmSubmissions
  site: Site
  /** From when on, by the monotonic clock, Slurm has the job if it ever will. */
  certainFrom(submission: SlurmSubmission): number
}

export function slurmLooks({ queue, requests, submissions, site, certainFrom }: Means): Looks {
  /** How long files of a node may be on their way, and how long until Slurm has surely been asked beside that. */
  const delayMilliseconds = site.file_delay_seconds * 1000
  const patience = Math.max(delayMilliseconds, site.ask_seconds * 2000 + 2000)

  /** Whether an answer says that Slurm has no such job. One that was just handed over may be on its way. */
  function isAbsent({ submission, record, knowledge }: SlurmKnown): boolean {
    if (submission === null || knowledge === null || queue.trouble() !== null || record !== null) return false
    return knowledge.begunAt > certainFrom(submission)
  }

  return {
    // Slurm's word is asked only for who asked it to leave
    ended(sight, end) {
      const { attempt, memory, known } = sight
      const { submission, record, knowledge } = known
      const place = placeOf(sight, null)
      const isOver = existsSync(path.join(attempt.control, 'over'))
      const job = place.job ?? ''
      const phase = record === null ? null : phaseOf(record.state)
      memory.begunSince ??= monotonicMilliseconds()
      const isQueuedAgain = phase === 'waiting' && knowledge!.begunAt > memory.begunSince
      if (isQueuedAgain) requests.send(record!.job, 'cancel')
      // what its script heard stands in `over`, which may be on its way
      const isGone = phase === 'ended' && !isAwaited(attempt, memory, delayMilliseconds)
      const hasEnded = submission === null || end.error !== undefined || isOver || isGone || isQueuedAgain
      if (!hasEnded) return { state: 'lingering', processes: leftOf(attempt) }
      const { asked, heard, told } = endOf(attempt, end)
      const byTime = heard === 'USR1'
      const caught = heard !== null || end.exitCode === 143
      const killed = end.exitCode === 137
      let interruption: Interruption | null = null
      if (!asked && (caught || killed)) {
        const word = phase === 'ended' ? record!.state : null
        if (word === null && !byTime && !isQueuedAgain && isAwaited(attempt, memory, patience)) {
          queue.soon()
          return { state: 'lingering', processes: [] }
        }
        const named = isQueuedAgain ? requeued(job) : word === null ? null : interruptionOf(word, job)
        if (caught) interruption = byTime ? askedFromOutside(job, true) : (named ?? askedFromOutside(job, false))
        else if (word === 'OUT_OF_MEMORY' || word === 'PREEMPTED' || isQueuedAgain) interruption = named
      }
      return { ...told, interruption, ...(submission === null ? {} : { place }) }
    },

    // over when Slurm has no job of it any more
    barred(sight) {
      const { memory, known } = sight
      const { submission, record } = known
      const interruption = memory.barred ?? null
      if (submission === null) return { state: 'vanished' }
      const pending = submissions.pending(submission.name)
      if (record !== null && phaseOf(record.state) !== 'ended') {
        requests.send(record.job, 'cancel')
        return { state: 'queued', place: placeOf(sight, 'is taken out of the queue') }
      }
      const isGone = record !== null || (pending === undefined && isAbsent(known))
      if (isGone) return { state: 'vanished', interruption, place: placeOf(sight, null) }
      return { state: 'queued', place: placeOf(sight, queue.trouble() ?? 'is taken out of the queue') }
    },

    begun(sight) {
      const { attempt, memory, known } = sight
      const { record, knowledge } = known
      const has = (name: string) => existsSync(path.join(attempt.control, name))
      const place = placeOf(sight, null)
      const job = place.job ?? ''
      memory.begunSince ??= monotonicMilliseconds()
      const phase = record === null ? null : phaseOf(record.state)
      if (has('over')) {
        // the word of its end may be on its way. What ended the wrapper may have ended the job: Slurm is asked, where it was none of this side
        const isToldAll = has('stop.json') || phase === 'ended'
        if (isAwaited(attempt, memory, isToldAll ? delayMilliseconds : patience)) {
          queue.soon()
          return { state: 'lingering', processes: [] }
        }
        return { state: 'vanished', interruption: phase === 'ended' ? interruptionOf(record!.state, job) : null, place }
      }
      const isNewer = knowledge !== null && knowledge.begunAt > memory.begunSince
      const isQueuedAgain = isNewer && phase === 'waiting'
      if (phase === 'ended' || isQueuedAgain || (isNewer && isAbsent(known))) {
        if (isAwaited(attempt, memory, delayMilliseconds)) return { state: 'lingering', processes: [] }
        if (isQueuedAgain) requests.send(record!.job, 'cancel')
        if (record === null) return { state: 'vanished', place }
        const { state } = record
        const interruption = isQueuedAgain
          ? requeued(job)
          : (interruptionOf(state, job) ?? endedAtSlurmWithoutWord(job, state, true))
        return { state: 'vanished', interruption, place }
      }
      delete memory.goneSince
      return { ...runningNow(attempt, memory, (record?.seconds ?? 0) * 1000), place }
    },

    waiting(sight) {
      const { attempt, memory, known } = sight
      const { submission, record, knowledge } = known
      if (submission === null)
        return existsSync(path.join(attempt.control, 'claim')) ? { state: 'claimed' } : { state: 'unclaimed' }
      const queued = (waits: string): Observation => ({ state: 'queued', place: placeOf(sight, waits) })
      if (record === null) {
        const pending = submissions.pending(submission.name)
        if (pending !== undefined) {
          const { doubtSince } = pending
          if (doubtSince !== null && knowledge !== null && knowledge.begunAt > doubtSince)
            submissions.settle(submission.name, false)
          return queued(pending.waits ?? 'is handed to Slurm')
        }
        if (!isAbsent(known)) return queued(queue.trouble() ?? 'Slurm is asked about it')
        if (isAwaited(attempt, memory, delayMilliseconds)) return queued('Slurm does not know it')
        // nothing of it ever ran, and what may yet come of it is barred from running twice by its claim
        delete memory.submission
        delete memory.goneSince
        submissions.forget(attempt.control)
        return { state: 'unclaimed' }
      }
      const phase = phaseOf(record.state)
      if (phase === 'ended') {
        if (isAwaited(attempt, memory, delayMilliseconds)) return queued('has ended at Slurm; its files are waited for')
        // what Slurm names may still be on its way to this file system, and must not begin
        if (!abandon(attempt)) return { state: 'claimed' }
        memory.barred =
          interruptionOf(record.state, record.job) ?? endedAtSlurmWithoutWord(record.job, record.state, false)
        return { state: 'vanished', interruption: memory.barred, place: placeOf(sight, null) }
      }
      delete memory.goneSince
      if (phase === 'living') return queued(`starts on ${record.node ?? 'its node'}`)
      return queued(reasonInWords(record.reason ?? 'None'))
    },
  }
}

function placeOf({ attempt, memory, known }: Sight<KeptSlurmLook, SlurmKnown>, waits: string | null): Place {
  const { submission, record } = known
  // what waits is on no node
  const node = waits === null ? nodeOf(attempt, memory, nodeSchema) : memory.node
  return {
    engine: 'slurm',
    cluster: node?.cluster || null,
    job: record?.job ?? node?.job ?? submission?.job ?? null,
    partition: record?.partition ?? (node?.partition || null),
    node: node?.node || (record?.node ?? null),
    gpus: node?.gpus || null,
    waits,
    expectedStart: waits === null ? null : (record?.start ?? null),
    ahead: waits === null ? null : (record?.ahead ?? null),
  }
}
