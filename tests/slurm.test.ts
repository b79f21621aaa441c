/** Sweeps whose jobs run on a real Slurm of two nodes with four pretended GPUs each; skipped, and said, where Slurm is not installed. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { listAttempts, type AttemptRow } from '../db/queries/attempts.ts'
import { listCheckpoints } from '../db/queries/checkpoints.ts'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { cancelSweep, pauseSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { describeWholeSweep } from '../server/read/sweeps/describe-sweep.ts'
import { inFolder, runKilled } from './crash/killed.ts'
import { checkLoggedOnNode } from './executors/logged-on-node.ts'
import { runReportGrid } from './executors/report-grid.ts'
import { slurmIsMissing, startSlurm, type SlurmCluster } from './executors/slurm-cluster.ts'
import { openTestServer, smallSweep, stubs } from './harness.ts'

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

  test('the report’s grid: 9 trainings of 4 GPUs, 18 evaluations of 1, every point scored as published and nothing started twice', async () => {
    const environment = { ...cluster.environment, SWEEPBOARD_SETTINGS: settings }
    const { places } = await runReportGrid(environment, '{ slurm: { partition: main, time: "1:00:00" } }')
    expect(new Set(places.map(({ node }) => node))).toEqual(new Set(['n1', 'n2']))
  })

  test('the first sweep of docs/cluster.md ends with a leaderboard of two rows', async () => {
    const docs = readFileSync(path.join(import.meta.dirname, '../docs/cluster.md'), 'utf8')
    const text = /^```yaml\n(name: hello-cluster\n[^`]+)```/m.exec(docs)![1]!
    const server = open()
    onTestFinished(() => server.close())
    const { id } = createSweep(server.context, { text, directory: server.dataFolder })
    const { points } = await server.finished(id)
    expect(points.map(({ score, error }) => error ?? score)).toEqual([1.25, 1.25])
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

  test('files of nodes that are seen up to three seconds late: nothing is done again or given up for it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-late-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const lateSettings = path.join(folder, 'late.yaml')
    writeFileSync(lateSettings, 'slurm: { ask_seconds: 1, file_delay_seconds: 4 }\n')
    const killed = {
      folder,
      environment: {
        ...cluster.environment,
        SWEEPBOARD_SETTINGS: lateSettings,
        NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'executors/late-files.mjs')}`,
        SWEEPBOARD_LATE_ROOT: folder,
        SWEEPBOARD_LATE_WHILE: lateSettings,
      },
    }
    const saves = 'for step in 10 20 30; do mkdir -p models/$0/step-$step; echo $0 > models/$0/step-$step/model; done'
    const logs = path.join(stubs, 'logs-to-mlflow.mjs')
    const logging = { track: 'here' as const, train: { command: [process.execPath, logs, '20', 'lines-${a}.jsonl'] } }
    const ids = inFolder(killed, (context) =>
      [{}, { checkpoint: 'models/${a}/step-*', train: { command: ['bash', '-c', saves, '${a}'] } }, logging].map(
        (parts) =>
          createSweep(context, {
            definition: smallSweep({ executor: { slurm: {} }, axes: { a: ['1', '2', '3', '4'] }, ...parts }),
            directory: folder,
          }).id,
      ),
    )
    await runKilled(killed, { kills: 0, instants: [], uniform: () => 0 })
    inFolder(killed, (context) => {
      for (const id of ids) {
        const sweep = describeWholeSweep(context, requireSweep(context, id))
        expect(sweep.points.map(({ score, error }) => error ?? score)).toEqual([2, 2, 2, 2])
        expect(listSweepJobs(context.database, id).map(({ attempt }) => attempt)).toEqual(Array(8).fill(1))
      }
      // the last that each saved, whichever was seen first
      const trainings = listSweepJobs(context.database, ids[1]!, 'training')
      const taken = trainings.flatMap(({ id }) => listCheckpoints(context.database, id).map((row) => row.path!))
      expect(taken.map((file) => path.basename(file))).toEqual(Array(4).fill('step-30'))
      // what an intake wrote on a node is not written once more here
      for (const { id } of listSweepJobs(context.database, ids[2]!, 'training'))
        expect(context.series.last([id], ['loss'])).toMatchObject([{ step: 19, points: 20 }])
    })
  })

  test('what a script logs on a node is taken in there, and files that it writes, though no server is there and the intake is killed', async () => {
    await checkLoggedOnNode({ ...cluster.environment, SWEEPBOARD_SETTINGS: settings }, { slurm: {} })
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
