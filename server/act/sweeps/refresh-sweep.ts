/** Intervals, chances and ties of a sweep's points afresh: each depends on all the others. */
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { transaction } from '../../../db/client.ts'
import { saveAgreement } from '../../../db/queries/answers.ts'
import { writeUncertainties } from '../../../db/queries/point-columns.ts'
import { notify, type Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { type UncertaintyColumns, uncertaintyColumns } from './uncertainty-columns.ts'
import { measuredColumns } from './measured-columns.ts'
import { answerColumns } from '../../tables/answer-columns.ts'
import { type PointColumns, pointColumns, takeChangesIfHeld } from '../../tables/points-columns.ts'

/** Where a thread computed them, a chance that moved by less is not written again: with every new score those of all points move a little. */
const leastMove = 1e-4
/** Rows a transaction: about 10 ms. */
const rowsEachSlice = 500

/** Computes and writes them at once: seconds for 100,000 points. */
export function refreshSweep(context: Context, sweepId: number): void {
  const sweep = requireSweep(context, sweepId)
  const columns = pointColumns(context, sweep, { accuracies: true })
  const reading = answerColumns(context, sweepId, columns.count)
  let answers = reading.next()
  while (!answers.done) answers = reading.next()
  const found = uncertaintyColumns(measuredColumns(context, sweep, columns, answers.value))
  const rows = changedRows(columns, found, 0)
  transaction(context.database, () => {
    writeUncertainties(context.database, rows)
    writeAgreement(context, sweepId, found)
  })
  notify(context, sweep.id)
}

/** Computes them in a thread and writes them between the server's other work; resolves when all are written. */
export async function refreshInBackground(context: Context, sweepId: number): Promise<void> {
  const sweep = requireSweep(context, sweepId)
  const reading = answerColumns(context, sweepId, pointColumns(context, sweep).count)
  let answers = reading.next()
  while (!answers.done) {
    await new Promise((done) => setTimeout(done, 5))
    if (!context.database.$client.open) return
    answers = reading.next()
  }
  const columns = pointColumns(context, sweep, { accuracies: true })
  const measured = measuredColumns(context, sweep, columns, answers.value)
  const thread = new Worker(new URL('./uncertainty-thread.ts', import.meta.url), { workerData: measured })
  thread.unref()
  const { promise, resolve, reject } = Promise.withResolvers<UncertaintyColumns>()
  thread.on('message', resolve)
  thread.on('error', reject)
  const found = await promise
  if (!context.database.$client.open) return
  const rows = changedRows(pointColumns(context, sweep), found, leastMove)
  for (let from = 0; from < rows.length; from += rowsEachSlice) {
    // the folder may be let go of meanwhile
    if (!context.database.$client.open) return
    const slice = rows.slice(from, from + rowsEachSlice)
    transaction(context.database, () => writeUncertainties(context.database, slice))
    takeChangesIfHeld(context, sweepId)
    await new Promise((done) => setTimeout(done, 5))
  }
  if (!context.database.$client.open) return
  writeAgreement(context, sweepId, found)
  notify(context, sweepId)
}

function writeAgreement(context: Context, sweepId: number, { agreement }: UncertaintyColumns): void {
  const before = requireSweep(context, sweepId).agreement
  if (!isDeepStrictEqual(before, agreement)) saveAgreement(context.database, sweepId, agreement)
}

type Row = Parameters<typeof writeUncertainties>[1] extends Iterable<infer Each> ? Each : never

/** What is to be written: what differs, and is not only a chance that hardly moved. */
function changedRows(columns: PointColumns, found: UncertaintyColumns, least: number): Row[] {
  const orNull = (value: number) => (Number.isNaN(value) ? null : value)
  const rows: Row[] = []
  // points that were added while the thread worked have their turn later
  for (let index = 0; index < found.low.length; index++) {
    const same =
      Object.is(columns.low[index], found.low[index]) &&
      Object.is(columns.high[index], found.high[index]) &&
      columns.tied[index] === found.tied[index] &&
      (Object.is(columns.chance[index], found.chance[index]) ||
        Math.abs(columns.chance[index]! - found.chance[index]!) < least)
    if (same) continue
    const [low, high, chance] = [found.low[index]!, found.high[index]!, found.chance[index]!]
    rows.push([orNull(low), orNull(high), orNull(chance), found.tied[index]!, columns.ids[index]!])
  }
  return rows
}
