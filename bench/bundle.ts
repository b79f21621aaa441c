/**
 * The curves of 100 runs of 10,000 steps over each other, in Chromium, while 8 of the runs write: how long until they are drawn, and the
 * frames of the page at rest and with the pointer going over the lines.
 *
 * Drawn: every chart that is on the screen (1440 × 900) has stroked a line for each run, and the frame that shows it has begun. That
 * is counted from the click on the link of the sweep's page, which was there for a second; from the browser's start of loading the
 * address; and, of both, from the moment the page asks the server for its runs. All values are sealed by then (db/series). The first opening is
 * the first that the server reads them.
 * By hand: `node bench/bundle.ts`; BUNDLE_SECONDS (20), BUNDLE_STEPS (10000), BUNDLE_TIMES (7). Needs built pages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { apiOf, stubFolder } from '../tests/browser/sweeps.ts'
import { startServer, type TestServer } from '../tests/start-server.ts'
import { printTable } from './table.ts'
import { quantile, sealed } from './tracker-servers.ts'

const seconds = Number(process.env.BUNDLE_SECONDS ?? 20)
const steps = Number(process.env.BUNDLE_STEPS ?? 10_000)
const runs = 100
const writing = 8
const metrics = 6
const linesASecond = 10
const times = Number(process.env.BUNDLE_TIMES ?? 7)
const secondsOnSweep = 1

const chart = `[role=img][aria-label="metric/0 of ${runs} runs by step"] canvas`

/** Milliseconds after the click, or the start of loading. */
type Opened = { asked: number; first: number; all: number; charts: number }

type Seen = { frames: number[]; longTasks: number[] }

/** Prints the tables. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-bundle-'))
  const server = await startServer({ environment: { SWEEPBOARD_SLOTS: String(2 * writing) } })
  const browser = await openBrowser()
  try {
    const id = await fill(server, folder)
    // runs that ended within seconds of each other keep the server busy with that for a while
    await sealed(path.join(server.dataFolder, 'sweepboard.db'))
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
    page.setDefaultTimeout(120_000)
    await page.addInitScript(noteDrawing, runs)
    const [fromLink, fromAddress]: [Opened[], Opened[]] = [[], []]
    for (let time = 0; time < times; time++) {
      await page.goto(`${server.url}/sweeps/${id}`)
      const link = page.getByRole('link', { name: 'Curves of its runs' })
      await link.waitFor()
      await page.waitForTimeout(secondsOnSweep * 1000)
      await link.click()
      fromLink.push(await opened(page))
      await page.goto(`${server.url}/sweeps/${id}/curves`, { waitUntil: 'commit' })
      fromAddress.push(await opened(page))
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
    const took = (name: string, openings: Opened[], of: (one: Opened) => number) => [
      name,
      spread(openings.map(of)),
      of(openings[0]!).toFixed(0),
    ]
    printTable(`Curves of ${runs} runs of ${steps} steps until they are drawn, ms of ${times} openings`, [
      ['', 'median / 95 % / most', 'of them the first'],
      took('from the click on the link, first chart', fromLink, ({ first }) => first),
      took(`from the click on the link, ${fromLink[0]!.charts} charts on the screen`, fromLink, ({ all }) => all),
      took('  of it from when the runs are asked for', fromLink, ({ all, asked }) => all - asked),
      took('from the address, first chart', fromAddress, ({ first }) => first),
      took(`from the address, ${fromAddress[0]!.charts} charts on the screen`, fromAddress, ({ all }) => all),
      took('  of it from when the runs are asked for', fromAddress, ({ all, asked }) => all - asked),
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

/**
 * In the page, before anything of it: counts the lines that each canvas strokes (a path each; axes stroke none) and notes in which frame
 * the first chart, and all that are on the screen, have one for each run.
 */
function noteDrawing(lines: number): void {
  const strokes = new WeakMap<Element, number>()
  const { prototype } = CanvasRenderingContext2D
  const stroke = prototype.stroke as (path?: Path2D) => void
  prototype.stroke = function (this: CanvasRenderingContext2D, path?: Path2D) {
    if (path) strokes.set(this.canvas, (strokes.get(this.canvas) ?? 0) + 1)
    return path ? stroke.call(this, path) : stroke.call(this)
  }
  const found: Partial<Opened> = {}
  let start = 0
  Object.assign(window, { opening: found })
  document.addEventListener(
    'click',
    (event) => {
      start = event.timeStamp
      look()
    },
    { capture: true },
  )
  const look = (): void => {
    const charts = [...document.querySelectorAll('[role=img][aria-label^="metric/"]')].filter((one) => {
      const { top, bottom } = one.getBoundingClientRect()
      return top < innerHeight && bottom > 0
    })
    const drawn = charts.filter((one) => (strokes.get(one.querySelector('canvas') ?? one) ?? 0) >= lines)
    const note = (name: 'first' | 'all') => setTimeout(() => (found[name] ??= performance.now() - start))
    if (drawn.length > 0) note('first')
    if (charts.length > 0 && drawn.length === charts.length) {
      const asked = performance
        .getEntriesByType('resource')
        // what is asked for at the sight of the pointer is asked for before the click
        .find((entry) => entry.startTime >= start - 300 && entry.name.includes('sweeps.points'))
      if (found.asked === undefined) Object.assign(found, { charts: charts.length, asked: asked!.startTime - start })
      note('all')
    } else requestAnimationFrame(look)
  }
  if (location.pathname.endsWith('/curves')) requestAnimationFrame(look)
}

/** What the page noted, once all is drawn. */
async function opened(page: Page): Promise<Opened> {
  const noted = await page.waitForFunction(() => {
    const { opening } = window as unknown as { opening: Partial<Opened> }
    return opening.all === undefined ? null : (opening as Opened)
  })
  return noted.jsonValue() as Promise<Opened>
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
