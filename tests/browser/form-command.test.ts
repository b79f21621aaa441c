/** A command as people have it: pasted, taken apart, its values offered as placeholders, looked up, and told what only a shell does. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator } from 'playwright-core'
import { expect, test } from './harness.ts'

async function paste(box: Locator, text: string) {
  await box.evaluate((input, line) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', line)
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

test('a pasted line becomes arguments, variables and GPUs; values of axes become placeholders; what is there is said', async ({
  server,
  page,
}) => {
  mkdirSync(path.join(server.dataFolder, 'sft-repo/scripts'), { recursive: true })
  writeFileSync(path.join(server.dataFolder, 'sft-repo/scripts/sft.sh'), 'exit 1\n')
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Axis name').fill('batch_size')
  await page.getByLabel('Add a value to batch_size').fill('256,512')
  await page.keyboard.press('Enter')
  const command = page.getByRole('group', { name: 'Command, one argument a box', exact: true })
  await command.getByLabel('Add an argument').click()
  const line = `cd ${server.dataFolder}/sft-repo && CUDA_VISIBLE_DEVICES=2 WANDB_MODE="off line" bash scripts/sft.sh 512 \\\n  --name 'run 512' > log.txt 2>&1`
  await paste(command.getByLabel('Add an argument'), line)
  await page.getByText('what a program prints is kept').first().waitFor()
  await page.getByText('1 for each are asked for').waitFor()
  await expect
    .poll(() =>
      page
        .getByLabel('GPUs for each training')
        .inputValue()
        .catch(() => '1'),
    )
    .toBe('1')
  await page.getByRole('button', { name: 'Put in all 2' }).click()
  const boxes = await command
    .getByRole('combobox')
    .evaluateAll((all) => all.map((box) => (box as HTMLInputElement).value))
  expect(boxes.slice(0, -1)).toEqual(['bash', 'scripts/sft.sh', '${batch_size}', '--name', 'run ${batch_size}'])
  expect(await page.getByLabel('Folder that commands and paths start from').inputValue()).toBe(
    path.join(server.dataFolder, 'sft-repo'),
  )
  await page.getByText("First training: 'WANDB_MODE=off line' bash scripts/sft.sh 256 --name 'run 256'").waitFor()
  await page.getByText(/^There: .*bash, scripts\/sft\.sh$/).waitFor()

  // another folder has no such script; its name completes
  const folder = page.getByLabel('Folder that commands and paths start from')
  await folder.fill(`${server.dataFolder}/sft-re`)
  await expect
    .poll(() => page.locator('datalist option').evaluateAll((all) => all.map((one) => one.textContent)))
    .toContain(`${server.dataFolder}/sft-repo/`)
  await folder.fill(server.dataFolder)
  await page.getByText(`There is no scripts/sft.sh in ${server.dataFolder}.`).waitFor()
})

test('what only a shell does is refused beside the line, which stays to be mended', async ({ server, page }) => {
  await page.goto(`${server.url}/sweeps/new`)
  const command = page.getByRole('group', { name: 'Command, one argument a box', exact: true })
  await command.getByLabel('Add an argument').click()
  await paste(command.getByLabel('Add an argument'), 'python train.py --run "$(date +%s)" --lr $LR')
  await page.getByText('Only a shell puts in what another command prints').waitFor()
  await page.getByText('It is a variable of your shell').waitFor()
  const line = page.getByLabel('Command line', { exact: true })
  expect(await line.inputValue()).toBe('python train.py --run "$(date +%s)" --lr $LR')
  await line.fill('python train.py --lr 1e-5')
  await page.getByText('4 words').waitFor()
  await page.getByRole('button', { name: 'Take it' }).click()
  await page.getByText('First training: python train.py --lr 1e-5').waitFor()
})
