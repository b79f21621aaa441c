/** Whether a checkpoint is what its run trained, and whether it is there whole when it is to be evaluated. */
import path from 'node:path'
import { findCheckpoint, listOthersAtPath, updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { findJob, type JobRow } from '../../../db/queries/jobs.ts'
import { listCheckpointPoints } from '../../../db/queries/points.ts'
import { isCluster } from '../../../domain/sweep/executor.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { isOlderThan, traceOf } from '../../base/evaluation-files/traces.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import { staleSentence } from './find-saved.ts'

/**
 * Why a reported checkpoint is not of this run: it stands outside the run's folders and nothing in it was changed since the run
 * began. Nobody could look there before, so the file system's clock has to say it; where that is not ours, nothing is said.
 */
export function reportedTooOld(context: Context, run: JobRow, file: string): string | null {
  const folder = attemptFolder(context, run.id, 1)
  if (file.startsWith(path.dirname(folder) + path.sep)) return null
  if (!isOlderThan(file, path.join(folder, 'job.json'))) return null
  return `The checkpoint ${staleSentence(file, traceOf(file)!.newestAt)}`
}

/**
 * Why nobody knows whose model stands at a path: another run of the sweep has named it too. That run's points fail with it, unless
 * they were scored while the path was theirs alone.
 */
export function claimedTwice(context: Context, run: JobRow, file: string): string | null {
  const { database } = context
  const others = listOthersAtPath(database, run.sweepId, run.id, file)
  if (others.length === 0) return null
  const other = findJob(database, others[0]!.runId)!
  const problem = `Runs ${other.number} and ${run.number} both name ${file} as their checkpoint: whose model stands there is not known, and it is not scored. Give each run a place of its own, e.g. with \${run} in the path.`
  for (const { id } of others) {
    const scored = listCheckpointPoints(database, id).some((point) => point.status === 'scored')
    if (!scored) updateCheckpoint(database, id, { problem })
  }
  return problem
}

/** Why an evaluation cannot start: its checkpoint is gone, not whole, or not known to be its run's. null: it can. */
export function cannotEvaluate(context: Context, job: JobRow): string | null {
  const checkpoint = findCheckpoint(context.database, job.checkpointId!)
  if (!checkpoint) return null
  if (checkpoint.problem !== null) return checkpoint.problem
  if (checkpoint.path === null) return null
  const missing = missingPart(checkpoint.path)
  if (missing === null) return null
  const trace = traceOf(checkpoint.path)
  if (trace === null)
    return `The checkpoint ${checkpoint.path} is not there any more. Put it back and retry, or train it again in a new sweep.`
  return `The checkpoint ${checkpoint.path} ${missing}. Let the trainer report or finish it when all of it is written, then retry.`
}

/** Whether the checkpoint of an evaluation, of which a node of a cluster told, may still be on its way to this machine. */
export function mayYetCome({ database, executors }: Context, job: JobRow): boolean {
  const run = job.runId === null ? undefined : findJob(database, job.runId)
  const waited = Date.now() - (job.readyAt ?? 0)
  // a clock that was set back makes nothing wait for hours
  return run !== undefined && isCluster(run.executor) && waited >= 0 && waited < executors.fileDelayMilliseconds
}
