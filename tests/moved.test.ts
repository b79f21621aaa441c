/** A data folder that is moved or copied, with real runs in it: what is known of them goes with it. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listEvents } from '../db/queries/events.ts'
import { findCheckpoint } from '../db/queries/checkpoints.ts'
import { listLiveJobs } from '../db/queries/jobs.ts'
import { cancelSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { findSameSweep } from '../server/base/preparing/same-sweep.ts'
import { listCheckpointFiles } from '../server/base/evaluation-files/list-files.ts'
import { describeNextRound } from '../server/read/checkpoints/describe-next-round.ts'
import { findSweep } from '../db/queries/sweeps.ts'
import { openTestServer, smallSweep, type TestServer } from './harness.ts'

let root: string
let open: TestServer[]
const at = (name: string) => path.join(root, name)
function openAt(name: string): TestServer {
  const server = openTestServer({}, at(name))
  open.push(server)
  return server
}
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sweepboard-moved-'))
  open = []
})
afterEach(async () => {
  for (const server of open) if (server.context.database.$client.open) await server.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

const saves = `mkdir -p "$SWEEPBOARD_RUN_DIR/ckpt"; echo weights > "$SWEEPBOARD_RUN_DIR/ckpt/model.bin"
  echo '{"type":"checkpoint","step":4,"path":"'$SWEEPBOARD_RUN_DIR'/ckpt"}' >> "$SWEEPBOARD_EVENTS"`
const answers = `echo '{"acc":{"B":0.5}}' > "$0"; [ -e "$1/model.bin" ]`
const training = (script: string) => ['bash', '-c', script, '${a}']
const savingSweep = (more: Parameters<typeof smallSweep>[0] = {}) =>
  smallSweep({
    axes: { a: ['1'], step: { milestones: ['4'] } },
    train: { command: training(saves) },
    evaluate: { command: ['bash', '-c', answers, '${report}', '${checkpoint}'], report: { accuracies: 'acc' } },
    ...more,
  })
const checkpointOf = (server: TestServer, id: number) =>
  findCheckpoint(server.context.database, server.sweep(id).points[0]!.checkpoint!.id)!

/** Its checkpoint is where the folder is now, may be downloaded, and a next round trains from it. */
async function expectWhole(server: TestServer, id: number): Promise<void> {
  const checkpoint = checkpointOf(server, id)
  expect(checkpoint.path).toBe(path.join(server.dataFolder, `runs/${checkpoint.runId}/1/ckpt`))
  expect(listCheckpointFiles(server.context, checkpoint).map(({ name }) => name)).toEqual(['model.bin'])
  expect(JSON.stringify(describeNextRound(server.context, [checkpoint.id]))).toContain(JSON.stringify(checkpoint.path))
  const next = server.create(
    savingSweep({
      name: `after ${open.length}`,
      axes: { a: ['2'], step: { milestones: ['4'] }, start: [checkpoint.path!] },
      init: '${start}',
      train: { command: ['bash', '-c', `[ -e "$1/model.bin" ] && { ${saves}\n}`, '${a}', '${init}'] },
    }),
  )
  expect(await server.finished(next)).toMatchObject({ status: 'done' })
}

test('moved, moved again and moved back: downloads and the next round work, the same file finds its sweep', async () => {
  let server = openAt('one')
  const id = server.create(savingSweep())
  await server.finished(id)
  // a sweep that has the folder in its words: a model of it, and a script in it
  writeFileSync(at('one/train.sh'), saves)
  const named = server.create(
    savingSweep({
      name: 'named',
      axes: { a: ['1'], step: { milestones: ['4'] }, start: [checkpointOf(server, id).path!] },
      init: '${start}',
      train: { command: ['bash', at('one/train.sh'), '--model=${init}'] },
    }),
  )
  await server.finished(named)
  for (const [from, to] of [
    ['one', 'two'],
    ['two', 'three (4)'],
    ['three (4)', 'one'],
  ] as const) {
    server.leave()
    renameSync(at(from), at(to))
    server = openAt(to)
    await expectWhole(server, id)
    const row = findSweep(server.context.database, named)!
    expect(row.directory).toBe(at(to))
    expect(row.definition.train!.command).toEqual(['bash', at(`${to}/train.sh`), '--model=${init}'])
    expect(row.definition.axes.start).toEqual([checkpointOf(server, id).path])
    expect(server.sweep(named).points[0]!.params.start).toContain(at(`${to}/runs/`))
    expect(findSameSweep(server.context, row.definition, row.directory)!.id).toBe(named)
  }
})

test.each([
  ['below where it was', 'one/deeper'],
  ['to a name that begins like it', 'one more'],
  ['to the beginning of its name', 'on'],
  ['to a name that a replacement would read', 'a$&b$1'],
  ['to a name of an apostrophe and percent signs', `it's 100% %2f`],
  ['to a name that a pattern would read', '[a](b)*_?'],
  ['to a name beyond ASCII', 'Läufe 模型'],
  ['to a long one', 'x'.repeat(180)],
])('moved %s', async (_name, to) => {
  let server = openAt('one')
  const id = server.create(savingSweep())
  await server.finished(id)
  server.leave()
  renameSync(at('one'), at('between'))
  mkdirSync(path.dirname(at(to)), { recursive: true })
  renameSync(at('between'), at(to))
  server = openAt(to)
  await expectWhole(server, id)
})

