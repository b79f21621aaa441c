/** The same scripts with one older version of each client: what they send may have changed since, what is here of it has not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listEvents } from '../../db/queries/events.ts'
import { openTestServer, type TestServer } from '../harness.ts'
import { olderPins, pythonWithClients, scriptCommand } from './clients.ts'

let python: string
let server: TestServer
let home: string

beforeAll(async () => {
  python = await pythonWithClients(olderPins)
}, 300_000)
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  server = openTestServer({ HOME: home, SWEEPBOARD_KILL_SECONDS: '20' })
})
afterEach(async () => {
  await server.close()
  rmSync(home, { recursive: true, force: true })
})

const steps = 100
const values = (run: number, name: string) =>
  [...server.context.series.values(run, name)]
    .map(({ step, value }): [number, number] => [step, value])
    .toSorted((a, b) => a[0] - b[0])
const losses = (scale: number) =>
  Array.from({ length: steps }, (_, step): [number, number] => [step * scale, 1 / (step + 1)])
const bodies = (run: number, type: 'config' | 'sample' | 'tags') =>
  listEvents(server.context.database, run, [type], 1000).map(({ body }) => body)

test(`every value that a script logs is here once: ${olderPins.join(', ')}`, async () => {
  const names = ['wandb', 'mlflow', 'trackio', 'tensorboard']
  const sweep = await server.finished(
    server.create({
      name: 'older clients',
      axes: { script: names },
      train: {
        command: scriptCommand(python, home, steps, 0.01),
        env: { WANDB_SILENT: 'true', WANDB_DIR: home, TRACKIO_DIR: path.join(home, 'trackio') },
      },
    }),
  )
  expect(sweep.points.map(({ status, error }) => [status, error])).toEqual(names.map(() => ['done', null]))
  expect(values(1, 'loss')).toEqual(losses(2))
  expect(values(1, 'actor/reward')).toEqual(losses(10).map(([step]) => [step, step / 20]))
  expect(bodies(1, 'config').at(-1)).toMatchObject({ values: { lr: 1e-5, optimizer: { name: 'adamw' } } })
  expect(bodies(1, 'sample')).toMatchObject([{ prompt: '1+1=', reward: 100 }, { prompt: '2+3=' }])
  expect(sweep.points[0]!.checkpoint).toMatchObject({ step: steps })
  expect(values(2, 'loss')).toEqual(losses(1))
  expect(values(2, 'child/accuracy')).toEqual([[steps, 0.41]])
  expect(bodies(2, 'config')).toMatchObject([{ values: { lr: '1e-05', batch_size: '128' } }])
  expect(values(3, 'loss')).toEqual(losses(10))
  expect(bodies(3, 'config')).toMatchObject([{ values: { lr: 1e-5 } }])
  expect(bodies(3, 'sample')).toMatchObject([{ prompt: '1+1=', reward: 100 }])
  const single = losses(1).map(([step, value]) => [step, Math.fround(value)])
  expect(values(4, 'loss')).toEqual(single)
  expect(values(4, 'rank1/loss')).toEqual(single)
}, 240_000)
