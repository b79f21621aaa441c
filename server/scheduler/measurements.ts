/** Measuring the same baseline for several sweeps at once: one does, the others wait for what it gives. */
import type { JobRow } from '../../db/queries/jobs.ts'
import { findSweep, type SweepRow } from '../../db/queries/sweeps.ts'
import { measurementIdentity } from '../../domain/sweep/reuse/identity.ts'
import { takeMeasured } from '../act/baselines/measure-baseline.ts'
import type { Context } from '../base/context.ts'
import { isMeasurement, measuredPath } from '../base/preparing/measured-baseline.ts'
import { realPath } from '../base/evaluation-files/traces.ts'

/** For one look at the queue. `live`: what runs. */
export function measurementsOf(context: Context, live: readonly JobRow[]) {
  const under = new Set(
    live.filter(isMeasurement).map(({ sweepId }) => whatIsMeasured(findSweep(context.database, sweepId)!)),
  )
  return {
    /** Whether the evaluation is to be started: not where its result has come to be, nor while another makes it. */
    mayStart(sweep: SweepRow, job: JobRow): boolean {
      const what = whatIsMeasured(sweep)
      if (under.has(what) || takeMeasured(context, sweep, job)) return false
      under.add(what)
      return true
    },
  }
}

function whatIsMeasured({ definition, directory }: SweepRow): string {
  return JSON.stringify([realPath(measuredPath(definition, directory)!), measurementIdentity(definition, directory)])
}
