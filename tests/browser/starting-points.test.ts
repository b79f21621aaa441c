/** The gallery of the new-sweep page: a form is filled in with what is to be changed marked, and own sweeps are kept. */
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({
  serverEnvironment: [{ SWEEPBOARD_GPUS: '4', STAND_IN_SECONDS: '0.01' }, { scope: 'file' }],
})

test('a starting point fills the form in, marks go as they are changed, and an own one is kept', async ({
  server,
  page,
}) => {
  await page.goto(`${server.url}/sweeps/new`)
  const gallery = page.getByRole('list', { name: 'Starting points' })
  await gallery.getByText('TRL, SFT').waitFor()
  await screenshot(page, 'starting-points')
  await gallery.getByRole('button', { name: 'TRL, SFT' }).click()
  const left = page.getByRole('region', { name: 'What is to be changed' })
  await left.getByText('4 things').waitFor()
  expect(await page.getByText('To change:').count()).toBe(4)
  await page.getByRole('button', { name: 'Start sweep' }).locator('visible=true').first().waitFor()
  await screenshot(page, 'starting-point-filled')
  await page.getByLabel('Folder that commands and paths start from').fill('/tmp')
  await left.getByText('3 things').waitFor()

  await page.getByText('Keep as a starting point').click()
  await page.getByLabel('Name of the starting point').fill('our SFT')
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await page.getByText('Kept as our SFT').waitFor()
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await page.getByRole('alert').filter({ hasText: '“our SFT” already' }).waitFor()
  await page.getByRole('button', { name: 'Clear' }).click()
  await gallery.getByRole('button', { name: 'our SFT' }).first().click()
  await expect.poll(() => page.getByLabel('Folder that commands and paths start from').inputValue()).toBe('/tmp')
  await page.getByRole('button', { name: 'Clear' }).click()
  await gallery.getByRole('button', { name: 'Remove our SFT' }).click()
  await gallery.getByText('our SFT').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await gallery.getByText('our SFT').waitFor()

  // the curriculum has a page of its own
  await gallery.getByRole('button', { name: 'Built-in trainer, a curriculum' }).click()
  await page.waitForURL(/\/curricula\/new/)
  expect(await apiOf(server).sweeps.list.query({})).toEqual([])
})
