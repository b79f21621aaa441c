/** Without a mouse: from the home page to a running sweep, through a heatmap, and the keys that work everywhere. */
import type { Page } from 'playwright-core'
import { expect, screenshot, test } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

/** What has the focus: its accessible name as far as the element itself tells it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const label = (element as HTMLInputElement).labels?.[0]?.innerText
    return element.getAttribute('aria-label') ?? label ?? element.innerText
  })

/** Presses Tab until what has the focus is called so; fails when the page has been gone through without meeting it. */
async function tabTo(page: Page, name: string | RegExp) {
  for (let presses = 0; presses < 120; presses++) {
    const now = (await focused(page)).trim()
    if (typeof name === 'string' ? now === name : name.test(now)) {
      // whoever uses the keyboard must see where it is
      const { outline, shadow } = await page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!)
        return { outline: outlineStyle !== 'none' && outlineWidth !== '0px', shadow: boxShadow !== 'none' }
      })
      expect(outline || shadow, `the focus on ${now} shows`).toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${name}`)
}

test('a sweep is defined and started without a mouse', async ({ server, page }) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Run the example' }).waitFor()
  await tabTo(page, 'write a new sweep')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/sweeps\/new$/)
  await tabTo(page, 'Name')
  await page.keyboard.type('by-keys')
  await tabTo(page, 'Axis name')
  await page.keyboard.type('seed')
  await tabTo(page, 'Add a value to seed')
  await page.keyboard.type('1,2,3,')
  // Backspace in the empty box takes the last value back to edit it
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await page.keyboard.type('4,')
  await page.getByRole('group', { name: 'Values of seed' }).getByText('4', { exact: true }).waitFor()
  await tabTo(page, 'Add an argument')
  // a space begins the next argument
  await page.keyboard.type('bash evaluates-by-events.sh Sums=${seed}/10 ')
  await tabTo(page, 'Folder that commands and paths start from')
  await page.keyboard.type(stubFolder)
  await tabTo(page, 'Benchmark')
  await page.keyboard.type('Sums')
  await tabTo(page, 'Baseline accuracy of Sums')
  await page.keyboard.type('0.2')
  await page.getByText('3 trainings → 3 points').first().waitFor()
  await tabTo(page, 'Start sweep')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/sweeps\/\d+$/)
  await page.getByText('3 of 3 points scored').waitFor()
  expect(await page.getByRole('gridcell').allInnerTexts()).toEqual(['0.500', '1.000', '2.000'])
})

test('a heatmap is one stop: arrows move, Enter pins, Escape lets go', async ({ server, page }) => {
  const { sweepIds } = await apiOf(server).examples.loadStudy.mutate()
  await page.goto(`${server.url}/sweeps/${sweepIds[0]}`)
  await page.getByRole('grid').first().waitFor()
  expect(await page.locator('[role=gridcell][tabindex="0"]').count()).toBe(1)
  await tabTo(page, /score 1\.076, best$/)
  const detail = page.getByRole('complementary', { name: 'Point' })
  await page.keyboard.press('ArrowRight')
  expect(await focused(page)).toMatch(/^batch_size 512, learning_rate 4e-5, epoch 6: score 0\.857/)
  await page.keyboard.press('ArrowRight')
  expect(await focused(page)).toMatch(/^batch_size 512, learning_rate 4e-5, epoch 6/)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Home')
  // from one panel into the other
  await page.keyboard.press('ArrowLeft')
  expect(await focused(page)).toMatch(/^batch_size 256, learning_rate 4e-5, epoch 3: score 0\.875/)
  await detail.getByText('0.875').waitFor()
  await page.keyboard.press('Enter')
  await detail.getByRole('button', { name: 'Let go' }).waitFor()
  await screenshot(page, 'study-pinned')
  // pinned, it stays in the detail when the focus has gone
  await page.keyboard.press('Tab')
  await detail.getByText('0.875').waitFor()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Escape')
  await detail.getByRole('button', { name: 'Let go' }).waitFor({ state: 'detached' })
  await page.keyboard.press('Tab')
  await detail.getByText('1.076').waitFor()
})

test('the keys of every page: N, / and ?', async ({ server, page }) => {
  await apiOf(server).examples.loadStudy.mutate()
  await page.goto(`${server.url}/baselines`)
  await page.getByRole('heading', { level: 1, name: 'Baselines' }).waitFor()
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await keys.getByText('New sweep').waitFor()
  await screenshot(page, 'keys')
  await page.keyboard.press('Escape')
  await keys.waitFor({ state: 'hidden' })

  await page.keyboard.press('/')
  const find = page.getByLabel('Find a sweep or a run of its own')
  await find.and(page.locator(':focus')).waitFor()
  await page.keyboard.type('n/a')
  await page.getByText('No sweep is called “n/a”.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'short-cot-sft', exact: true }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/')

  await page.getByRole('link', { name: 'short-cot-sft', exact: true }).press('Enter')
  await page.getByRole('grid').first().waitFor()
  await page.keyboard.press('/')
  await page.getByLabel('Filter the leaderboard').and(page.locator(':focus')).waitFor()
  await page.keyboard.type('epoch = 6')
  await page.getByText('9 of 18 points', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.press('n')
  await page.waitForURL(/\/sweeps\/new$/)
})
