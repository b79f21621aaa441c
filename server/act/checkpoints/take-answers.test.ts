import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createRandom } from '../../../domain/stats/rng.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { openDataFolder } from '../../open.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { refreshInBackground, refreshSweep } from '../sweeps/refresh-sweep.ts'
import { rescoreSweep } from '../sweeps/rescore-sweep.ts'
import { takeAnswers } from './take-answers.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-answers-'))
const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, folder))
if (!('context' in opened)) throw new Error('the folder is held')
const context: Context = opened.context
const connection = context.database.$client
const questions = 600
let made = 0
let items = ''
beforeEach(() => {
  items = path.join(folder, 'runs', `items-${made}`)
  mkdirSync(items, { recursive: true })
})
afterAll(() => {
  opened.close()
  rmSync(folder, { recursive: true })
})

/** A sweep of points that answered these questions; `write` false: how many were right is all that is known. */
function sweepOf(right: boolean[][], write = true): number {
  const axes = { rate: right.map((_, at) => String(at + 1)) }
  const definition = { name: `answers ${made++}`, axes, train: { command: ['true'] }, score: { baseline: { A: 0.5 } } }
  const { id } = createSweep(context, { definition, directory: folder, paused: true })
  const points = connection.prepare('select id, run_id as run from points where sweep_id = ? order by number').all(id)
  for (const [at, point] of (points as { id: number; run: number }[]).entries()) {
    const file = path.join(items, `${at}.jsonl`)
    if (write) writeFileSync(file, linesOf(right[at]!))
    const { lastInsertRowid } = connection
      .prepare('insert into checkpoints (run_id, attempt, step) values (?, 1, 1)')
      .run(point.run)
    const correct = right[at]!.filter(Boolean).length
    connection
      .prepare(
        "insert into evaluations (checkpoint_id, benchmark, accuracy, correct, total, items) values (?, 'A', ?, ?, ?, ?)",
      )
      .run(lastInsertRowid, correct / questions, correct, questions, write ? file : null)
    connection
      .prepare("update points set status = 'scored', checkpoint_id = ? where id = ?")
      .run(lastInsertRowid, point.id)
  }
  rescoreSweep(context, id)
  return id
}

/** In another order each time: questions are known by their ids. */
function linesOf(right: boolean[]): string {
  return right
    .map((correct, at) => JSON.stringify({ id: `q${at}`, prompt: '?', response: '!', answer: String(at), correct }))
    .toReversed()
    .join('\n')
}

/** Models that mostly go by how hard a question is, each a little better than the one before. */
function alike(): boolean[][] {
  const random = createRandom(6)
  const hardness = Array.from({ length: questions }, () => random.uniform())
  return [0.44, 0.46, 0.48].map((accuracy) =>
    hardness.map((hard) => (random.uniform() < 0.95 ? hard : random.uniform()) < accuracy),
  )
}

const tied = (id: number) =>
  connection.prepare('select tied_with_best from points where sweep_id = ? order by number').pluck().all(id)

test('what counts alone cannot tell apart, the same questions can', async () => {
  const id = sweepOf(alike())
  expect(tied(id)).toEqual([1, 1, 0])
  expect(await takeAnswers(context, id)).toBe(3)
  refreshSweep(context, id)
  expect(tied(id)[0]).toBe(0)
  const { agreement } = requireSweep(context, id)
  expect(agreement!.benchmarks.A).toMatchObject({ questions, models: 3 })
  expect(agreement!.benchmarks.A!.correlation).toBeGreaterThan(0.8)
  expect(agreement!.own).toBeLessThan(0.2)
  // they are read once; a thread comes to the same
  expect(await takeAnswers(context, id)).toBe(0)
  const before = tied(id)
  await refreshInBackground(context, id)
  expect(tied(id)).toEqual(before)
})

test('without items nothing is said of the same questions', async () => {
  const id = sweepOf(alike(), false)
  expect(await takeAnswers(context, id)).toBe(0)
  refreshSweep(context, id)
  expect(requireSweep(context, id).agreement).toBeNull()
})

test('a file that says other than the evaluation does not serve, and is not read again; measured again, it is', async () => {
  const right = alike()
  const id = sweepOf(right)
  writeFileSync(path.join(items, '0.jsonl'), linesOf(right[0]!.map((one, at) => (at === 0 ? !one : one))))
  writeFileSync(path.join(items, '1.jsonl'), `${linesOf(right[1]!)}\nno line`)
  expect(await takeAnswers(context, id)).toBe(3)
  refreshSweep(context, id)
  // one alone has nobody to agree with
  expect(requireSweep(context, id).agreement).toBeNull()
  for (const at of [0, 1]) writeFileSync(path.join(items, `${at}.jsonl`), linesOf(right[at]!))
  expect(await takeAnswers(context, id)).toBe(0)
  connection.prepare('update evaluations set created_at = created_at + 1 where items like ?').run(`${items}%`)
  expect(await takeAnswers(context, id)).toBe(3)
  refreshSweep(context, id)
  expect(requireSweep(context, id).agreement!.benchmarks.A!.models).toBe(3)
})

test('who was asked other questions under the same ids is no partner', async () => {
  const right = alike()
  const id = sweepOf(right)
  const others = linesOf(right[2]!).replaceAll('"answer":"', '"answer":"another ')
  writeFileSync(path.join(items, '2.jsonl'), others)
  await takeAnswers(context, id)
  refreshSweep(context, id)
  expect(requireSweep(context, id).agreement!.benchmarks.A!.models).toBe(2)
})
