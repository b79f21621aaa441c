/** Sweeps whose jobs run on a real Slurm of two nodes with four pretended GPUs each; skipped, and said, where Slurm is not installed. */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { listAttempts, type AttemptRow } from '../db/queries/attempts.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { cancelSweep, pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { slurmIsMissing, startSlurm, type SlurmCluster } from './executors/slurm-cluster.ts'
import { openTestServer, smallSweep } from './harness.ts'

const missing = slurmIsMissing()
if (missing !== null) console.log(`Sweeps on Slurm are not tested: ${missing}`)

describe.skipIf(missing !== null)('a sweep on Slurm', () => {
  let cluster: SlurmCluster
  let settings: string
  beforeAll(async () => {
    cluster = await startSlurm()
    settings = path.join(cluster.folder, 'settings.yaml')
    writeFileSync(settings, 'slurm: { ask_seconds: 2, file_delay_seconds: 1 }\n')
  })
  afterAll(() => cluster.stop())
  const open = (more: Record<string, string> = {}) =>
    openTestServer({ ...cluster.environment, SWEEPBOARD_SETTINGS: settings, ...more })

  test('the report’s grid: 9 trainings of 4 GPUs, 18 evaluations of 1, every point scored and nothing started twice', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'sweepboard-slurm-'))
    cpSync(path.join(import.meta.dirname, '../examples/report-scripts'), directory, { recursive: true })
    const server = open({ SWEEPBOARD_GPUS: '4', EPOCH_SECONDS: '0.02', EVALUATE_SECONDS: '0.02' })
    onTestFinished(async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    })
    const text = readFileSync(path.join(directory, 'sweep.yaml'), 'utf8')
      .replace('"${gpu}"', '"0"')
      .concat('executor: { slurm: { partition: main, time: "1:00:00" } }\n')

    const { id } = createSweep(server.context, { text, directory })
    const sweep = await server.finished(id)

    expect(sweep.points.map(({ status, error }) => error ?? status)).toEqual(Array.from({ length: 18 }, () => 'scored'))
    const best = sweep.points.reduce((one, other) => (other.score! > one.score! ? other : one))
    expect(best.params).toEqual({ batch_size: '512', learning_rate: '2e-5', epoch: '6' })
    const jobs = listSweepJobs(server.context.database, id)
    expect(jobs.map(({ attempt }) => attempt)).toEqual(jobs.map(() => 1))
    const first = globSync(path.join(server.dataFolder, 'runs/*/1/stdout.log')).map((file) =>
      readFileSync(file, 'utf8'),
    )
    expect(first.filter((log) => log.startsWith('stand-in training'))).toHaveLength(9)
    expect(first.filter((log) => log.match(/^stand-in/gm)?.length !== 1)).toEqual([])
    const places = jobs.map((job) => listAttempts(server.context.database, job.id)[0]!.place!)
    expect(new Set(places.map(({ job }) => job)).size).toBe(27)
    expect(new Set(places.map(({ node }) => node))).toEqual(new Set(['n1', 'n2']))
  })
  test.each([
    ['trainings there and evaluations here', { executor: { slurm: {} } }, 'training'],
    ['evaluations there and trainings here', { evaluateOn: { slurm: {} } }, 'evaluation'],
  ] as const)('%s: each has its place, and holds slots only on this machine', async (_name, where, away) => {
    const server = open()
    onTestFinished(() => server.close())
    const small = smallSweep()
    const there = 'executor' in where
    const id = server.create({
      ...small,
      executor: there ? { slurm: {} } : 'local',
      evaluate: { ...small.evaluate, executor: there ? 'local' : { slurm: {} } },
    })
    const sweep = await server.finished(id)
    expect(sweep.points.map(({ status, error }) => error ?? status)).toEqual(['scored', 'scored'])
    for (const job of listSweepJobs(server.context.database, id)) {
      const [{ place, slots }] = listAttempts(server.context.database, job.id) as [AttemptRow]
      expect([job.kind, place?.engine ?? null, slots.length]).toEqual(
        job.kind === away ? [job.kind, 'slurm', 0] : [job.kind, null, 1],
      )
    }
  })

  test('a queued run says why it waits; paused it leaves the queue, cancelled it is over, and none of it ever ran', async () => {
    const server = open()
    onTestFinished(() => server.close())
    const id = server.create(smallSweep({ executor: { slurm: { options: ['--hold'] } } }))
    const { database } = server.context
    const waits = () => listSweepJobs(database, id).map((job) => listAttempts(database, job.id)[0]?.place?.waits ?? '')
    await expect.poll(waits).toEqual([expect.stringMatching('JobHeldUser'), expect.stringMatching('JobHeldUser')])
    pauseSweep(server.context, id, 'A person paused it.')
    await server.until(id, ({ slotsHeld }) => slotsHeld === 0)
    expect(listSweepJobs(database, id).map(({ status, failures }) => [status, failures])).toEqual([
      ['waiting', 0],
      ['waiting', 0],
    ])
    expect(await cluster.call('squeue', '-h', '-t', 'pending', '-o', '%i')).toBe('')
    resumeSweep(server.context, id)
    await expect.poll(() => listSweepJobs(database, id).map(({ attempt }) => attempt)).toEqual([2, 2])
    cancelSweep(server.context, id)
    const sweep = await server.finished(id)
    expect(sweep.points.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    expect(globSync(path.join(server.dataFolder, 'runs/*/*/stdout.log'))).toEqual([])
  })
})
