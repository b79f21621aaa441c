/** The scheduler: every tick a look at what lives, then the domain's decision on what starts, then the starts. */
import { transaction } from '../../db/client.ts'
import { listEndedTrainings } from '../../db/queries/durations.ts'
import { countJobs, forgetReleases, listLiveJobs, moveSweepJobs, type JobRow } from '../../db/queries/jobs.ts'
import { listIdleRaces } from '../../db/queries/rungs.ts'
import { listSweepsBeingRescored } from '../../db/queries/rescore.ts'
import { findSweep, listActiveSweeps } from '../../db/queries/sweeps.ts'
import { isTripped } from '../../domain/life/breaker.ts'
import { executorNames } from '../../domain/sweep/executor.ts'
import { logger } from '../base/process/log.ts'
import { notify, type Context } from '../base/context.ts'
import { describeFailure } from '../base/saying/describe-failure.ts'
import { prepareLaunch, rememberLaunches, type PreparedLaunch } from '../act/runs/start-attempt.ts'
import { openLook } from '../provenance/look-at-attempt.ts'
import { advanceCurricula } from '../act/curricula/advance-curricula.ts'
import { advanceRace } from '../act/sweeps/advance-race.ts'
import { advanceSearch } from '../act/sweeps/advance-search.ts'
import { pauseSweep } from '../act/sweeps/change-sweep.ts'
import { takeAwaited } from '../act/sweeps/take-awaited.ts'
import { whenRescored } from '../act/sweeps/rescore-sweep.ts'
import { settleSweep } from '../act/sweeps/settle-sweep.ts'
import { isOfTheMachine } from './job-trouble.ts'
import { judgeBeside } from './judge-beside.ts'
import { watchBudgets } from './budgets.ts'
import { noteIdleSlots } from './note-idle-slots.ts'
import { observeJobs, type Observations } from './observe-jobs.ts'
import { refreshAfterLooks } from './refresh-after-looks.ts'
import { jobStarter } from './start-jobs.ts'

const log = logger('scheduler')

/** How often live jobs are looked at; ends of own subprocesses and new work are seen at once. */
const lookMilliseconds = 200
const idleMilliseconds = 2000
/** What pages have between two looks while attempts write faster than a look reads. */
const unreadMilliseconds = 10
/** A look that takes longer is told at the level debug. */
const slowMilliseconds = 50
/** What the metric store may do in the background at once; it then rests for twice as long as that took. */
const maintenanceMilliseconds = 10
const restsFor = 2

export type Scheduler = {
  /** Stops looking. What runs goes on and is found again by the next server. */
  stop(): void
  /** From now on nothing new is started, for this reason, a sentence: the database is not to be relied on. What runs is followed. */
  halt(reason: string): void
  /** Asks every live job of the sweep to stop and to go on later; resolves when none lives. */
  release(sweepId: number): Promise<void>
  /**
   * `halted`: why nothing new is started any more, or null. `problem`: the same, or what went wrong at the last look (a full disk, say).
   * `lastLook`: when it ended, in milliseconds since 1970, and how long it took; null before the first.
   */
  state(): { halted: string | null; problem: string | null; lastLook: { at: number; milliseconds: number } | null }
}

