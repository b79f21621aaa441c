/** The evaluation and the first training are tried from the form, before a sweep is there. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({
  serverEnvironment: [
    { SWEEPBOARD_GPUS: '4', EVALUATE_SECONDS: '0.02', SWEEPBOARD_KILL_SECONDS: '1' },
    { scope: 'file' },
  ],
})

/** The report's scripts in a folder of their own, with a base model that the evaluation takes. */
function scriptsIn(dataFolder: string): string {
  const folder = mkdtempSync(path.join(dataFolder, 'scripts-'))
  cpSync(path.join(import.meta.dirname, '../../examples/report-scripts'), folder, { recursive: true })
  mkdirSync(path.join(folder, 'ckpts/base'), { recursive: true })
  writeFileSync(path.join(folder, 'ckpts/base/settings'), 'learning_rate=1e-6\nbatch=512\nepoch=1\n')
  writeFileSync(
    path.join(folder, 'train.sh'),
    'echo "trains $1"; mkdir -p ckpts/$1/epoch_1; echo w > ckpts/$1/epoch_1/w; exec sleep 1000\n',
  )
  return folder
}

async function paste(page: Page, label: string, line: string) {
  const box = page.getByRole('group', { name: label, exact: true }).getByLabel('Add an argument')
  await box.evaluate((input, text) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', text)
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, line)
}

test('the evaluation tells its benchmarks, the training its first checkpoint, and no sweep is there', async ({
  server,
  page,
}) => {
  const folder = scriptsIn(server.dataFolder)
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Axis name').fill('batch_size')
  await page.getByLabel('Add a value to batch_size', { exact: true }).fill('128,256')
  await page.keyboard.press('Enter')
  await page.getByLabel('Folder that commands and paths start from').fill(folder)
  await paste(
    page,
    'Evaluation command, one argument a box',
    "bash scripts/eval_para.sh '${checkpoint}' '${report}' '${gpu}'",
  )

  const evaluation = page.getByRole('region', { name: 'The tried evaluation' })
  await page.getByText('Try the evaluation').first().click()
  await page.getByRole('button', { name: 'Try the evaluation' }).click()
  await page.getByText('expected the path of one that is there').waitFor()
  await page.getByLabel('Checkpoint to try the evaluation on').fill('ckpts/base')
  await page.getByRole('button', { name: 'Try the evaluation' }).click()
  await evaluation.getByText('has no accuracy').waitFor()
  // what it read is no accuracy: the report says where they are
  await page.getByLabel('Accuracies are under').fill('acc')
  await page.getByRole('button', { name: 'Try the evaluation' }).click()
  await evaluation.getByRole('table', { name: 'Benchmarks of the report' }).waitFor()
  expect(await evaluation.locator('tbody tr').count()).toBe(4)
  await evaluation.getByText('stand-in evaluation of').waitFor()
  // the table of benchmarks was empty
  await expect
    .poll(() =>
      page
        .getByLabel('Benchmark', { exact: true })
        .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
    )
    .toEqual(['AMC23', 'GSM8k', 'MATH500', 'OlympiadBench'])
  await screenshot(page, 'try-evaluation')
  await page.getByRole('button', { name: 'Take it as the baseline' }).click()
  expect(Number(await page.getByLabel('Baseline accuracy of AMC23').inputValue())).toBeGreaterThan(0)

  await paste(page, 'Command, one argument a box', 'bash train.sh 128')
  await page.getByLabel('Checkpoint folder, where the trainer reports none').fill('ckpts/${batch_size}/epoch_1')
  await page.getByText('Try the training').first().click()
  await page.getByRole('button', { name: 'Try the training' }).click()
  const training = page.getByRole('region', { name: 'The tried training' })
  await training.getByText('It wrote its first checkpoint').waitFor()
  await training.getByText('trains 128').waitFor()
  await screenshot(page, 'try-training')

  // another is cancelled, with its log live
  await page.getByLabel('Or until it has saved its first checkpoint').uncheck()
  await page.getByLabel('Longest try of the training').fill('soon')
  await page.getByText('“soon” is not a time').waitFor()
  await page.getByLabel('Longest try of the training').fill('1 h')
  await page.getByRole('button', { name: 'Try the training' }).click()
  await page.getByRole('button', { name: 'Cancel the try' }).click()
  await training.getByText('It was cancelled.').waitFor()
  expect(await apiOf(server).sweeps.list.query({})).toEqual([])
})
