/**
 * Tests in a real browser against a real server:
 *
 *     import { expect, test } from './harness.ts'
 *     test('…', async ({ server, page }) => { await page.goto(server.url); … })
 *
 * The server is one a file, with a data folder of its own (`test.extend({ serverEnvironment: [{ … }, { scope: 'file' }] })`
 * gives it more environment); the page is a new one each test. A test fails when its page threw, wrote an error to the
 * console or got a 5xx, whatever else it looked at.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect, test as plainTest } from 'vitest'
import { startServer, type TestServer } from '../start-server.ts'
import { openBrowser } from './open-browser.ts'

export { expect }

const widths = [1440, 390]
const themes = ['light', 'dark'] as const

type Fixtures = {
  serverEnvironment: Record<string, string>
  server: TestServer
  browser: Browser
  /** What went wrong in the page so far; a test takes out what it provoked. */
  problems: string[]
  page: Page
}

/** vitest's `test` with a server, a browser and a page. */
export const test = plainTest.extend<Fixtures>({
  serverEnvironment: [{}, { scope: 'file' }],
  server: [
    async ({ serverEnvironment }, use) => {
      const server = await startServer({ environment: serverEnvironment })
      await use(server)
      await server.stop()
    },
    { scope: 'file' },
  ],
  browser: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs off this pattern
    async ({}, use) => {
      const browser = await openBrowser()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  // oxlint-disable-next-line no-empty-pattern -- as above
  problems: async ({}, use) => use([]),
  page: async ({ browser, problems }, use) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    collectProblems(page, problems)
    await use(page)
    await context.close()
    expect(problems, 'errors of the page').toEqual([])
  },
})

/** Adds what goes wrong in a page from now on: thrown errors, errors on the console, answers of 500 and above. */
function collectProblems(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`thrown: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`)
  })
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`answer ${response.status()}: ${response.url()}`)
  })
}

/**
 * Pictures of the page as it stands, light and dark, 1440 and 390 wide, as `<name>-<theme>-<width>.png` in the folder that
 * SCREENSHOTS names; none where it names none. Either way the page must not scroll sideways on a phone.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS
  if (folder) mkdirSync(folder, { recursive: true })
  const before = page.viewportSize()
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme })
      await settle(page)
      if (width === 390) expect(await sidewaysOverflow(page), `${name}: wider than a phone`).toEqual([])
      const cutOff = await page
        .locator('[class*=benchmarksScroll]')
        .evaluateAll((parts) => parts.filter((part) => part.scrollWidth > part.clientWidth).length)
      expect(cutOff, `${name}, ${width}: a point's benchmarks are cut off`).toBe(0)
      if (!folder) continue
      await page.screenshot({ path: path.join(folder, `${name}-${theme}-${width}.png`), fullPage: true })
    }
  }
  await page.emulateMedia({ colorScheme: null })
  if (before) await page.setViewportSize(before)
}

/** Waits for fonts, for animations that end and for two frames: what a change of size or theme sets off. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    const endless = (animation: Animation) => animation.effect?.getComputedTiming().iterations === Infinity
    await Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => !endless(animation))
        .map((animation) => animation.finished),
    )
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  })
}

/** The elements that make the page scroll sideways, the outermost few of them, and places of its head that are out of sight. */
async function sidewaysOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    const looked =
      scrollWidth > clientWidth ? document.body.querySelectorAll('*') : document.querySelectorAll('header a')
    const wide = [...looked].filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
    return wide.slice(0, 5).map((element) => {
      const { left, right } = element.getBoundingClientRect()
      return `<${element.localName} class="${element.getAttribute('class') ?? ''}"> from ${left} to ${right} of ${clientWidth}`
    })
  })
}
