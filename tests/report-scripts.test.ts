/** examples/report-scripts, as it stands, on four pretended GPUs. */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { openTestServer } from './harness.ts'

test('the report’s command lines: 9 trainings on 4 GPUs, 18 evaluations on one each, every point scored', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sweepboard-scripts-'))
  cpSync(path.join(import.meta.dirname, '../examples/report-scripts'), directory, { recursive: true })
  const server = openTestServer({ SWEEPBOARD_GPUS: '4', EPOCH_SECONDS: '0.02', EVALUATE_SECONDS: '0.02' })
  onTestFinished(async () => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const text = readFileSync(path.join(directory, 'sweep.yaml'), 'utf8')

  const sweep = await server.finished(createSweep(server.context, { text, directory }).id)

  expect(sweep.points.map(({ status, error }) => error ?? status)).toEqual(Array.from({ length: 18 }, () => 'scored'))
  const best = sweep.points.reduce((one, other) => (other.score! > one.score! ? other : one))
  expect(best.params).toEqual({ batch_size: '512', learning_rate: '2e-5', epoch: '6' })
  expect(best.score! - Math.min(...sweep.points.map(({ score }) => score!))).toBeGreaterThan(0.2)
  const first = globSync(path.join(server.dataFolder, 'runs/*/1/stdout.log')).map(
    (file) => readFileSync(file, 'utf8').split('\n')[0]!,
  )
  expect(first.filter((line) => /^stand-in training: .*, 6 epochs, GPUs 0,1,2,3$/.test(line))).toHaveLength(9)
  expect(first.filter((line) => /^stand-in evaluation of .*\/epoch_[36] on GPU [0-3]$/.test(line))).toHaveLength(18)
})
