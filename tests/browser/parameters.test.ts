/** Which parameter mattered: from a running sweep's page to the figures of its axes, by mouse and by keyboard. */
import { readFileSync } from 'node:fs'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, gridSweep, newGate, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })

test('a running sweep’s axes, then the finished one’s: effects, plots, ranges and the table as a file', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const gate = newGate(server)
  const { id } = await api.sweeps.create.mutate({ definition: gridSweep('axes', gate), directory: stubFolder })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('Best so far: 0.774').waitFor()
  await page.getByRole('link', { name: 'Which parameter mattered' }).click()
  await page.getByRole('heading', { level: 1, name: 'Which parameter mattered' }).waitFor()
  await page.getByText('3 of 8 points scored').waitFor()

  // what is scored meanwhile comes by itself
  gate.open()
  await page.getByText('Analysis of variance: all 8 combinations of the values have a score').waitFor()
  await page.getByText('epoch explains 73 % of the differences between points').waitFor()
  const effects = page.getByRole('table', { name: 'What explains the differences between points' })
  expect(await effects.getByRole('row').count()).toBe(7)
  // by hand: means of 0.700 and 1.085 at the two epochs
  await page.getByRole('img', { name: 'Mean score by epoch: 1: 0.701 (95 %' }).waitFor()
  await effects.getByRole('button', { name: 'Axis or pair' }).click()
  expect(await effects.getByRole('row').nth(1).innerText()).toMatch(/^batch_size\s/)
  await screenshot(page, 'parameters')

  // another pair, and the landscape at the best point
  await page.getByRole('combobox', { name: 'Lines' }).selectOption('epoch')
  await page
    .getByRole('img', {
      name: /^Mean score by learning_rate, a line for each of 2 values of epoch|^Mean score by batch_size, a line for each of 2 values of epoch/,
    })
    .waitFor()
  await page.getByRole('combobox', { name: 'Other axes' }).selectOption('best')
  await page.getByText(/^at .*; dots: measured points/).waitFor()

  // ranges by keyboard, then by dragging along the last column, Products
  const points = page.getByRole('table', { name: 'Points within the ranges' })
  expect(await points.getByRole('row').count()).toBe(9)
  await page.getByLabel('epoch from').focus()
  await page.keyboard.press('ArrowRight')
  await page.getByText('4 of 8 points within the ranges').waitFor()
  expect(await points.getByRole('row').count()).toBe(5)
  const chart = page.getByRole('img', { name: /points as lines/ })
  await chart.scrollIntoViewIfNeeded()
  const box = (await chart.boundingBox())!
  const column = box.x + box.width - 56
  await page.mouse.move(column, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(column, box.y + 60, { steps: 4 })
  await page.mouse.up()
  await page.getByText('1 of 8 points within the ranges').waitFor()
  expect(await points.getByRole('row').nth(1).innerText()).toContain('1.224')
  await page.getByRole('button', { name: 'Show all' }).click()
  expect(await points.getByRole('row').count()).toBe(9)

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
  expect(download.suggestedFilename()).toBe('axes-parameters.csv')
  const [head, first] = readFileSync(await download.path(), 'utf8').split('\r\n')
  expect(head).toMatch(/^effect,kind,share,share_without_noise,share_of_noise/)
  expect(first).toMatch(/^epoch,axis,0\.72654/)
})
