/** The scheduler: every tick a look at what lives, then the domain's decision on what starts, then the starts. */
import { transaction } from '../../db/client.ts'
import { listEndedTrainings } from '../../db/queries/durations.ts'
import {
  forgetReleases,
  listLiveJobs,
  listWaitingJobs,
  moveJob,
  moveSweepJobs,
  type JobRow,
} from '../../db/queries/jobs.ts'
import { listRunPoints, updatePoint } from '../../db/queries/points.ts'
import { listSweepsWithUnreadAnswers } from '../../db/queries/answers.ts'
import { lacksIntervals } from '../../db/queries/point-parts.ts'
import { listSweepsWithWaitingRepeats, listWaitingRepeats } from '../../db/queries/repeat-evaluations.ts'
import { listIdleRaces } from '../../db/queries/rungs.ts'
import { listSweepsBeingRescored } from '../../db/queries/rescore.ts'
import { findSweep, listActiveSweeps, listStartableSweeps, listSweeps, type SweepRow } from '../../db/queries/sweeps.ts'
import { cannotEvaluate, mayYetCome } from '../act/checkpoints/judge-checkpoint.ts'
import { affords } from '../../domain/life/budget.ts'
import { isTripped } from '../../domain/life/breaker.ts'
import { searchOf } from '../../domain/search/methods.ts'
import { executorNameOf, executorNames } from '../../domain/sweep/executor.ts'
import { slotsForTry } from '../../domain/life/try-slots.ts'
import { nextActions, type Snapshot, type SweepLimits } from '../../domain/life/schedule.ts'
import { logger } from '../base/log.ts'
import { notify, type Context } from '../base/context.ts'
import { describeFailure } from '../base/describe-failure.ts'
import { claimJob, prepareLaunch, rememberLaunches, type PreparedLaunch } from '../act/runs/start-attempt.ts'
import { openLook } from '../provenance/look-at-attempt.ts'
import { advanceCurricula } from '../act/curricula/advance-curricula.ts'
import { advanceRace } from '../act/sweeps/advance-race.ts'
import { advanceSearch } from '../act/sweeps/advance-search.ts'
import { pauseSweep } from '../act/sweeps/change-sweep.ts'
import { proposeTrainings } from '../act/sweeps/propose-trainings.ts'
import { takeAwaited } from '../act/sweeps/take-awaited.ts'
import { hasFewPoints } from '../base/few-points.ts'
import { refreshInBackground, refreshSweep } from '../act/sweeps/refresh-sweep.ts'
import { answerReader } from '../act/checkpoints/take-answers.ts'
import { whenRescored } from '../act/sweeps/rescore-sweep.ts'
import { settleSweep } from '../act/sweeps/settle-sweep.ts'
import { isMeasurement } from '../base/measured-baseline.ts'
import { explain } from '../act/baselines/measure-baseline.ts'
import { measurementsOf } from './measurements.ts'
import { isOfTheMachine } from './job-trouble.ts'
import { judgeBeside } from './judge-beside.ts'
import { watchBudgets } from './budgets.ts'
import { noteIdleSlots } from './note-idle-slots.ts'
import { observeJobs, type Seen } from './observe-jobs.ts'
import { concurrencyOf } from './room-for-agents.ts'
import { roomForProposals } from './room-for-proposals.ts'

const log = logger('scheduler')

/** How often live jobs are looked at; ends of own subprocesses and new work are seen at once. */
const lookMilliseconds = 200
const idleMilliseconds = 2000
/** What pages have between two looks while attempts write faster than a look reads. */
const unreadMilliseconds = 10
/** A look that takes longer is told at the level debug. */
const slowMilliseconds = 50
/** So many jobs are handed to a cluster at a look: each has folders to be made first. */
const mostStartsAway = 100
/** What the metric store may do in the background between two looks. */
const maintenanceMilliseconds = 10

const kinds = ['evaluation', 'training'] as const

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

/** Sweeps of many points, not long ended, whose intervals the server before this one did not come to write. */
function withoutIntervals(context: Context): number[] {
  const recent = Date.now() - 24 * 3_600_000
  return listSweeps(context.database)
    .filter((sweep) => sweep.origin !== 'imported' && (sweep.finishedAt ?? recent) >= recent)
    .filter((sweep) => !hasFewPoints(context, sweep.id) && lacksIntervals(context.database, sweep.id))
    .map((sweep) => sweep.id)
}

