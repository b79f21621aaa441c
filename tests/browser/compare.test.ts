/** Two checkpoints that both answered every question: which is better, where they disagree, and what each of them wrote. */
import type { RunDetail } from '../../contract/api/runs.ts'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { mcnemarTest } from '../../domain/score/paired-test.ts'
import type { WholeSweep } from '../../contract/api/sweeps.ts'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })
const questions = { Sums: 40, Products: 200 }
const strengths = ['40', '60', '62']

/** As `evaluates-items.mjs` answers: on how many questions each of two is right alone. */
function disagreements(strength: number, other: number, total: number) {
  const isRight = (n: number, of: number) => (37 * n + 13 * of) % 100 < of
  const numbers = Array.from({ length: total }, (_, n) => n)
  return {
    onlyFirst: numbers.filter((n) => isRight(n, strength) && !isRight(n, other)).length,
    onlySecond: numbers.filter((n) => !isRight(n, strength) && isRight(n, other)).length,
  }
}

async function scored(page: Page, url: string, api: ReturnType<typeof apiOf>): Promise<WholeSweep> {
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'doubling',
      axes: { strength: strengths },
      train: { command: ['bash', 'finishes.sh', '40'] },
      evaluate: {
        command: [
          process.execPath,
          'evaluates-items.mjs',
          '${strength}',
          ...Object.entries(questions).map((pair) => pair.join('=')),
        ],
      },
      score: { baseline: { Sums: 0.5, Products: 0.5 } },
    },
    directory: stubFolder,
  })
  await page.goto(`${url}/sweeps/${id}`)
  await page.getByText('3 of 3 points scored').waitFor()
  return api.sweeps.whole.query({ id })
}

const verdict = (page: Page) => page.locator('[data-verdict]')

test('from the leaderboard to the question where one is right and the other is not', async ({ server, page }) => {
  const api = apiOf(server)
  await page.goto(`${server.url}/compare`)
  await page.getByText('There are no two scored checkpoints yet.').waitFor()
  const sweep = await scored(page, server.url, api)
  const [weak, strong, strongest] = sweep.points.map(({ checkpoint }) => checkpoint!.id) as [number, number, number]

  // what nobody chose: the best two
  await page.goto(`${server.url}/compare`)
  await page.getByRole('link', { name: 'Compare the best two of doubling' }).waitFor()
  await screenshot(page, 'compare-empty')

  await page.goto(`${server.url}/sweeps/${sweep.id}`)
  await page.getByRole('checkbox', { name: 'Compare 40' }).check()
  await page.getByRole('checkbox', { name: 'Compare 60' }).check()
  await page.getByRole('link', { name: 'Compare 2', exact: true }).click()
  await page.waitForURL(`**/compare?checkpoints=${weak},${strong}`)
  const all = disagreements(40, 60, 40)
  const products = disagreements(40, 60, 200)
  const [onlyFirst, onlySecond] = [all.onlyFirst + products.onlyFirst, all.onlySecond + products.onlySecond]
  const { chance } = mcnemarTest({ onlyFirst, onlySecond })
  expect(chance).toBeLessThan(0.01)
  await expect
    .poll(() => verdict(page).textContent())
    .toContain(
      `B is better than A. They disagree on ${onlyFirst + onlySecond} of 240 questions: only A is right on ${onlyFirst}, only B on ${onlySecond}.`,
    )
  // what differs is shown, what is equal when asked for
  const settings = page.getByRole('table', { name: 'Settings and scores' })
  await settings.getByRole('row', { name: /^strength .*40 .*60$/ }).waitFor()
  await settings.getByRole('row', { name: /^train\.command/ }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /settings that are equal$/ }).click()
  await settings.getByRole('row', { name: 'sweep doubling doubling' }).waitFor()
  const counts = page.getByRole('table', { name: 'Question by question' })
  await counts.getByRole('row', { name: new RegExp(`^Sums 40 .*${all.onlyFirst} ${all.onlySecond}`) }).waitFor()
  await page.locator('figure canvas').first().waitFor()
  await screenshot(page, 'compare')

  // what a model wrote is shown as it is, and does nothing
  const list = page.getByRole('table', { name: 'Questions', exact: true })
  await page.getByText(`Only A, ${onlyFirst}`).click()
  await page.getByLabel('Find in prompts and answers').fill('WHAT IS 3 +')
  await page.getByText('1 to 2 of 2').waitFor()
  await page.getByRole('button', { name: 'Both responses to Sums Sums-3' }).click()
  await page.getByRole('group', { name: 'Response of B' }).getByText('<script>document.title =').waitFor()
  expect(await page.title()).toBe('Compare · Sweepboard')
  expect(await page.locator('#injected').count()).toBe(0)
  await screenshot(page, 'compare-responses')
  await page.getByLabel('Find in prompts and answers').fill('')
  await page.getByText(`Only B, ${onlySecond}`).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText(`11 to 20 of ${onlySecond}`).waitFor()
  await list.getByRole('row').nth(10).waitFor()

  await page.getByRole('button', { name: 'Swap' }).click()
  await page.waitForURL(`**/compare?checkpoints=${strong},${weak}`)
  await expect.poll(() => verdict(page).textContent()).toContain('A is better than B.')

  // a third, each against A
  await page.getByRole('button', { name: 'Add another' }).click()
  await page.getByLabel('Checkpoint, best first').selectOption(String(strongest))
  await expect.poll(() => verdict(page).textContent()).toBe('A is better than B; C cannot be told from A.')
  await page.getByText('2 comparisons with A were made').waitFor()
  await page.getByRole('button', { name: 'C run 3, step 40' }).click()
  const close = disagreements(60, 62, 200)
  await counts
    .getByRole('row', { name: new RegExp(`^Products 200 .*${close.onlyFirst} ${close.onlySecond}`) })
    .waitFor()
  await screenshot(page, 'compare-three')
  await page.getByRole('button', { name: 'Remove B' }).click()
  await page.waitForURL(`**/compare?checkpoints=${strong},${strongest}`)
})

