/** Cancelled as a checkpoint comes: it is kept, starts nothing, and is evaluated when a person says that the sweep, or the run, is to go on. */
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cancelRun, retryRun } from '../server/act/runs/change-run.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { fileAppears, openTestServer, smallSweep, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

/** Asked to leave, it saves its first milestone, or both, and leaves with this code; the next attempt saves what is left. */
const script = `
save() { mkdir -p "$SWEEPBOARD_RUN_DIR/$1"; echo $1 > "$SWEEPBOARD_RUN_DIR/$1/model"
  printf '{"type":"checkpoint","step":%d,"epoch":%d,"path":"%d"}\\n' $1 $1 $1 >> "$SWEEPBOARD_EVENTS"; }
leave() { save 1; [ "$1" = 0 ] && save 2; exit $1; }
if [ -e "$0" ]; then [ -n "$SWEEPBOARD_RESUME" ] || save 1; save 2; exit 0; fi
trap "leave $1" TERM
touch "$0"; while :; do sleep 0.02; done`

const start = (code: number) => {
  const started = path.join(server.dataFolder, 'started')
  const id = server.create(
    smallSweep({
      axes: { epoch: { milestones: ['1', '2'] } },
      train: { command: ['bash', '-c', script, started, String(code)] },
    }),
  )
  return { id, started }
}

test.each([
  ['and ended well', 0],
  ['and ended as asked', 143],
])('a sweep whose training saved what it was to %s: retried, every point is scored', async (_how, code) => {
  const { id, started } = start(code)
  await fileAppears(started)
  cancelSweep(server.context, id)
  const cancelled = await server.finished(id)
  expect(cancelled.points.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  expect(cancelled.points[0]!.checkpoint).not.toBeNull()
  await retrySweep(server.context, id)
  const done = await server.finished(id)
  expect(done.points.map(({ status, score }) => [status, score])).toEqual([
    ['scored', 2],
    ['scored', 2],
  ])
  // what ended well is not trained again
  expect(done.runs[0]!.attempt).toBe(code === 0 ? 1 : 2)
})

test.each([0, 143])('a run of its own accord, with code %i', async (code) => {
  const { id, started } = start(code)
  await fileAppears(started)
  const { runId } = server.sweep(id).points[0]!
  cancelRun(server.context, runId)
  await server.finished(id)
  if (server.sweep(id).points.some(({ status }) => status !== 'scored')) retryRun(server.context, runId)
  expect((await server.finished(id)).points.map(({ status }) => status)).toEqual(['scored', 'scored'])
})
