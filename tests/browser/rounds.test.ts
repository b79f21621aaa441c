/** From the heatmap of an SFT sweep to a picked checkpoint, a GRPO round launched from it, and the lineage of both. */
import type { Page } from 'playwright-core'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '2' }, { scope: 'file' }] })

/** Models too small to learn: what is looked at is where they go, not how well they do. */
const tinySweep = {
  name: 'tiny-sft',
  axes: { learning_rate: ['1e-3', '2e-3'], batch_size: ['16', '32'], epoch: { milestones: ['1'] } },
  trainer: 'sft' as const,
  config: { layers: 1, width: 16, heads: 2, dataset_size: 128, maximum_questions: 4, maximum_new_tokens: 8, seed: 3 },
  score: { baseline: { 'level-1': 0.5, 'level-2': 0.5 }, questions: { 'level-1': 4, 'level-2': 4 } },
}

test('without anything picked, the lineage says what it is and how to begin one', async ({ server, page }) => {
  await page.goto(server.url)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Lineage' }).click()
  await page.getByRole('heading', { level: 1, name: 'No lineage yet' }).waitFor()
  await screenshot(page, 'lineage-empty')
})

test('a point of the heatmap becomes a round, and the lineage shows what came from what', async ({ server, page }) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({ definition: tinySweep })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByText('4 of 4 points scored').waitFor({ timeout: 90_000 })

  // pick on the sweep's page, take it back, and pick again
  await page.getByRole('gridcell', { name: /^learning_rate 2e-3, batch_size 16/ }).click()
  await page.getByRole('button', { name: 'Pick', exact: true }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Pick', exact: true }).click()
  await page.getByRole('button', { name: 'Picked', exact: true }).waitFor()
  await page
    .getByRole('link', { name: /^Run 3$/ })
    .first()
    .click()

  // the run's own table: tagged and noted, and the tag taken back
  await page.getByRole('checkbox', { name: /^Pick step/ }).waitFor()
  await expect.poll(() => page.getByRole('checkbox', { name: /^Pick step/ }).isChecked()).toBe(true)
  await page.getByLabel(/^Add a tag to/).fill('first try')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove the tag first try' }).waitFor()
  await page.getByRole('button', { name: /^Add a note on step/ }).click()
  await page.getByLabel(/^Note on/).fill('the **higher** rate')
  await page.keyboard.press('Control+Enter')
  await page.getByText(/^Noted on step/).waitFor()
  await page.getByText(/step-\d+ *[\d.]+\skB/).waitFor()
  await screenshot(page, 'run-picked')

  await page.locator('#checkpoints').getByRole('link', { name: 'Start the next round' }).click()
  const differences = page.getByRole('table', { name: 'Differences from tiny-sft' })
  await differences.getByRole('row', { name: /^trainer sft grpo$/ }).waitFor()
  await page.getByRole('button', { name: /^Show all \d+ differences$/ }).click()
  await differences.getByRole('row', { name: /^reward\.correct not set 100$/ }).waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('tiny-sft-round-1')

  await page.getByLabel('Value of clip_high').fill('0.28')
  await differences.getByRole('row', { name: /^clip_high not set 0\.28$/ }).waitFor()
  await page.getByLabel('Value of reward', { exact: true }).fill('quality')
  await differences.getByRole('row', { name: /^reward not set quality$/ }).waitFor()
  for (const step of ['20', '40', '60']) await page.getByRole('button', { name: `Remove ${step}`, exact: true }).click()
  await page.getByLabel('Add a value to step', { exact: true }).click()
  await page.keyboard.type('2,4')
  await page.keyboard.press('Enter')
  await differences.getByRole('row', { name: /^step not set milestones 2, 4$/ }).waitFor()
  await screenshot(page, 'new-round')
  await page.getByRole('complementary').getByRole('button', { name: 'Start sweep' }).click()

  await page.getByRole('heading', { level: 1, name: 'tiny-sft-round-1' }).waitFor()
  await page.getByText('2 of 2 points scored').waitFor({ timeout: 90_000 })
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Lineage' }).click()
  await page.getByText('New weights, 1 round').waitFor()
  const table = page.getByRole('table', { name: 'What each run did' })
  await table.getByRole('row', { name: /^SFT tiny-sft run 3 New weights/ }).waitFor()
  await table.getByRole('row', { name: /^1 tiny-sft-round-1 run 1 step \d+ trainer: sft → grpo/ }).waitFor()
  await table.getByRole('cell', { name: 'the **higher** rate' }).waitFor()
  await page.getByRole('img', { name: /^Score of \d checkpoints over \d+ steps in 2 runs$/ }).waitFor()
  await screenshot(page, 'lineage-two')

  // the round says where it came from
  await page.getByRole('link', { name: 'tiny-sft-round-1' }).first().click()
  await page.getByText(/^Round 1, from/).waitFor()
  await page.getByRole('link', { name: /^step \d+ of tiny-sft, run 3$/ }).click()
  await page.getByRole('heading', { level: 1, name: 'tiny-sft · run 3' }).waitFor()
  await page.getByText('Started from it:').waitFor()
})