/** Starts scheduling over a data folder that this process holds the lock of. */
export function startScheduler(context: Context): Scheduler {
  const observer = observeJobs(context)
  const judge = judgeBeside(context, (id, error) => report(`Cannot judge the trainings of sweep ${id}`, error))
  const budgets = watchBudgets(context, observer.ranOf)
  const idle = noteIdleSlots(context)
  const overtakes = new Map<number, number>()
  /** Sweeps with new scores, and when each may be refreshed again: large ones take their time. */
  const stale = new Set([...withoutIntervals(context), ...listSweepsWithUnreadAnswers(context.database)])
  const notBefore = new Map<number, number>()
  const readAnswers = answerReader(context, {
    taken(sweepId) {
      stale.add(sweepId)
      soon()
    },
    failed: (sweepId, error) => report(`Cannot read the answers of sweep ${sweepId}`, error),
  })
  forgetReleases(context.database)
  // a server before this one was killed while it computed them
  for (const sweepId of listSweepsBeingRescored(context.database)) void whenRescored(context, sweepId)
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let problem: string | null = null
  let halted: string | null = null
  let lastLook: { at: number; milliseconds: number } | null = null

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
      context.watch.during('Computing intervals', refreshStale)
      const more = context.watch.during('Sealing metrics', () => context.series.maintain(maintenanceMilliseconds))
      busy = more || listLiveJobs(context.database).length > 0 || stale.size > 0
    } catch (error) {
      report('The scheduler cannot go on for now', error)
    }
    const took = performance.now() - startedAt
    lastLook = { at: Date.now(), milliseconds: took }
    if (took >= slowMilliseconds) log.debug(`A look took ${Math.round(took)} ms`)
    if (problem === null && before !== null) notify(context, null)
    return unread ? unreadMilliseconds : busy ? lookMilliseconds : idleMilliseconds
  }

  function recordJobs(seen: Seen) {
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
    budgets.enforce(listLiveJobs(context.database))
    return { requests, unread }
  }

  /** Claims what can start now. */
  async function startJobs(): Promise<JobRow[]> {
    const slots = context.executors.local.slots.ids
    const used = await context.executors.local.withheld()
    if (stopped) return []
    const live = listLiveJobs(context.database)
    const isTaken = (slot: string) => used.has(slot) || live.some((job) => job.slots?.includes(slot))
    const { wanted } = context.trySlots
    context.trySlots = { wanted, held: slotsForTry(context.trySlots, slots, isTaken) }
    if (halted !== null) return []
    const withheld = new Map([...used, ...context.trySlots.held.map((slot) => [slot, 'a try from the form'] as const)])
    const active = listActiveSweeps(context.database).filter((sweep) => sweep.origin !== 'imported')
    const isFull =
      live.reduce((sum, job) => sum + (job.slots?.length ?? 0), context.trySlots.held.length) >= slots.length
    const isAway = ({ definition }: SweepRow, kind: JobRow['kind']) => executorNameOf(definition, kind) !== 'local'
    const hasAway = active.some((sweep) => kinds.some((kind) => isAway(sweep, kind)))
    const liveAway = live.filter(({ executor }) => executor !== 'local').length
    const mostAway = Math.max(0, Math.min(mostStartsAway, context.executors.mostAway - liveAway))
    if (isFull && !hasAway && !active.some((sweep) => sweep.definition.evaluate?.gpus === 0)) {
      idle.noneFree()
      return []
    }
    const waiting = new Map<number, JobRow>()
    // evaluations asked for again start in sweeps that have ended too, and leave their status as it is
    const repeating = listStartableSweeps(context.database, listSweepsWithWaitingRepeats(context.database))
    const sweeps = [...active, ...repeating.filter(({ id }) => !active.some((sweep) => sweep.id === id))]
    const measuring = measurementsOf(context, live)
    const mostOf = (sweep: SweepRow, kind: JobRow['kind']) => (isAway(sweep, kind) ? mostAway : slots.length)
    for (const sweep of repeating)
      for (const job of listWaitingRepeats(context.database, sweep.id, mostOf(sweep, 'evaluation')))
        waiting.set(job.id, job)
    for (const sweep of active) {
      for (const kind of kinds) {
        for (const job of listWaitingJobs(context.database, sweep.id, kind, mostOf(sweep, kind)))
          if (!isMeasurement(job) || measuring.mayStart(sweep, job)) waiting.set(job.id, job)
      }
    }
    const sweepOf = (job: JobRow) => sweeps.find(({ id }) => id === job.sweepId)!
    const limits = new Map(
      sweeps.map((sweep) => [
        sweep.id,
        {
          maxSlots: sweep.definition.max_slots ?? null,
          concurrency: concurrencyOf(context, sweep, live),
          budget: budgets.budgetOf(sweep, live),
        },
      ]),
    )
    const snapshot = (): Snapshot => ({
      queue: [...waiting.values()].map((job) => ({
        ...job,
        overtakes: overtakes.get(job.id) ?? 0,
        away: isAway(sweepOf(job), job.kind),
      })),
      live: live.map((job) => ({ ...job, slots: job.slots ?? [], away: job.executor !== 'local' })),
      mostAway,
      limits,
      withheld: new Set(withheld.keys()),
    })
    const room = roomForProposals(context, active, snapshot(), slots)
    if (room.size > 0) {
      // rows, and durable, before any of them is claimed
      transaction(context.database, () => room.forEach((count, sweepId) => proposeTrainings(context, sweepId, count)))
      context.atInstant?.('after-proposal')
      for (const sweep of active.filter(({ id }) => room.has(id)))
        for (const job of listWaitingJobs(context.database, sweep.id, 'training', mostOf(sweep, 'training')))
          waiting.set(job.id, job)
    }
    pauseUnaffordable(active, live, waiting, limits)
    const asked = snapshot()
    const actions = nextActions(asked, slots)
    idle.note(asked, actions, withheld)
    if (waiting.size === 0) return []
    for (const { jobId, by } of actions.overtaken) overtakes.set(jobId, (overtakes.get(jobId) ?? 0) + by)
    for (const jobId of actions.impossible) {
      const job = waiting.get(jobId)!
      const needs = `needs ${job.slotCount} slots, and there are ${slots.length}. Start Sweepboard with more`
      if (job.again === null) pauseSweep(context, job.sweepId, `Run ${job.number} ${needs}, or cancel this sweep.`)
      else failEvaluation(context, job, `The evaluation ${needs}, and try it again.`)
    }
    for (const jobId of actions.unaffordable) {
      const job = waiting.get(jobId)!
      if (job.again !== null)
        failEvaluation(context, job, 'The budget of its sweep is spent. Raise it, and try the evaluation again.')
    }
    const start = actions.start.filter(({ jobId }) => {
      const job = waiting.get(jobId)!
      const reason = job.kind === 'evaluation' ? cannotEvaluate(context, job) : null
      if (reason !== null && !mayYetCome(context, job)) failEvaluation(context, job, reason)
      return reason === null
    })
    // All claims are one commit, and durable before the first process starts.
    return transaction(context.database, () =>
      start.flatMap(({ jobId, slots: given }) => {
        const job = waiting.get(jobId)!
        return claimJob(context, job, given, executorNameOf(sweepOf(job).definition, job.kind)) ?? []
      }),
    )
  }

  /** Pauses sweeps that have only what their budget does not allow. */
  function pauseUnaffordable(
    sweeps: SweepRow[],
    live: readonly JobRow[],
    waiting: ReadonlyMap<number, JobRow>,
    limits: ReadonlyMap<number, SweepLimits>,
  ): void {
    for (const sweep of sweeps) {
      const budget = limits.get(sweep.id)?.budget
      if (!budget || live.some((job) => job.sweepId === sweep.id)) continue
      const own = [...waiting.values()].filter((job) => job.sweepId === sweep.id && job.again === null)
      const proposed = { kind: 'training' as const, slotCount: sweep.definition.train?.gpus ?? 1 }
      const next = own.length > 0 ? own : searchOf(sweep.definition).propose === null ? [] : [proposed]
      if (next.length > 0 && !next.some((job) => affords(budget, job)))
        budgets.pauseUnaffordable(sweep, next[0]!, budget)
    }
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

  function refreshStale(): void {
    for (const sweepId of stale) {
      const startedAt = performance.now()
      if (startedAt < (notBefore.get(sweepId) ?? 0)) continue
      stale.delete(sweepId)
      // At most a tenth of the time goes into intervals of one sweep, however many points it has.
      const rest = () => notBefore.set(sweepId, performance.now() + (performance.now() - startedAt) * 10)
      if (!hasFewPoints(context, sweepId)) {
        notBefore.set(sweepId, Infinity)
        refreshInBackground(context, sweepId)
          .catch((error: unknown) => report(`Cannot compute the intervals of sweep ${sweepId}`, error))
          .finally(rest)
          .then(() => readAnswers(sweepId))
        continue
      }
      refreshSweep(context, sweepId)
      rest()
      readAnswers(sweepId)
    }
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

/** Ends an evaluation that cannot start, and with it the point that waits for it. */
function failEvaluation(context: Context, job: JobRow, error: string): void {
  transaction(context.database, () => {
    moveJob(context.database, job.id, ['waiting'], { status: 'failed', error, finishedAt: Date.now() })
    if (isMeasurement(job)) explain(context, job.sweepId)
    for (const point of listRunPoints(context.database, job.runId!))
      if (point.evaluationJobId === job.id) updatePoint(context.database, point.id, { status: 'failed', error })
    settleSweep(context, job.sweepId)
  })
  notify(context, job.sweepId, job.runId)
}

/** Pauses a sweep whose newest runs all failed at once: a broken script must not burn a grid of hours. */
function breakIfHopeless(context: Context, sweepId: number): void {
  const sweep = listActiveSweeps(context.database).find((candidate) => candidate.id === sweepId)
  if (!sweep) return
  const newest = listEndedTrainings(context.database, sweepId, sweep.breakerResetAt, 3)
  const reason = isTripped(newest)
  if (reason !== null) pauseSweep(context, sweepId, reason)
}
