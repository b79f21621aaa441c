/** A report is tried in the form before anything is started, and becomes the baseline. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, screenshot, test as plainTest } from './harness.ts'

const fixtures = path.join(import.meta.dirname, '../../server/formats/reports/fixtures')

const test = plainTest.extend<{ work: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs off this pattern
  work: async ({}, use) => {
    const work = mkdtempSync(path.join(tmpdir(), 'sweepboard-try-'))
    cpSync(path.join(fixtures, 'lm-eval'), path.join(work, 'base/model'), { recursive: true })
    await use(work)
    rmSync(work, { recursive: true, force: true })
  },
})

test('a folder of lm-evaluation-harness is tried until it is read, and is the baseline then', async ({
  server,
  page,
  work,
}) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Folder that commands and paths start from').fill(work)
  await page.getByLabel('Report written by').selectOption('lm-evaluation-harness')
  await page.getByText('Try this report').click()
  await page.getByLabel('Report to try').fill('bass')
  await page.getByRole('button', { name: 'Read it' }).click()
  await page
    .getByRole('alert')
    .filter({ hasText: `There is no report at ${path.join(work, 'bass')}.` })
    .waitFor()
  await page.getByLabel('Report to try').fill('base')
  await page.getByLabel('Report to try').press('Enter')
  const held = page.getByRole('region', { name: 'What the report holds' })
  await held.getByText('small_choice has several metrics').waitFor()
  // it is read again as soon as the settings are others
  await page.getByText('A file, or a metric, for each benchmark').click()
  await page.getByRole('button', { name: 'Add a benchmark’s metric' }).click()
  await page.getByLabel('Benchmark of the report').fill('small_choice')
  await page.getByLabel('The metric of small_choice', { exact: true }).fill('acc')
  await held.getByText('small_choice has several metrics').waitFor({ state: 'detached' })
  expect(await held.locator('tbody tr').count()).toBe(2)
  await page.getByLabel('Benchmark', { exact: true }).first().fill('GSM8k')
  await page.getByText('The report has no GSM8k, which the baseline names').waitFor()
  await screenshot(page, 'try-report')

  await page.getByRole('button', { name: 'Take it as the baseline' }).click()
  expect(await page.getByLabel('Baseline', { exact: true }).inputValue()).toContain('report')
  expect(await page.getByLabel('Report of the base model').inputValue()).toBe('base/**/results_*.json')

  // pasted, its accuracies fill the table
  await page.getByLabel('Report written by').selectOption('the command, as JSON')
  await page.getByLabel('Text of a report').fill('{"gsm8k": {"correct": 3, "total": 4}, "math": 70.5}')
  await held.getByText('a percentage? Then write scale: percent beside the report').waitFor()
  await page.getByLabel('Accuracies in').selectOption('percent')
  await held.getByText('70.5', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Take it as the baseline' }).click()
  expect(await page.getByLabel('Baseline accuracy of math').inputValue()).toBe('0.705')
  expect(await page.getByLabel('Questions of gsm8k').inputValue()).toBe('4')
  await screenshot(page, 'try-report-baseline')
})
