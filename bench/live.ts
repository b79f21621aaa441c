/**
 * A run's page while metrics come in: 50 metrics of 10,000 points drawn in Chromium, and 8 runs that write 1,000 points a second
 * each through their events.jsonl. How old the newest point is when it is drawn, how long the page is busy at a time, and what
 * server and browser use of the CPU. By hand: `node bench/live.ts`; LIVE_SECONDS (30), LIVE_HISTORY (10000). Needs built pages.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { apiOf, stubFolder } from '../tests/browser/sweeps.ts'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { startServer } from '../tests/start-server.ts'
import { printTable } from './table.ts'

const seconds = Number(process.env.LIVE_SECONDS ?? 30)
const history = Number(process.env.LIVE_HISTORY ?? 10_000)
const runs = 8
const metrics = 50
const pointsASecond = 1000

type Drawn = { step: number; at: number }
type Seen = { drawn: Drawn[]; longTasks: number[]; frames: number[] }

/** Prints the table. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-live-'))
  const server = await startServer({ environment: { SWEEPBOARD_SLOTS: String(runs) } })
  const browser = await openBrowser()
  try {
    const script = path.join(stubFolder, 'writes-metrics.mjs')
    const rate = pointsASecond / metrics
    // the first run has a history, the others begin
    const shell = `exec "$1" "$2" ${metrics} $([ "$3" = 1 ] && echo ${history} || echo 0) ${rate} "$4"`
    await apiOf(server).sweeps.create.mutate({
      definition: {
        name: 'live',
        axes: { writer: { range: ['1', String(runs), runs] } },
        train: { command: ['bash', '-c', shell, 'x', process.execPath, script, '${writer}', folder] },
        score: { baseline: { B: 0.5 } },
      },
      directory: stubFolder,
      paused: false,
    })
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
    await page.goto(`${server.url}/runs/1`)
    const chart = page.getByRole('group', { name: /^metric\/0 by step/ })
    await chart.waitFor()
    await page.getByRole('button', { name: `Show all ${metrics} metrics` }).click()
    // a chart reads its values once it is seen
    for (let metric = 0; metric < metrics; metric += 4) {
      const each = page.getByRole('group', { name: new RegExp(`^metric/${metric} by step`) })
      await each.scrollIntoViewIfNeeded()
      await each.waitFor()
    }
    await page.getByRole('group', { name: /^metric\/49 by step/ }).waitFor()
    await chart.scrollIntoViewIfNeeded()
    await page.waitForFunction(
      (past) =>
        Number(/at step (\d+)/.exec(document.querySelector('[aria-label^="metric/0 by step"]')!.ariaLabel!)?.[1]) >
        past,
      history,
    )
    await watch(page)
    const before = cpuSeconds([server.process.pid!])
    const startedAt = performance.now()
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const seen = await page.evaluate(() => (window as unknown as { seen: Seen }).seen)
    const elapsed = (performance.now() - startedAt) / 1000
    const serverCpu = (cpuSeconds([server.process.pid!]) - before) / elapsed

    const writtenAt = new Map<number, number>()
    for (const line of readFileSync(path.join(server.dataFolder, 'runs/1/1/events.jsonl'), 'utf8').split('\n')) {
      const found = /"step":(\d+),"time":([\d.]+)/.exec(line)
      if (found) writtenAt.set(Number(found[1]), Number(found[2]) * 1000)
    }
    const ages = seen.drawn.map(({ step, at }) => at - writtenAt.get(step)!)
    const spread = (values: number[]): string => {
      const sorted = values.toSorted((a, b) => a - b)
      return [0.5, 0.95, 1].map((part) => (sorted[Math.ceil((sorted.length - 1) * part)] ?? 0).toFixed(0)).join(' / ')
    }
    printTable(
      `${metrics} charts of ${history}+ points live, ${runs} runs writing ${pointsASecond} points a second, ${seconds} s`,
      [
        ['', 'median / 95 % / most'],
        ['from a line written to its point drawn, ms', spread(ages)],
        [
          'between two drawings of the chart, ms',
          spread(seen.drawn.slice(1).map(({ at }, index) => at - seen.drawn[index]!.at)),
        ],
        ['from frame to frame, ms', spread(seen.frames)],
        [`tasks over 50 ms (${seen.longTasks.length} in ${seconds} s), ms`, spread(seen.longTasks)],
        [
          'share of the time in such tasks, %',
          ((seen.longTasks.reduce((sum, task) => sum + task, 0) / elapsed / 1000) * 100).toFixed(1),
        ],
        ['CPU of the server, % of a core', (serverCpu * 100).toFixed(1)],
      ],
    )
  } finally {
    writeFileSync(path.join(folder, 'end'), '')
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Has the page note when the first chart showed which step, its long tasks, and its frames. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = { drawn: [], longTasks: [], frames: [] }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longTasks.push(entry.duration)
    }).observe({ type: 'longtask' })
    let last = performance.now()
    let step = 0
    const frame = (now: number): void => {
      seen.frames.push(now - last)
      last = now
      const label = document.querySelector('[aria-label^="metric/0 by step"]')?.ariaLabel ?? ''
      const shown = Number(/at step (\d+)/.exec(label)?.[1])
      // what stands there at the beginning of a frame was drawn in the one before, or is in this one
      if (shown > step) {
        if (step > 0) seen.drawn.push({ step: shown, at: Date.now() })
        step = shown
      }
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}

/** CPU seconds that processes have used, by `ps`, in hundredths where the system gives them. */
function cpuSeconds(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return sum + (Number(fields[11]) + Number(fields[12])) / 100
    } catch {
      const [minutes, rest] = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(':')
      return sum + Number(minutes) * 60 + Number(rest)
    }
  }, 0)
}

if (import.meta.main) await run()
