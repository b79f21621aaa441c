/** The leaderboard across sweeps compares checkpoints by their answers where all were asked the same questions. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePages } from '../../bench/pages-data.ts'
import { saveAnswers } from '../../db/queries/answers.ts'
import { transaction } from '../../db/client.ts'
import { plainBoardQuery } from '../../domain/asking/board-query.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import { readConfig } from '../base/process/config.ts'
import type { Context } from '../base/context.ts'
import { openDataFolder } from '../open.ts'
import { readBoard } from '../read/leaderboard/read-board.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-pairs-'))
let context: Context
let close: () => void

type Evaluation = { id: number; createdAt: number; benchmark: string; correct: number; total: number; sweepId: number }
let evaluations: Evaluation[]

function open() {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '1' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
}
/** The columns are read anew, as after a start. */
function reopen() {
  close()
  open()
}
beforeAll(() => {
  open()
  makePages(context, { lineages: 2, generations: 2, seeds: 2, picksASweep: 1, runsWithCurves: 0, steps: 0 })
  evaluations = context.database.$client
    .prepare(
      `select evaluations.id, evaluations.created_at as createdAt, benchmark, correct, total, sweep_id as sweepId
       from evaluations join checkpoints on checkpoints.id = evaluations.checkpoint_id join jobs on jobs.id = checkpoints.run_id
       where correct is not null`,
    )
    .all() as Evaluation[]
})
afterAll(() => {
  close()
  rmSync(folder, { recursive: true })
})

/** Each evaluation as the same questions would be answered: the easy ones first, `luck` of the order its own. */
function answerAll(luck: number, hashOf: (evaluation: Evaluation) => string) {
  const random = createRandom(5)
  transaction(context.database, () => {
    for (const { id, createdAt, total, correct, ...evaluation } of evaluations) {
      const order = Array.from({ length: total }, (_, question) => ({
        question,
        at: question / total + luck * random.normal(),
      })).toSorted((a, b) => a.at - b.at)
      const bits = Buffer.alloc(4 * Math.ceil(total / 32))
      for (const { question } of order.slice(0, correct)) bits[question >> 3]! |= 1 << (question & 7)
      const questions = hashOf({ id, createdAt, total, correct, ...evaluation })
      saveAnswers(context.database, { evaluationId: id, readOf: createdAt, questions, count: total, bits })
    }
  })
  reopen()
}

const read = (grouped = false) => readBoard(context, { ...plainBoardQuery, grouped }, 0, 10_000)

test('by their counts where no answers are kept, question by question where all were asked the same', () => {
  const sweeps = new Set(evaluations.map(({ sweepId }) => sweepId))
  expect(sweeps.size).toBeGreaterThan(1)
  const before = read()
  expect(before.agreement).toBeNull()
  answerAll(0.05, ({ benchmark }) => benchmark)
  const after = read()
  expect(Object.keys(after.agreement!.benchmarks).toSorted()).toEqual(after.benchmarks)
  for (const { correlation, models } of Object.values(after.agreement!.benchmarks)) {
    expect(correlation).toBeGreaterThan(0.3)
    expect(models).toBeGreaterThan(sweeps.size)
  }
  expect(after.agreement!.own).toBeLessThan(0.7)
  // scores and intervals are what they were; fewer rows may be the best
  expect(after.rows.map(({ score, interval }) => [score, interval])).toEqual(
    before.rows.map(({ score, interval }) => [score, interval]),
  )
  expect(after.tied).toBeLessThan(before.tied)
})

test('groups over seeds are compared by what they do not have in common', () => {
  answerAll(0.05, ({ id, benchmark }) => `${benchmark} ${id}`)
  const before = read(true)
  answerAll(0.05, ({ benchmark }) => benchmark)
  const after = read(true)
  expect(after.agreement).not.toBeNull()
  expect(after.tied).toBeLessThanOrEqual(before.tied)
})

test('one sweep that was asked other questions: nobody knows what they have in common, and all are compared by counts', () => {
  const odd = evaluations.at(-1)!.sweepId
  answerAll(0.05, ({ benchmark, sweepId }) => (sweepId === odd ? `other ${benchmark}` : benchmark))
  expect(read().agreement).toBeNull()
})
