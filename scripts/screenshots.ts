/**
 * Makes the pictures of docs/images from a real server with real sweeps: `npm run setup && node scripts/screenshots.ts [FOLDER]`.
 * FOLDER: a data folder where examples/curriculum.yaml is done, which is copied and left as it is; without one it runs here first,
 * which takes some minutes.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { Page } from 'playwright-core'
import superjson from 'superjson'
import type { AppRouter } from '../server/api/root.ts'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { startServer } from '../tests/start-server.ts'

const root = path.join(import.meta.dirname, '..')
const folder = path.join(root, 'docs/images')

/** Writes the page's top `height` pixels, without what is below: the foot names a folder of this machine. */
async function picture(page: Page, name: string, height: number) {
  // as high as the picture: a page that is made higher for it alone would lose where its parts are scrolled to
  await page.setViewportSize({ width: 1440, height: Math.max(900, height) })
  await page.evaluate(() => scrollTo(0, 0))
  // nothing of a picture may hang on where the pointer is or on what has the focus
  await page.mouse.move(0, 0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.evaluate(() => document.fonts.ready)
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({
    path: file,
    clip: { x: 0, y: 0, width: 1440, height },
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

/** A data folder of its own in which the curriculum is done. */
function folderWithCurriculum(done: string | undefined): string {
  const own = mkdtempSync(path.join(tmpdir(), 'sweepboard-pictures-'))
  if (done !== undefined) cpSync(done, own, { recursive: true })
  else {
    const command = ['cli/main.ts', 'examples/curriculum.yaml', '--data', own]
    execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  }
  return own
}

mkdirSync(folder, { recursive: true })
const dataFolder = folderWithCurriculum(process.argv[2])
const server = await startServer({ dataFolder, environment: { SWEEPBOARD_GPUS: '4' } })
const browser = await openBrowser()
try {
  const api = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/api/trpc`, transformer: superjson })],
  })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
  const page = await context.newPage()
  const { runs } = await api.lineage.tree.query({})
  const [last] = runs.toSorted((a, b) => b.id - a.id)
  const terse = (await api.baselines.list.query()).find(({ name }) => name === 'terse')!

  await page.goto(`${server.url}/lineage?run=${last!.id}&baseline=${terse.id}`)
  await page.getByRole('img', { name: /^Score of/ }).waitFor()
  await picture(page, 'lineage', await topOf(page, 'table[aria-labelledby=rounds-title] tbody tr:nth-of-type(1)'))

  await page.goto(`${server.url}/runs/${last!.id}`)
  await page.getByRole('heading', { name: 'Curves' }).waitFor()
  await page.locator('figure canvas').nth(1).waitFor()
  await picture(page, 'run', 1180)

  const { sweepIds } = await api.examples.loadStudy.mutate()
  await page.goto(`${server.url}/sweeps/${sweepIds[0]}`)
  await page.getByRole('gridcell', { name: /1\.076, best$/ }).waitFor()
  await picture(page, 'sweep', await topOf(page, 'table[aria-label=Leaderboard] tbody tr[data-point]:nth-of-type(7)'))
} finally {
  await browser.close()
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 })
}
