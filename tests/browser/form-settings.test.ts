/** A built-in trainer's settings in the form: found, changed, taken back, checked as typed, and only what was changed in the file. */
import { expect, test } from './harness.ts'

test('settings are found by meaning, changed and taken back; axes know them; another trainer keeps what both know', async ({
  server,
  page,
}) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('radio', { name: 'Built-in SFT' }).check()
  const settings = page.getByRole('group', { name: 'Settings', exact: true })
  await settings.getByText('all at their defaults').waitFor()
  await settings.getByLabel('Find a setting').fill('padded row')
  await settings.getByLabel('Value of packing').selectOption('false')
  await settings.getByLabel('Find a setting').fill('')
  await settings.getByLabel('Value of batch_size').fill('3.5')
  await settings.getByText('batch_size is 3.5; expected a whole number of 1 or more.').waitFor()
  await settings.getByLabel('Value of batch_size').fill('16')
  await settings.getByLabel('Value of seed').click()
  // 16 is the default
  await settings.getByText('Settings, 1 changed').waitFor()
  await settings.getByLabel('Value of seed').fill('7')

  await page.getByLabel('Axis name').fill('learning_rate')
  await page.getByText('Size of an update: the peak, after the warm-up. A number above 0. Default 0.002.').waitFor()
  await page.getByLabel('Add a value to learning_rate').fill('-1')
  await page.getByText('learning_rate is -1; expected a number above 0.').waitFor()
  await page.getByLabel('Add a value to learning_rate').fill('2e-3')
  await page.keyboard.press('Enter')

  await page.getByRole('radio', { name: 'GRPO' }).check()
  await page.getByText('grpo has no packing: left out.').waitFor()
  await settings.getByText('Settings, 1 changed').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await settings.getByText('Settings, 2 changed').waitFor()
  await settings.getByLabel('Default of seed').click()
  await page.getByLabel('Name', { exact: true }).fill('known')
  for (const level of [1, 2, 3, 4]) await page.getByLabel(`Baseline accuracy of level-${level}`).fill('0.5')
  await page.getByText('As a file').click()
  const file = page.getByLabel('The sweep as a file')
  await expect.poll(() => file.innerText()).toContain('config: {packing: false}')
})
