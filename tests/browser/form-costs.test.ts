/** What each method would cost, what finalists would, and what is saved, in the form: before anything is started. */
import { expect, test } from './harness.ts'

const file = `name: costs
trainer: sft
axes:
  learning_rate: [1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3, 7e-3, 8e-3, 9e-3]
  epoch: { milestones: [1, 3] }
score:
  baseline: { level-1: 0.5, level-2: 0.4, level-3: 0.3, level-4: 0.2 }
`

test('costs of the methods, what is saved, and finalists with their axis of seeds', async ({ server, page }) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  await page.getByLabel('Sweep file').fill(file)
  await page.getByText('What each method would cost here').click()
  const costs = page.getByRole('table', { name: 'What each method would cost here' })
  const rows = async () => (await costs.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t').slice(0, 2))
  await expect.poll(rows).toEqual([
    ['grid', '9'],
    ['grid, stopped at the first milestone', '5'],
    ['random', '9'],
    ['tpe', '8 to 9'],
    ['gaussian-process', '7 to 9'],
  ])
  await page.getByText('below about 40 a grid whose poor trainings are stopped early is the better choice').waitFor()

  const plan = page.getByRole('complementary', { name: 'What will run' })
  await page.getByLabel('Trainings stopped early').selectOption('milestones')
  await plan.getByText('about 44 % of the training').waitFor()

  await page.getByLabel('Points that cannot be told from the best').selectOption('again')
  await expect.poll(() => page.getByLabel('Axis name').nth(2).inputValue()).toBe('seed')
  await page.getByText('Finalists: at most 6 trainings and 6 evaluations more').waitFor()
  await page.getByLabel('Seeds each in all').fill('1')
  await page.getByText('“1” is not a whole number of at least 2, e.g. 3.').first().waitFor()
  await page.getByLabel('Seeds each in all').fill('4')
  await page.getByText('Finalists: at most 9 trainings and 9 evaluations more').waitFor()
  await page.getByText('As a file').click()
  const written = page.getByLabel('The sweep as a file')
  await expect.poll(() => written.innerText()).toContain('finalists: {top: 3, seeds: 4}')
  await page.getByLabel('Points that cannot be told from the best').selectOption('left')
  await expect.poll(() => page.getByLabel('Axis name').count()).toBe(2)
})
