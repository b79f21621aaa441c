/**
 * Runs attempts as jobs of Slurm, on nodes that see the data folder under the same path and need no way back to this machine.
 * The control folders say how each stands, written there by the same wrapper as on this machine; Slurm's word counts where they
 * say nothing, and never alone: a job that it has forgotten, or does not answer about, is not dead for that.
 */
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import type { Place } from '../../../domain/life/place.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { Environment } from '../../formats/environment.ts'
import { monotonicMilliseconds } from '../clock.ts'
import type { Attempt, Executor, Observation, Running } from '../executor.ts'
import { abandon, firstSeen, leftOf, lookAgain, millisecondsBetween } from '../cluster-folder.ts'
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
import { slurmCalls, type Call } from './call.ts'
import { nodeSchema, submissionSchema, type NodeFile, type Submission } from './files.ts'
import { askedFromOutside, endedWithoutWord, interruptionOf, phaseOf, reasonInWords, requeued } from './job-states.ts'
import { watchQueue, type JobRecord, type Knowledge } from './queue.ts'
import { sendingRequests } from './requests.ts'
import type { Site } from './site.ts'
import { arrivalMilliseconds, submitting } from './submissions.ts'

/** What a server remembers of an attempt; all of it can be lost without harm. Times are of the monotonic clock. */
type Memory = {
  submission?: Submission
  node?: NodeFile
  running?: { since: number }
  /** When an end without a word, or an absence at Slurm, was first noticed. */
  goneSince?: number
  begunSince?: number
  /** Why it was barred from beginning, where nobody asked for that. */
  barred?: Interruption
  observedAt?: number
  lookedAt?: number
  seen?: Observation
}

/** What nobody asks about any more is forgotten after this. */
const forgetMilliseconds = 600_000

