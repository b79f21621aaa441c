/** Runs sweeps in this process, over a data folder that nobody else holds. */
import { countStarted } from '../server/read/sweeps/count-started.ts'
import { previewSweep } from '../server/read/sweeps/preview-sweep.ts'
import { SweepboardError } from '../domain/errors.ts'
import type { ChangeNotice } from '../contract/api/system.ts'
import type { Config } from '../server/base/process/config.ts'
import type { Context } from '../server/base/context.ts'
import { takeAnswers } from '../server/act/checkpoints/take-answers.ts'
import { pauseCurriculum, startCurriculum } from '../server/act/curricula/change-curriculum.ts'
import { requireCurriculum } from '../server/base/finding/find-curriculum.ts'
import { describeCurriculum, previewCurriculum } from '../server/read/curricula/describe-curriculum.ts'
import { writeHolder } from '../server/open.ts'
import { startScheduler } from '../server/scheduler/scheduler.ts'
import { watchDamage } from '../server/scheduler/watch-damage.ts'
import { pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { setTrainings } from '../server/act/sweeps/propose-trainings.ts'
import { describeSweep, describeWholeSweep } from '../server/read/sweeps/describe-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { readPointsPage } from '../server/read/sweeps/points-page.ts'
import { refreshSweep } from '../server/act/sweeps/refresh-sweep.ts'
import { whenRescored } from '../server/act/sweeps/rescore-sweep.ts'
import { setBudget } from '../server/act/sweeps/set-budget.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import type { Host } from './host.ts'

/** Why a sweep is paused after a first Ctrl-C. */
const stoppedByPerson = 'Stopped with Ctrl-C.'

export function localHost(config: Config, { context, close }: { context: Context; close: () => void }): Host {
  writeHolder(config.dataFolder, { pid: process.pid, url: null, token: null })
  // nothing of the folder is scheduled before there is something to wait for
  let scheduler: ReturnType<typeof startScheduler> | undefined
  let endLook = () => {}
  const begin = () => {
    if (scheduler !== undefined) return scheduler
    scheduler = startScheduler(context)
    endLook = watchDamage(context, scheduler)
    return scheduler
  }
  const { slots } = context.executors.local
  const slotKind = slots.kind === 'gpu' ? 'GPU' : 'CPU slot'
  return {
    place: config.dataFolder,
    slots: `${slots.ids.length} ${slotKind}${slots.ids.length === 1 ? '' : 's'}`,
    check: async (file, { reuse, continue: continued }) =>
      previewSweep(context, { ...file, reuse, continue: continued }),
    create: async (file, how) => createSweep(context, { ...file, origin: 'file', ...how }).id,
    startedSince: async (id, since) => countStarted(context, id, since),
    sweep: async (id) => describeSweep(context, requireSweep(context, id)),
    async outcome(id) {
      // intervals may be computed beside the scheduler, which may not have come to them
      await whenRescored(context, id)
      await takeAnswers(context, id)
      refreshSweep(context, id)
      return describeWholeSweep(context, requireSweep(context, id))
    },
    points: async (id, query) => readPointsPage(context, requireSweep(context, id), query),
    resume: async (id) => resumeSweep(context, id),
    setBudget: async (id, gpuHours, { text }) => setBudget(context, id, { gpuHours, source: text }),
    setTrainings: async (id, trainings, { text }) => setTrainings(context, id, { trainings, source: text }),
    retry: async (id) => void (await retrySweep(context, id)),
    checkCurriculum: async (file) => previewCurriculum(context, file).issues,
    startCurriculum: async (file, afresh) => (await startCurriculum(context, { ...file, afresh })).id,
    curriculum: async (id) => describeCurriculum(context, requireCurriculum(context, id)),
    changed(id) {
      begin()
      return changeOf(context, id)
    },
    halted: async () => scheduler?.state().halted ?? null,
    interruption: {
      before: (sweep) =>
        sweep === null || sweep.slotsHeld === 0
          ? 'Stopping.'
          : `Stopping: what runs is asked to save, and has ${config.killSeconds} s to do so. Ctrl-C again leaves it running.`,
      async interrupt(id) {
        try {
          pauseSweep(context, id, stoppedByPerson)
        } catch (error) {
          // it ended, or was paused, in the meantime
          if (!(error instanceof SweepboardError)) throw error
        }
        await begin().release(id)
      },
      async interruptCurriculum(id, sweepId) {
        try {
          pauseCurriculum(context, id, stoppedByPerson)
        } catch (error) {
          // as above
          if (!(error instanceof SweepboardError)) throw error
        }
        if (sweepId !== null) await begin().release(sweepId)
      },
      after: 'The same command goes on from here.',
    },
    close() {
      scheduler?.stop()
      endLook()
      close()
    },
  }
}

function changeOf(context: Context, id: number | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const listener = (change: ChangeNotice) => {
    if (id === null || change.sweepId === id || change.sweepId === null) resolve()
  }
  const timer = setTimeout(resolve, 1000)
  context.signals.on('change', listener)
  return promise.finally(() => {
    clearTimeout(timer)
    context.signals.off('change', listener)
  })
}
