/** A sweep whose evaluations race: what cannot win is hatched and said, and a person finishes its evaluation; the form says what a race takes. */
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })

test('a point that cannot win is hatched, said in the leaderboard, and finished by a button', async ({
  server,
  page,
}) => {
  const command = ['node', 'evaluates-questions.mjs', '${strength}', '${questions}', '${report}']
  const { id } = await apiOf(server).sweeps.create.mutate({
    definition: {
      name: 'race',
      axes: { strength: ['20', '52', '58', '64'] },
      train: { command: ['bash', 'finishes.sh', '2'] },
      track: 'none',
      evaluate: { command, race: true, report: { accuracies: 'acc' } },
      score: { baseline: { A: 0.5, B: 0.5 }, questions: { A: 60, B: 1000 } },
    },
    directory: stubFolder,
  })
  await page.goto(`${server.url}/sweeps/${id}`)
  const given = page.getByRole('gridcell', { name: /^strength 20: score 0\.\d+, 200 of 1,060 questions, cannot win$/ })
  await given.waitFor()
  await page
    .getByText('1 of 4 points could no longer have the highest score on these questions, and was asked no more')
    .waitFor()
  expect(await page.locator('.cell.partial').count()).toBe(1)
  await page.getByRole('cell', { name: '200, cannot win' }).waitFor()
  await screenshot(page, 'race')
  await given.click()
  await page.getByText('200 of 1,060 questions, cannot win.').waitFor()
  await page.getByRole('button', { name: 'Finish its evaluation' }).click()
  await page.getByRole('gridcell', { name: /^strength 20: score 0\.\d+$/ }).waitFor()
  expect(await page.getByRole('button', { name: 'Finish its evaluation' }).count()).toBe(0)
  expect(await page.locator('.cell.partial').count()).toBe(0)
})

test('the form says what a race takes, and why a command cannot', async ({ server, page }) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel(/^Race: ask in growing batches/).check()
  await page.getByText('Needs a command that asks only the questions').waitFor()
  await page.getByText('Built-in SFT', { exact: true }).click()
  await page.getByText('The best three are always asked everything.').waitFor()
  expect(await page.getByLabel(/^Race: ask in growing batches/).isChecked()).toBe(true)
})
