/** From the form to the heatmap and the run behind a cell; and files in and out of the form. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, evaluation, gridSweep, newGate, scores, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })

/** Fills in one axis: its name, its kind, and its values as a person types them. */
async function fillAxis(page: Page, at: number, name: string, values: string[], kind = 'list') {
  await page.getByLabel('Axis name').nth(at).fill(name)
  if (kind !== 'list') await page.getByLabel(`Kind of axis ${name}`, { exact: true }).selectOption(kind)
  await page.getByLabel(`Add a value to ${name}`, { exact: true }).click()
  // Enter and a comma both end a value
  await page.keyboard.type(values.join(','))
  await page.keyboard.press('Enter')
}

/** Types a command line: a space begins the next box. */
async function typeCommand(page: Page, label: string, command: string[]) {
  await page.getByRole('group', { name: label, exact: true }).getByLabel('Add an argument', { exact: true }).click()
  await page.keyboard.type(`${command.join(' ')} `)
}

test('a grid typed into the form runs live to its heatmap, its leaderboard and its runs', async ({ server, page }) => {
  const gate = newGate(server)
  await page.goto(`${server.url}/sweeps/new`)
  const plan = page.getByRole('complementary', { name: 'What will run' })
  await plan.getByText('No points yet').waitFor()
  await screenshot(page, 'new-sweep-empty')

  await page.getByLabel('Name', { exact: true }).fill('sums-and-products')
  await fillAxis(page, 0, 'batch_size', ['16', '32'])
  await plan.getByText('2 trainings → 2 points').waitFor()
  await page.getByRole('button', { name: 'Add axis' }).click()
  await fillAxis(page, 1, 'learning_rate', ['1e-4', '2e-4', '3e-4'])
  await plan.getByText('6 trainings → 6 points').waitFor()
  await page.getByRole('button', { name: 'Remove 3e-4' }).click()
  await page.getByRole('button', { name: 'Add axis' }).click()
  await fillAxis(page, 2, 'epoch', ['1', '2'], 'milestones')
  await plan.getByText('4 trainings → 8 points').waitFor()
  await page.getByText('One training runs to epoch 2. Its checkpoints at 1 and 2 are scored.').waitFor()

  await typeCommand(page, 'Command, one argument a box', ['bash', 'stops-at-gate.sh', gate.path, '${epoch.lst}'])
  await typeCommand(page, 'Evaluation command, one argument a box', evaluation)
  await page.getByLabel('Accuracies are under').fill('acc')
  await page.getByLabel('Folder that commands and paths start from').fill(stubFolder)
  for (const [at, name, accuracy, questions] of [
    [0, 'Sums', '0.5', '400'],
    [1, 'Products', '0.4', '200'],
  ] as const) {
    if (at > 0) await page.getByRole('button', { name: 'Add benchmark' }).click()
    await page.getByLabel('Benchmark', { exact: true }).nth(at).fill(name)
    await page.getByLabel(`Baseline accuracy of ${name}`).fill(accuracy)
    await page.getByLabel(`Questions of ${name}`).fill(questions)
  }

  // three trainings stand at the gate, and a slot is left for evaluations
  await page.getByLabel('Trainings at a time').fill('3')

  // the mistake stands at its field, counts at the button, and its fix is one click
  const command = page.getByRole('alert').filter({ hasText: '${epoch.lst}' })
  await command.waitFor()
  await plan.getByText('1 thing to fix').waitFor()
  await screenshot(page, 'new-sweep-error')
  // pressed all the same, the button leads to the field; Playwright would wait for it to be enabled
  await plan.getByRole('button', { name: 'Start sweep' }).click({ force: true })
  await page.locator('input[aria-invalid=true]:focus').waitFor()
  expect(page.url()).toBe(`${server.url}/sweeps/new`)
  await command.getByRole('button', { name: 'Use ${epoch.last}' }).click()
  await command.waitFor({ state: 'detached' })
  await plan.getByText('Everything is filled in.').waitFor({ state: 'attached' })
  await page.getByText(`First training: bash stops-at-gate.sh ${gate.path} 2`).waitFor()
  await screenshot(page, 'new-sweep-ready')

  await plan.getByRole('button', { name: 'Start sweep' }).click()
  await page.waitForURL(/\/sweeps\/\d+$/)
  await page.getByRole('heading', { level: 1, name: 'sums-and-products' }).waitFor()
  // a reload would take this away
  await page.evaluate(() => Object.assign(window, { neverReloaded: true }))

  const first = page.getByRole('grid', { name: 'Scores at epoch 1' })
  const second = page.getByRole('grid', { name: 'Scores at epoch 2' })
  await first.getByText('0.774').waitFor()
  await second
    .getByRole('gridcell', { name: /epoch 2: training/ })
    .first()
    .waitFor()
  await page.getByText('Best so far: 0.774').waitFor()
  await screenshot(page, 'sweep-running')
  gate.open()
  await page.getByRole('main').getByText('8 of 8 points scored').waitFor()
  await page.getByText('Done', { exact: true }).first().waitFor()
  expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true)

  expect(await first.getByRole('gridcell').allInnerTexts()).toEqual(scores.epoch1)
  expect(await second.getByRole('gridcell').allInnerTexts()).toEqual(scores.epoch2)
  expect(await first.getByRole('columnheader').allInnerTexts()).toEqual(['1e-4', '2e-4'])
  expect(await first.getByRole('rowheader').allInnerTexts()).toEqual(['16', '32'])
  await screenshot(page, 'sweep-done')

  const board = page.getByRole('table', { name: 'Leaderboard' })
  const column = (place: number) => board.locator(`tbody tr[data-point] td:nth-child(${place})`).allInnerTexts()
  const parameters = async () => {
    const [batchSizes, rates, epochs] = await Promise.all([column(3), column(4), column(5)])
    return batchSizes.map((batchSize, at) => `${batchSize} ${rates[at]} ${epochs[at]}`)
  }
  const showsBest = [
    '16 2e-4 2',
    '32 2e-4 2',
    '32 1e-4 2',
    '16 1e-4 2',
    '32 2e-4 1',
    '16 2e-4 1',
    '32 1e-4 1',
    '16 1e-4 1',
  ]
  await expect.poll(parameters).toEqual(showsBest)
  await board.getByRole('button', { name: 'Products' }).click()
  await board.getByRole('columnheader', { name: /Products, % ↓/ }).waitFor()
  await expect.poll(async () => (await parameters())[0]).toBe('16 2e-4 2')
  await board.getByRole('button', { name: 'Products' }).click()
  await board.getByRole('columnheader', { name: /Products, % ↑/ }).waitFor()
  await expect.poll(async () => (await parameters()).slice(0, 2)).toEqual(['32 1e-4 1', '16 1e-4 1'])
  await board.getByRole('button', { name: 'Score' }).click()
  await page.getByLabel('Filter the leaderboard').fill('score > 1 and batch_size = 32')
  await page.getByText('2 of 8 points', { exact: true }).waitFor()
  await expect.poll(parameters).toEqual(['32 2e-4 2', '32 1e-4 2'])
  await page.getByLabel('Filter the leaderboard').fill('score >')
  await page.locator('#filter-error .error').waitFor()
  await expect.poll(parameters).toEqual(showsBest)
  await page.getByLabel('Filter the leaderboard').press('Escape')

  // from the cell to its run
  await second.getByRole('gridcell', { name: /best/ }).first().click()
  const detail = page.getByRole('complementary', { name: 'Point' })
  await detail.getByText('1.224').waitFor()
  await detail.getByRole('button', { name: 'Let go' }).waitFor()
  await detail.getByRole('link', { name: 'Run 2' }).click()
  await page.getByRole('heading', { level: 1, name: 'sums-and-products · run 2' }).waitFor()
  await page.getByRole('group', { name: /^loss by step, 5\.50* at step 8/ }).waitFor()
  await page
    .getByRole('group', { name: /^loss by step/ })
    .locator('canvas')
    .waitFor()
  await page.getByRole('log').getByText('step 8 of 8, loss 5.5').waitFor()
  const checkpoints = page.getByRole('table', { name: /^Checkpoints/ }).locator('tbody tr')
  expect(await checkpoints.count()).toBe(2)
  expect(await checkpoints.nth(0).innerText()).toMatch(/step 8, epoch 2[\s\S]*1\.224[\s\S]*60\.0[\s\S]*50\.0/)
  expect(await checkpoints.nth(1).innerText()).toMatch(/step 4, epoch 1[\s\S]*0\.774/)
  await page.getByLabel('Whose log').selectOption({ label: 'Evaluation of step 8, attempt 1' })
  await page.getByText('Nothing was printed on stdout.').waitFor()
  await page.getByText('Job file').click()
  await page.getByLabel('Job file').getByText('"learning_rate": "2e-4"').waitFor()
  await screenshot(page, 'run-done')
})

