/** The samples of a run, by step, searched, filtered and followed; and what its checkpoints' figures say. */
import { readFileSync } from 'node:fs'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, newGate, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '2' }, { scope: 'file' }] })

test('samples of a run: by step, by attempt, searched, filtered, followed, offered as they arrive', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const gate = newGate(server)
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'sampled',
      axes: { seed: ['1'] },
      train: { command: ['bash', 'samples.sh', gate.path], retries: 1 },
      score: { baseline: { A: 0.5 } },
    },
    directory: stubFolder,
  })
  const run = (await api.sweeps.get.query({ id })).runs[0]!.id
  await expect
    .poll(async () => (await api.samples.steps.query({ id: run })).steps.step.at(-1), { timeout: 30_000 })
    .toBe(4)
  await page.goto(`${server.url}/runs/${run}`)
  await page.getByRole('link', { name: 'Rollouts' }).click()
  await page.getByRole('heading', { name: 'Step 4', exact: true }).waitFor()
  const samples = page.getByRole('article')
  await expect.poll(() => samples.count()).toBe(4)
  await page.getByText('3 responses to one prompt').waitFor()
  // 102, -2.5 and 0: mean 33.2, the sample's standard deviation 59.6; whether the group had more is not known
  await page.getByText('mean reward of these 33.2, spread 59.6').waitFor()
  expect(await samples.first().locator('pre').textContent()).toBe('so \\(\\frac{4}{2}\\)\n\tand \\boxed{4}')
  await screenshot(page, 'rollouts')

  // the arrows: left to the step before, down from sample to sample
  await page.locator('body').press('ArrowLeft')
  await page.getByRole('heading', { name: 'Step 3', exact: true }).waitFor()
  await page.getByRole('article', { name: 'reward 102' }).waitFor()
  await page.locator('body').press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('of attempt 2')

  // a long response is folded, and its markup is text
  const first = samples.first()
  expect((await first.locator('pre').textContent())!.length).toBeLessThan(2_000)
  expect(await first.locator('pre b').count()).toBe(0)
  await first.getByRole('button', { name: 'Show all 9,029 characters' }).click()
  await expect.poll(async () => (await first.locator('pre').textContent())!.length).toBe(9_029)

  // step 3 was repeated: attempt 1's is kept
  await page.getByRole('button', { name: 'attempt 1', exact: true }).click()
  await page.getByText('of attempt 1').waitFor()
  await page.getByLabel('Attempt', { exact: true }).selectOption('newest of each step')

  // search in all steps, then a filter by a part
  await page.getByLabel('Search prompts and responses').fill('NEEDLE')
  await page.getByText('“NEEDLE”: 1 in 4 samples').waitFor()
  await page.getByRole('radio', { name: 'All steps' }).check()
  await page.getByText('“NEEDLE”: 4 in 16 samples').waitFor()
  expect(await page.locator('mark').allTextContents()).toEqual(Array.from({ length: 4 }, () => 'needle'))
  await page.getByLabel('Search prompts and responses').fill('')
  await page.getByLabel('Filter').fill('length < 0')
  await page.getByText('4 samples', { exact: true }).waitFor()
  await page.getByLabel('Filter').fill('style < 0')
  await page.getByText('There is no “style” here. Known: step').waitFor()
  await page.getByLabel('Filter').fill('')

  // one prompt over the steps, what differs from the step before marked
  await page
    .getByRole('button', { name: 'Follow this prompt over 5 steps' })
    .or(page.getByRole('button', { name: 'Follow this prompt over 4 steps' }))
    .first()
    .click()
  await page.getByText('12 responses in 4 steps').waitFor()
  await expect.poll(() => page.locator('article ins').count()).toBeGreaterThan(0)
  await screenshot(page, 'rollouts-prompt')
  await page.getByRole('button', { name: 'Back to the steps' }).click()
  await page.getByRole('complementary', { name: 'Steps' }).getByRole('button', { name: 'Step 4, 4 samples' }).click()

  // a step that arrives is offered
  gate.open()
  await page.getByText('1 new step while you read.').waitFor()
  await page.getByRole('heading', { name: 'Step 4', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Show step 5' }).click()
  await page.getByRole('heading', { name: 'Step 5', exact: true }).waitFor()

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'All samples as JSONL' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('sampled-run-1-samples.jsonl')
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ attempt, step }) => `${attempt}/${step}`).filter((one, at, all) => one !== all[at - 1])).toEqual([
    '1/1',
    '1/2',
    '1/3',
    '2/3',
    '2/4',
    '2/5',
  ])
  expect(lines[0]).toMatchObject({ run: 1, type: 'sample', reward: 101, parts: { correct: 100, length: 1 } })
})
