/** What went wrong is said where one looks: failed sweeps, a broken script, points without a score. */
import { expect, screenshot, test } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

const evaluate = {
  command: ['bash', 'evaluates.sh', '${report}', 'Sums=${accuracy}', 'Products=0.5'],
  report: { accuracies: 'acc' },
}
const score = { baseline: { Sums: 0.5, Products: 0.4 }, questions: { Sums: 400, Products: 200 } }

test('a sweep all of whose trainings fail says why, and leads to the log', async ({ server, page }) => {
  const { id } = await apiOf(server).sweeps.create.mutate({
    definition: {
      name: 'all-failed',
      axes: { batch_size: ['16', '32'] },
      train: { command: ['bash', 'crashes-always.sh', '7'], retries: 1 },
      score: { baseline: { Sums: 0.5 } },
    },
    directory: stubFolder,
  })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('No point has a score: every one of them failed.').waitFor()
  await page.getByText('Failed', { exact: true }).first().waitFor()
  expect(await page.getByRole('gridcell').allInnerTexts()).toEqual(['failed', 'failed'])
  await page.getByRole('table', { name: 'Leaderboard' }).getByText('exit code 7').first().waitFor()
  await screenshot(page, 'sweep-failed')
  await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'run 1' }).click()
  await page.getByRole('alert').filter({ hasText: 'no such dataset' }).waitFor()
  // where a training says why it fails
  expect(await page.getByLabel('Stream').inputValue()).toBe('stderr')
  await page.getByRole('log').getByText('attempt 2: no such dataset').waitFor()
  await page.getByRole('button', { name: 'Log of attempt 1' }).click()
  await page.getByRole('log').getByText('attempt 1: no such dataset').waitFor()
  await page.getByLabel('Stream').selectOption('stdout')
  await page.getByText('Nothing was printed on stdout.').waitFor()
  await page.getByRole('button', { name: 'See stderr' }).click()
  await page.getByRole('log').getByText('attempt 1: no such dataset').waitFor()
  await screenshot(page, 'run-failed')
})

test('a script that fails at once pauses its sweep, which says so and goes on when asked', async ({ server, page }) => {
  const { id } = await apiOf(server).sweeps.create.mutate({
    definition: {
      name: 'broken-script',
      axes: { batch_size: ['8', '16', '32', '64', '128', '256'] },
      train: { command: ['bash', 'crashes-always.sh'] },
      score: { baseline: { Sums: 0.5 } },
      concurrency: 1,
    },
    directory: stubFolder,
  })
  await page.goto(server.url)
  const reason = page.getByText('3 runs in a row failed within 10 seconds. The last one, run 3:').first()
  await reason.waitFor()
  await screenshot(page, 'home-paused')
  await page.getByRole('link', { name: 'broken-script', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'broken-script' }).waitFor()
  await reason.waitFor()
  expect(await page.getByRole('gridcell').allInnerTexts()).toEqual([
    'failed',
    'failed',
    'failed',
    'waiting',
    'waiting',
    'waiting',
  ])
  await screenshot(page, 'sweep-paused-by-failures')
  await page.getByRole('button', { name: 'See the log' }).click()
  await page.getByRole('heading', { level: 1, name: 'broken-script · run 3' }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Go on' }).click()
  // it fails three more times, and that was the last of them
  await page.getByText('No point has a score: every one of them failed.').waitFor()
  const { runs } = await apiOf(server).sweeps.get.query({ id })
  expect(runs.map((run) => run.attempt)).toEqual([1, 1, 1, 1, 1, 1])
})

test('a point whose report has no usable accuracy stands among the others with the reason', async ({
  server,
  page,
}) => {
  const { id } = await apiOf(server).sweeps.create.mutate({
    definition: {
      name: 'without-a-score',
      axes: { accuracy: ['0.6', '1.5', 'NaN', '0'] },
      train: { command: ['bash', 'finishes.sh', '3'] },
      evaluate,
      score,
    },
    directory: stubFolder,
  })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('2 of 4 points scored').waitFor()
  await page.getByText('2 points failed').waitFor()
  // an accuracy of 0 is a score of 0, not a missing one
  expect(await page.getByRole('gridcell').allInnerTexts()).toEqual(['1.224', 'failed', 'failed', '0.000'])
  const board = page.getByRole('table', { name: 'Leaderboard' })
  await board.getByText(/Sums.*1\.5/).waitFor()
  await board.getByText(/Sums.*NaN/).waitFor()
  await page.getByRole('gridcell', { name: /accuracy 1\.5/ }).click()
  await page.getByRole('complementary', { name: 'Point' }).getByText(/1\.5/).first().waitFor()
  await screenshot(page, 'sweep-without-scores')
})

test('addresses that lead nowhere say so and lead back', async ({ server, page, problems }) => {
  for (const [address, sentence] of [
    ['/sweeps/4711', 'There is no such sweep'],
    ['/runs/4711', 'There is no such run'],
  ] as const) {
    await page.goto(`${server.url}${address}`)
    await page.getByRole('heading', { level: 1, name: sentence }).waitFor()
    await page.getByRole('link', { name: 'All sweeps' }).waitFor()
  }
  for (const problem of problems.splice(0)) expect(problem).toContain('404 (Not Found)')
  await screenshot(page, 'no-such-run')
})
