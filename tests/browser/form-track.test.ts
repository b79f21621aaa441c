/** Whose scripts log here, in the form: by keyboard, what a person has set elsewhere is said there and by the run, and nothing of the file is lost. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
const netrc = path.join(home, '.netrc')
writeFileSync(netrc, 'machine api.wandb.ai login user password 0123456789\n')

const test = plainTest.extend({
  serverEnvironment: [{ HOME: home, MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' }, { scope: 'file' }],
})

const file = (track: string) => `name: tracked
axes: { learning_rate: [1e-5] }
train:
  command: [bash, -c, "exit 0"]
${track}`

test('where clients log is chosen in the form, and who logs elsewhere already is said there and on the run', async ({
  server,
  page,
}) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  await page.getByLabel('Sweep file').fill(file('track: { files: ["logs/a b.jsonl", "runs/${learning_rate}"] }\n'))
  const choice = page.getByLabel('What it logs to W&B, MLflow or Trackio goes')
  const kept = page.getByRole('group', { name: /^Files, folders or patterns/ }).getByRole('textbox')
  await expect.poll(() => choice.inputValue()).toBe('files')
  expect(await kept.evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value))).toEqual([
    'logs/a b.jsonl',
    'runs/${learning_rate}',
    '',
  ])
  const elsewhere = ['W&B logs where ' + netrc + ' says, and not here', 'MLflow logs where MLFLOW_TRACKING_URI says']
  for (const words of elsewhere) await page.getByText(words).waitFor()
  await screenshot(page, 'form-track')

  await page.getByText('As a file').click()
  const written = page.getByLabel('The sweep as a file')
  /** Arrows go through the choices, in their order. */
  const press = async (key: 'ArrowUp' | 'ArrowDown', track: string) => {
    await choice.press(key)
    await expect.poll(() => choice.inputValue()).toBe(track)
  }
  const writes = (line: string) => expect.poll(() => written.textContent()).toContain(line)
  await writes('track: {files: [logs/a b.jsonl, "runs/${learning_rate}"]}')
  await press('ArrowUp', 'both')
  await writes('track: both')
  await page.getByText('MLflow logs here, and what it logs is passed on to http://127.0.0.1:9').waitFor()
  await page.getByText('passed on to https://api.wandb.ai').waitFor()
  await press('ArrowUp', 'here')
  await writes('track: here')
  for (const words of elsewhere) await page.getByText(words).waitFor({ state: 'detached' })
  await press('ArrowUp', '')
  for (const words of elsewhere) await page.getByText(words).waitFor()
  // what was followed is there again
  await choice.selectOption('none')
  await press('ArrowUp', 'files')
  await expect.poll(() => kept.count()).toBe(3)
  await choice.selectOption('')
  await page.getByRole('button', { name: 'Start sweep' }).locator('visible=true').first().click()
  await page.waitForURL(/\/sweeps\/\d+$/)
  const api = apiOf(server)
  await expect.poll(async () => (await api.sweeps.get.query({ id: 1 })).status).toBe('done')
  await page.goto(`${server.url}/runs/1`)
  for (const words of elsewhere) await page.getByText(words).first().waitFor()
})
