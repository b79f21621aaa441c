/** Whether a point beats its baseline once the baseline's own questions count: known, assumed, paired, unknown. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listBestPoints } from '../db/queries/points.ts'
import { saveBaseline } from '../server/act/baselines/save-baseline.ts'
import { setSweepBaseline } from '../server/act/baselines/set-sweep-baseline.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { describeAgainstBaseline } from '../server/read/sweeps/against-baseline.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

/** Of 200 questions the first `$0` are right, and every tenth after them. */
const evaluates = `cd "$SWEEPBOARD_RUN_DIR"
awk -v right="$0" 'BEGIN { for (q = 1; q <= 200; q++) printf "{\\"id\\":\\"q%d\\",\\"correct\\":%s}\\n", q, q <= right || q % 10 == 0 ? "true" : "false" }' > items.jsonl
count=$(grep -c true items.jsonl)
echo "{\\"type\\":\\"evaluation\\",\\"step\\":4,\\"benchmark\\":\\"B\\",\\"correct\\":$count,\\"total\\":200,\\"items\\":\\"items.jsonl\\"}" >> "$SWEEPBOARD_EVENTS"
echo "{\\"acc\\":{\\"B\\":{\\"correct\\":$count,\\"total\\":200}}}" > "$1"`

async function finished(right: string) {
  const id = server.create(
    smallSweep({
      axes: { a: ['1'] },
      evaluate: { command: ['bash', '-c', evaluates, right, '${report}'], report: { accuracies: 'acc' } },
    }),
  )
  expect((await server.finished(id)).status).toBe('done')
  return id
}
const against = (id: number) => describeAgainstBaseline(server.context, requireSweep(server.context, id))
const width = ([low, high]: [number, number]) => Math.log(high / low)

test('counted, assumed and paired: the interval is wider with the baseline’s luck, and narrower where both answered the same', async () => {
  const base = await finished('100')
  const better = await finished('110')
  const store = (name: string, more: object) =>
    saveBaseline(server.context, { name, accuracies: { B: 110 / 200 }, note: '', ...more })
  const assumed = store('assumed', {})
  const counted = store('counted', { questions: { B: 200 } })
  const checkpointId = listBestPoints(server.context.database, base, 1)[0]!.checkpointId!
  const paired = store('paired', { questions: { B: 200 }, checkpointId })
  const seen = async (baselineId: number) => {
    setSweepBaseline(server.context, { id: better, baselineId })
    return (await against(better))!
  }
  const [first, second, third] = [await seen(assumed.id), await seen(counted.id), await seen(paired.id)]
  expect([first.assumed, second.assumed, third.assumed]).toEqual([['B'], [], []])
  expect([first.paired, second.paired, third.paired]).toEqual([[], [], ['B']])
  // as many questions, known or assumed
  expect(first.interval).toEqual(second.interval)
  const alone = server.sweep(better).best!.interval!
  expect(width(second.interval!)).toBeGreaterThan(1.2 * width(alone))
  // 119 against 110 right: nothing by the counts, but hardly one question is answered otherwise
  expect(second.interval![0]).toBeLessThan(1)
  expect(third.interval![0]).toBeGreaterThan(1)
  expect(third.baseline.B).toEqual([expect.closeTo(0.48, 2), expect.closeTo(0.62, 2)])
})

test('accuracies that are edited are no longer the checkpoint’s, and its answers are not paired', async () => {
  const base = await finished('100')
  const checkpointId = listBestPoints(server.context.database, base, 1)[0]!.checkpointId!
  const values = { name: 'mine', accuracies: { B: 0.55 }, note: '', questions: { B: 200 } }
  const { id } = saveBaseline(server.context, { ...values, checkpointId })
  setSweepBaseline(server.context, { id: base, baselineId: id })
  expect((await against(base))!.paired).toEqual(['B'])
  saveBaseline(server.context, { ...values, id, note: 'a note changes nothing' })
  expect((await against(base))!.paired).toEqual(['B'])
  saveBaseline(server.context, { ...values, id, accuracies: { B: 0.5 } })
  expect((await against(base))!.paired).toEqual([])
})

test('without numbers of questions nothing is claimed, with the reason; without a score there is nothing to say', async () => {
  const id = server.create(smallSweep({ axes: { a: ['1'] } }))
  await server.finished(id)
  expect(await against(id)).toMatchObject({
    interval: null,
    reason: expect.stringContaining('How many questions of B'),
  })
  const failed = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('crashes-always') } }))
  await server.finished(failed)
  expect(await against(failed)).toBeNull()
})