test('opened where it was, nothing is written', async () => {
  const server = openAt('one')
  server.leave()
  const again = openAt('one')
  expect(again.context.database.$client.prepare('select count(*) from data_folders').pluck().get()).toBe(1)
})

test('of a folder whose place no version has said yet, its checkpoints say it; outputs elsewhere stay there', async () => {
  let server = openAt('one')
  const id = server.create(savingSweep())
  await server.finished(id)
  const { runId } = server.sweep(id).points[0]!
  const outside = at(`out/runs/${runId}/1/ckpt`)
  mkdirSync(outside, { recursive: true })
  server.context.database.$client
    .prepare('insert into checkpoints (run_id, attempt, step, path) values (?, 1, 9, ?)')
    .run(runId, outside)
  server.context.database.$client.exec('delete from data_folders')
  server.leave()
  renameSync(at('one'), at('two'))
  server = openAt('two')
  await expectWhole(server, id)
  expect(server.context.database.$client.prepare('select path from checkpoints where step = 9').pluck().get()).toBe(
    outside,
  )
})

test('a training that lives while its folder is moved is followed to its end', async () => {
  let server = openAt('one')
  const [gate, waits] = [
    at('gate'),
    `exec 8>>"$SWEEPBOARD_EVENTS"; d=$SWEEPBOARD_RUN_DIR; mkdir -p "$d/ckpt"; echo weights > "$d/ckpt/model.bin"
    cd "$d"; : > ${at('waits')}; until [ -e ${at('gate')} ]; do sleep 0.02; done
    echo '{"type":"checkpoint","step":4,"path":"'$d'/ckpt"}' >&8`,
  ]
  const id = server.create(savingSweep({ train: { command: training(waits) } }))
  await expect.poll(() => existsSync(at('waits')), { timeout: 30_000 }).toBe(true)
  server.leave()
  renameSync(at('one'), at('two'))
  server = openAt('two')
  writeFileSync(gate, '')
  expect(await server.finished(id)).toMatchObject({ status: 'done' })
  expect(checkpointOf(server, id)).toMatchObject({
    attempt: 1,
    path: at(`two/runs/${server.sweep(id).points[0]!.runId}/1/ckpt`),
  })
  expect(existsSync(at('one'))).toBe(false)
  await expectWhole(server, id)
})

test('a copy beside the original leaves the original’s runs alone, and says so', async () => {
  const original = openAt('one')
  const script = `echo $$ >> ${at('started')}; ${saves}; until [ -e ${at('gate')} ]; do sleep 0.02; done`
  const done = original.create(savingSweep({ name: 'done' }))
  await original.finished(done)
  const id = original.create(savingSweep({ train: { command: training(script) } }))
  await original.until(id, (seen) => seen.points[0]!.checkpoint !== null)
  original.leave()
  cpSync(at('one'), at('two'), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  const copy = openAt('two')
  const seen = await copy.until(id, ({ slotsHeld }) => slotsHeld === 0)
  expect(seen).toMatchObject({ status: 'paused', pauseReason: expect.stringContaining(`is a copy of ${at('one')}`) })
  const told = listEvents(copy.context.database, seen.points[0]!.runId, ['problem'], 99).map(({ body }) =>
    String(body.message),
  )
  expect(told).toContainEqual(expect.stringContaining('lost here'))
  await expectWhole(copy, done)
  cancelSweep(copy.context, id)
  await copy.until(id, ({ status, slotsHeld }) => status === 'cancelled' && slotsHeld === 0)
  copy.leave()
  // whoever ran goes on, and is the original's
  const [pid, ...others] = readFileSync(at('started'), 'utf8').trim().split('\n')
  expect(others).toEqual([])
  expect(existsSync(`/proc/${pid}`)).toBe(true)
  const back = openAt('one')
  expect(listLiveJobs(back.context.database)).not.toEqual([])
  writeFileSync(at('gate'), '')
  expect(await back.finished(id)).toMatchObject({ status: 'done' })
  expect(back.sweep(id).points[0]).toMatchObject({ status: 'scored', score: 2 })
  expect(checkpointOf(back, id).path).toContain(at('one/'))
})

test('a copy goes on by itself when a person resumes it, in its own folders', async () => {
  const original = openAt('one')
  const id = createSweep(original.context, { definition: savingSweep(), directory: root, paused: true }).id
  original.context.database.$client.exec("update sweeps set status = 'waiting'")
  original.scheduler.stop()
  original.leave()
  cpSync(at('one'), at('two'), { recursive: true })
  const copy = openAt('two')
  resumeSweep(copy.context, id)
  await copy.finished(id)
  expect(checkpointOf(copy, id).path).toContain(at('two/'))
})

test('a folder behind a link is itself, whichever way it is opened, and follows when the link’s target is moved', async () => {
  mkdirSync(at('disk'))
  let server = openAt('disk/data')
  const id = server.create(savingSweep())
  await server.finished(id)
  server.leave()
  symlinkSync(at('disk/data'), at('link'))
  server = openAt('link')
  await expectWhole(server, id)
  server.leave()
  rmSync(at('link'))
  renameSync(at('disk'), at('other-disk'))
  symlinkSync(at('other-disk/data'), at('link'))
  server = openAt('link')
  expect(server.sweep(id).status).toBe('done')
  await expectWhole(server, id)
  server.leave()
  server = openAt('other-disk/data')
  await expectWhole(server, id)
})