/** Makes an executor. `call`: how Slurm's commands are called; tests count there. */
export function slurmExecutor(
  environment: Environment,
  site: Site,
  killSeconds: number,
  call: Call = slurmCalls(environment),
): Executor {
  const memories = new Map<string, Memory>()
  const exits = new EventEmitter<{ exit: [] }>().setMaxListeners(0)
  const queue = watchQueue(call, site.ask_seconds)
  const requests = sendingRequests(call)
  const submissions = submitting(call, { site, environment, killSeconds }, () => queue.soon())
  const delayMilliseconds = site.file_delay_seconds * 1000
  queue.onAnswer(() => exits.emit('exit'))

  const memoryOf = ({ control }: Attempt): Memory => {
    if (!memories.has(control)) memories.set(control, {})
    return memories.get(control)!
  }

  function submissionOf(attempt: Attempt, memory: Memory): Submission | null {
    // the number of the job comes later, in a file that replaces this one
    if (memory.submission?.job !== undefined) return memory.submission
    const read = readControl(attempt.control, 'slurm.json', submissionSchema)
    if (read === null || read === 'torn') return null
    memory.submission = read
    return read
  }

  function nodeOf(attempt: Attempt, memory: Memory): NodeFile | null {
    if (memory.node) return memory.node
    const read = readControl(attempt.control, 'node.json', nodeSchema)
    if (read === null || read === 'torn') return null
    memory.node = read
    return read
  }

  function recordOf(submission: Submission | null, knowledge: Knowledge | null): JobRecord | null {
    if (submission === null || knowledge === null) return null
    const record = knowledge.find(submission.name, submission.index)
    if (record !== null) submissions.settle(submission.name, true)
    return record
  }

  /** Slurm's number of the attempt's job, where anybody has said it. */
  function jobOf(submission: Submission | null, memory: Memory, record: JobRecord | null): string | null {
    if (record !== null) return record.job
    return memory.node?.job ?? (submission?.job === undefined ? null : submission.job)
  }

  function placeOf(
    submission: Submission | null,
    memory: Memory,
    record: JobRecord | null,
    waits: string | null,
  ): Place {
    const { node } = memory
    return {
      engine: 'slurm',
      cluster: node?.cluster || null,
      job: jobOf(submission, memory, record),
      partition: record?.partition ?? (node?.partition || null),
      node: node?.node || (record?.node ?? null),
      gpus: node?.gpus || null,
      waits,
      expectedStart: waits === null ? null : (record?.start ?? null),
    }
  }

  function look(attempt: Attempt, memory: Memory, knowledge: Knowledge | null): Observation {
    const { control } = attempt
    const submission = submissionOf(attempt, memory)
    const end = readControl(control, 'exit.json', exitFileSchema)
    const record = recordOf(submission, knowledge)
    if (end !== null && end !== 'torn') return lookAtEnd(attempt, memory, end, submission, record, knowledge)
    const pid = readControl(control, 'pid.json', pidFileSchema)
    if (pid === 'torn') return lookAtBarred(memory, submission, record, knowledge)
    if (pid !== null) return lookAtBegun(attempt, memory, submission, record, knowledge)
    return lookAtWaiting(attempt, memory, submission, record, knowledge)
  }

  /** Its own word: Slurm's is asked only for who asked it to leave. */
  function lookAtEnd(
    attempt: Attempt,
    memory: Memory,
    end: ExitFile,
    submission: Submission | null,
    record: JobRecord | null,
    knowledge: Knowledge | null,
  ): Observation {
    nodeOf(attempt, memory)
    const isOver = existsSync(path.join(attempt.control, 'over'))
    const job = jobOf(submission, memory, record) ?? ''
    const phase = record === null ? null : phaseOf(record.state)
    memory.begunSince ??= monotonicMilliseconds()
    const isQueuedAgain = phase === 'waiting' && knowledge!.begunAt > memory.begunSince
    if (isQueuedAgain) requests.send(record!.job, 'cancel')
    const hasEnded = submission === null || end.error !== undefined || isOver || phase === 'ended' || isQueuedAgain
    if (!hasEnded) return { state: 'lingering', processes: leftOf(attempt) }
    const stop = readControl(attempt.control, 'stop.json', stopFileSchema)
    const heard = readWholeFile(path.join(attempt.control, 'caught'), [attempt.control], 64)
    const byTime = heard?.trim() === 'USR1'
    const caught = heard !== null || end.exitCode === 143
    const killed = end.exitCode === 137
    let interruption: Interruption | null = null
    if (stop === null && (caught || killed)) {
      const word = phase === 'ended' ? record!.state : null
      if (word === null && !byTime && !isQueuedAgain && sinceFirst(memory, 'goneSince') < patience(attempt)) {
        queue.soon()
        return { state: 'lingering', processes: [] }
      }
      const named = isQueuedAgain ? requeued(job) : word === null ? null : interruptionOf(word, job)
      if (caught) interruption = byTime ? askedFromOutside(job, true) : (named ?? askedFromOutside(job, false))
      else if (word === 'OUT_OF_MEMORY' || word === 'PREEMPTED' || isQueuedAgain) interruption = named
    }
    const place = submission === null ? {} : { place: placeOf(submission, memory, record, null) }
    const { exitCode, error = null } = end
    const begun = readControl(attempt.control, 'pid.json', pidFileSchema)
    const uptime = begun === null || begun === 'torn' ? undefined : begun.uptime
    return {
      state: 'ended',
      exitCode,
      signal: signalOf(exitCode),
      error,
      milliseconds: millisecondsBetween(uptime, end.uptime),
      signalled: stop !== null && heard !== null,
      interruption,
      ...place,
    }
  }

  /** Given up before it began: over when Slurm has no job of it any more. */
  function lookAtBarred(
    memory: Memory,
    submission: Submission | null,
    record: JobRecord | null,
    knowledge: Knowledge | null,
  ): Observation {
    const interruption = memory.barred ?? null
    if (submission === null) return { state: 'vanished' }
    const pending = submissions.pending(submission.name)
    if (record !== null && phaseOf(record.state) !== 'ended') {
      requests.send(record.job, 'cancel')
      return { state: 'queued', place: placeOf(submission, memory, record, 'is taken out of the queue') }
    }
    const isGone = record !== null || (pending === undefined && isAbsent(submission, knowledge))
    if (isGone) return { state: 'vanished', interruption, place: placeOf(submission, memory, record, null) }
    const waits = queue.trouble() ?? 'is taken out of the queue'
    return { state: 'queued', place: placeOf(submission, memory, record, waits) }
  }

  /** Its wrapper has named itself: it runs, until its end is seen or Slurm knows better. */
  function lookAtBegun(
    attempt: Attempt,
    memory: Memory,
    submission: Submission | null,
    record: JobRecord | null,
    knowledge: Knowledge | null,
  ): Observation {
    const { control } = attempt
    nodeOf(attempt, memory)
    const job = jobOf(submission, memory, record) ?? ''
    const place = placeOf(submission, memory, record, null)
    memory.begunSince ??= monotonicMilliseconds()
    if (existsSync(path.join(control, 'over'))) {
      // what ended the wrapper may have ended the job: Slurm is asked, where it was none of this side
      const wasAsked = existsSync(path.join(control, 'stop.json'))
      const hasEnded = record !== null && phaseOf(record.state) === 'ended'
      if (!wasAsked && !hasEnded && sinceFirst(memory, 'goneSince') < patience(attempt)) {
        queue.soon()
        return { state: 'lingering', processes: [] }
      }
      return { state: 'vanished', interruption: hasEnded ? interruptionOf(record.state, job) : null, place }
    }
    const isNewer = knowledge !== null && knowledge.begunAt > memory.begunSince
    if (record !== null && phaseOf(record.state) === 'ended') {
      if (isAwaited(attempt, memory)) return { state: 'lingering', processes: [] }
      const interruption = interruptionOf(record.state, job) ?? endedWithoutWord(job, record.state, true)
      return { state: 'vanished', interruption, place }
    }
    if (record !== null && isNewer && phaseOf(record.state) === 'waiting') {
      if (isAwaited(attempt, memory)) return { state: 'lingering', processes: [] }
      requests.send(record.job, 'cancel')
      return { state: 'vanished', interruption: requeued(job), place }
    }
    if (record === null && isNewer && isAbsent(submission, knowledge)) {
      if (isAwaited(attempt, memory)) return { state: 'lingering', processes: [] }
      return { state: 'vanished', place }
    }
    delete memory.goneSince
    const left = leftOf(attempt)
    const running = runningOf(attempt, memory, record)
    return left.length > 0 ? { state: 'orphaned', ...running, place } : { state: 'running', ...running, place }
  }

  function lookAtWaiting(
    attempt: Attempt,
    memory: Memory,
    submission: Submission | null,
    record: JobRecord | null,
    knowledge: Knowledge | null,
  ): Observation {
    if (submission === null)
      return existsSync(path.join(attempt.control, 'claim')) ? { state: 'claimed' } : { state: 'unclaimed' }
    const pending = submissions.pending(submission.name)
    const queued = (waits: string): Observation => ({
      state: 'queued',
      place: placeOf(submission, memory, record, waits),
    })
    if (record === null) {
      if (pending !== undefined) {
        const { doubtSince } = pending
        if (doubtSince !== null && knowledge !== null && knowledge.begunAt > doubtSince)
          submissions.settle(submission.name, false)
        return queued(pending.waits ?? 'is handed to Slurm')
      }
      if (!isAbsent(submission, knowledge)) return queued(queue.trouble() ?? 'Slurm is asked about it')
      if (isAwaited(attempt, memory)) return queued('Slurm does not know it')
      // nothing of it ever ran, and what may yet come of it is barred from running twice by its claim
      memories.delete(attempt.control)
      submissions.forget(attempt.control)
      return { state: 'unclaimed' }
    }
    const phase = phaseOf(record.state)
    if (phase === 'ended') {
      nodeOf(attempt, memory)
      if (isAwaited(attempt, memory)) return queued('has ended at Slurm; its files are waited for')
      // what Slurm names may still be on its way to this file system, and must not begin
      if (!abandon(attempt)) return { state: 'claimed' }
      memory.barred = interruptionOf(record.state, record.job) ?? endedWithoutWord(record.job, record.state, false)
      return { state: 'vanished', interruption: memory.barred, place: placeOf(submission, memory, record, null) }
    }
    delete memory.goneSince
    if (phase === 'living') return queued(`starts on ${record.node ?? 'its node'}`)
    return queued(reasonInWords(record.reason ?? 'None'))
  }

  /** Whether an answer says that Slurm has no such job. One that was just handed over may be on its way. */
  function isAbsent(submission: Submission | null, knowledge: Knowledge | null): boolean {
    if (submission === null || knowledge === null || queue.trouble() !== null) return false
    if (knowledge.find(submission.name, submission.index) !== null) return false
    return knowledge.begunAt > certainFrom(submission)
  }

  /** From when on, by the monotonic clock, Slurm has the job if it ever will. */
  function certainFrom({ at, job }: Submission): number {
    const sinceThen = Math.max(0, Date.now() - at)
    return monotonicMilliseconds() - sinceThen + (job === undefined ? arrivalMilliseconds : 1000)
  }

  /** Whether files that a node may have written are still waited for. */
  function isAwaited(attempt: Attempt, memory: Memory): boolean {
    lookAgain(attempt.control)
    return sinceFirst(memory, 'goneSince') < delayMilliseconds
  }

  function patience({ control }: Attempt): number {
    lookAgain(control)
    return Math.max(delayMilliseconds, site.ask_seconds * 2000 + 2000)
  }

  function runningOf({ control }: Attempt, memory: Memory, record: JobRecord | null): Running {
    memory.running ??= { since: firstSeen(control) }
    const stop = readControl(control, 'stop.json', stopFileSchema)
    return {
      pid: null,
      milliseconds: Math.max(since(memory.running.since), (record?.seconds ?? 0) * 1000),
      stopping:
        stop === null || stop === 'torn' ? null : { request: stop.request, milliseconds: since(stop.monotonic) },
    }
  }

  return {
    slots: null,
    withheld: async () => new Map(),
    // nobody can ask a node that is not known yet: that none of `taken` comes twice is what can be promised
    async freePorts(count, taken) {
      const found = new Set<number>()
      while (found.size < count) {
        const port = 20_000 + Math.floor(Math.random() * 10_000)
        if (!taken.has(port)) found.add(port)
      }
      return [...found]
    },
    // what a node has is not known here; what stands in the sweep's own folder is
    programProblem: (program, directory, searchPath) =>
      program === '' || (program.includes('/') && !path.isAbsolute(program))
        ? programProblem(program, directory, searchPath)
        : null,
    environment: () => ({}),

    async launch(launches) {
      submissions.add(launches)
    },

    async observe(attempts) {
      const wanted = new Map<string, { since: number; indexes: number[] }>()
      const now = monotonicMilliseconds()
      for (const [control, { observedAt = now }] of memories)
        if (now - observedAt > forgetMilliseconds) memories.delete(control)
      for (const attempt of attempts) {
        const memory = memoryOf(attempt)
        memory.observedAt = now
        const submission = submissionOf(attempt, memory)
        if (submission === null) continue
        const entry = wanted.get(submission.name) ?? { since: certainFrom(submission), indexes: [] }
        entry.indexes.push(submission.index)
        wanted.set(submission.name, entry)
      }
      const knowledge = queue.look(wanted)
      return attempts.map((attempt) => {
        const memory = memoryOf(attempt)
        // a thousand folders on a file server are not read five times a second
        if (memory.seen !== undefined && since(memory.lookedAt!) < attempts.length - 50) return memory.seen
        try {
          memory.seen = look(attempt, memory, knowledge)
        } catch (error) {
          return { state: 'unknown', reason: (error as Error).message }
        }
        memory.lookedAt = monotonicMilliseconds()
        return memory.seen
      })
    },

    async signal(attempts, signal, request) {
      return attempts.map((attempt) => {
        const memory = memoryOf(attempt)
        const { control } = attempt
        delete memory.seen
        if (!existsSync(path.join(control, 'pid.json')) || existsSync(path.join(control, 'over'))) return false
        const submission = submissionOf(attempt, memory)
        nodeOf(attempt, memory)
        if (signal === 'SIGTERM' && request !== null)
          writeControl(control, 'stop.json', { request, monotonic: monotonicMilliseconds() })
        const job = jobOf(submission, memory, null)
        if (job !== null) requests.send(job, signal === 'SIGTERM' ? 'USR1' : 'USR2')
        return job !== null
      })
    },

    abandon: async (attempts) =>
      attempts.map((attempt) => {
        delete memoryOf(attempt).seen
        return abandon(attempt)
      }),

    onExit(listener) {
      exits.on('exit', listener)
      return () => exits.off('exit', listener)
    },
  }
}

function sinceFirst(memory: Memory, name: 'goneSince'): number {
  memory[name] ??= monotonicMilliseconds()
  return since(memory[name])
}

function since(monotonic: number): number {
  return Math.max(0, monotonicMilliseconds() - monotonic)
}
