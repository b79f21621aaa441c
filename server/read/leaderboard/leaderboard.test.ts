/** The leaderboard of a small data folder against the same figures computed one by one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePages, type MadePages } from '../../../bench/pages-data.ts'
import { transaction } from '../../../db/client.ts'
import { findBaseline, insertBaseline } from '../../../db/queries/baselines.ts'
import { listEvaluations, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { type BoardQuery, plainBoardQuery } from '../../../domain/asking/board-query.ts'
import { scoreResults } from '../../../domain/score/score.ts'
import { uncertaintyOf } from '../../../domain/score/uncertainty.ts'
import { saveBaseline } from '../../act/baselines/save-baseline.ts'
import { pickCheckpoint } from '../../act/checkpoints/pick-checkpoint.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { tagCheckpoint } from '../../act/checkpoints/tag-checkpoint.ts'
import { readConfig } from '../../base/process/config.ts'
import type { Context } from '../../base/context.ts'
import { openDataFolder } from '../../open.ts'
import { removeSweep } from '../../act/sweeps/change-sweep.ts'
import { boardAsCsv } from './export-board.ts'
import { describeChoices, readBoard } from './read-board.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-board-'))
let context: Context
let close: () => void
let made: MadePages

function open() {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '1' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  ;({ context, close } = opened)
}
beforeAll(() => {
  open()
  made = makePages(context, { lineages: 2, generations: 2, seeds: 2, picksASweep: 1, runsWithCurves: 0, steps: 0 })
})
afterAll(() => {
  close()
  rmSync(folder, { recursive: true })
})

const read = (parts: Partial<BoardQuery> = {}) => readBoard(context, { ...plainBoardQuery, ...parts }, 0, 10_000)

test.each([
  ['its own baseline', 0],
  ['another', 1],
])('every score, and every reason for none, is that of its results: %s', (_name, which) => {
  const baselineId = which === 0 ? null : made.baselines[1]!
  const { rows, total, scored } = read({ baselineId })
  expect(total).toBe(800)
  expect(scored).toBeGreaterThan(700)
  expect(scored).toBeLessThan(800)
  // the sweeps' own accuracies are those of the first
  const baseline = findBaseline(context.database, baselineId ?? made.baselines[0]!)!.accuracies
  for (const row of rows) {
    const results = listEvaluations(context.database, row.checkpointIds)
    const expected = scoreResults({
      aggregate: 'harmonic-mean',
      baseline,
      results: Object.fromEntries(
        results.map((one) => [one.benchmark, { accuracy: accuracyOf(one), error: one.error }]),
      ),
    })
    expect([row.score, row.error]).toEqual([expected.score, expected.error])
  }
  const scores = rows.flatMap(({ score }) => score ?? [])
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
})

test('against another baseline the intervals are those of draws, up to the draws', () => {
  const baselineId = made.baselines[1]!
  const baseline = findBaseline(context.database, baselineId)!.accuracies
  for (const row of read({ baselineId }).rows.slice(0, 40)) {
    const counts = listEvaluations(context.database, row.checkpointIds).map(({ benchmark, correct, total }) => [
      benchmark,
      { correct: correct!, total: total! },
    ])
    const points = [{ id: 1, score: row.score, counts: Object.fromEntries(counts) }]
    const drawn = uncertaintyOf({ aggregate: 'harmonic-mean', baseline, points })[0]!.interval!
    for (const end of [0, 1] as const) expect(Math.abs(row.interval![end] - drawn[end])).toBeLessThan(0.03)
  }
})

test.each<[string, Partial<BoardQuery>]>([
  ['all', {}],
  ['filtered', { filter: 'learning_rate < 1e-5 and step >= 60' }],
  ['another baseline', { baselineId: 2 }],
  ['grouped', { grouped: true }],
])('the chances of the rows to be the best sum to 1: %s', (_name, parts) => {
  const { rows, tied, lastTied } = read(parts)
  expect(rows.reduce((sum, { chanceOfBest }) => sum + (chanceOfBest ?? 0), 0)).toBeCloseTo(1, 9)
  expect(tied).toBeGreaterThan(0)
  // the bracket begins with the best and ends at the last that cannot be told from it
  expect(rows[0]!.brace).toBe('first')
  expect(rows.filter(({ tiedWithBest }) => tiedWithBest)).toHaveLength(tied)
  expect(rows[lastTied]!.tiedWithBest).toBe(true)
  expect(rows.slice(lastTied + 1).some(({ tiedWithBest }) => tiedWithBest)).toBe(false)
})

test('corrected scores lie between the score and the mean of the sweep, and the best loses most of its luck', () => {
  const sweepIds = [made.sweepIds[0]!]
  const { rows } = read({ sweepIds })
  const known = rows.filter(({ corrected }) => corrected !== null)
  expect(known).toHaveLength(rows.filter(({ score }) => score !== null).length)
  const centre = known.reduce((sum, { corrected }) => sum + corrected!, 0) / known.length
  expect(known[0]!.corrected!).toBeLessThan(known[0]!.score!)
  expect(known[0]!.corrected!).toBeGreaterThan(centre)
  expect(known.at(-1)!.corrected!).toBeGreaterThan(known.at(-1)!.score!)
  const sorted = read({ sweepIds, sort: 'corrected' }).rows.flatMap(({ corrected }) => corrected ?? [])
  expect(sorted).toEqual(sorted.toSorted((a, b) => b - a))
})

test('filters by parameter, sweep, trainer, tag, day and pick; a mistake says what is known', () => {
  const total = (parts: Partial<BoardQuery>) => read(parts).total
  expect(total({ filter: 'batch_size = 64 and learning_rate <= 1e-5 and seed = 1 and epoch > 3' })).toBe(2 * 2 * 2)
  expect(total({ filter: 'REWARD = basic' })).toBe(800)
  expect(read({ filter: 'REWARD = basic' }).error).toContain('There is no “REWARD” here. Known: ')
  expect(total({ filter: 'train.env.REWARD = basic' })).toBe(400)
  expect(total({ filter: 'sweep ~ round-1 and step = 100' })).toBe(80)
  expect(total({ sweepIds: [made.sweepIds[1]!] })).toBe(200)
  expect(total({ trainer: 'command' })).toBe(800)
  expect(total({ trainer: 'grpo' })).toBe(0)
  expect(total({ picked: true })).toBe(4)
  expect(total({ filter: 'not picked = no' })).toBe(4)
  const tagged = total({ tag: 'keep' })
  expect(tagged).toBe(total({ filter: 'tag = keep' }))
  expect(total({ filter: 'tag != keep' })).toBeGreaterThan(700)
  expect(total({ from: '2025-01-09' }) + total({ to: '2025-01-08' })).toBe(800)
  expect(total({ filter: 'AMC23 > 30 % and GSM8k.ratio >= 1' })).toBeGreaterThan(0)
  expect(total({ filter: 'finalist' })).toBe(total({ tag: 'finalist' }))
})

test('groups hold equal settings of all sweeps, but for the seed; one that stands alone says so', () => {
  const { rows, total, checkpoints, settings } = read({ grouped: true })
  // both lineages begin with the same grid; their rounds start from different checkpoints
  expect([total, checkpoints]).toEqual([100 + 2 * 100, 800])
  expect(settings).not.toContain('seed')
  const row = rows.find(({ otherHomes, score }) => otherHomes === 1 && score !== null)!
  expect(row.group!.count).toBe(4)
  const members = read().rows.filter(({ checkpointIds }) => row.checkpointIds.includes(checkpointIds[0]!))
  const scores = members.flatMap(({ score }) => score ?? [])
  expect(row.score).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 12)
  expect(row.group!.spread).toBeGreaterThan(0)
  expect(row.interval![0]).toBeLessThan(row.score!)
  // two seeds that agree by luck are no surer than the questions behind them
  const pairs = rows.filter(({ group, score }) => group!.count === 2 && group!.unscored === 0 && score !== null)
  for (const { interval, score, group } of pairs) {
    // no narrower than its questions allow, and as seeds of all groups vary, not as two do by luck
    expect(interval![1] - score!).toBeGreaterThanOrEqual(0.05 * score!)
    expect(interval![1] - interval![0]).toBeLessThan(1)
    expect(group!.spread).not.toBeNull()
    expect(interval![0]).toBeGreaterThanOrEqual(0)
  }
  const alone = read({ grouped: true, filter: 'seed = 1', sweepIds: [made.sweepIds[0]!] }).rows[0]!
  expect(alone.group).toEqual({ count: 1, unscored: 0, spread: null })
  expect(alone.interval).not.toBeNull()
})

test('a baseline with a benchmark that nobody ran leaves every row without a score, and says why', () => {
  const { id } = insertBaseline(context.database, { name: 'new', accuracies: { AMC23: 0.3, AIME: 0.1 }, note: '' })
  const { rows, scored, extremes } = read({ baselineId: id })
  expect([scored, extremes]).toEqual([0, null])
  expect(rows[0]).toMatchObject({ score: null, rank: null, chanceOfBest: null })
  expect(rows[0]!.error).toContain('AIME is missing')
  expect(() => read({ baselineId: 4711 })).toThrow('There is no baseline 4711.')
})

test('what changes is seen at once, as if everything were read anew; what is taken back is not', () => {
  const { rows } = read()
  const [best, other] = [rows[0]!.checkpointIds[0]!, rows[100]!.checkpointIds[0]!]
  const fresh = () => {
    const seen = [read(), read({ baselineId: made.baselines[1]! }), read({ grouped: true })]
    close()
    open()
    expect(seen).toEqual([read(), read({ baselineId: made.baselines[1]! }), read({ grouped: true })])
    return seen[0]!
  }
  pickCheckpoint(context, { id: other, picked: true })
  tagCheckpoint(context, { id: other, tags: ['mine'] })
  saveEvaluation(context.database, { checkpointId: best, benchmark: 'AMC23', accuracy: 0, correct: 0, total: 40 })
  expect(() =>
    transaction(context.database, () => {
      saveEvaluation(context.database, { checkpointId: other, benchmark: 'AMC23', accuracy: 1, correct: 40, total: 40 })
      throw new Error('taken back')
    }),
  ).toThrow('taken back')
  const after = fresh()
  expect(after.rows.find(({ checkpointIds }) => checkpointIds[0] === other)).toMatchObject({
    picked: true,
    tags: ['mine'],
    score: rows[100]!.score,
  })
  expect(after.rows.find(({ checkpointIds }) => checkpointIds[0] === best)!.score).toBe(0)

  saveBaseline(context, { id: made.baselines[0]!, name: 'study', accuracies: { AMC23: 0.05 }, note: '' })
  expect(fresh().rows[0]!.score).not.toBe(after.rows[0]!.score)
  removeSweep(context, made.sweepIds[3]!)
  expect(fresh().total).toBe(600)
  expect(describeChoices(context).sweeps).toHaveLength(3)
})

test('the CSV holds every row of what is asked, in its order', () => {
  const query: BoardQuery = { ...plainBoardQuery, filter: 'seed = 1', grouped: true, sort: 'corrected' }
  const lines = boardAsCsv(context, query).trim().split('\r\n')
  const { rows } = readBoard(context, query, 0, 10_000)
  expect(lines).toHaveLength(rows.length + 1)
  expect(lines[0]).toContain('rank,checkpoint,checkpoints,seeds,without_score,spread,sweep,run,trainer,')
  expect(lines[1]!.split(',').slice(0, 2)).toEqual([String(rows[0]!.rank), String(rows[0]!.checkpointIds[0])])
})