const file = `# a sweep as a person writes it
name: from-a-file
axes:
  batch_size: [16, 0032]
  learning_rate: {log: [1e-5, 1e-3, 3]}
  epoch: {milestones: [1, 2]}
train:
  command: [bash, stops-at-gate.sh, /tmp/never, "\${epoch.last}"]
  retries: 2
  timeout_seconds: 3600
  env: {WANDB_MODE: offline}
evaluate:
  command: [bash, evaluates.sh, "\${report}", "Sums=0.5"]
  report: {file: "\${report}", accuracies: acc}
score:
  aggregate: geometric-mean
  baseline: {Sums: 0.25}
  questions: {Sums: 400}
`

const wandbFile = `program: train.py
method: grid
parameters:
  learning_rate: { values: [1e-5, 2e-5] }
  batch_size: { values: [32, 64] }
  dropout: { distribution: normal, mu: 0.1, sigma: 0.02 }
  epochs: { value: 3 }
`

test('a pasted sweep file fills the form, and comes out of it as the same sweep', async ({ server, page }) => {
  const api = apiOf(server)
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  await page.getByLabel('Sweep file', { exact: true }).fill(file.replace('learning_rate:', 'learning_rate'))
  await page.getByRole('alert').filter({ hasText: 'Line ' }).waitFor()
  await page.getByLabel('Sweep file', { exact: true }).fill(file)
  await page.getByText('Filled in from the file.').waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('from-a-file')
  expect(await page.getByRole('group', { name: 'Values of batch_size' }).innerText()).toMatch(/^16\s*×\s*0032\s*×/)
  expect(await page.getByLabel('Number of values of learning_rate').inputValue()).toBe('3')
  await page.getByText('Equal ratios: 1e-5').waitFor()
  await page.getByRole('complementary', { name: 'What will run' }).getByText('6 trainings → 12 points').waitFor()
  expect(await page.getByLabel('Stop after').inputValue()).toBe('1 h')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as file' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('from-a-file.yaml')
  const written = readFileSync(await download.path(), 'utf8')
  const [before, after] = await Promise.all(
    [file, written].map((text) => api.sweeps.preview.query({ text, directory: stubFolder })),
  )
  expect(after!.definition).toEqual(before!.definition)
  expect(after!.definition).not.toBeNull()

  // pasted back into an empty form it is the same form
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByText('No points yet').first().waitFor()
  await page.getByLabel('Sweep file', { exact: true }).fill(written)
  await page.getByText('6 trainings → 12 points').first().waitFor()
  await page.getByText('As a file').click()
  await page.getByLabel('The sweep as a file').getByText('name: from-a-file').waitFor()
  expect(await page.getByLabel('The sweep as a file').innerText()).toBe(written)
  await screenshot(page, 'new-sweep-pasted')
})

