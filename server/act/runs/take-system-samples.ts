/** Reads what is new in an attempt's system.jsonl into the metric store. Rows and byte offset are one transaction. */
import { closeSync, readSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { advanceSystemOffset, findAttempt } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import { openFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import { attemptOf, notify, type Context } from '../../base/context.ts'
import { systemSeriesOf } from '../../base/process/system-series.ts'
import { parseSystemSamples } from '../../formats/system-samples.ts'

/** An hour of eight GPUs is less; what is more is read at the next looks. */
const blockBytes = 1 << 19

/**
 * Takes whole lines, so much as one block holds. Nothing of an attempt depends on them: a file that cannot be read gives none.
 * `ended`: nothing more comes, and all of it is read.
 */
export function takeSystemSamples(context: Context, job: JobRow, { ended }: { ended: boolean }): void {
  const { control } = attemptOf(context, job)
  const opened = unlessUnreadable(() => openFile(path.join(control, 'system.jsonl'), [control]))
  if (opened === null) return
  try {
    while (takeBlock(context, job, opened.descriptor, opened.stats.size) && ended);
  } finally {
    closeSync(opened.descriptor)
  }
}

/** Null where it cannot be read, whatever the reason. */
function unlessUnreadable<Read>(read: () => Read): Read | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnreadableFile || (error as NodeJS.ErrnoException).syscall !== undefined) return null
    throw error
  }
}

/** Whether there is more. */
function takeBlock(context: Context, job: JobRow, descriptor: number, size: number): boolean {
  const { database, series } = context
  const from = findAttempt(database, job.id, job.attempt)!.systemOffset
  if (size <= from) return false
  const buffer = Buffer.allocUnsafe(Math.min(size - from, blockBytes))
  const filled = unlessUnreadable(() => readSync(descriptor, buffer, 0, buffer.length, from))
  if (filled === null || filled === 0) return false
  const end = buffer.lastIndexOf(10, filled - 1) + 1
  // a line longer than a block is no sample
  const to = from + (end === 0 && filled === blockBytes ? filled : end)
  if (to === from) return false
  transaction(database, () => {
    if (!advanceSystemOffset(database, job.id, job.attempt, { from, to }))
      throw new Error(`another process read the system metrics of job ${job.id}, attempt ${job.attempt}`)
    series.append(systemSeriesOf(job.id), job.attempt, parseSystemSamples(buffer.toString('utf8', 0, end)))
  })
  notify(context, job.sweepId, job.runId ?? job.id)
  return to < size
}
