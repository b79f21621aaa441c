/** Looks at every live job: reads its events, notices its end, passes on requests to stop, and mends what a crash left. */
import { updateAttempt } from '../../db/queries/attempts.ts'
import { listLiveJobs, updateJob, type JobRow } from '../../db/queries/jobs.ts'
import { findSweep, type SweepRow } from '../../db/queries/sweeps.ts'
import type { AttemptEnd, Interruption } from '../../domain/life/attempt-outcome.ts'
import { isCluster } from '../../domain/sweep/executor.ts'
import { attemptOf, notify, type Context } from '../base/context.ts'
import { systemSeriesOf } from '../base/process/system-series.ts'
import { monotonicMilliseconds } from '../executors/clock.ts'
import type { Attempt, Executor, Observation } from '../executors/executor.ts'
import { isIntakeAwaited, settleIntake } from '../intake/settle.ts'
import { StillReading } from '../attempt-files/read-aside.ts'
import { giveUpAttempt } from '../act/runs/give-up-attempt.ts'
import { attemptKey, sinceThen, type JobMemory } from './job-memory.ts'
import { askToStop, endWhatIsLeft, leaveQueue, type LookRequests } from './stop-jobs.ts'
import { markBegun, markPlace, markRunning, tellTrouble } from './tell-run.ts'
import { tailAttempt } from '../act/runs/tail-attempt.ts'
import { takeSystemSamples } from '../act/runs/take-system-samples.ts'
import { FilesAwaited, finishAttempt } from '../act/runs/finish-attempt.ts'
import { describeGivenUp, isHopeless, isOfTheMachine, withError, type Trouble } from './job-trouble.ts'

/** A wrapper names its process within milliseconds; one that has not by then died on the way. */
const claimGraceMilliseconds = 10_000
/** A launched wrapper that has not even claimed its folder by then is launched again, which is harmless. */
const launchGraceMilliseconds = 5_000
/** How often samples of what an attempt takes are read; there is one every 5 s at most. */
const samplesMilliseconds = 2_000

/** How often it is stored how long an attempt has run. */
const ranMilliseconds = 5_000

/**
 * Pages wait for what a look reads: of all attempts together it takes about so long, or, with thousands of them, as long as the rest of a look, so that
 * ends are not waited for behind what is only looked at.
 */
const readMilliseconds = 30

/** What the executors say of the live attempts, by `attemptKey`. */
export type Observations = ReadonlyMap<string, Observation>

export type Observer = {
  /** Tells that this server launches the attempt now. */
  launching(job: JobRow): void
  /** Tells that it could not be launched: it is tried again, and given up in the end. */
  notLaunched(job: JobRow, error: unknown): void
  /** Asks the executors how the live attempts stand. Touches no row. */
  observe(): Promise<Observations>
  /**
   * Records what was seen, one look at each live job; gives the jobs that ended, with their new status. `unread`: attempts
   * wrote more than a look reads.
   */
  record(
    seen: Observations,
    onProblem: (job: JobRow, error: unknown) => void,
  ): { ended: { job: JobRow; status: JobRow['status'] }[]; requests: LookRequests; unread: boolean }
  /** How long a live attempt has run, in milliseconds, by a clock that nobody sets; 0 where it was not seen to run. */
  ranOf(job: JobRow): number
  /** Does what followed from a look, except launches. */
  carryOut(requests: LookRequests): Promise<void>
}

