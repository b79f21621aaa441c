/** From a GRPO run's samples to the problems that taught it, and a round that really trains on them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '2' }, { scope: 'file' }] })

/** A model too small to learn: three passes over six problems, every response reported. */
const tinyGrpo = {
  name: 'tiny-grpo',
  axes: { step: { milestones: ['6'] } },
  trainer: 'grpo' as const,
  config: {
    layers: 1,
    width: 16,
    heads: 2,
    dataset_size: 6,
    levels: [0, 0, 0, 1],
    prompts_per_step: 3,
    samples_per_prompt: 4,
    reported_groups: 3,
    // whatever it says is worth something, and longer is worth more: the curves differ
    reward: { correct: 100, unparseable: 1, length: { maximum: 50, threshold: 1, scale: 5 } },
    maximum_new_tokens: 8,
    maximum_questions: 4,
  },
  score: { baseline: { 'level-1': 0.5 }, questions: { 'level-1': 4 } },
}

test('the problems above a threshold become the data of a round, beside all of them and as many at random', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({ definition: tinyGrpo })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('1 of 1 point scored').waitFor({ timeout: 90_000 })
  const [run] = (await api.sweeps.get.query({ id })).runs
  await page.goto(`${server.url}/runs/${run!.id}/rollouts`)
  await page.getByRole('link', { name: 'Learning impact' }).click()
  await page.getByText('72 responses to 6 problems').waitFor()
  await expect.poll(() => page.getByRole('row').count()).toBe(7)
  await screenshot(page, 'impact')

  // the highest score is a threshold that one problem reaches
  const highest = await page.getByRole('row').nth(1).getByRole('cell').first().textContent()
  const threshold = String(Math.floor(Number(highest) * 1000) / 1000 - 0.001)
  await page.getByLabel('Threshold', { exact: true }).fill(threshold)
  await page.getByText(`of 6 problems follow the mean curve by ${threshold}`).waitFor()
  const reward = page.getByRole('group', { name: 'What is measured' }).getByRole('combobox').first()
  await reward.selectOption('length')
  await page.getByText('length 0 counts as 0').waitFor()
  await reward.selectOption('')
  await page.getByText('reward 0 counts as 0').waitFor()

  await page.getByLabel('beside all problems').check()
  await page.getByRole('button', { name: 'Fill in the form' }).click()
  await page.getByText('Filled in from the problems chosen').waitFor()
  await page.getByRole('complementary', { name: 'What will run' }).getByText('9 points').waitFor()
  const differences = page.getByRole('table', { name: 'Differences from tiny-grpo' })
  await differences.getByRole('row', { name: /^dataset_size 6 not set$/ }).waitFor()
  await page.getByRole('button', { name: 'Start sweep' }).click()
  await page.waitForURL(/\/sweeps\/\d+$/)
  const { definition, directory } = await api.sweeps.get.query({ id: Number(page.url().split('/').at(-1)) })
  const [all, chosen, random] = definition.axes.data as string[]
  expect([all, chosen, random]).toEqual([
    expect.stringMatching(/^all-[0-9a-f]{8}\.jsonl$/),
    expect.stringMatching(/^chosen-[\d.]+-[0-9a-f]{8}\.jsonl$/),
    expect.stringMatching(/^random-[\d.]+-[0-9a-f]{8}\.jsonl$/),
  ])
  const linesOf = (file: string) => readFileSync(path.join(directory, file), 'utf8').trim().split('\n')
  expect(linesOf(all!)).toHaveLength(6)
  expect(linesOf(chosen!)).toHaveLength(linesOf(random!).length)
  expect(JSON.parse(linesOf(chosen!)[0]!)).toMatchObject({
    question: expect.stringMatching(/=$/) as string,
    answer: expect.stringMatching(/^\d+$/) as string,
  })
  await page.getByText('9 of 9 points scored').waitFor({ timeout: 120_000 })
})

test('a run whose samples have no reward, or that asked everything once, says what is missing', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({
    definition: { name: 'silent', axes: { seed: ['1'] }, train: { command: ['bash', 'finishes.sh', '1'] } },
    directory: stubFolder,
  })
  const [run] = (await api.sweeps.get.query({ id })).runs
  await page.goto(`${server.url}/runs/${run!.id}/impact`)
  await page.getByText('No sample of this run has a reward.').waitFor()
  expect(await page.getByRole('button', { name: 'Fill in the form' }).count()).toBe(0)
})
