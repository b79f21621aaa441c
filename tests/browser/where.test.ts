/** The page that says where attempts ran and when, and what stood idle. */
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, gridSweep, newGate, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_GPUS: '4' }, { scope: 'file' }] })

test('which attempt held which GPU, what stood idle and why; by pointer and by keyboard', async ({ server, page }) => {
  const api = apiOf(server)
  const gate = newGate(server)
  const held = { train: { command: ['bash', 'stops-at-gate.sh', gate.path, '${epoch.last}'], gpus: 3 } }
  const { id } = await api.sweeps.create.mutate({ definition: gridSweep('wide', gate, held), directory: stubFolder })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('link', { name: 'Where it runs' }).click()
  await page.getByRole('heading', { name: 'Where it runs' }).waitFor()
  const picture = page.getByRole('group', { name: /Slots and nodes over time/ })
  const told = page.getByRole('status').filter({ hasText: /Point at a span|GPU \d/ })

  // the fourth GPU is too few for the next training: seen as the page follows what happens
  await page.getByText(/idle: wide waited for 3 free at once/).waitFor({ timeout: 30_000 })
  await picture.focus()
  await page.keyboard.press('ArrowRight')
  await expect
    .poll(() => told.textContent())
    .toMatch(/^GPU 0 of this machine, .* to now.*: run 1 of wide \(batch_size 16/)
  for (let row = 0; row < 3; row++) await page.keyboard.press('ArrowDown')
  await expect.poll(() => told.textContent()).toMatch(/^GPU 3 of this machine/)
  await page.keyboard.press('Escape')
  await expect.poll(() => told.textContent()).toMatch(/^Point at a span/)

  gate.open()
  await page.getByRole('table', { name: 'Attempts' }).getByText('evaluation 8').waitFor({ timeout: 60_000 })
  await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  await page.reload()
  await page.getByText(/This machine’s 4 GPUs worked \d+/).waitFor()
  const rows = page.getByRole('table', { name: 'Attempts' }).locator('tbody tr')
  expect(await rows.count()).toBe(12)
  expect(await rows.filter({ hasText: /GPUs \d, \d, \d of this machine/ }).count()).toBe(4)
  await picture.locator('i').first().hover()
  await expect
    .poll(() => told.textContent())
    .toMatch(/run 1 of wide .*attempt 1, done\. GPUs \d, \d, \d of this machine/)
  await screenshot(page, 'where')

  await page.getByRole('button', { name: '10 min' }).click()
  await page.getByRole('button', { name: 'Earlier' }).click()
  await page.getByRole('button', { name: 'Later' }).click()
  await page.goto(`${server.url}/where`)
  await page.getByText('12 attempts, newest first').waitFor()
  await screenshot(page, 'where-all')
})
