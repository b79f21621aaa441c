/**
 * 50 runs of 20 metrics of 10,000 steps opened in Chromium, here and in `mlflow server` with its SQLite store (MLFLOW is its program):
 * from the address to the first chart with its lines, in a browser without a cache. By hand: `node bench/opened.ts`; OPENED_STEPS (10000),
 * OPENED_TIMES (5). Needs built pages. Here the runs are logged over MLflow's REST interface; into MLflow's database, which would take
 * more than half an hour by that, the rows are written as its server writes them. MLflow draws ten of the runs, here all are drawn.
 */
import SqliteDatabase from 'better-sqlite3'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { printTable } from './table.ts'
import { mlflow, noMlflow, ours, quantile, sealed, timed, type Server } from './tracker-servers.ts'

const runs = 50
const names = 20
const steps = Number(process.env.OPENED_STEPS ?? 10_000)
const times = Number(process.env.OPENED_TIMES ?? 5)
const metricsABatch = 1000
const firstTime = 1_700_000_000_000

type Filled = { experiment: string; seconds: number }

/** Makes the experiment and its runs; gives their ids. */
async function makeRuns(url: string): Promise<{ experiment: string; ids: string[] }> {
  const { experiment_id: experiment } = await post<{ experiment_id: string }>(url, 'experiments/create', {
    name: 'opened',
  })
  const ids: string[] = []
  for (let run = 0; run < runs; run++) {
    const made = await post<{ run: { info: { run_id: string } } }>(url, 'runs/create', {
      experiment_id: experiment,
      run_name: `run ${run}`,
      start_time: firstTime,
    })
    ids.push(made.run.info.run_id)
    await post(url, 'runs/log-batch', {
      run_id: made.run.info.run_id,
      params: [{ key: 'learning_rate', value: `${(run % 10) + 1}e-6` }],
    })
  }
  return { experiment, ids }
}

async function post<Answer>(url: string, name: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/api/2.0/mlflow/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Answer
}

/** Logs every value as a script would, a batch at a time; waits until it can be read, and is stored as it stays. */
async function fillHere({ url, behind, database }: Server): Promise<Filled> {
  const { experiment, ids } = await makeRuns(url)
  const stepsABatch = metricsABatch / names
  const milliseconds = await timed(async () => {
    for (const [run, run_id] of ids.entries())
      for (let first = 0; first < steps; first += stepsABatch) {
        const metrics = Array.from({ length: metricsABatch }, (_, at) => {
          const step = first + Math.floor(at / names)
          const key = `metric${String(at % names).padStart(2, '0')}`
          return { key, value: valueOf(run, at % names, step), timestamp: firstTime + step, step }
        })
        await post(url, 'runs/log-batch', { run_id, metrics })
      }
    await behind!()
    await sealed(database)
  })
  return { experiment, seconds: milliseconds / 1000 }
}

/** A falling curve with some noise, the same for both. */
const valueOf = (run: number, metric: number, step: number) =>
  (1 + metric) / (1 + (step * (1 + (run % 10))) / steps) + ((step * 7919 + run * 104_729) % 1000) / 10_000

/** The same rows in MLflow's own tables, its indexes made when they are there. */
async function fillMlflow({ url, database: file }: Server): Promise<Filled> {
  const { experiment, ids } = await makeRuns(url)
  const database = new SqliteDatabase(file)
  const milliseconds = await timed(async () => {
    database.pragma('busy_timeout = 60000')
    database.pragma('synchronous = off')
    const indexes = database
      .prepare("select name, sql from sqlite_master where type = 'index' and tbl_name = 'metrics' and sql is not null")
      .all() as { name: string; sql: string }[]
    for (const { name } of indexes) database.exec(`drop index "${name}"`)
    database.function('value_of', { deterministic: true }, (run, metric, step) =>
      valueOf(Number(run), Number(metric), Number(step)),
    )
    const series = (name: string, count: number) =>
      `${name}(at) as (select 0 union all select at + 1 from ${name} where at < ${count - 1})`
    database.exec('create temp table run_ids (at integer primary key, id text)')
    const insert = database.prepare('insert into run_ids values (?, ?)')
    ids.forEach((id, at) => insert.run(at, id))
    database.exec(
      `with recursive ${series('names', names)}, ${series('steps', steps)}
       insert into metrics (key, value, timestamp, run_uuid, step, is_nan)
       select printf('metric%02d', names.at), value_of(run_ids.at, names.at, steps.at), ${firstTime} + steps.at, run_ids.id, steps.at, 0
       from names cross join steps cross join run_ids`,
    )
    database.exec(
      `insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
       select key, value, timestamp, step, is_nan, run_uuid from metrics where step = ${steps - 1}`,
    )
    for (const { sql } of indexes) database.exec(sql)
    database.exec('analyze')
  })
  database.close()
  return { experiment, seconds: milliseconds / 1000 }
}

/** Milliseconds from the address to the first chart, each time in a browser that has nothing of it. */
async function open(browser: Browser, address: string, line: string): Promise<number[]> {
  const taken: number[] = []
  for (let time = 0; time < times; time++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(600_000)
    // in the page's own frames: whoever asks from without learns of it up to half a second later
    await page.addInitScript((selector) => {
      const look = (): void => {
        if (document.querySelector(selector)) Object.assign(window, { drawnAt: performance.now() })
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    }, line)
    await page.goto(address, { waitUntil: 'commit', timeout: 600_000 })
    const drawn = await page.waitForFunction(() => (window as unknown as { drawnAt?: number }).drawnAt)
    taken.push((await drawn.jsonValue())!)
    await context.close()
  }
  return taken
}

/** Prints the table. */
export async function run(): Promise<void> {
  const rows = [['', 'there after', 'first chart, first time', `p50 of ${times}`, 'slowest']]
  const browser = await openBrowser()
  const sides = [
    {
      name: 'here',
      start: ours,
      fill: fillHere,
      address: (url: string) => `${url}/runs/curves`,
      line: `[role=img][aria-label*="of ${runs} runs"] canvas`,
    },
    {
      name: 'mlflow server',
      start: mlflow,
      fill: fillMlflow,
      address: (url: string, experiment: string) => `${url}/#/experiments/${experiment}/runs?compareRunsMode=CHART`,
      line: '.js-plotly-plot .js-line[d]',
    },
  ]
  try {
    for (const { name, start, fill, address, line } of sides) {
      const server = await start()
      if (server === null) {
        console.log(noMlflow)
        continue
      }
      try {
        const { experiment, seconds } = await fill(server)
        const taken = await open(browser, address(server.url, experiment), line)
        const words = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`
        const figures = [taken[0]!, quantile(taken, 0.5), Math.max(...taken)]
        rows.push([name, `${seconds.toFixed(0)} s`, ...figures.map(words)])
      } finally {
        await server.stop()
      }
    }
  } finally {
    await browser.close()
  }
  printTable(`${runs} runs of ${names} metrics of ${steps} steps, opened in Chromium`, rows)
}

if (import.meta.main) await run()