test('the study’s five rounds are a line with the published score at its end, and a report', async ({
  server,
  page,
}) => {
  await apiOf(server).examples.loadStudy.mutate()
  await page.goto(`${server.url}/lineage`)
  await page.getByText('Qwen2.5-Math-1.5B, 5 rounds').waitFor()
  await page.getByLabel('Baseline').selectOption({ label: 'Baseline grpo' })
  await page.getByText('against the baseline grpo').waitFor()
  const table = page.getByRole('table', { name: 'What each run did' })
  expect(await table.getByRole('row').count()).toBe(6)
  await table.getByRole('row', { name: /^4 grpo_quality_test1 run 1 step 40 reward: basic → quality 260/ }).waitFor()
  await table
    .getByRole('row', { name: /^5 grpo_quality_round2 run 1 step 260 clip_high: 0\.2 → 0\.28 110 .* ≈ 1\.109/ })
    .waitFor()
  await screenshot(page, 'lineage-study')

  // another baseline, other scores
  await page.getByLabel('Baseline').selectOption({ label: 'Baseline short-cot-sft' })
  // harmonic mean of 0.525/0.3, 0.775/0.716, 0.618/0.44 and 0.246/0.096
  await table.getByRole('cell', { name: '≈ 1.540' }).waitFor()
  await page.getByLabel('Baseline').selectOption({ label: 'Baseline grpo' })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Report', exact: true }).click(),
  ])
  expect(download.suggestedFilename()).toBe('lineage-grpo_quality_round2.md')

  // and back to the line of the test before
  await page.getByLabel('Base model', { exact: true }).selectOption('New weights')
  await page.getByText('New weights, 1 round').waitFor()
})

test('a line that branches: each end can be shown, and several runs of one round stand together', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const { runs, homes } = await api.lineage.tree.query({})
  const { id: runId } = runs.find(({ home }) => homes[home]!.name === 'tiny-sft-round-1')!
  const line = await api.lineage.line.query({ runId })
  const [start, round] = [line.at(-2)!, line.at(-1)!]
  for (const [name, seeds, from] of [
    ['other-seeds', ['4', '5'], start],
    ['second-round', ['6'], round],
  ] as const) {
    const { definition } = await api.checkpoints.nextRound.query({ ids: [from.chosen!.id] })
    const axes = { seed: [...seeds], step: { milestones: ['1'] } }
    await api.sweeps.create.mutate({ definition: { ...definition, name, axes } })
  }
  await page.goto(`${server.url}/lineage`)
  await page.getByText('New weights, 2 rounds').waitFor()
  await page.getByText('1 other run').waitFor()
  await page.getByText('round 2', { exact: true }).waitFor()
  await screenshot(page, 'lineage-branches')
  await page.getByRole('button', { name: 'Show the line to other-seeds, run 1' }).click()
  await page.getByText('New weights, 1 round').waitFor()
  const table = page.getByRole('table', { name: 'What each run did' })
  await table.getByRole('row', { name: /^1 other-seeds run 1/ }).waitFor()
  expect(await table.getByRole('row').count()).toBe(3)
})

test('a round from several picked checkpoints has them as an axis', async ({ server, page }) => {
  const api = apiOf(server)
  const sweep = (await api.sweeps.list.query({ search: 'tiny-sft' })).find(({ name }) => name === 'tiny-sft')!
  const { points } = await api.sweeps.whole.query({ id: sweep.id })
  await api.checkpoints.pick.mutate({ id: points[0]!.checkpoint!.id, picked: true })
  await page.goto(`${server.url}/sweeps/${sweep.id}`)
  await page.getByRole('link', { name: 'Start one from the 2 picked' }).click()
  await page.getByText('2 trainings → 6 points').first().waitFor()
  await page.getByRole('region', { name: 'Round 1' }).getByText('2 checkpoints of tiny-sft').waitFor()
  expect(await page.getByLabel('Checkpoint that every training starts from').inputValue()).toBe('${start}')
  await screenshot(page, 'new-round-several')
  await api.checkpoints.pick.mutate({ id: points[0]!.checkpoint!.id, picked: false })
})

