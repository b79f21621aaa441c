/**
 * Lists of 100,000 points: making the sweep, its list entry, pages by any sort and filter, heatmaps over three axes, and what
 * scheduling costs beside it. The peer is SQL over the same rows, whose parameters are JSON, in the same run.
 * By hand: `node bench/lists.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readConfig } from '../server/base/process/config.ts'
import type { Context } from '../server/base/context.ts'
import { openDataFolder } from '../server/open.ts'
import { startScheduler } from '../server/scheduler/scheduler.ts'
import { saveBaseline } from '../server/act/baselines/save-baseline.ts'
import { setSweepBaseline } from '../server/act/baselines/set-sweep-baseline.ts'
import { cancelSweep, resumeSweep } from '../server/act/sweeps/change-sweep.ts'
import { describeSweep, listSweepSummaries } from '../server/read/sweeps/describe-sweep.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { exhaust, readMetricNames } from '../server/tables/metric-columns.ts'
import { readPointsMap } from '../server/tables/points-map.ts'
import { readPointsPage, readPointsPageInTurns } from '../server/read/sweeps/points-page.ts'
import { refreshInBackground } from '../server/act/sweeps/refresh-sweep.ts'
import { whenRescored } from '../server/act/sweeps/rescore-sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { createManyPoints, createManyRuns, scorePoints, writeMetrics } from './lists-data.ts'
import { printTable } from './table.ts'

const rounds = 9
const secondsOfScheduling = 10
const axis = (name: string) => `json_extract(params, '$.${name}')`
const bestFirst = { key: 'score', descending: true }

/** Prints the tables. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const { context, close } = openBench(folder)
  const made = createManyPoints(context, 'many')
  scorePoints(context, made.id)
  const loop = await loopDelay(() => refreshInBackground(context, made.id))
  const rows = pageRows(context, made.id)
  const changes = await changeRows(context, made.id)
  const metrics = await metricRows(context)
  close()
  rmSync(folder, { recursive: true })
  printTable('100,000 points (10,000 trainings, 4 benchmarks), ms median / slowest of the warm calls', [
    ['', 'first call', 'Sweepboard', 'SQL over JSON', 'goal'],
    ['make the sweep from its file', `${(made.seconds * 1000).toFixed(0)}`, '', '', 'seconds'],
    ...rows,
    [
      `intervals of all points in a thread: it takes ${(loop.milliseconds / 1000).toFixed(1)} s; the server waits at most`,
      '',
      loop.longest.toFixed(1),
      '',
      '',
    ],
  ])
  printTable('Metrics of 100,000 runs, ten each, ms median / slowest of the warm calls', [
    ['', 'first call', 'later', 'goal, later'],
    ...metrics,
  ])
  printTable('What changes all of its points, its page open beside it', [
    ['', 'takes, s', 'of the processor, s', 'server held up at most, ms', '99 %'],
    ...changes,
  ])
  await benchScheduling()
}

/** What changes every point, while the columns are held as they are for an open page. */
async function changeRows(context: Context, id: number): Promise<string[][]> {
  const sweep = requireSweep(context, id)
  const accuracies = { AMC23: 0.31, GSM8k: 0.7, MATH500: 0.45, OlympiadBench: 0.1 }
  setSweepBaseline(context, { id, accuracies })
  await whenRescored(context, id)
  const { baselineId } = requireSweep(context, id)
  const steps: [name: string, work: () => unknown][] = [
    [
      'edit the baseline: every score, then every interval',
      () => {
        const edited = { ...accuracies, GSM8k: 0.72 }
        saveBaseline(context, { id: baselineId!, name: sweep.name, accuracies: edited, note: '' })
        return whenRescored(context, id)
      },
    ],
    ['cancel it (nothing of it is scored now)', () => cancelSweep(context, id)],
    ['retry what was cancelled', () => retrySweep(context, id)],
  ]
  const rows: string[][] = []
  for (const [name, work] of steps) {
    if (name.startsWith('cancel')) {
      context.database.$client
        .prepare("update points set status = 'waiting', checkpoint_id = null, score = null where sweep_id = ?")
        .run(id)
      describeSweep(context, requireSweep(context, id))
    }
    const before = process.cpuUsage()
    const loop = await loopDelay(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      await work()
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    const { user, system } = process.cpuUsage(before)
    const seconds = [loop.milliseconds / 1e3, (user + system) / 1e6].map((value) => value.toFixed(2))
    rows.push([name, ...seconds, loop.longest.toFixed(0), loop.high.toFixed(0)])
  }
  return rows
}

function pageRows(context: Context, id: number): string[][] {
  const connection = context.database.$client
  const sweep = requireSweep(context, id)
  const page = (query: Partial<Parameters<typeof readPointsPage>[2]>) => () =>
    readPointsPage(context, sweep, { sort: bestFirst, filter: '', offset: 0, limit: 100, ...query })
  const sql = (text: string) => {
    const statement = connection.prepare(`select * from points where sweep_id = ${id} ${text}`)
    return () => statement.all()
  }
  const map = connection.prepare(
    `select ${axis('batch_size')}, ${axis('learning_rate')}, ${axis('epoch')}, max(score) from points
     where sweep_id = ${id} group by 1, 2, 3`,
  )
  const accuracy = (benchmark: string) =>
    `(select accuracy from evaluations where evaluations.checkpoint_id = points.checkpoint_id and benchmark = '${benchmark}')`
  const cases: [name: string, own: () => unknown, peer: (() => unknown) | null, goal: string][] = [
    ['the sweep, without its points', () => describeSweep(context, sweep), null, ''],
    ['the list of sweeps', () => listSweepSummaries(context), null, ''],
    ['best 100', page({}), sql('order by score desc limit 100'), '< 50'],
    [
      'points 90,000 to 90,100 by score',
      page({ offset: 90_000 }),
      sql('order by score desc limit 100 offset 90000'),
      '< 50',
    ],
    [
      'learning_rate < 1e-4 and score > 1, best first',
      page({ filter: 'learning_rate < 1e-4 and score > 1' }),
      sql(`and ${axis('learning_rate')} + 0.0 < 1e-4 and score > 1 order by score desc limit 100`),
      '< 50',
    ],
    [
      'by learning_rate',
      page({ sort: { key: 'axis:learning_rate', descending: false } }),
      sql(`order by ${axis('learning_rate')} + 0.0, score desc limit 100`),
      '< 50',
    ],
    [
      'by accuracy on GSM8k',
      page({ sort: { key: 'benchmark:GSM8k', descending: true } }),
      sql(`order by ${accuracy('GSM8k')} desc, score desc limit 100`),
      '< 50',
    ],
    [
      'MATH500 > 50 % or not epoch = 3, by chance of being the best',
      page({ filter: 'MATH500 > 50 % or not epoch = 3', sort: { key: 'chance', descending: true } }),
      sql(
        `and (${accuracy('MATH500')} > 0.5 or ${axis('epoch')} <> '3') order by chance_of_best desc, score desc limit 100`,
      ),
      '< 50',
    ],
    [
      'heatmap of 20 × 50 × 10 cells',
      () => readPointsMap(context, sweep, { down: 'batch_size', across: 'learning_rate', panel: 'epoch', fixed: {} }),
      () => map.all(),
      '< 50',
    ],
    [
      'best 100 after a score has changed',
      () => {
        connection.prepare('update points set score = score + 1e-9 where sweep_id = ? and number = 777').run(id)
        return page({})()
      },
      null,
      '< 50',
    ],
  ]
  return cases.map(([name, own, peer, goal]) => {
    const [first, ...warm] = timings(own, rounds)
    return [name, first!.toFixed(1), summary(warm), peer ? summary(timings(peer, 3)) : '', goal]
  })
}

/** Sorting and filtering 100,000 runs by last values; the points' own columns are read before. */
async function metricRows(context: Context): Promise<string[][]> {
  const sweep = requireSweep(context, createManyRuns(context, 'many-runs'))
  writeMetrics(context, sweep.id)
  const page = (query: Partial<Parameters<typeof readPointsPage>[2]> = {}) =>
    readPointsPage(context, sweep, { sort: bestFirst, filter: '', offset: 0, limit: 100, ...query })
  page()
  const runId = page({ limit: 1 }).rows[0]!.point.runId
  let step = 3
  const cases: [name: string, work: () => unknown][] = [
    ['names of the metrics', () => exhaust(readMetricNames(context, sweep))],
    ['by loss', () => page({ sort: { key: 'metric:loss', descending: false }, metrics: ['loss'] })],
    [
      'learning_rate < 1e-4 and grad_norm < 2, best first',
      () => page({ filter: 'learning_rate < 1e-4 and grad_norm < 2' }),
    ],
    [
      'by loss after a run has written',
      () => {
        context.database.$client.transaction(() =>
          context.series.append(runId, 1, [{ step: step++, time: null, values: { loss: 1 / step } }]),
        )()
        return page({ sort: { key: 'metric:loss', descending: false }, metrics: ['loss'] })
      },
    ],
  ]
  const rows = cases.map(([name, work]) => {
    const [first, ...warm] = timings(work, rounds)
    return [name, first!.toFixed(1), summary(warm), '< 50']
  })
  const query = { sort: { key: 'metric:tokens', descending: true }, filter: '', offset: 0, limit: 100 }
  const loop = await loopDelay(() => readPointsPageInTurns(context, sweep, query))
  rows.push(['another metric first, other work in between: the server waits at most', loop.longest.toFixed(1), '', ''])
  return rows
}

/** What a server's loop is held up by while it schedules trainings of a sweep of 100,000 points. */
async function benchScheduling(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const { context, close } = openBench(folder)
  const { id } = createManyPoints(context, 'many')
  const scheduler = startScheduler(context)
  const loop = await loopDelay(async () => {
    resumeSweep(context, id)
    await new Promise((resolve) => setTimeout(resolve, secondsOfScheduling * 1000))
  })
  const { counts } = describeSweep(context, requireSweep(context, id))
  await scheduler.release(id)
  scheduler.stop()
  close()
  rmSync(folder, { recursive: true })
  printTable('Scheduling it: trainings that do nothing, 8 slots', [
    ['trainings a second', 'held up, ms: median', '99 %', 'longest'],
    [
      (counts.trainingsDone / secondsOfScheduling).toFixed(1),
      loop.median.toFixed(1),
      loop.high.toFixed(1),
      loop.longest.toFixed(1),
    ],
  ])
}

function openBench(folder: string) {
  const environment = { ...process.env, SWEEPBOARD_SLOTS: '8', SWEEPBOARD_GPUS: '0' }
  const opened = openDataFolder(readConfig(environment, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  return opened
}

async function loopDelay(work: () => Promise<unknown>) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  await work()
  const milliseconds = performance.now() - startedAt
  delay.disable()
  const [median, high, longest] = [delay.percentile(50) / 1e6, delay.percentile(99) / 1e6, delay.max / 1e6]
  return { milliseconds, median, high, longest }
}

function timings(work: () => unknown, times: number): number[] {
  return Array.from({ length: times }, () => {
    const startedAt = performance.now()
    work()
    return performance.now() - startedAt
  })
}

function summary(milliseconds: number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return `${sorted[sorted.length >> 1]!.toFixed(1)} / ${sorted.at(-1)!.toFixed(1)}`
}

if (import.meta.main) await run()
