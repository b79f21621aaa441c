/**
 * The page of a sweep of 100,000 points in Chromium: from the address to the first row of the leaderboard, with a server that has
 * just started, and again with a warm one. By hand: `node bench/large-page.ts`; PAGE_STARTS (5). Needs built pages.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'
import { refreshInBackground } from '../server/act/sweeps/refresh-sweep.ts'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { startServer } from '../tests/start-server.ts'
import { createManyPoints, scorePoints } from './lists-data.ts'
import { printTable } from './table.ts'

const starts = Number(process.env.PAGE_STARTS ?? 5)

type Opened = { firstRow: number; requests: number; kilobytes: number; scripts: number }

/** Prints the table. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-page-'))
  const browser = await openBrowser()
  try {
    await seed(folder)
    const cold: Opened[] = []
    const warm: Opened[] = []
    for (let start = 0; start < starts; start++) {
      const server = await startServer({ dataFolder: folder })
      try {
        cold.push(await open(browser, server.url))
        warm.push(await open(browser, server.url))
      } finally {
        await server.stop()
      }
    }
    const median = (all: Opened[], key: keyof Opened): string => {
      const sorted = all.map((one) => one[key]).toSorted((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)]!.toFixed(0)
    }
    const worst = (all: Opened[]): string => Math.max(...all.map(({ firstRow }) => firstRow)).toFixed(0)
    const row = (name: string, all: Opened[]): string[] => [
      name,
      median(all, 'firstRow'),
      worst(all),
      median(all, 'scripts'),
      median(all, 'requests'),
      median(all, 'kilobytes'),
    ]
    printTable(`The page of 100,000 points in a new browser profile, ${starts} starts`, [
      ['', 'first row, ms', 'at most, ms', 'scripts, ms', 'requests', 'kB'],
      row('a server that has just started', cold),
      row('the same server again', warm),
    ])
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function seed(folder: string): Promise<void> {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const { id } = createManyPoints(opened.context, 'many-points')
  scorePoints(opened.context, id, 0.5)
  // as an earlier server left it: else every start computes the intervals first
  await refreshInBackground(opened.context, id)
  opened.close()
}

async function open(browser: Browser, url: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable')
    let requests = 0
    let bytes = 0
    await session.send('Network.enable')
    session.on('Network.requestWillBeSent', () => requests++)
    session.on('Network.dataReceived', ({ encodedDataLength }) => (bytes += encodedDataLength))
    const startedAt = performance.now()
    await page.goto(`${url}/sweeps/1`, { waitUntil: 'commit' })
    await page.getByRole('table', { name: 'Leaderboard' }).locator('tr[data-point]').first().waitFor()
    const firstRow = performance.now() - startedAt
    const { metrics } = await session.send('Performance.getMetrics')
    const scripts = 1000 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0)
    return { firstRow, requests, kilobytes: bytes / 1000, scripts }
  } finally {
    await context.close()
  }
}

if (import.meta.main) await run()
