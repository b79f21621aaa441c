/**
 * The same script logs to the server, and into a store that is imported: what is known of its runs is the same. MLflow's SQLite store needs
 * the whole of its package: `PEERS=ITS_BIN_FOLDER npm test -- tests/tracking/imported-stores`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listOwnRuns } from '../../db/queries/own-runs.ts'
import { importMetrics } from '../../server/act/imports/import-metrics.ts'
import type { Context } from '../../server/base/context.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { describeOwnRun } from '../../server/read/own-runs/describe-own-run.ts'
import { startServer } from '../start-server.ts'
import { pythonWithClients, scripts } from './clients.ts'

const programs = process.env.PEERS ?? ''
let python: string
let home: string
let dataFolder: string
beforeAll(async () => {
  python = await pythonWithClients()
}, 300_000)
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-stores-'))
  dataFolder = path.join(home, 'data')
})
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))

function log(program: string, script: string, environment: Record<string, string>): void {
  const own = { PATH: process.env.PATH, HOME: home, MLFLOW_DISABLE_TELEMETRY: 'true', TRACKIO_DISABLE_TELEMETRY: '1' }
  execFileSync(program, [path.join(scripts, script), home], {
    cwd: home,
    env: { NODE_ENV: 'test', ...own, ...environment },
    stdio: 'pipe',
  })
}

/** Logs the script to a server that stops then. `rows`: of each run the last of its metrics, which may wait for a while. */
async function logHere(
  program: string,
  script: string,
  addressed: (url: string, key: string) => Record<string, string>,
  rows: string[] = [],
) {
  const server = await startServer({ dataFolder })
  try {
    log(program, script, addressed(server.url, readFileSync(path.join(dataFolder, 'tracker-key'), 'utf8').trim()))
    for (const [at, row] of rows.entries())
      await expect
        .poll(async () => (await fetch(`${server.url}/export/runs/${at + 1}/metrics.jsonl`)).text())
        .toContain(row)
  } finally {
    await server.stop()
  }
}

function inFolder<Value>(look: (context: Context) => Value): Value {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  try {
    return look(opened.context)
  } finally {
    opened.close()
  }
}

/** What is known of the runs of a project, by their names: all that is not said by where and when it was logged. */
function known(context: Context, project: string) {
  const runs = listOwnRuns(context.database).filter((run) => run.project.name === project)
  const described = runs.map((run) => {
    const { name, status, settings, tags, note, parent, lastStep, group, ...more } = describeOwnRun(context, run)
    const metrics = more.metrics.map((metric) => [
      metric,
      [...context.series.values(run.job.id, metric)].map(({ step, value }) => [step, value]),
    ])
    return [
      name,
      {
        status,
        settings,
        tags,
        note,
        lastStep,
        group,
        parent: parent?.name,
        summary: more.summary,
        exitCode: more.exitCode,
        hasSamples: more.hasSamples,
        metrics: Object.fromEntries(metrics),
        checkpoints: more.checkpoints.map(({ step }) => step),
        used: more.artifacts.filter(({ role }) => role === 'used').map((each) => [each.name, each.kind, each.about]),
        alerts: more.notes.filter((each) => each.type === 'note').map(({ text }) => text),
      },
    ] as const
  })
  return Object.fromEntries(described)
}

function importHere(file: string, name = 'imported') {
  const imported = inFolder((context) => importMetrics(context, { name, files: [file], directory: home }))
  expect(imported).toMatchObject({ problems: [], notes: [] })
  return imported
}

const mlflowAddress = (url: string) => ({ MLFLOW_TRACKING_URI: url })

test.each([
  ['a file store', 'mlruns', (at: string) => `file://${at}`],
  // which the whole of its package alone writes
  ...(programs === '' ? [] : [['a database', 'mlflow.db', (at: string) => `sqlite:///${at}`] as const]),
] as const)('MLflow: %s of what its client logged is what the same client logs here', async (_, name, address) => {
  const program = name.endsWith('.db') ? path.join(programs, 'python') : python
  await logHere(program, 'mlflow_stored.py', mlflowAddress)
  const store = path.join(home, name)
  log(program, 'mlflow_stored.py', { MLFLOW_TRACKING_URI: address(store), MLFLOW_ALLOW_FILE_STORE: 'true' })
  expect(importHere(store).runs).toHaveLength(4)
  const [live, imported] = inFolder((context) => [known(context, 'stored'), known(context, 'imported')])
  expect(Object.keys(live!).toSorted()).toEqual(['failed', 'killed', 'part', 'whole: a/b'])
  expect(live!['whole: a/b']).toMatchObject({ status: 'done', tags: ['team: blue'], note: '# Why\n\nbecause' })
  expect(imported).toEqual(live)
  expect(importHere(store).runs.map(({ added }) => added)).toEqual([0, 0, 0, 0])
})

test('Trackio: a project of what its client logged is what the same client logs here', async () => {
  const folder = path.join(home, 'trackio')
  await logHere(python, 'trackio_stored.py', (url, key) => ({
    TRACKIO_SERVER_URL: url,
    TRACKIO_WRITE_TOKEN: key,
    TRACKIO_DIR: path.join(home, 'elsewhere'),
  }))
  log(python, 'trackio_stored.py', { TRACKIO_DIR: folder })
  expect(importHere(folder).runs).toHaveLength(2)
  const [live, imported] = inFolder((context) => [known(context, 'stored'), known(context, 'imported')])
  expect(live!.first).toMatchObject({ group: 'grouped', alerts: ['Spike: loss is 9'] })
  // its client never says that a run ends: what was imported has
  const ended = Object.entries(live!).map(([name, run]) => [name, { ...run, status: 'done' }])
  expect(imported).toEqual(Object.fromEntries(ended))
  expect(importHere(folder).runs.map(({ added }) => added)).toEqual([0, 0])
})

test('W&B: what its client kept, offline and beside a run that was online, is what it logs here', async () => {
  const own = { WANDB_SILENT: 'true' }
  const online = (url: string, key: string) => ({
    ...own,
    WANDB_BASE_URL: url,
    WANDB_API_KEY: key,
    WANDB_DIR: path.join(home, 'online'),
  })
  await logHere(python, 'wandb_stored.py', online, ['"step":61', '"step":2'])
  log(python, 'wandb_stored.py', { ...own, WANDB_MODE: 'offline', WANDB_DIR: path.join(home, 'offline') })
  for (const name of ['online', 'offline']) {
    const kept = path.join(home, name, 'wandb')
    expect(importHere(kept, name).runs).toHaveLength(2)
    const [live, imported] = inFolder((context) => [known(context, 'stored'), known(context, name)])
    expect(live!.first).toMatchObject({ group: 'grouped', tags: ['a', 'b'], note: 'why', hasSamples: true })
    expect(live!['second/of them']).toMatchObject({ status: 'failed', exitCode: 3 })
    expect(imported, name).toEqual(live)
    expect(importHere(kept, name).runs.map(({ added }) => added)).toEqual([0, 0])
  }
})
