/** The trackers' own clients in scripts on a real Slurm, with the server killed in the middle: every value that they logged is here once. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slurmIsMissing, startSlurm, type SlurmCluster } from '../executors/slurm-cluster.ts'
import { openTestServer } from '../harness.ts'
import { pythonWithClients, scriptCommand } from '../tracking/clients.ts'

const missing = slurmIsMissing()
if (missing !== null) console.log(`Trackers on Slurm are not tested: ${missing}`)

const steps = 300
/** The scripts that say each step that they have logged. */
const telling = ['wandb', 'mlflow', 'trackio']
/** Steps of a script's loss, as multiples of its loop's. */
const scales = { wandb: 2, mlflow: 1, trackio: 10, tensorboard: 1 }

describe.skipIf(missing !== null)('trackers on Slurm', () => {
  let cluster: SlurmCluster
  let python: string
  const home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  beforeAll(async () => {
    python = await pythonWithClients()
    cluster = await startSlurm()
  }, 300_000)
  afterAll(async () => {
    await cluster.stop()
    rmSync(home, { recursive: true, force: true })
  })

  test('each client’s values are here once, by their steps', async () => {
    const settings = path.join(home, 'settings.yaml')
    writeFileSync(settings, 'slurm: { ask_seconds: 2, file_delay_seconds: 1 }\n')
    const first = openTestServer({ ...cluster.environment, SWEEPBOARD_SETTINGS: settings, HOME: home })
    const id = first.create({
      name: 'clients-on-slurm',
      axes: { script: Object.keys(scales) },
      train: {
        command: scriptCommand(python, home, steps, '0.02'),
        env: {
          MLFLOW_DISABLE_TELEMETRY: 'true',
          TRACKIO_DISABLE_TELEMETRY: '1',
          WANDB_SILENT: 'true',
          WANDB_DIR: home,
          TRACKIO_DIR: path.join(home, 'trackio'),
        },
      },
      executor: { slurm: {} },
    })
    const said = (script: string) => path.join(home, `said-${script}`)
    const lines = (script: string) =>
      existsSync(said(script)) ? readFileSync(said(script), 'utf8').split('\n').length - 1 : 0
    await expect.poll(() => telling.every((script) => lines(script) >= 50), { timeout: 120_000 }).toBe(true)
    first.leave()
    await expect.poll(() => telling.every((script) => lines(script) >= 150), { timeout: 120_000 }).toBe(true)
    const server = first.again()
    try {
      const { runs } = await server.finished(id)
      expect(runs.map(({ status }) => status)).toEqual(Array(4).fill('done'))
      for (const [at, [script, scale]] of Object.entries(scales).entries()) {
        const points = [...server.context.series.values(runs[at]!.id, 'loss')].map(({ step, value }) => [step, value])
        // TensorBoard's files hold floats of 32 bits
        const stored = script === 'tensorboard' ? Math.fround : (value: number) => value
        const logged = Array.from({ length: steps }, (_, step) => [step * scale, stored(1 / (step + 1))])
        expect(
          points.toSorted(([a], [b]) => a! - b!),
          script,
        ).toEqual(logged)
      }
    } finally {
      await server.close()
    }
  }, 400_000)
})