test('curves of two runs by time, epoch and tokens, as the address says; what the data do not know says why', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const made = await Promise.all(
    [
      ['node', 'tells-the-time.mjs', '${steps}'],
      ['bash', 'finishes.sh', '${steps}'],
    ].map((command) =>
      api.sweeps.create.mutate({
        definition: {
          name: command[1]!,
          axes: { steps: ['60', '80'] },
          train: { command },
          evaluate: { command: ['bash', 'evaluates-by-events.sh', 'Sums=3/10'] },
          score: { baseline: { Sums: 0.5 } },
        },
        directory: stubFolder,
      }),
    ),
  )
  const runs: number[] = []
  for (const { id } of made) {
    await page.goto(`${server.url}/sweeps/${id}`)
    await page.getByText('2 of 2 points scored').waitFor()
    runs.push(...(await api.sweeps.whole.query({ id })).runs.map((run) => run.id))
  }
  await page.goto(`${server.url}/compare?runs=${runs[0]},${runs[1]}`)
  const chart = page.getByRole('group', { name: /^loss by / })
  await chart.scrollIntoViewIfNeeded()
  await page.getByRole('radio', { name: 'By time of training' }).check()
  await page.waitForURL('**&x=relative')
  await page.getByRole('group', { name: /^loss by time/ }).waitFor()
  // 80 steps of 90 s are two hours: a fiftieth, a twentieth and a fifth of that as round times
  expect(await page.getByLabel('Smoothing').locator('option').allInnerTexts()).toEqual([
    'none',
    'light, over 2 min',
    'medium, over 5 min',
    'strong, over 15 min',
  ])
  await page.getByRole('group', { name: /^loss by time/ }).press('ArrowRight')
  await page.getByText('after 0 s', { exact: false }).first().waitFor()
  await page.getByRole('radio', { name: 'By the tokens' }).check()
  await page.getByRole('checkbox', { name: 'Log tokens' }).check()
  await page.waitForURL('**&x=tokens&log=x')
  await page.reload()
  await page.getByRole('group', { name: /^loss by tokens/ }).press('ArrowRight')
  await page.getByText('at 4,096 tokens').first().waitFor()
  await page.getByRole('radio', { name: 'By epoch' }).check()
  await page
    .getByRole('group', { name: /^loss by epoch/ })
    .locator('canvas')
    .waitFor()
  await screenshot(page, 'compare-axes')

  // the stub of the other sweep writes no time, no epoch and no tokens
  await page.goto(`${server.url}/runs/${runs[2]}?x=tokens`)
  await page.getByRole('group', { name: /^loss by step/ }).waitFor()
  const missing = page.getByRole('radio', { name: 'Not by time: its trainer wrote no time with its metrics.' })
  expect(await missing.isDisabled()).toBe(true)
  await page.getByRole('radio', { name: /^Not by tokens: / }).waitFor()
})

test('answers that are not there, are torn or are of other questions are said, and counts stand in for them', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const sweep = await scored(page, server.url, api)
  const [first, second] = sweep.points as [WholeSweep['points'][number], WholeSweep['points'][number]]
  const jobs = await Promise.all([first, second].map((point) => api.runs.get.query({ id: point.runId })))
  const itemsOf = (at: number, name: string) =>
    path.join(
      server.dataFolder,
      'runs',
      String((jobs[at] as RunDetail).checkpoints[0]!.evaluation!.id),
      '1',
      `items-${name}.jsonl`,
    )
  writeFileSync(itemsOf(0, 'Sums'), '{"id":"other-1","correct":true}\n')
  writeFileSync(itemsOf(1, 'Products'), '{"id":"Products-0","prompt":"What\n{"id":1,"correct":"yes"}\n')
  await page.goto(`${server.url}/compare?checkpoints=${first.checkpoint!.id},${second.checkpoint!.id}`)
  await page.getByText('There are no answers question by question').waitFor()
  await page.getByText('no id of A (such as “other-1”) is one of B (such as “Sums-0”)').waitFor()
  await page.getByText('Sums of A: the answers hold 1 right of 1, the evaluation reported 16 of 40.').waitFor()
  await page.getByText('Products of B: line 1 is no JSON: {"id":"Products-0","prompt":"What.').waitFor()
  await page.getByText('Products of B: line 2 has "yes" as correct; expected true or false.').waitFor()
  await page
    .getByText(/^−[\d.]+ to [+−][\d.]+ points$/)
    .first()
    .waitFor()

  await page.goto(`${server.url}/compare?runs=${[1, 2, 3, 4, 5, 6, 7, 8, 9]}`)
  await page.getByText('The address names 9 runs; at most 8 can stand side by side.').waitFor()
  await page.goto(`${server.url}/compare?checkpoints=999999,${first.checkpoint!.id}`)
  await page.getByText('There is no checkpoint 999999.').waitFor()
})