/** Starts scheduling over a data folder that this process holds the lock of. */
export function startScheduler(context: Context): Scheduler {
  const observer = observeJobs(context)
  const judge = judgeBeside(context, (id, error) => report(`Cannot judge the trainings of sweep ${id}`, error))
  const budgets = watchBudgets(context, observer.ranOf)
  const idle = noteIdleSlots(context)
  const overtakes = new Map<number, number>()
  const stale = refreshAfterLooks(context, { soon, report })
  forgetReleases(context.database)
  // a server before this one was killed while it computed them
  for (const sweepId of listSweepsBeingRescored(context.database)) void whenRescored(context, sweepId)
  let timer: NodeJS.Timeout | undefined
  let sealing: NodeJS.Timeout | undefined
  let stopped = false
  let problem: string | null = null
  let halted: string | null = null
  let lastLook: { at: number; milliseconds: number } | null = null
  const startJobs = jobStarter(context, {
    budgets,
    idle,
    overtakes,
    state: () => ({ stopped, halted: halted !== null }),
  })

  function report(what: string, error: unknown): void {
    const message = `${what}: ${describeFailure(error)}`
    log.error(message)
    problem = message
    notify(context, null)
  }

  /** Gives in how many milliseconds to look again. Never throws: what failed is told, and tried again. */
  async function tick(): Promise<number> {
    const startedAt = performance.now()
    const before = problem
    let busy = true
    let unread = false
    problem = null
    try {
      const seen = await observer.observe()
      if (stopped) return idleMilliseconds
      // Whatever a look finds is one commit: eight trainings that end together wait for the disk once.
      const recorded = transaction(context.database, () => recordJobs(seen))
      const { requests } = recorded
      unread = recorded.unread
      // a person may have cancelled what others waited for
      for (const sweepId of listIdleRaces(context.database)) advanceRace(context, sweepId)
      takeAwaited(context)
      context.watch.during('Judging trainings', judge)
      advanceCurricula(context)
      await observer.carryOut(requests)
      await launch([...requests.launch, ...(await startJobs())])
      if (stopped) return idleMilliseconds
      context.watch.during('Computing intervals', stale.refresh)
      const more = seal()
      busy = more || countJobs(context.database).live > 0 || stale.isWaiting()
    } catch (error) {
      report('The scheduler cannot go on for now', error)
    }
    const took = performance.now() - startedAt
    lastLook = { at: Date.now(), milliseconds: took }
    if (took >= slowMilliseconds) log.debug(`A look took ${Math.round(took)} ms`)
    if (problem === null && before !== null) notify(context, null)
    return unread ? unreadMilliseconds : busy ? lookMilliseconds : idleMilliseconds
  }

  /** Seals for a moment, and on between the looks, as runs that end together leave seconds of it. Gives whether more is left. */
  function seal(): boolean {
    clearTimeout(sealing)
    const startedAt = performance.now()
    const more = context.watch.during('Sealing metrics', () => context.series.maintain(maintenanceMilliseconds))
    if (more && !stopped) sealing = setTimeout(sealOn, restsFor * (performance.now() - startedAt))
    return more
  }

  function sealOn(): void {
    try {
      seal()
    } catch (error) {
      // it is tried again at the next look
      report('Metrics cannot be sealed for now', error)
    }
  }

  function recordJobs(seen: Observations) {
    const { ended, requests, unread } = observer.record(seen, (job, error) =>
      report(`Cannot follow ${nameOf(job)}`, error),
    )
    for (const { job, status } of ended) {
      overtakes.delete(job.id)
      budgets.ended(job.sweepId)
      log.debug(`${nameOf(job)} is ${status}`)
      if (job.kind === 'training' && status === 'failed') breakIfHopeless(context, job.sweepId)
      // what was measured again changes no point
      if (job.again === null) stale.add(job.sweepId)
    }
    const over = ended.filter(({ status }) => status !== 'waiting')
    for (const [sweepId, its] of Map.groupBy(over, ({ job }) => job.sweepId)) {
      if (its.some(({ job }) => job.again === null)) {
        advanceRace(context, sweepId)
        advanceSearch(context, sweepId)
      }
      settleSweep(context, sweepId)
    }
    budgets.enforce()
    return { requests, unread }
  }

  async function launch(jobs: JobRow[]): Promise<void> {
    const prepared: PreparedLaunch[] = []
    const look = openLook()
    for (const job of jobs) {
      overtakes.delete(job.id)
      context.atInstant?.('after-claim')
      observer.launching(job)
      try {
        prepared.push(await prepareLaunch(context, findSweep(context.database, job.sweepId)!, job, look))
        if (stopped) return
        log.debug(`${nameOf(job)} starts on ${job.slots?.join(', ') || 'no slot'}`)
      } catch (error) {
        // It stays claimed: the next look finds its folder untouched and launches it again.
        if (isOfTheMachine(error)) report(`Cannot start ${nameOf(job)}`, error)
        else observer.notLaunched(job, error)
      }
    }
    if (prepared.length > 0) {
      rememberLaunches(context, prepared)
      for (const [name, own] of Map.groupBy(prepared, ({ job }) => job.executor))
        await context.executors[name].launch(own.map(({ launch }) => launch))
    }
    if (jobs.length > 0) context.atInstant?.('after-launch')
  }

  /** One tick at a time: what asks for one meanwhile gets it right after. */
  let ticking = false
  let askedMeanwhile = false
  async function run(): Promise<void> {
    if (stopped) return
    clearTimeout(timer)
    ticking = true
    const pause = await tick()
    ticking = false
    if (askedMeanwhile) {
      askedMeanwhile = false
      soon()
    } else if (!stopped) timer = setTimeout(run, pause)
  }

  let asked = false
  function soon(): void {
    if (ticking) askedMeanwhile = true
    if (ticking || asked || stopped) return
    asked = true
    setImmediate(() => {
      asked = false
      void run()
    })
  }
  context.signals.on('work', soon)
  const offExits = executorNames.map((name) => context.executors[name].onExit(soon))
  soon()

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      clearTimeout(sealing)
      idle.stop()
      context.signals.off('work', soon)
      for (const off of offExits) off()
    },
    halt(reason) {
      halted = reason
      log.error(reason)
      notify(context, null)
    },
    async release(sweepId) {
      const now = Date.now()
      moveSweepJobs(context.database, sweepId, ['starting', 'running'], { stopReason: 'release', stopRequestedAt: now })
      const lives = () => listLiveJobs(context.database).some((job) => job.sweepId === sweepId)
      const changed = Promise.withResolvers<void>()
      const listener = () => lives() || changed.resolve()
      context.signals.on('change', listener)
      soon()
      listener()
      await changed.promise
      context.signals.off('change', listener)
    },
    state: () => ({ halted, problem: halted ?? problem, lastLook }),
  }
}

function nameOf(job: JobRow): string {
  return `${job.kind} ${job.id}, attempt ${job.attempt}, of sweep ${job.sweepId}`
}

/** Pauses a sweep whose newest runs all failed at once: a broken script must not burn a grid of hours. */
function breakIfHopeless(context: Context, sweepId: number): void {
  const sweep = listActiveSweeps(context.database).find((candidate) => candidate.id === sweepId)
  if (!sweep) return
  const newest = listEndedTrainings(context.database, sweepId, sweep.breakerResetAt, 3)
  const reason = isTripped(newest)
  if (reason !== null) pauseSweep(context, sweepId, reason)
}
