/** Sweeps that run while one looks: reloads, a server that dies, cancel, pause, retry, delete. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startServer } from '../start-server.ts'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, gridSweep, newGate, scores, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })

const create = (server: { url: string }, definition: ReturnType<typeof gridSweep>, paused = false) =>
  apiOf(server).sweeps.create.mutate({ definition, directory: stubFolder, paused })

test('a page reloaded in the middle of a sweep goes on where it was', async ({ server, page }) => {
  // a busy browser tells at once what became of an element over several frames, the oldest first
  await page.addInitScript(() => {
    window.IntersectionObserver = class extends IntersectionObserver {
      constructor(callback: IntersectionObserverCallback, options?: IntersectionObserverInit) {
        const opposite = ({ target, isIntersecting }: IntersectionObserverEntry) =>
          ({ target, isIntersecting: !isIntersecting }) as IntersectionObserverEntry
        super((entries, observer) => callback([...entries.map(opposite), ...entries], observer), options)
      }
    }
  })
  const gate = newGate(server)
  const { id } = await create(server, gridSweep('reloaded', gate))
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('gridcell', { name: /score 0\.774/ }).waitFor()
  await page.reload()
  await page.getByRole('gridcell', { name: /score 0\.774/ }).waitFor()
  await page
    .getByRole('gridcell', { name: /epoch 2: training/ })
    .first()
    .waitFor()
  // the other pages know of it too
  await page.getByRole('link', { name: 'Sweepboard' }).click()
  await page.getByRole('region', { name: 'CPU slots busy now' }).getByText('batch_size 16').first().waitFor()
  await screenshot(page, 'home-running')
  await page.getByRole('link', { name: 'batch_size 16, learning_rate 1e-4' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'reloaded · run 1' }).waitFor()
  await page.getByRole('log').getByText('step 4 of 8').waitFor()
  await page.getByText('live', { exact: true }).waitFor()
  await screenshot(page, 'run-running')
  gate.open()
  // log, curves and checkpoints go on by themselves
  await page.getByRole('log').getByText('step 8 of 8').waitFor()
  await page.getByRole('group', { name: /^loss by step, 5\.50* at step 8/ }).waitFor()
  await page.locator('#checkpoints').getByText('1.000').waitFor()
  await page.goBack()
  await page.getByText('8 of 8 points').waitFor()
})

test('a page outlives its server: the banner, and on by itself once the server is back', async ({ page, problems }) => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-data-'))
  const environment = { SWEEPBOARD_SLOTS: '4' }
  const first = await startServer({ dataFolder, environment })
  const gate = newGate(first)
  const { id } = await create(first, gridSweep('outlives', gate))
  await page.goto(`${first.url}/sweeps/${id}`)
  await page.getByRole('gridcell', { name: /score 0\.774/ }).waitFor()
  await page.evaluate(() => Object.assign(window, { neverReloaded: true }))

  const died = new Promise((resolve) => first.process.once('exit', resolve))
  first.process.kill('SIGKILL')
  await died
  const banner = page.getByText('Connection lost. Trying again')
  await banner.waitFor()
  await screenshot(page, 'connection-lost')
  // trainings outlive the server: this one ends while nobody is there
  gate.open()
  const second = await startServer({ dataFolder, environment: { ...environment, PORT: new URL(first.url).port } })
  try {
    await banner.waitFor({ state: 'detached' })
    await page.getByText('8 of 8 points scored').waitFor()
    const grid = page.getByRole('grid', { name: 'Scores at epoch 2' })
    expect(await grid.getByRole('gridcell').allInnerTexts()).toEqual(scores.epoch2)
    expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true)
    // nothing was trained twice
    const { runs } = await apiOf(second).sweeps.get.query({ id })
    expect(runs.map((run) => [run.status, run.attempt])).toEqual(runs.map(() => ['done', 1]))
    // the page must not see this server go as well
    await page.goto('about:blank')
    for (const problem of problems.splice(0)) expect(problem).toMatch(/net::ERR_|Failed to fetch|network error/)
  } finally {
    await second.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})

test('pause, go on, cancel with a question, run again, delete and undo', async ({ server, page }) => {
  const gate = newGate(server)
  const { id } = await create(server, gridSweep('steered', gate))
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('gridcell', { name: /score 0\.583/ }).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused by you.').waitFor()
  await screenshot(page, 'sweep-paused')
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()

  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel steered?' })
  await dialog.getByText('3 trainings would stop').waitFor()
  await dialog.getByText('5 points would stay without a score').waitFor()
  await screenshot(page, 'cancel-dialog')
  await dialog.getByRole('button', { name: 'Keep it running' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await dialog.getByRole('button', { name: 'Cancel the sweep' }).click()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Run what was cancelled' }).waitFor()
  expect(await page.getByRole('gridcell', { name: /: score/ }).count()).toBe(3)
  await screenshot(page, 'sweep-cancelled')

  gate.open()
  await page.getByRole('button', { name: 'Run what was cancelled' }).click()
  await page.getByText('8 of 8 points scored').waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL(`${server.url}/`)
  await page.getByText('Deleted steered').waitFor()
  await page.getByRole('link', { name: 'steered', exact: true }).waitFor({ state: 'detached' })
  await screenshot(page, 'home-deleted')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name: 'steered', exact: true }).waitFor()
})

test('what failed is tried again, and only that', async ({ server, page }) => {
  const gate = newGate(server)
  // the trainings of batch size 32 fail until the gate is open
  const failing =
    'if [ $1 = 32 ] && [ ! -e "$2" ]; then echo "no data for batch size $1" >&2; exit 3; fi; exec bash finishes.sh 8 1 2'
  const definition = gridSweep('retried', gate, {
    train: { command: ['bash', '-c', failing, 'train', '${batch_size}', gate.path] },
  })
  const { id } = await create(server, definition)
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('4 of 8 points scored').waitFor()
  await page.getByText('4 points failed').waitFor()
  await page
    .getByRole('gridcell', { name: /batch_size 32.*: failed/ })
    .first()
    .waitFor()
  await page.getByText('Failed', { exact: true }).first().waitFor()
  await screenshot(page, 'sweep-partly-failed')
  gate.open()
  await page.getByRole('button', { name: 'Retry failed' }).click()
  await page.getByText('8 of 8 points scored').waitFor()
  const { runs } = await apiOf(server).sweeps.get.query({ id })
  expect(runs.map((run) => run.attempt)).toEqual([1, 1, 2, 2])
})

test('a run of 50 metrics stays live while all runs write, also the charts that were out of sight', async ({
  server,
  page,
}) => {
  const folder = mkdtempSync(path.join(server.dataFolder, 'bursts-'))
  const burst = (number: number) => writeFileSync(path.join(folder, `burst-${number}`), '')
  const { id: sweepId } = await create(server, {
    name: 'wide',
    axes: { writer: ['1', '2', '3', '4'] },
    train: { command: [process.execPath, 'writes-metrics.mjs', '50', '2000', '0', folder] },
    score: { baseline: { Sums: 0.5 } },
  })
  const { id } = (await apiOf(server).sweeps.get.query({ id: sweepId })).runs[0]!
  await page.goto(`${server.url}/runs/${id}`)
  const chart = (metric: number, step: number) =>
    page.getByRole('group', { name: new RegExp(`^metric/${metric} by step, [\\d.]+ at step ${step}\\.`) })
  await chart(0, 2000).waitFor()
  for (const number of [1, 2, 3]) {
    burst(number)
    await chart(0, 2000 + number * 100).waitFor()
  }
  // the last one was never near the screen: it is read when it comes near, and follows from then on
  await page.getByRole('button', { name: 'Show all 50 metrics' }).click()
  const last = chart(49, 2300)
  const scrollToLast = async () => {
    await page.mouse.wheel(0, 300)
    return last.count()
  }
  await expect.poll(scrollToLast).toBe(1)
  await last.scrollIntoViewIfNeeded()
  burst(4)
  await chart(49, 2400).waitFor()
  await page.mouse.wheel(0, -50 * 200)
  await chart(0, 2400).waitFor()
  writeFileSync(path.join(folder, 'end'), '')
  await page.getByText('live', { exact: true }).waitFor({ state: 'detached' })
})
