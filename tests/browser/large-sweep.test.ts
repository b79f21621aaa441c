import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { createManyPoints, scorePoints, writeMetrics } from '../../bench/lists-data.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { expect, screenshot, test as plainTest } from './harness.ts'

const dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-large-'))
afterAll(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }))

/** A sweep of 100,000 points, half of them scored, as it was left by an earlier server. */
function seed(): void {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const { id } = createManyPoints(opened.context, 'many-points')
  scorePoints(opened.context, id, 0.5)
  writeMetrics(opened.context, id)
  opened.close()
}

const test = plainTest.extend({
  serverEnvironment: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs off this pattern
    async ({}, use) => {
      seed()
      await use({ SWEEPBOARD_DATA: dataFolder })
    },
    { scope: 'file' },
  ],
})

const board = (page: Page) => page.getByRole('table', { name: 'Leaderboard' })
const rows = (page: Page) => board(page).locator('tr[data-point]')

/** Rows of the leaderboard that a person sees now, and how many of them are still on their way. */
const rowsInWindow = (page: Page) =>
  page.evaluate(() => {
    const inWindow = (element: Element) => {
      const { top, bottom } = element.getBoundingClientRect()
      return bottom > 0 && top < window.innerHeight
    }
    const all = [...document.querySelectorAll('tr[data-point], tr[data-unread]')].filter(inWindow)
    return { rows: all.length, unread: all.filter((row) => row.hasAttribute('data-unread')).length }
  })

test('100,000 points: the list, the heatmaps and the leaderboard are there', async ({ server, page }) => {
  await page.goto(server.url)
  await page.getByRole('link', { name: 'many-points' }).click()
  await page.getByText('of 100,000 points scored').or(page.getByText('of 100,000')).first().waitFor()
  await rows(page).first().waitFor()
  await expect.poll(() => rows(page).first().locator('td').nth(1).textContent()).toBe('1')
  await page.locator('.js-plotly-plot').first().waitFor()
  await screenshot(page, 'sweep-large')
})

test('the leaderboard of 100,000 points sorts, filters and scrolls without a blank row', async ({ server, page }) => {
  await page.goto(`${server.url}/sweeps/1`)
  await rows(page).first().waitFor()
  const field = page.getByRole('searchbox', { name: 'Filter the leaderboard' })
  await field.fill('learning_rate < 1e-5 and score > 0.9')
  await page.getByText(/^[\d,]+ of 100,000 points$/).waitFor()
  await field.fill('batch < 3')
  await page.getByText('There is no “batch” here').waitFor()
  await field.fill('')

  await board(page).getByRole('button', { name: 'learning_rate' }).click()
  await expect
    .poll(() => rows(page).first().locator('td').nth(3).textContent(), { message: 'lowest learning rate first' })
    .toBe('1e-6')
  await board(page).scrollIntoViewIfNeeded()
  const box = (await board(page).boundingBox())!
  await page.mouse.move(box.x + 200, 500)
  let seen = 0
  for (let turn = 0; turn < 120; turn++) {
    await page.mouse.wheel(0, 400)
    const drawn = await rowsInWindow(page)
    expect(drawn.unread, `rows without content at turn ${turn}`).toBe(0)
    seen = Math.max(seen, drawn.rows)
  }
  expect(seen).toBeGreaterThan(20)
  // far away at once: what was never near is read when it is asked for
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2))
  await expect
    .poll(async () => {
      const drawn = await rowsInWindow(page)
      return drawn.rows > 20 && drawn.unread === 0
    })
    .toBe(true)
})

test('any metric is a column that sorts and filters 100,000 points, and the address keeps it', async ({
  server,
  page,
}) => {
  await page.goto(`${server.url}/sweeps/1`)
  await rows(page).first().waitFor()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('searchbox', { name: 'Search metrics' }).fill('grad')
  await page.getByRole('checkbox', { name: 'grad_norm' }).check()
  await page.keyboard.press('Escape')
  await board(page).getByRole('button', { name: 'grad_norm' }).click()
  const shown = async () => {
    const cells = await board(page).locator('tr[data-point] td:nth-last-child(2)').allInnerTexts()
    return cells.slice(0, 20).map(Number)
  }
  const lowestFirst = async () => {
    const values = await shown()
    return values[0]! < -1 && values.every((value, at) => at === 0 || value >= values[at - 1]!)
  }
  await expect.poll(lowestFirst, { message: 'lowest value first', timeout: 10_000 }).toBe(true)
  await page.getByRole('searchbox', { name: 'Filter the leaderboard' }).fill('loss > 3 and learning_rate < 1e-4')
  await page.getByText(/^[\d,]+ of 100,000 points$/).waitFor()
  await page.reload()
  await board(page).getByRole('columnheader', { name: 'grad_norm' }).waitFor()
  expect((await shown()).every(Number.isFinite)).toBe(true)
})
