import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { makePages } from '../../bench/pages-data.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { expect, screenshot, test as plainTest } from './harness.ts'

const dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-board-'))
afterAll(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }))

/** 800 checkpoints of four sweeps in two lineages, as they were left by an earlier server. */
function seed(): void {
  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }, dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  makePages(opened.context, { lineages: 2, generations: 2, seeds: 2, picksASweep: 2, runsWithCurves: 0, steps: 0 })
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

const rows = (page: Page) => page.getByRole('table', { name: 'Leaderboard' }).locator('tr[data-checkpoint]')
const search = (page: Page) => new URL(page.url()).search

test('the leaderboard filters, groups and compares with another baseline, and its address says so', async ({
  server,
  page,
}) => {
  await page.goto(server.url)
  await page.getByRole('link', { name: 'Leaderboard' }).click()
  await rows(page).first().waitFor()
  await page.getByText(/^800 checkpoints, \d+ without a score$/).waitFor()
  await screenshot(page, 'leaderboard')
  const best = await rows(page).first().innerText()

  const field = page.getByRole('searchbox', { name: 'Filter the leaderboard' })
  await field.fill('learning_rate < 1e-5 and score > 1')
  await expect.poll(() => search(page)).toBe('?filter=learning_rate+%3C+1e-5+and+score+%3E+1')
  await page.getByText(/^\d+ checkpoints$/).waitFor()
  await field.fill('batch < 3')
  await page.getByText('There is no “batch” here').waitFor()
  await field.press('Escape')
  await page.getByText(/^800 checkpoints/).waitFor()

  await page.getByRole('combobox', { name: 'Baseline' }).selectOption({ label: 'Baseline stronger' })
  await expect.poll(() => search(page)).toBe('?baseline=2')
  await expect.poll(() => rows(page).first().innerText()).not.toBe(best)
  // its state follows the address, a moment later
  await page.getByRole('checkbox', { name: 'Group over seeds' }).click()
  await page.getByText(/^300 groups of 800 checkpoints/).waitFor()
  await page.getByRole('button', { name: 'Corrected' }).click()
  await expect.poll(() => search(page)).toBe('?baseline=2&group=seed&sort=corrected')
  await screenshot(page, 'leaderboard-grouped')

  // the address alone brings it back
  const before = await rows(page).first().innerText()
  await page.reload()
  await page.getByText(/^300 groups of 800 checkpoints/).waitFor()
  expect(await rows(page).first().innerText()).toBe(before)
  expect(await page.getByRole('checkbox', { name: 'Group over seeds' }).isChecked()).toBe(true)

  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'CSV' }).click()
  const file = readFileSync(await (await downloading).path(), 'utf8')
  expect(file.trim().split('\r\n')).toHaveLength(301)

  await page.getByRole('checkbox', { name: 'Picked' }).check()
  await page.getByRole('combobox', { name: 'Sweep' }).selectOption({ label: 'math-1-sft' })
  await page.getByText(/of 2 checkpoints$/).waitFor()
  await page.getByRole('combobox', { name: 'Tag' }).selectOption({ label: 'keep' })
  await page.getByText('No checkpoint passes what is asked.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText(/^300 groups of 800 checkpoints/).waitFor()
})

test('ticked rows lead to the comparison, by keyboard too, and a row to its checkpoint', async ({ server, page }) => {
  await page.goto(`${server.url}/leaderboard`)
  const ticks = rows(page).getByRole('checkbox')
  await ticks.first().focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  const ids = await rows(page).evaluateAll((all) => all.slice(0, 2).map((row) => row.getAttribute('data-checkpoint')))
  const compare = page.getByRole('link', { name: /^Compare 2/ })
  expect(await compare.getAttribute('href')).toBe(`/compare?checkpoints=${ids.join(',')}`)

  await compare.click()
  await page.locator('[data-verdict]').waitFor()
  await page.goBack()
  await rows(page).first().waitFor()

  // far down, rows are read as they are reached, those without a score last
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  await page
    .getByText(/No score: \w+ is missing/)
    .last()
    .waitFor()
  await page.evaluate(() => window.scrollTo(0, 0))
  await rows(page).first().getByRole('link').first().click()
  await page.waitForURL(`**/runs/*#checkpoint-${ids[0]}`)
  await page.locator(`#checkpoint-${ids[0]}`).waitFor()
})

test('on a phone rows of three lines pass as fast as the page is scrolled', async ({ server, page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${server.url}/leaderboard`)
  await rows(page).first().waitFor()
  await page.evaluate(() => scrollTo(0, 6000))
  const inTheMiddle = () =>
    page.evaluate(() => document.elementFromPoint(200, 422)?.closest('tr')?.dataset['checkpoint'] ?? null)
  await expect.poll(inTheMiddle).not.toBeNull()
  const row = page.locator(`tr[data-checkpoint="${await inTheMiddle()}"]`)
  const top = () => row.evaluate((element) => Math.round(element.getBoundingClientRect().top))
  const before = await top()
  for (let times = 0; times < 4; times++) await page.mouse.wheel(0, 90)
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(6360)
  expect(Math.abs((await top()) - (before - 360))).toBeLessThanOrEqual(4)
})
