/**
 * Makes the pictures of docs/images from a real server with real sweeps: `npm run setup && node scripts/screenshots.ts`.
 * The run's picture trains the example's cheapest point, which takes a minute or two.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { Page } from 'playwright-core'
import superjson from 'superjson'
import type { AppRouter } from '../server/api/root.ts'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { startServer } from '../tests/start-server.ts'

const root = path.join(import.meta.dirname, '..')
const folder = path.join(root, 'docs/images')
const example = (name: string) => readFileSync(path.join(root, 'examples', name), 'utf8')
const minute = 60_000

/** Writes the page's top `height` pixels, without what is below: the foot names a folder of this machine. */
async function picture(page: Page, name: string, height: number) {
  // nothing of a picture may hang on where the pointer is or on what has the focus
  await page.mouse.move(0, 0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.evaluate(() => document.fonts.ready)
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({
    path: file,
    clip: { x: 0, y: 0, width: 1440, height },
    fullPage: true,
    animations: 'disabled',
  })
  console.log(`${path.relative(root, file)}: ${Math.round(statSync(file).size / 1000)} kB`)
}

/** Where the element begins, in pixels from the top of the page. */
async function topOf(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => Math.round(element.getBoundingClientRect().top + scrollY))
}

mkdirSync(folder, { recursive: true })
const server = await startServer({ environment: { SWEEPBOARD_GPUS: '4' } })
const browser = await openBrowser()
try {
  const api = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/api/trpc`, transformer: superjson })],
  })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
  const page = await context.newPage()

  const { sweepIds } = await api.examples.loadStudy.mutate()
  await page.goto(`${server.url}/sweeps/${sweepIds[0]}`)
  await page.getByRole('gridcell', { name: /1\.076, best$/ }).waitFor()
  await picture(page, 'sweep', await topOf(page, 'table[aria-label=Leaderboard] tbody tr[data-point]:nth-of-type(7)'))

  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  await page.getByLabel('Sweep file', { exact: true }).fill(example('report-scripts/sweep.yaml'))
  await page.getByText('9 trainings → 18 points').first().waitFor()
  await page.getByLabel('Folder that commands and paths start from').fill('examples/report-scripts')
  await page.getByText('Paste a file', { exact: true }).last().click()
  await page.getByText('Filled in from the file.').waitFor({ state: 'detached' })
  await page.evaluate(() => scrollTo(0, 0))
  await picture(page, 'new-sweep', 900)

  const cheapest = example('short-cot.yaml')
    .replace(/batch_size: \[.*\]/, 'batch_size: [64]')
    .replace(/learning_rate: \[.*\]/, 'learning_rate: [4e-3]')
  const { id } = await api.sweeps.create.mutate({ text: cheapest })
  const { runs } = await api.sweeps.get.query({ id })
  await page.goto(`${server.url}/runs/${runs[0]!.id}`)
  await page.getByText('2 of 2 points scored').waitFor({ timeout: 10 * minute })
  await page.reload()
  await page.locator('#checkpoints .score').nth(1).waitFor()
  await page.locator('figure canvas').first().waitFor()
  await picture(page, 'run', await topOf(page, '#checkpoints + section'))
} finally {
  await browser.close()
  await server.stop()
}
