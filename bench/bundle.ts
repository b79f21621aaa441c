/**
 * The curves of 100 runs of 10,000 steps over each other, in Chromium: from the link on the sweep's page to the first chart, and from its
 * address; then the frames of the page while 8 of the runs write, at rest and with the pointer going over the lines. By hand:
 * `node bench/bundle.ts`; BUNDLE_SECONDS (20), BUNDLE_STEPS (10000). Needs built pages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { apiOf, stubFolder } from '../tests/browser/sweeps.ts'
import { startServer, type TestServer } from '../tests/start-server.ts'
import { printTable } from './table.ts'
import { quantile, timed } from './tracker-servers.ts'

const seconds = Number(process.env.BUNDLE_SECONDS ?? 20)
const steps = Number(process.env.BUNDLE_STEPS ?? 10_000)
const runs = 100
const writing = 8
const metrics = 6
const linesASecond = 10
const times = 5

const chart = `[role=img][aria-label="metric/0 of ${runs} runs by step"] canvas`

type Seen = { frames: number[]; longTasks: number[] }

/** Prints the tables. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-bundle-'))
  const server = await startServer({ environment: { SWEEPBOARD_SLOTS: String(2 * writing) } })
  const browser = await openBrowser()
  try {
    const id = await fill(server, folder)
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
    page.setDefaultTimeout(120_000)
    const [fromLink, fromAddress]: [number[], number[]] = [[], []]
    for (let time = 0; time < times; time++) {
      fromAddress.push(
        await timed(async () => {
          await page.goto(`${server.url}/sweeps/${id}/curves`, { waitUntil: 'commit' })
          await drawn(page)
        }),
      )
      await page.goto(`${server.url}/sweeps/${id}`)
      const link = page.getByRole('link', { name: 'Curves of its runs' })
      await link.waitFor()
      fromLink.push(
        await timed(async () => {
          await link.click()
          await drawn(page)
        }),
      )
    }
    await watch(page)
    await page.waitForTimeout(seconds * 1000)
    const atRest = await seen(page)
    const box = (await page.locator(chart).boundingBox())!
    const end = performance.now() + seconds * 1000
    for (let at = 0; performance.now() < end; at = (at + 7) % 400)
      await page.mouse.move(box.x + 100 + at, box.y + 40 + (at % 100))
    const pointed = await seen(page)

    const spread = (values: number[]) => [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(0)).join(' / ')
    const late = ({ frames }: Seen) =>
      `${((100 * frames.filter((frame) => frame > 33.4).length) / frames.length).toFixed(1)} %`
    const row = (name: string, one: Seen) => [name, spread(one.frames), late(one), String(one.longTasks.length)]
    printTable(`Curves of ${runs} runs of ${steps} steps, ms of ${times} openings`, [
      ['', 'median / 95 % / most'],
      ['from the link to the first chart', spread(fromLink)],
      ['from the address to the first chart', spread(fromAddress)],
    ])
    printTable(
      `Frames while ${writing} of them write ${linesASecond} lines of ${metrics} metrics a second, ${seconds} s each`,
      [
        ['', 'ms, median / 95 % / most', 'over 33 ms', 'tasks over 50 ms'],
        row('at rest', atRest),
        row('with the pointer over the lines', pointed),
      ],
    )
  } finally {
    writeFileSync(path.join(folder, 'end'), '')
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Makes the sweep; resolves when its runs have their history, all but the last few of them ended. Gives its id. */
async function fill(server: TestServer, folder: string): Promise<number> {
  const ended = path.join(folder, 'ended')
  mkdirSync(ended)
  writeFileSync(path.join(ended, 'end'), '')
  const script = path.join(stubFolder, 'writes-metrics.mjs')
  const shell = `if [ "$1" -le ${runs - writing} ]; then set -- 0 "$2"; else set -- ${linesASecond} "$3"; fi; exec "${process.execPath}" "${script}" ${metrics} ${steps} "$@"`
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'bundle',
      axes: { writer: { range: ['1', String(runs), runs] } },
      train: { command: ['bash', '-c', shell, 'x', '${writer}', ended, folder] },
      track: 'none',
    },
    directory: stubFolder,
  })
  const last = Array.from({ length: runs }, (_, at) => at + 1)
  for (;;) {
    const { counts } = await api.sweeps.get.query({ id })
    const reached = await Promise.all(last.slice(-writing).map((run) => api.runs.lastStep.query({ runIds: [run] })))
    if (counts.done === runs - writing && reached.every((step) => step > steps)) return id
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Resolves in the frame after the chart has its canvas. */
async function drawn(page: Page): Promise<void> {
  await page.waitForSelector(chart, { state: 'attached' })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
}

/** Has the page note its frames and its long tasks. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted: Seen = { frames: [], longTasks: [] }
    Object.assign(window, { noted })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) noted.longTasks.push(entry.duration)
    }).observe({ type: 'longtask' })
    let before = performance.now()
    const frame = (now: number): void => {
      noted.frames.push(now - before)
      before = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}

/** What was noted since it was asked last. */
function seen(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const { noted } = window as unknown as { noted: Seen }
    return { frames: noted.frames.splice(0), longTasks: noted.longTasks.splice(0) }
  })
}

if (import.meta.main) await run()
