/** A baseline that a sweep measures: the job that does, what it came to, and whether the same was measured before. */
import path from 'node:path'
import { listMeasuredBaselines, type BaselineRow } from '../../../db/queries/baselines.ts'
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findEvaluationJob, findJob, type JobRow } from '../../../db/queries/jobs.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Issue } from '../../../domain/errors.ts'
import type { Traces } from '../../../domain/life/traces.ts'
import { evaluationCommand, initPath } from '../../../domain/sweep/commands/commands.ts'
import { measurementIdentity, type Measured } from '../../../domain/sweep/reuse/identity.ts'
import { measuredCheckpoint, measurementNumber } from '../../../domain/sweep/measured-baseline.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import type { Context } from '../context.ts'
import { codeChanged } from './earlier-trainings.ts'
import { realPath, traceOf, tracesOf } from '../evaluation-files/traces.ts'

/** Whether a job is the evaluation that measures its sweep's baseline. */
export function isMeasurement({ kind, number }: Pick<JobRow, 'kind' | 'number'>): boolean {
  return kind === 'evaluation' && number === measurementNumber
}

/** The job that measures a sweep's baseline; null where it measures none, or took what an earlier one had measured. */
export function measurementOf({ database }: Context, sweepId: number): JobRow | null {
  return findEvaluationJob(database, sweepId, measurementNumber) ?? null
}

/** The checkpoint that a sweep measures, absolute; null where it measures none. */
export function measuredPath(definition: Sweep, directory: string): string | null {
  const checkpoint = measuredCheckpoint(definition)
  return checkpoint === null ? null : path.resolve(directory, checkpoint)
}

/** Why the checkpoint that is to be measured cannot be, before anything starts. */
export function checkMeasured(definition: Sweep, directory: string, startIsToCome: boolean): Issue[] {
  const file = measuredPath(definition, directory)
  const { baseline } = definition.score ?? {}
  // the stage before a curriculum's may still have to train it
  if (file === null || (startIsToCome && measuredCheckpoint(definition) === definition.init)) return []
  const at = typeof baseline === 'object' ? ['score', 'baseline', 'measure'] : ['score', 'baseline']
  if (traceOf(file) === null)
    return [
      { path: at, message: `There is no checkpoint ${file} to measure; expected the path of a model that is there.` },
    ]
  const missing = missingPart(file)
  return missing === null ? [] : [{ path: at, message: `The checkpoint ${file} ${missing}; expected a whole one.` }]
}

/** The sentence for points without a score because the baseline is not known; null where it is. */
export function whyUnmeasured(context: Context, sweep: SweepRow): string | null {
  if (sweep.baselineId !== null || measuredCheckpoint(sweep.definition) === null) return null
  const what = `the baseline, ${measuredCheckpoint(sweep.definition)},`
  const job = measurementOf(context, sweep.id)
  switch (job?.status) {
    case 'waiting':
    case 'starting':
    case 'running':
      return `Scored once ${what} is measured.`
    case 'failed':
    case 'done':
      return `Not scored: ${what} could not be measured. ${job.error ?? ''}`.trim()
    default:
      return `Not scored: the measuring of ${what} was cancelled.`
  }
}

/** The state that counts of a model: its weights alone where it has any. null: it cannot be told. */
function stateOf(traces: Traces, file: string): string | null {
  const trace = traces[realPath(file)]
  return trace?.weights ?? trace?.all ?? null
}

/** Which evaluation of what the sweep's would be, as what stands there is now; null where it cannot be told from another. */
export function measuredNow(definition: Sweep, directory: string): Measured | null {
  const file = measuredPath(definition, directory)
  return file === null ? null : measuredAs(definition, directory, tracesOf([file]))
}

/** The same with the checkpoint as `traces` have it. */
export function measuredAs(definition: Sweep, directory: string, traces: Traces): Measured | null {
  const file = measuredPath(definition, directory)!
  const state = stateOf(traces, file)
  return state === null
    ? null
    : { identity: measurementIdentity(definition, directory), checkpoint: realPath(file), state }
}

/**
 * The stored baseline that the same evaluation, with the same scripts, measured of the same checkpoint; undefined where there is none.
 * `since`: measured after that time alone, in milliseconds since 1970.
 */
export function findMeasured(
  context: Context,
  { definition, directory }: Pick<SweepRow, 'definition' | 'directory'>,
  since = 0,
): BaselineRow | undefined {
  const now = measuredNow(definition, directory)
  if (now === null) return undefined
  return listMeasuredBaselines(context.database, now).find(({ measured, checkpointId, createdAt }) => {
    if (measured!.state !== now.state || createdAt < since) return false
    const checkpoint = checkpointId === null ? undefined : findCheckpoint(context.database, checkpointId)
    const job = checkpoint && findJob(context.database, checkpoint.runId)
    if (!job) return false
    const runtime = {
      run: job.id,
      slots: [],
      init: initPath(definition, {}),
      checkpoint: checkpoint.path ?? '',
      report: '',
    }
    const command = evaluationCommand(definition, job.params, runtime)?.arguments ?? null
    return codeChanged(context, job, command, directory) === null
  })
}