/** Makes an observer for one server's life. */
export function observeJobs(context: Context): Observer {
  const memories = new Map<string, JobMemory>()
  const memoryOf = (job: JobRow): JobMemory => {
    const key = attemptKey(job)
    if (!memories.has(key)) memories.set(key, {})
    return memories.get(key)!
  }
  const executorOf = (job: JobRow): Executor => context.executors[job.executor]
  const attemptsOf = (jobs: JobRow[]): Attempt[] => jobs.map((job) => attemptOf(context, job))

  /** The sweeps of this look: a definition may have a hundred thousand values, and ten thousand jobs. */
  const sweeps = new Map<number, SweepRow>()
  function sweepOf({ sweepId }: JobRow): SweepRow {
    let sweep = sweeps.get(sweepId)
    if (sweep === undefined) sweeps.set(sweepId, (sweep = findSweep(context.database, sweepId)!))
    return sweep
  }

  /** When this look is to be done with reading what attempts wrote. */
  let readUntil = Infinity
  let lastMilliseconds = 0
  /** The first job whose events were not read to their end in this look: the next one begins with it. */
  let left: number | null = null

  /** Reads new events, as far as this look has time for it. Gives whether that was all. */
  function read(job: JobRow, ended: boolean): boolean {
    const whole = performance.now() < readUntil && tailAttempt(context, job, { ended, until: readUntil })
    if (!whole) left ??= job.id
    return whole
  }

  function lookAt(job: JobRow, observation: Observation, requests: LookRequests): JobRow['status'] | null {
    const memory = memoryOf(job)
    switch (observation.state) {
      case 'unclaimed':
        if (memory.givenUp) return giveUp(job, memory)
        // it was seen to run: what said so is gone, and what ran is never started again beside itself
        if (job.status === 'running') return finish(job, 'vanished', null)
        if (job.stopReason !== null) requests.abandon.push(job)
        else if (sinceThen(memory.launchedAt) >= launchGraceMilliseconds) requests.launch.push(job)
        return null
      case 'claimed':
        memory.claimedSince ??= monotonicMilliseconds()
        if (sinceThen(memory.claimedSince) >= claimGraceMilliseconds) requests.abandon.push(job)
        return null
      case 'queued':
        if (memory.givenUp) requests.abandon.push(job)
        markPlace(context, job, observation, memory)
        leaveQueue(context, job, sweepOf(job), requests)
        return null
      case 'running':
      case 'orphaned':
        markPlace(context, job, observation, memory)
        markRunning(context, job, observation, memory)
        noteRan(job, observation.milliseconds, memory)
        if (!memory.givenUp && job.stopReason !== 'trouble') read(job, false)
        if (sinceThen(memory.sampledAt) >= samplesMilliseconds) {
          memory.sampledAt = monotonicMilliseconds()
          takeSystemSamples(context, job, { ended: false })
        }
        askToStop(context, { job, sweep: sweepOf(job), memory }, observation, requests)
        return null
      case 'lingering':
        if (observation.processes.length > 0) endWhatIsLeft(context, { job, memory }, observation.processes, requests)
        return null
      case 'ended':
        markPlace(context, job, observation, memory)
        return finish(job, observation, observation.milliseconds, observation.interruption)
      case 'vanished':
        markPlace(context, job, observation, memory)
        return finish(job, 'vanished', null, observation.interruption)
      case 'unknown':
        throw new Error(observation.reason)
    }
  }

  function noteRan(job: JobRow, milliseconds: number | null, memory: JobMemory): void {
    const ran = milliseconds ?? Math.max(0, Date.now() - job.startedAt!)
    memory.ran = { milliseconds: ran, at: monotonicMilliseconds() }
    if (sinceThen(memory.ranKeptAt) < ranMilliseconds) return
    memory.ranKeptAt = monotonicMilliseconds()
    updateAttempt(context.database, job.id, job.attempt, { ranMilliseconds: ran })
  }

  /**
   * Everything the trainer wrote is read before its end is: the exit was seen first, so nothing comes after. Where that is
   * much, the end waits for the next looks.
   */
  function finish(
    job: JobRow,
    end: AttemptEnd,
    milliseconds: number | null,
    interruption: Interruption | null = null,
  ): JobRow['status'] | null {
    const memory = memoryOf(job)
    memory.endedSince ??= monotonicMilliseconds()
    const mayAwait = isCluster(job.executor) && sinceThen(memory.endedSince) < context.executors.fileDelayMilliseconds
    const { folder } = attemptOf(context, job)
    // what its intake wrote on a node may still be on its way here: it must not be written once more
    if (mayAwait && isIntakeAwaited(folder)) return null
    settleIntake(folder)
    const { givenUp } = memory
    if (!givenUp && job.stopReason !== 'trouble' && !read(job, true)) return null
    takeSystemSamples(context, job, { ended: true })
    if (job.executor !== 'local') markBegun(context, job, milliseconds)
    const begunAt = job.executor === 'local' ? job.claimedAt! : job.startedAt!
    // as long as it ran by a clock that nobody sets, whatever became of this one meanwhile
    const endedAt = milliseconds === null ? Math.max(begunAt, Date.now()) : begunAt + milliseconds
    // of one whose end nobody saw it stays as long as it was seen to run
    const ran = milliseconds ?? memoryOf(job).ran?.milliseconds ?? (end === 'vanished' ? null : endedAt - begunAt)
    if (ran !== null) updateAttempt(context.database, job.id, job.attempt, { ranMilliseconds: ran })
    const status = finishAttempt(context, job, end, endedAt, { interruption, mayAwait })
    memories.delete(attemptKey(job))
    // Nothing more is appended to the attempt's metrics: they can be sealed.
    context.series.finish(job.id, job.attempt)
    context.series.finish(systemSeriesOf(job.id), job.attempt)
    return status
  }

  function giveUp(job: JobRow, { trouble }: JobMemory): JobRow['status'] | null {
    memories.delete(attemptKey(job))
    return giveUpAttempt(context, job, trouble ? describeGivenUp(trouble) : (job.error ?? 'It could not be started.'))
  }

  /** Counts an error of an attempt and tells it on its run, once where it is the same. */
  function countTrouble(job: JobRow, error: unknown): Trouble {
    const memory = memoryOf(job)
    const trouble = (memory.trouble = withError(memory.trouble, error, monotonicMilliseconds()))
    if (memory.told !== trouble.message) tellTrouble(context, job, trouble, error)
    memory.told = trouble.message
    return trouble
  }

  /** What a person asked for, and timeouts, hold whatever else is wrong with an attempt. */
  function stopAnyway(job: JobRow, observation: Observation, requests: LookRequests): void {
    if (observation.state !== 'running' && observation.state !== 'orphaned') return
    askToStop(context, { job, sweep: sweepOf(job), memory: memoryOf(job) }, observation, requests)
  }

  function meetTrouble(
    job: JobRow,
    observation: Observation,
    requests: LookRequests,
    error: unknown,
    onProblem: (job: JobRow, error: unknown) => void,
  ): JobRow['status'] | null {
    if (error instanceof StillReading) {
      void error.done.then(() => context.signals.emit('work'))
      return null
    }
    if (error instanceof FilesAwaited) return null
    if (observation.state === 'unknown' || isOfTheMachine(error)) {
      onProblem(job, error)
      stopAnyway(job, observation, requests)
      return null
    }
    const memory = memoryOf(job)
    const trouble = countTrouble(job, error)
    const now = monotonicMilliseconds()
    const lives = ['running', 'orphaned', 'lingering', 'claimed'].includes(observation.state)
    if (isHopeless(trouble, error, { lives, asked: job.stopReason === 'cancel', now })) {
      // the second time: not even its end can be written as it should be
      if (memory.givenUp && !lives) return giveUp(job, memory)
      memory.givenUp = true
      delete memory.trouble
      if (job.stopReason === null) {
        const stop = { stopReason: 'trouble' as const, stopRequestedAt: Date.now(), error: describeGivenUp(trouble) }
        updateJob(context.database, job.id, stop)
        Object.assign(job, stop)
        notify(context, job.sweepId, job.runId ?? job.id)
      }
      context.signals.emit('work')
    }
    stopAnyway(job, observation, requests)
    return null
  }

  return {
    launching(job) {
      memoryOf(job).launchedAt = monotonicMilliseconds()
    },

    notLaunched(job, error) {
      const memory = memoryOf(job)
      const trouble = countTrouble(job, error)
      // the pause between tries is the trouble's own
      delete memory.launchedAt
      memory.givenUp = isHopeless(trouble, error, {
        lives: false,
        asked: job.stopReason === 'cancel',
        now: monotonicMilliseconds(),
      })
    },

    async observe() {
      const jobs = listLiveJobs(context.database)
      const seen = new Map<string, Observation>()
      await Promise.all(
        [...Map.groupBy(jobs, executorOf)].map(async ([executor, own]) => {
          const observations = await executor.observe(attemptsOf(own))
          own.forEach((job, index) => seen.set(attemptKey(job), observations[index]!))
        }),
      )
      return seen
    },

    record(seen, onProblem) {
      const ended: { job: JobRow; status: JobRow['status'] }[] = []
      const requests: LookRequests = { launch: [], abandon: [], signal: [] }
      // read again: what a person asked for meanwhile counts
      const jobs = listLiveJobs(context.database)
      const first = jobs.findIndex((job) => job.id === left)
      left = null
      sweeps.clear()
      const begunAt = performance.now()
      readUntil = begunAt + Math.max(readMilliseconds, lastMilliseconds / 2)
      // from there on; from the last one where there is none, which is as good
      for (const job of [...jobs.slice(first), ...jobs.slice(0, first)]) {
        const observation = seen.get(attemptKey(job))
        if (observation === undefined) continue
        const rests = monotonicMilliseconds() < (memoryOf(job).trouble?.nextAt ?? 0)
        try {
          if (rests) {
            stopAnyway(job, observation, requests)
            continue
          }
          const what = `Reading what ${job.kind} ${job.id} of sweep ${job.sweepId} wrote`
          const status = context.watch.during(what, () => lookAt(job, observation, requests))
          if (status !== null) ended.push({ job, status })
          // one that this look had no time for is no better for it
          else if (observation.state !== 'unclaimed' && left !== job.id) delete memories.get(attemptKey(job))?.trouble
        } catch (error) {
          // One job's trouble (a pipe where its report was to be, say) must not keep the others from being looked at.
          const status = meetTrouble(job, observation, requests, error, onProblem)
          if (status !== null) ended.push({ job, status })
        }
      }
      lastMilliseconds = performance.now() - begunAt
      return { ended, requests, unread: left !== null }
    },

    ranOf(job) {
      const ran = memories.get(attemptKey(job))?.ran
      return ran === undefined ? 0 : ran.milliseconds + sinceThen(ran.at)
    },

    async carryOut({ abandon, signal }) {
      for (const [executor, jobs] of Map.groupBy(abandon, executorOf)) await executor.abandon(attemptsOf(jobs))
      for (const name of ['SIGTERM', 'SIGKILL'] as const) {
        for (const { job, request } of signal.filter((wanted) => wanted.signal === name))
          await executorOf(job).signal(attemptsOf([job]), name, request)
      }
    },
  }
}