test('a checkpoint is evaluated again beside its score, and comes as an archive', async ({ server, page }) => {
  const api = apiOf(server)
  const sweep = (await api.sweeps.list.query()).find(({ name }) => name === tinySweep.name)!
  const { runs, points } = await api.sweeps.whole.query({ id: sweep.id })
  await page.goto(`${server.url}/runs/${runs[0]!.id}`)
  await page.getByRole('button', { name: /^Tags and note of step/ }).click()
  const start = async (samples: string) => {
    await page.getByRole('button', { name: 'Evaluate again' }).click()
    await page.getByLabel('Samples a question').fill(samples)
    await page.getByLabel('Temperature').fill('1')
  }
  await start('0')
  await page.getByText('Samples: expected a whole number from 1 to 1024.').waitFor()
  expect(await page.getByRole('button', { name: 'Start 1 evaluation' }).isDisabled()).toBe(true)
  await page.getByLabel('Samples a question').fill('3')
  await page.getByRole('checkbox', { name: 'level-2' }).uncheck()
  await page.getByText('Without level-2 there are accuracies and no score').waitFor()
  await screenshot(page, 'evaluate-again')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await start('3')
  await page.getByRole('button', { name: 'Start 1 evaluation' }).click()
  await page.getByText('Queued 1 evaluation.').waitFor()
  const again = page.getByRole('group', { name: /^Evaluated again: step/ })
  await again.getByText('again, 3 samples a question at temperature 1').waitFor()
  await again.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: 60_000 })
  await again.getByText(/^level-4 [\d.]+ % \([\d.]+ to [\d.]+\)$/).waitFor()
  await page.getByLabel('Whose log').selectOption({ label: await logOf(page) })
  await page
    .getByRole('log')
    .getByText(/^[\d:]+ level-1: \d+ of 12 right$/)
    .waitFor()
  await screenshot(page, 'evaluated-again')
  // what the sweep found stays
  const after = await api.sweeps.whole.query({ id: sweep.id })
  expect(after).toMatchObject({ status: 'done', openRepeats: 0, finishedAt: sweep.finishedAt, points })

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  expect((await download).suggestedFilename()).toMatch(/^step-\d+-of-tiny-sft-run-1\.tar$/)
  expect(await (await download).failure()).toBeNull()
})

test('disk space is freed only of what the dialog named, and what is picked stays', async ({ server, page }) => {
  const api = apiOf(server)
  const sweep = (await api.sweeps.list.query({ search: 'tiny-sft' })).find(({ name }) => name === 'tiny-sft')!
  await page.goto(`${server.url}/sweeps/${sweep.id}`)
  await page.getByRole('button', { name: 'Free disk space' }).click()
  const dialog = page.getByRole('dialog', { name: 'Free disk space of tiny-sft' })
  await dialog.getByText(/^Stays: 1 picked and 3 among the best\. There is nothing to delete\.$/).waitFor()
  await dialog.getByLabel('Best of each run').fill('none')
  await dialog.getByText('Expected whole numbers of 0 or more.').waitFor()
  await dialog.getByLabel('Best of each run').fill('0')
  await dialog.getByLabel('Last of each run').fill('0')
  await dialog.getByText('Stays: 1 picked.').waitFor()
  expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual(
    [1, 2, 4].map((run) => expect.stringMatching(`^Run ${run}, step`)),
  )
  await screenshot(page, 'keep-rules')
  await dialog.getByRole('button', { name: /^Delete 3 checkpoints, / }).click()
  await page.getByText(/^Deleted 3 checkpoints, /).waitFor()

  const detail = await api.sweeps.whole.query({ id: sweep.id })
  await page.goto(`${server.url}/runs/${detail.runs[0]!.id}`)
  await page.getByText('deleted by a keep rule').waitFor()
  expect(await page.getByRole('link', { name: /Start the next round/ }).count()).toBe(0)
})

/** The label under which the log of the evaluation asked for again is found. */
async function logOf(page: Page): Promise<string> {
  const labels = await page.getByLabel('Whose log').getByRole('option').allTextContents()
  return labels.find((label) => label.endsWith(' again, attempt 1'))!
}
