/** What starts at a look: the jobs that wait, as a snapshot, handed to the domain's decision; what it says is claimed. */
import { transaction } from '../../db/client.ts'
import { listLiveJobs, listWaitingJobs, moveJob, type JobRow } from '../../db/queries/jobs.ts'
import { listRunPoints, updatePoint } from '../../db/queries/points.ts'
import { listSweepsWithWaitingRepeats, listWaitingRepeats } from '../../db/queries/repeat-evaluations.ts'
import { listActiveSweeps, listStartableSweeps, type SweepRow } from '../../db/queries/sweeps.ts'
import { affords } from '../../domain/life/budget.ts'
import { nextActions, type ScheduleSnapshot, type SweepLimits } from '../../domain/life/schedule.ts'
import { slotsForTry } from '../../domain/life/try-slots.ts'
import { searchOf } from '../../domain/search/methods.ts'
import { executorNameOf } from '../../domain/sweep/executor.ts'
import { explainUnmeasured } from '../act/baselines/explain-unmeasured.ts'
import { cannotEvaluate, mayYetCome } from '../act/checkpoints/judge-checkpoint.ts'
import { claimJob } from '../act/runs/start-attempt.ts'
import { pauseSweep } from '../act/sweeps/change-sweep.ts'
import { proposeTrainings } from '../act/sweeps/propose-trainings.ts'
import { settleSweep } from '../act/sweeps/settle-sweep.ts'
import { notify, type Context } from '../base/context.ts'
import { isMeasurement } from '../base/preparing/measured-baseline.ts'
import type { watchBudgets } from './budgets.ts'
import { measurementsOf } from './measurements.ts'
import type { noteIdleSlots } from './note-idle-slots.ts'
import { concurrencyOf } from './room-for-agents.ts'
import { roomForProposals } from './room-for-proposals.ts'

/** So many jobs are handed to a cluster at a look: each has folders to be made first. */
const mostStartsAway = 100
const kinds = ['evaluation', 'training'] as const

type Parts = {
  budgets: ReturnType<typeof watchBudgets>
  idle: ReturnType<typeof noteIdleSlots>
  /** By job, how often others went past it; whoever ends or starts a job forgets it. */
  overtakes: Map<number, number>
  /** Whether the scheduler was stopped meanwhile, and whether it starts nothing any more. */
  state: () => { stopped: boolean; halted: boolean }
}

/** Gives what claims all that can start now: those jobs, whose rows say so on the disk before any process begins. */
export function jobStarter(context: Context, { budgets, idle, overtakes, state }: Parts): () => Promise<JobRow[]> {
  return startJobs

  async function startJobs(): Promise<JobRow[]> {
    const slots = context.executors.local.slots.ids
    const used = await context.executors.local.withheld()
    if (state().stopped) return []
    const live = listLiveJobs(context.database)
    const isTaken = (slot: string) => used.has(slot) || live.some((job) => job.slots?.includes(slot))
    const { wanted } = context.trySlots
    context.trySlots = { wanted, held: slotsForTry(context.trySlots, slots, isTaken) }
    if (state().halted) return []
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
          if (isMeasurement(job) ? measuring.mayStart(sweep, job) : job.rung === null || sweep.race !== null)
            waiting.set(job.id, job)
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
    const snapshot = (): ScheduleSnapshot => ({
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
}

/** Ends an evaluation that cannot start, and with it the point that waits for it. */
function failEvaluation(context: Context, job: JobRow, error: string): void {
  transaction(context.database, () => {
    moveJob(context.database, job.id, ['waiting'], { status: 'failed', error, finishedAt: Date.now() })
    if (isMeasurement(job)) explainUnmeasured(context, job.sweepId)
    for (const point of listRunPoints(context.database, job.runId!))
      if (point.evaluationJobId === job.id) updatePoint(context.database, point.id, { status: 'failed', error })
    settleSweep(context, job.sweepId)
  })
  notify(context, job.sweepId, job.runId)
}
