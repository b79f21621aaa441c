/** A sweep grows: the changed file run again trains and evaluates what is new, and nothing twice, counted outside the data folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { planReuse } from '../server/base/preparing/plan-reuse.ts'
import { prepareSweep } from '../server/base/preparing/prepare-sweep.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
/** Where the sweep's file stands: not the data folder. */
let work: string
beforeEach(() => {
  server = openTestServer()
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-growing-'))
  writeFileSync(path.join(work, 'train.sh'), 'mkdir -p "$1"; echo weights > "$1/model.bin"; echo "$1" >> trained.txt\n')
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

const evaluate = (script: string, report: NonNullable<SweepInput['evaluate']>['report'] = { accuracies: 'acc' }) => ({
  command: ['bash', '-c', `echo "$2" >> evaluated.txt; ${script}`, 'bash', '${report}', '${lr}'],
  report,
})
const scores = 'echo "{\\"acc\\": {\\"gsm8k\\": 0.8, \\"math\\": 0.4}}" > "$1"'

function sweepOf(values: string[], parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'extend',
    axes: { lr: values },
    train: { command: ['bash', 'train.sh', 'out/${lr}'] },
    checkpoint: 'out/${lr}',
    evaluate: evaluate(scores),
    score: { baseline: { gsm8k: 0.7 } },
    concurrency: 1,
    ...parts,
  }
}
const create = (definition: SweepInput, reuse = true, overwrite = false) =>
  createSweep(server.context, { definition, directory: work, reuse, overwrite }).id
const grow = async (definition: SweepInput, reuse = true, overwrite = false) =>
  server.finished(create(definition, reuse, overwrite))
const lines = (file: string) =>
  existsSync(path.join(work, file)) ? readFileSync(path.join(work, file), 'utf8').trim().split('\n') : []
const notes = (definition: SweepInput) =>
  planReuse(server.context, prepareSweep(server.context, { definition, directory: work }).definition!, work).notes

test('three values, then four, then two: three trainings, one, none', async () => {
  await grow(sweepOf(['1e-5', '2e-5', '4e-5']))
  expect(notes(sweepOf(['1e-5', '2e-5', '4e-5', '8e-5']))).toEqual([
    '3 of 4 trainings are not repeated: sweep 1 (extend) did the same, with the same scripts. Of their 3 points 3 are not evaluated again.',
  ])
  const four = await grow(sweepOf(['1e-5', '2e-5', '4e-5', '8e-5']))
  expect(four).toMatchObject({ status: 'done', counts: { points: 4, scored: 4, trainings: 4 } })
  expect(four.points.map((point) => point.reused)).toEqual([true, true, true, false])
  expect(four.points[0]!.checkpoint!.path).toBe(path.join(work, 'out/1e-5'))
  const two = await grow(sweepOf(['1e-5', '8e-5']))
  expect(two).toMatchObject({ status: 'done', counts: { points: 2, scored: 2 } })
  expect(two.points.map((point) => [point.reused, point.score])).toEqual([
    [true, 0.8 / 0.7],
    [true, 0.8 / 0.7],
  ])
  expect(lines('trained.txt')).toEqual(['out/1e-5', 'out/2e-5', 'out/4e-5', 'out/8e-5'])
  expect(lines('evaluated.txt')).toEqual(['1e-5', '2e-5', '4e-5', '8e-5'])
})

test('another baseline trains and evaluates nothing', async () => {
  await grow(sweepOf(['1e-5', '2e-5']))
  const sweep = await grow(sweepOf(['1e-5', '2e-5'], { score: { baseline: { gsm8k: 0.4, math: 0.4 } } }))
  expect(sweep.points.map((point) => point.score)).toEqual([4 / 3, 4 / 3])
  expect([lines('trained.txt').length, lines('evaluated.txt').length]).toEqual([2, 2])
})

test('a mended report key, and another evaluation, evaluate only', async () => {
  const wrong = await grow(sweepOf(['1e-5'], { evaluate: evaluate(scores, { accuracies: 'accuracy' }) }))
  expect(wrong.status).toBe('failed')
  expect((await grow(sweepOf(['1e-5']))).points[0]).toMatchObject({ score: 0.8 / 0.7, reused: true })
  await grow(sweepOf(['1e-5'], { evaluate: evaluate(`${scores}; true`) }))
  expect([lines('trained.txt').length, lines('evaluated.txt').length]).toEqual([1, 3])
})

test('fewer milestones to the same last one; others are another training', async () => {
  writeFileSync(path.join(work, 'train.sh'), 'for e in 1 2 3; do mkdir -p "$1/$e"; done; echo "$1" >> trained.txt\n')
  const of = (milestones: string[]) =>
    sweepOf([], { axes: { lr: ['1e-5'], epoch: { milestones } }, checkpoint: 'out/${lr}/${epoch}' })
  await grow(of(['1', '3']))
  expect(notes(of(['2', '3']))[0]).toContain('was the same, but has no checkpoint of 2')
  expect(notes(of(['1', '4']))[0]).toContain('was done to epoch 3 by sweep 1 (extend) and is trained again')
  expect((await grow(of(['3']))).points[0]).toMatchObject({ reused: true, status: 'scored' })
  expect(lines('trained.txt')).toHaveLength(1)
})

test('a script that was changed, a checkpoint that is gone, --new: trained again, and why', async () => {
  await grow(sweepOf(['1e-5', '2e-5']))
  rmSync(path.join(work, 'out/1e-5'), { recursive: true })
  expect(notes(sweepOf(['1e-5', '2e-5', '4e-5']))[1]).toMatch(
    /^Run 1 \(lr 1e-5\) is trained again: run 1 of sweep 1 \(extend\) was the same, but its checkpoint is not there\.$/,
  )
  writeFileSync(path.join(work, 'train.sh'), 'mkdir -p "$1"; echo new > "$1/model.bin"; echo "$1" >> trained.txt\n')
  const changed = sweepOf(['1e-5', '2e-5', '4e-5'])
  expect(notes(changed)).toHaveLength(2)
  expect(notes(changed)[0]).toContain('but train.sh has changed since')
  // run 1's is gone; run 2's would be written over
  expect(() => create(changed)).toThrow(
    expect.objectContaining({
      issues: [
        expect.objectContaining({
          path: ['checkpoint'],
          message: expect.stringContaining(
            `A training would write over ${path.join(work, 'out/2e-5')}, and point 2 of sweep 1 (extend) rests on it`,
          ),
        }),
      ],
    }),
  )
  expect(lines('trained.txt')).toHaveLength(2)
  expect((await grow(changed, true, true)).points.map((point) => point.reused)).toEqual([false, false, false])
  expect(lines('trained.txt')).toHaveLength(5)
  const afresh = await grow(sweepOf(['4e-5']), false, true)
  expect(afresh.points[0]!.reused).toBe(false)
  expect(lines('trained.txt')).toHaveLength(6)
})

test('killed in the middle of growing: gone on with, nothing started twice', async () => {
  await grow(sweepOf(['1e-5', '2e-5']))
  writeFileSync(path.join(work, 'train.sh'), `${readFileSync(path.join(work, 'train.sh'), 'utf8')}`)
  const id = create(sweepOf(['1e-5', '2e-5', '4e-5', '8e-5']))
  server.leave()
  server = server.again()
  await server.until(id, (sweep) => sweep.counts.scored >= 3)
  server.leave()
  server = server.again()
  const sweep = await server.finished(id)
  expect(sweep).toMatchObject({ status: 'done', counts: { scored: 4 } })
  expect(lines('trained.txt')).toEqual(['out/1e-5', 'out/2e-5', 'out/4e-5', 'out/8e-5'])
  expect(lines('evaluated.txt').toSorted()).toEqual(['1e-5', '2e-5', '4e-5', '8e-5'])
})