test('a pasted sweep file of W&B fills the form, which says what it brought along and what to write for the rest', async ({
  server,
  page,
}) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  const paste = page.getByLabel('Sweep file', { exact: true })
  await paste.fill(wandbFile)
  await page.getByText('Filled in from a sweep file of W&B.').waitFor()
  await page.getByText('4 trainings → 4 points').first().waitFor()
  expect(await page.getByRole('group', { name: 'Values of learning_rate' }).innerText()).toMatch(/^1e-5\s*×\s*2e-5\s*×/)
  await page.getByText('As a file').click()
  await page.getByLabel('The sweep as a file').getByText('--epochs=3').waitFor()
  const lines = (label: string) => page.getByRole('list', { name: label, exact: true }).innerText()
  expect(await lines('In the form')).toMatch(/learning_rate: an axis, 2 values\.[^]*epochs: always 3, in the command\./)
  expect(await lines('What to look at')).toMatch(/dropout: .*write the values to be tried, dropout: \[1, 2, 3\]/)
  await screenshot(page, 'new-sweep-wandb')

  // nothing that a grid could hold: told in the same place, and the form stays as it is
  await paste.fill('method: bayes\nprogram: a.py\nparameters:\n  noise: { distribution: normal, mu: 0, sigma: 1 }\n')
  await page.getByText('nothing of it can be run as it stands').waitFor()
  expect(await lines('What to look at')).toContain('noise: [1, 2, 3]')
  await page.getByText('4 trainings → 4 points').first().waitFor()
})

test('a sweep file is chosen from the computer, or dropped on the home page', async ({ server, page }) => {
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  await page
    .getByLabel('Upload from this computer')
    .setInputFiles({ name: 'sweep.yaml', mimeType: 'application/yaml', buffer: Buffer.from(file) })
  await page.getByText('6 trainings → 12 points').first().waitFor()
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByText('No points yet').first().waitFor()

  await page.goto(server.url)
  await page.getByRole('heading', { level: 1 }).waitFor()
  const drop = (name: string) =>
    page.evaluate(
      ([name, text]) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([text!], name!))
        for (const type of ['dragenter', 'dragover', 'drop'])
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
      },
      [name, file],
    )
  await drop('holiday.jpg')
  await page.getByText('“holiday.jpg” is not a sweep file').waitFor()
  await drop('sweep.yaml')
  await page.waitForURL(/\/sweeps\/new$/)
  await page.getByText('6 trainings → 12 points').first().waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('from-a-file')
})

test('a new sweep starts from an earlier one, and the draft outlives a reload', async ({ server, page }) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({
    definition: gridSweep('earlier', newGate(server)),
    directory: stubFolder,
    paused: true,
  })
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Start from an earlier sweep').selectOption({ label: 'earlier' })
  const name = page.getByLabel('Name', { exact: true })
  await page.getByText('Filled in from earlier.').waitFor()
  expect(await name.inputValue()).toBe('earlier-repeat')
  await page.getByRole('button', { name: 'Remove 1e-4' }).click()
  await page.getByText('2 trainings → 4 points').first().waitFor()
  await page.reload()
  await page.getByText('2 trainings → 4 points').first().waitFor()
  await page.getByLabel('Starts', { exact: true }).selectOption('paused')
  await page.getByRole('complementary', { name: 'What will run' }).getByRole('button', { name: 'Start sweep' }).click()
  await page.waitForURL((url) => /\/sweeps\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${id}`))
  await page.getByRole('heading', { level: 1, name: 'earlier-repeat' }).waitFor()
  await page.getByText('0 of 4 points scored').waitFor()
  await page.getByRole('button', { name: 'Resume' }).waitFor()
})
