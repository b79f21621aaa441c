/**
 * Runs attempts as jobs of a Ray cluster, on nodes that see the data folder under the same path and need no way back to this machine. The
 * control folders say how each stands, written there by the same wrapper as on this machine; Ray's word counts where they say nothing, and
 * a head that does not answer, or knows nothing of a job, never ends an attempt that shows signs of life.
 */
import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import type { Place } from '../../../domain/life/place.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { Environment } from '../../formats/environment.ts'
import { monotonicMilliseconds } from '../clock.ts'
import {
  abandon,
  claimFile,
  firstSeen,
  leftOf,
  lookAgain,
  millisecondsBetween,
  nameFor,
  replaceControl,
  writeEnd,
} from '../cluster-folder.ts'
import type { Attempt, Executor, Launch, Observation, Running } from '../executor.ts'
import { signalOf } from '../exit-code.ts'
import {
  exitFileSchema,
  pidFileSchema,
  readControl,
  stopFileSchema,
  writeControl,
  type ExitFile,
} from '../local/control-files.ts'
import { programProblem } from '../local/program-problem.ts'
import { attemptScript, quoted } from '../slurm/scripts.ts'
import { rayCluster, type Cluster, type Knowledge } from './clusters.ts'
import { endedWithoutWord, forgotten, hasEnded, stoppedFromOutside } from './endings.ts'
import { rayJobs, type RayJob, type RayJobs } from './jobs.ts'

const onNode = path.join(import.meta.dirname, 'on-node.sh')

const submissionSchema = z.object({
  id: z.string(),
  address: z.string(),
  body: z.record(z.string(), z.json()),
  /** Whether Ray was heard to have it. */
  taken: z.boolean(),
})
type Submission = z.infer<typeof submissionSchema>
const nodeSchema = z.object({ node: z.string(), gpus: z.string() })

/** What a server remembers of an attempt; all of it can be lost without harm. Times are of the monotonic clock. */
type Memory = {
  submission?: Submission
  node?: z.infer<typeof nodeSchema>
  /** When it was first seen to be at Ray, to have begun, to be gone; the last sign of life and when it changed. */
  takenSince?: number
  begunSince?: number
  goneSince?: number
  beat?: { text: string; at: number }
  runningSince?: number
  barred?: Interruption
  observedAt?: number
}

export type RaySettings = {
  killSeconds: number
  /** How much later than it was written a file of a node may be seen here. */
  fileDelaySeconds: number
  askSeconds?: number
  /** Without a sign of life for so long an attempt that Ray does not know is taken for lost. */
  silenceSeconds?: number
}

const forgetMilliseconds = 600_000

