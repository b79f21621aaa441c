/** A training on a cluster's node that logs as MLflow's client does and writes a file that is followed, while no server is there and its intake is killed. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { fileAppears, openTestServer, smallSweep, stubs } from '../harness.ts'

/** Runs it, and holds every value to be here once. */
export async function checkLoggedOnNode(
  environment: Record<string, string>,
  executor: NonNullable<SweepInput['executor']>,
): Promise<void> {
  const first = openTestServer(environment)
  const within = (name: string) => path.join(first.dataFolder, name)
  const logs = [process.execPath, path.join(stubs, 'logs-to-mlflow.mjs'), '20', 'followed-${a}.jsonl', within('gate')]
  const id = first.create(
    smallSweep({
      axes: { a: ['1'] },
      track: { files: 'followed-${a}.jsonl' },
      executor,
      train: { command: logs },
      evaluate: { ...smallSweep().evaluate, executor: 'local' },
    }),
  )
  await fileAppears(within('gate.waits'))
  first.leave()
  const [pidFile] = globSync(within('runs/*/1/intake/pid')) as [string]
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
  writeFileSync(within('gate'), '')
  await fileAppears(path.join(path.dirname(pidFile), 'done'))
  const server = first.again()
  try {
    const { points, runs } = await server.finished(id)
    expect(points.map(({ score, error }) => error ?? score)).toEqual([2])
    const valuesOf = (metric: string) =>
      [...server.context.series.values(runs[0]!.id, metric)].map(({ step, value }) => [step, value])
    const steps = Array.from({ length: 20 }, (_, step) => step)
    expect(valuesOf('loss')).toEqual(steps.map((step) => [step, 1 / (step + 1)]))
    expect(valuesOf('reward')).toEqual(steps.map((step) => [step, step / 10]))
    expect(runs[0]!.attempt).toBe(1)
  } finally {
    await server.close()
  }
}
