/**
 * How an attempt stands that Ray runs: its folder's word, and Ray's where that says nothing. A head that does not answer, or knows nothing
 * of a job, never ends an attempt that shows signs of life.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import type { Place } from '../../../domain/life/place.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { monotonicMilliseconds } from '../clock.ts'
import { isAwaited, nodeOf, runningNow, since, type Engine, type Sight } from '../cluster/cluster-executor.ts'
import { abandon, endOf, leftOf } from '../cluster/folder.ts'
import type { Attempt, Observation } from '../executor.ts'
import type { Cluster, RayKnowledge } from './clusters.ts'
import { endedAtRayWithoutWord, forgotten, hasEnded, stoppedFromOutside } from './endings.ts'
import type { RayJob } from './jobs.ts'
import type { RaySubmission, RaySubmissions } from './submissions.ts'

const nodeSchema = z.object({ node: z.string(), gpus: z.string() })

/** What is remembered of an attempt beside what all clusters remember. Times are of the monotonic clock. */
export type KeptRayLook = {
  submission?: RaySubmission
  node?: z.infer<typeof nodeSchema>
  /** When it was first seen to be at Ray. */
  takenSince?: number
  /** The last sign of life, and when it changed. */
  beat?: { text: string; at: number }
}

/** What is known of an attempt: how it was submitted, Ray's word of it, and the answer that this comes from. */
export type RayKnown = { submission: RaySubmission | null; job: RayJob | null; knowledge: RayKnowledge | null }

type Looks = Pick<Engine<KeptRayLook, RayKnown>, 'ended' | 'barred' | 'begun' | 'waiting'>
type Seen = Sight<KeptRayLook, RayKnown>

type Means = {
  clusterOf(address: string): Cluster
  submissions: RaySubmissions
  /** How much later than it was written a file of a node may be seen here. */
  delayMilliseconds: number
  /** Without a sign of life for so long an attempt that Ray does not know is taken for lost. */
  silenceMilliseconds: number
}

export function rayLooks({ clusterOf, submissions, delayMilliseconds, silenceMilliseconds }: Means): Looks {
  return {
    ended(sight, end) {
      const { attempt, known } = sight
      const { submission, job } = known
      // what its script heard stands in `over`, which may be on its way
      const isGone =
        (job !== null && hasEnded(job) && !isAwaited(attempt, sight.memory, delayMilliseconds)) ||
        (isAbsent(sight) && silence(sight) >= silenceMilliseconds)
      const isOver = submission === null || end.error !== undefined || existsSync(path.join(attempt.control, 'over'))
      if (!isOver && !isGone) return { state: 'lingering', processes: leftOf(attempt) }
      const { asked, heard, told } = endOf(attempt, end)
      if (submission === null) return { ...told, interruption: null }
      const isStopped = !asked && (heard === 'TERM' || end.exitCode === 143)
      return {
        ...told,
        interruption: isStopped ? stoppedFromOutside(submission.id) : null,
        place: placeOf(sight, null),
      }
    },

    // what Ray still has of it leaves as it starts
    barred({ memory, known: { submission, job } }) {
      if (submission !== null && job !== null && !hasEnded(job)) clusterOf(submission.address).stop(submission.id)
      return { state: 'vanished', ...(memory.barred && { interruption: memory.barred }) }
    },

    begun(sight) {
      const { attempt, memory, known } = sight
      const { submission, job } = known
      const has = (name: string) => existsSync(path.join(attempt.control, name))
      memory.begunSince ??= monotonicMilliseconds()
      const place = placeOf(sight, null)
      const gone = (interruption: Interruption | null): Observation =>
        isAwaited(attempt, memory, delayMilliseconds)
          ? { state: 'lingering', processes: [] }
          : { state: 'vanished', interruption, place }
      if (has('over')) return gone(null)
      if (submission !== null) {
        const { id, address } = submission
        if (job !== null && hasEnded(job)) return gone(endedAtRayWithoutWord(id, job, true))
        const isQuiet = silence(sight) >= silenceMilliseconds
        if (isQuiet && isAbsent(sight)) return gone(forgotten(id, address))
        // a cluster that is away for good: whoever wants it ended is not kept waiting
        if (isQuiet && has('end') && clusterOf(address).trouble() !== null) return gone(null)
      }
      delete memory.goneSince
      return { ...runningNow(attempt, memory), place }
    },

    waiting(sight) {
      const { attempt, memory, known } = sight
      const { submission, job } = known
      if (submission === null)
        return existsSync(path.join(attempt.control, 'claim')) ? { state: 'claimed' } : { state: 'unclaimed' }
      const cluster = clusterOf(submission.address)
      const queued = (waits: string): Observation => ({ state: 'queued', place: placeOf(sight, waits) })
      if (job === null) {
        if (submission.taken && !isAbsent(sight)) return queued(cluster.trouble() ?? 'Ray is asked about it')
        if (!cluster.isPending(submission.id)) submissions.handOver(attempt.control, submission)
        return queued(cluster.trouble() ?? 'is handed to Ray')
      }
      if (hasEnded(job)) {
        if (isAwaited(attempt, memory, delayMilliseconds)) return queued('has ended at Ray; its files are waited for')
        // what Ray names may still be on its way to this file system, and must not begin
        if (!abandon(attempt)) return { state: 'claimed' }
        memory.barred = endedAtRayWithoutWord(submission.id, job, false)
        return { state: 'vanished', interruption: memory.barred, place: placeOf(sight, null) }
      }
      delete memory.goneSince
      return queued(job.status === 'PENDING' ? 'Ray has no room for it yet' : 'starts on its node')
    },
  }
}

/** Whether an answer that was asked for after it was handed over, and seen to have begun, says that Ray has no such job. */
function isAbsent({ memory, known: { submission, knowledge } }: Seen): boolean {
  const certain = Math.max(memory.takenSince ?? Infinity, memory.begunSince ?? 0)
  return submission !== null && knowledge !== null && knowledge.begunAt > certain && !knowledge.jobs.has(submission.id)
}

/** How long nothing of it was seen to live, in milliseconds: signs change, whatever the node's clock says. */
function silence({ attempt, memory }: { attempt: Attempt; memory: KeptRayLook }): number {
  const text = readWholeFile(path.join(attempt.control, 'beat'), [attempt.control], 64) ?? ''
  if (memory.beat?.text !== text) memory.beat = { text, at: monotonicMilliseconds() }
  return since(memory.beat.at)
}

function placeOf({ attempt, memory, known: { submission } }: Seen, waits: string | null): Place {
  const node = waits === null ? nodeOf(attempt, memory, nodeSchema) : memory.node
  return {
    engine: 'ray',
    cluster: submission?.address ?? null,
    job: submission?.id ?? null,
    partition: null,
    node: node?.node ?? null,
    gpus: node?.gpus || null,
    waits,
    expectedStart: null,
  }
}
