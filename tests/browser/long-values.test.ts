/** Prompts, paths and commands of many hundred characters: cut on every page, whole on demand, and no row is taller for them. */
import { expect, screenshot, test } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

const prompts = ['first', 'second'].map(
  (end) => `You solve problems step by step. ${'Check each step of it. '.repeat(30)}${end}`,
)
const data = `/mnt/shared/${'datasets-of-the-group/'.repeat(12)}train.jsonl`

test('values that are too long for a page are cut, and whole where one asks', async ({ server, page }) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'long-values',
      axes: { prompt: prompts, data: [data], learning_rate: ['1e-5', '2e-5'] },
      train: { command: ['bash', '-c', 'exec bash finishes.sh 3', '--system-prompt', '${prompt}', '--data=${data}'] },
      evaluate: { command: ['bash', 'evaluates.sh', '${report}', 'Sums=0.6'], report: { accuracies: 'acc' } },
      score: { baseline: { Sums: 0.5 }, questions: { Sums: 400 } },
    },
    directory: stubFolder,
  })
  await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  await page.goto(`${server.url}/sweeps/${id}`)
  const board = page.getByRole('table', { name: 'Leaderboard' })
  await board.getByRole('row').nth(2).waitFor()
  const heights = await board.locator('tbody tr[data-point]').evaluateAll((rows) => rows.map((row) => row.clientHeight))
  expect(Math.max(...heights)).toBeLessThan(40)
  // both ends are there, so that two are told apart
  expect(await board.getByTitle(prompts[1]!).first().innerText()).toMatch(/^You solve.*….*second$/)
  const answer = page.getByRole('status').filter({ hasText: 'Best' })
  expect((await answer.innerText()).length).toBeLessThan(400)
  await screenshot(page, 'long-values-sweep')

  const { runs } = await api.sweeps.get.query({ id })
  await page.goto(`${server.url}/runs/${runs.at(-1)!.id}`)
  const settings = page.getByRole('region', { name: 'How it was started' })
  await settings.getByText('--system-prompt').waitFor()
  expect(await settings.innerText()).not.toContain(prompts[1])
  await settings
    .getByRole('button', { name: `Show all ${prompts[1]!.length} characters` })
    .first()
    .click()
  await settings.getByText(prompts[1]!).waitFor()
  await settings.getByRole('button', { name: 'Copy the whole value' }).waitFor()
  await screenshot(page, 'long-values-run')
  await settings.getByRole('button', { name: 'Show less' }).click()
  await settings.getByText(prompts[1]!).waitFor({ state: 'detached' })

  await page.goto(`${server.url}/leaderboard`)
  await page.getByTitle(prompts[0]!).first().waitFor()
  await screenshot(page, 'long-values-leaderboard')
  await page.goto(`${server.url}/compare?runs=${runs.map((run) => run.id).join(',')}`)
  await page
    .getByRole('button', { name: /Show all/ })
    .first()
    .waitFor()
  await screenshot(page, 'long-values-compare')
})
