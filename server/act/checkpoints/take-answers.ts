/** Reads which questions the checkpoints of a sweep answered right, so that they can be compared question by question. */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { listUnreadAnswers, saveAnswers, type UnreadAnswers } from '../../../db/queries/answers.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { type ItemsIndex, itemsOrigin, openItems } from '../../tables/items.ts'

const filesAtOnce = 20
/** What pages have between two files. */
const restMilliseconds = 2

/** Reads every items file of the sweep's points that was not read yet, one after the other; gives how many there were. */
export async function takeAnswers(context: Context, sweepId: number): Promise<number> {
  const { directory, definition } = requireSweep(context, sweepId)
  const within = [path.join(context.config.dataFolder, 'runs'), directory]
  const report = definition.evaluate?.report ?? null
  let taken = 0
  for (;;) {
    if (!context.database.$client.open) return taken
    const unread = listUnreadAnswers(context.database, sweepId, filesAtOnce)
    if (unread.length === 0) return taken
    for (const evaluation of unread) {
      const index = await openItems(evaluation.items, within, itemsOrigin(report, evaluation.benchmark))
      // the folder may be let go of meanwhile
      if (!context.database.$client.open) return taken
      const serves = typeof index === 'string' || !isWhole(index, evaluation) ? null : index
      const { evaluationId, readOf } = evaluation
      saveAnswers(context.database, { evaluationId, readOf, ...(serves ? answersOf(serves) : noAnswers) })
      taken += 1
      await new Promise((done) => setTimeout(done, restMilliseconds))
    }
  }
}

/** Reads them beside whoever asks, once at a time for each sweep; `taken`: there were some. */
export function answerReader(
  context: Context,
  { taken, failed }: { taken: (sweepId: number) => void; failed: (sweepId: number, error: unknown) => void },
): (sweepId: number) => void {
  const reading = new Set<number>()
  async function read(sweepId: number): Promise<void> {
    if (reading.has(sweepId)) return
    reading.add(sweepId)
    try {
      const count = await takeAnswers(context, sweepId)
      if (count > 0 && context.database.$client.open) taken(sweepId)
    } catch (error) {
      failed(sweepId, error)
    } finally {
      reading.delete(sweepId)
    }
  }
  return (sweepId) => void read(sweepId)
}

const noAnswers = { questions: null, count: 0, bits: null }

/** Whether the file says what the evaluation reported: only then its answers are those that the score rests on. */
function isWhole({ ids, correct, repeated, problems }: ItemsIndex, evaluation: UnreadAnswers): boolean {
  const right = correct.reduce((sum, one) => sum + one, 0)
  if (repeated > 0 || problems.length > 0 || ids.length === 0) return false
  // a report may give the accuracy alone; of answers that are right in part, the bits do not say what the score says
  const same =
    evaluation.correct === null
      ? Math.abs((evaluation.accuracy ?? NaN) - right / ids.length) < 5e-4
      : evaluation.correct === right
  return same && (evaluation.total ?? ids.length) === ids.length
}

function answersOf({ ids, correct, answers }: ItemsIndex) {
  const order = Array.from(ids.keys()).toSorted((a, b) => (ids[a]! < ids[b]! ? -1 : 1))
  const hash = createHash('sha1')
  const bits = Buffer.alloc(Math.ceil(ids.length / 32) * 4)
  for (const [place, at] of order.entries()) {
    hash.update(`${JSON.stringify(ids[at])} ${answers[at]}\n`)
    if (correct[at] === 1) bits[place >> 3]! |= 1 << (place & 7)
  }
  return { questions: hash.digest('hex'), count: ids.length, bits }
}