/** Makes an executor. `calls`: how Ray is asked; tests count there. */
export function rayExecutor(environment: Environment, settings: RaySettings, calls: RayJobs = rayJobs()): Executor {
  const { killSeconds, askSeconds = 3, silenceSeconds = 60 } = settings
  const delayMilliseconds = settings.fileDelaySeconds * 1000
  const silenceMilliseconds = silenceSeconds * 1000 + delayMilliseconds
  const memories = new Map<string, Memory>()
  const clusters = new Map<string, Cluster>()
  const exits = new EventEmitter<{ exit: [] }>().setMaxListeners(0)

  const memoryOf = ({ control }: Attempt): Memory => {
    if (!memories.has(control)) memories.set(control, {})
    return memories.get(control)!
  }
  function clusterOf(address: string): Cluster {
    if (!clusters.has(address))
      clusters.set(
        address,
        rayCluster(calls, address, askSeconds * 1000, () => exits.emit('exit')),
      )
    return clusters.get(address)!
  }

  function submissionOf({ control }: Attempt, memory: Memory): Submission | null {
    if (memory.submission?.taken) return memory.submission
    const read = readControl(control, 'ray.json', submissionSchema)
    if (read === null || read === 'torn') return null
    if (read.taken) memory.takenSince ??= monotonicMilliseconds()
    memory.submission = read
    return read
  }

  function handOver({ control }: Attempt, { id, address, body }: Submission): void {
    clusterOf(address).submit({
      id,
      body,
      settled(refusal) {
        try {
          if (refusal === null) replaceControl(control, 'ray.json', { id, address, body, taken: true })
          else writeEnd(control, `could not be handed to Ray: ${refusal.replace(/\.$/, '')}`)
        } catch {
          // its folder was removed: nobody asks about it any more
        }
      },
    })
  }

  function placeOf(submission: Submission | null, memory: Memory, control: string, waits: string | null): Place {
    if (memory.node === undefined) {
      const read = readControl(control, 'node.json', nodeSchema)
      if (read !== null && read !== 'torn') memory.node = read
    }
    return {
      engine: 'ray',
      cluster: submission?.address ?? null,
      job: submission?.id ?? null,
      partition: null,
      node: memory.node?.node ?? null,
      gpus: memory.node?.gpus || null,
      waits,
      expectedStart: null,
    }
  }

  function isAwaited({ control }: Attempt, memory: Memory): boolean {
    lookAgain(control)
    memory.goneSince ??= monotonicMilliseconds()
    return since(memory.goneSince) < delayMilliseconds
  }

  /** How long nothing of it was seen to live, in milliseconds: signs change, whatever the node's clock says. */
  function silence({ control }: Attempt, memory: Memory): number {
    const text = readWholeFile(path.join(control, 'beat'), [control], 64) ?? ''
    if (memory.beat?.text !== text) memory.beat = { text, at: monotonicMilliseconds() }
    return since(memory.beat.at)
  }

  /** Whether an answer that was asked for after it was handed over, and seen to have begun, says that Ray has no such job. */
  function isAbsent({ id }: Submission, memory: Memory, knowledge: Knowledge | null): boolean {
    const certain = Math.max(memory.takenSince ?? Infinity, memory.begunSince ?? 0)
    return knowledge !== null && knowledge.begunAt > certain && !knowledge.jobs.has(id)
  }

  function look(attempt: Attempt, memory: Memory): Observation {
    const { control } = attempt
    const submission = submissionOf(attempt, memory)
    const knowledge = submission === null ? null : clusterOf(submission.address).look()
    const job = (submission && knowledge?.jobs.get(submission.id)) ?? null
    const end = readControl(control, 'exit.json', exitFileSchema)
    if (end !== null && end !== 'torn') return lookAtEnd(attempt, memory, end, submission, job, knowledge)
    const pid = readControl(control, 'pid.json', pidFileSchema)
    if (pid === 'torn') {
      // barred from ever beginning: what Ray still has of it leaves as it starts
      if (submission !== null && job !== null && !hasEnded(job)) clusterOf(submission.address).stop(submission.id)
      return { state: 'vanished', ...(memory.barred && { interruption: memory.barred }) }
    }
    if (pid !== null) return lookAtBegun(attempt, memory, submission, job, knowledge)
    return lookAtWaiting(attempt, memory, submission, job, knowledge)
  }

  function lookAtEnd(
    attempt: Attempt,
    memory: Memory,
    end: ExitFile,
    submission: Submission | null,
    job: RayJob | null,
    knowledge: Knowledge | null,
  ): Observation {
    const { control } = attempt
    const isGone =
      (job !== null && hasEnded(job)) ||
      (submission !== null &&
        isAbsent(submission, memory, knowledge) &&
        silence(attempt, memory) >= silenceMilliseconds)
    const isOver = submission === null || end.error !== undefined || existsSync(path.join(control, 'over'))
    if (!isOver && !isGone) return { state: 'lingering', processes: leftOf(attempt) }
    const stop = readControl(control, 'stop.json', stopFileSchema)
    const heard = readWholeFile(path.join(control, 'caught'), [control], 64)
    const { exitCode, error = null } = end
    const asked = heard?.trim() === 'TERM' || exitCode === 143
    const begun = readControl(control, 'pid.json', pidFileSchema)
    const uptime = begun === null || begun === 'torn' ? undefined : begun.uptime
    return {
      state: 'ended',
      exitCode,
      signal: signalOf(exitCode),
      error,
      milliseconds: millisecondsBetween(uptime, end.uptime),
      signalled: stop !== null && heard !== null,
      interruption: stop === null && asked && submission !== null ? stoppedFromOutside(submission.id) : null,
      ...(submission === null ? {} : { place: placeOf(submission, memory, control, null) }),
    }
  }

  function lookAtBegun(
    attempt: Attempt,
    memory: Memory,
    submission: Submission | null,
    job: RayJob | null,
    knowledge: Knowledge | null,
  ): Observation {
    const { control } = attempt
    const has = (name: string) => existsSync(path.join(control, name))
    memory.begunSince ??= monotonicMilliseconds()
    const place = placeOf(submission, memory, control, null)
    const id = submission?.id ?? ''
    const gone = (interruption: Interruption | null): Observation => {
      if (isAwaited(attempt, memory)) return { state: 'lingering', processes: [] }
      return { state: 'vanished', interruption, place }
    }
    if (has('over')) return gone(null)
    if (job !== null && hasEnded(job)) return gone(endedWithoutWord(id, job, true))
    const quiet = silence(attempt, memory)
    if (submission !== null && isAbsent(submission, memory, knowledge) && quiet >= silenceMilliseconds)
      return gone(forgotten(id, submission.address))
    // a cluster that is away for good: whoever wants it ended is not kept waiting
    if (
      has('end') &&
      quiet >= silenceMilliseconds &&
      submission !== null &&
      clusterOf(submission.address).trouble() !== null
    )
      return gone(null)
    delete memory.goneSince
    memory.runningSince ??= firstSeen(control)
    const stop = readControl(control, 'stop.json', stopFileSchema)
    const running: Running = {
      pid: null,
      milliseconds: since(memory.runningSince),
      stopping:
        stop === null || stop === 'torn' ? null : { request: stop.request, milliseconds: since(stop.monotonic) },
    }
    return { state: leftOf(attempt).length > 0 ? 'orphaned' : 'running', ...running, place }
  }

  function lookAtWaiting(
    attempt: Attempt,
    memory: Memory,
    submission: Submission | null,
    job: RayJob | null,
    knowledge: Knowledge | null,
  ): Observation {
    const { control } = attempt
    if (submission === null)
      return existsSync(path.join(control, 'claim')) ? { state: 'claimed' } : { state: 'unclaimed' }
    const cluster = clusterOf(submission.address)
    const queued = (waits: string): Observation => ({
      state: 'queued',
      place: placeOf(submission, memory, control, waits),
    })
    if (job === null) {
      // under the same id: one that Ray has after all is not made again
      if (!submission.taken || isAbsent(submission, memory, knowledge)) {
        if (!cluster.isPending(submission.id)) handOver(attempt, submission)
        return queued(cluster.trouble() ?? 'is handed to Ray')
      }
      return queued(cluster.trouble() ?? 'Ray is asked about it')
    }
    if (hasEnded(job)) {
      if (isAwaited(attempt, memory)) return queued('has ended at Ray; its files are waited for')
      // what Ray names may still be on its way to this file system, and must not begin
      if (!abandon(attempt)) return { state: 'claimed' }
      memory.barred = endedWithoutWord(submission.id, job, false)
      return { state: 'vanished', interruption: memory.barred, place: placeOf(submission, memory, control, null) }
    }
    delete memory.goneSince
    return queued(job.status === 'PENDING' ? 'Ray has no room for it yet' : 'starts on its node')
  }

  function add(launch: Launch): void {
    const { control, directory, command, request } = launch
    const { ray } = request!
    const has = (name: string) => existsSync(path.join(control, name))
    if (!existsSync(control) || ['ray.json', 'pid.json', 'claim', 'exit.json'].some(has)) return
    if (ray!.working_directory === undefined && !existsSync(directory)) {
      writeEnd(control, `could not start ${command[0]}: its folder ${directory} does not exist`)
      return
    }
    const onCluster = { ...launch, directory: ray!.working_directory ?? directory }
    const script = path.join(control, 'start.sh')
    writeFileSync(script, attemptScript(onCluster, environment, killSeconds, onNode), { mode: 0o600 })
    const id = `${nameFor(request!.name)}-${randomBytes(8).toString('hex')}`
    const gpus = ray!.gpus ?? request!.gpus
    const { resources, memory_bytes, runtime_env } = ray!.options ?? {}
    const body = {
      submission_id: id,
      entrypoint: entrypoint(script, settings.fileDelaySeconds),
      entrypoint_num_cpus: ray!.cpus ?? 1,
      ...(gpus > 0 && { entrypoint_num_gpus: gpus }),
      ...(resources && { entrypoint_resources: resources }),
      ...(memory_bytes && { entrypoint_memory: memory_bytes }),
      ...(runtime_env && { runtime_env }),
    }
    const submission: Submission = { id, address: ray!.address, body, taken: false }
    if (claimFile(control, 'ray.json', submission)) handOver(launch, submission)
  }

  return {
    slots: null,
    withheld: async () => new Map(),
    async freePorts(count, taken) {
      const found = new Set<number>()
      while (found.size < count) {
        const port = 20_000 + Math.floor(Math.random() * 10_000)
        if (!taken.has(port)) found.add(port)
      }
      return [...found]
    },
    programProblem: (program, directory, searchPath) =>
      program === '' || (program.includes('/') && !path.isAbsolute(program))
        ? programProblem(program, directory, searchPath)
        : null,
    environment: () => ({}),

    async launch(launches) {
      for (const launch of launches) add(launch)
    },

    async observe(attempts) {
      const now = monotonicMilliseconds()
      for (const [control, { observedAt = now }] of memories)
        if (now - observedAt > forgetMilliseconds) memories.delete(control)
      return attempts.map((attempt) => {
        const memory = memoryOf(attempt)
        memory.observedAt = now
        try {
          return look(attempt, memory)
        } catch (error) {
          return { state: 'unknown', reason: (error as Error).message }
        }
      })
    },

    async signal(attempts, signal, request) {
      return attempts.map((attempt) => {
        const { control } = attempt
        const has = (name: string) => existsSync(path.join(control, name))
        if (!has('pid.json') || has('over')) return false
        const submission = submissionOf(attempt, memoryOf(attempt))
        if (submission === null) return false
        if (signal === 'SIGTERM') {
          if (request !== null) writeControl(control, 'stop.json', { request, monotonic: monotonicMilliseconds() })
          writeFileSync(path.join(control, 'ask'), `${request ?? 'what is left'}\n`, { mode: 0o600 })
        } else {
          writeFileSync(path.join(control, 'end'), '', { mode: 0o600 })
          clusterOf(submission.address).soon()
        }
        return true
      })
    },

    abandon: async (attempts) => attempts.map(abandon),

    onExit(listener) {
      exits.on('exit', listener)
      return () => exits.off('exit', listener)
    },
  }
}

/** What a node's shell runs: it may see the folder some time after it was made here. The path is one word of it, to the byte. */
function entrypoint(script: string, waitSeconds: number): string {
  return [
    `script=${quoted(script)}`,
    'tries=0',
    'until [ -r "$script" ]; do',
    `  [ $tries -lt ${Math.ceil(waitSeconds) + 60} ] || { echo "$script cannot be read on $(uname -n)" >&2; exit 127; }`,
    '  tries=$((tries + 1))',
    '  ls "${script%/*}" > /dev/null 2>&1',
    '  sleep 1',
    'done',
    'exec /bin/bash "$script"',
  ].join('\n')
}

function since(monotonic: number): number {
  return Math.max(0, monotonicMilliseconds() - monotonic)
}
