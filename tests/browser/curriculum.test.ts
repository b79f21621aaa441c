/** A curriculum from its file to its last pick, in the browser. */
import { expect, screenshot, test } from './harness.ts'
import { newGate, stubFolder } from './sweeps.ts'

const stage = (name: string, command: string[]) => ({
  name,
  pick: 'best',
  axes: { epoch: { milestones: ['1', '2'] } },
  train: { command, env: { START: '${init}' } },
})

test('a curriculum is pasted, mended, started, paused, let go on and cancelled; its stages show what was picked', async ({
  server,
  page,
}) => {
  const gate = newGate(server)
  const finishes = ['bash', 'finishes.sh', '2', '1', '2']
  const waits = ['bash', '-c', 'until [[ -e $1 ]]; do sleep 0.02; done; shift; exec "$@"', 'bash', gate.path]
  const curriculum = {
    name: 'climb',
    evaluate: { command: ['bash', 'evaluates.sh', '${report}', 'B=0.${epoch}'], report: { accuracies: 'acc' } },
    score: { baseline: { B: 0.1 }, questions: { B: 40 } },
    stages: [{ ...stage('first', finishes), train: { command: finishes } }, stage('second', [...waits, ...finishes])],
  }
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByRole('button', { name: 'Paste a file' }).click()
  // a curriculum that is pasted where a sweep is expected comes to its own page
  await page.getByLabel('Sweep file').fill(JSON.stringify(curriculum, null, 2))
  await page.waitForURL('**/curricula/new')
  const text = page.getByLabel('Curriculum file')
  await text.fill(JSON.stringify({ ...curriculum, name: 'climb', stagse: 1 }, null, 2))
  await page.getByRole('alert').getByText('stagse').waitFor()
  await text.fill(JSON.stringify(curriculum, null, 2))
  await page.getByLabel('Folder that commands run in').fill(stubFolder)
  await page.getByRole('region', { name: 'What would run' }).getByText('2 stages').waitFor()
  await screenshot(page, 'curriculum-new-filled')
  await page.getByRole('button', { name: 'Start curriculum' }).click()
  await page.waitForURL('**/curricula/*')

  await page.getByRole('heading', { name: 'climb' }).waitFor()
  const stages = page.getByRole('table', { name: 'Stages' })
  await stages.getByText('step 2, run 1').waitFor()
  await stages
    .getByRole('row', { name: /^second/ })
    .getByText('Running')
    .waitFor()
  await screenshot(page, 'curriculum-running')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused by you.').waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Cancel / })
    .click()
  await page.getByText('Cancelled by you.').waitFor()
  gate.open()
  await stages
    .getByRole('row', { name: /^second/ })
    .getByText('Cancelled')
    .waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('2 of 2').first().waitFor()
  await stages.getByText('2 of 2 points').nth(1).waitFor()
  await stages.getByRole('link', { name: 'second' }).click()
  await page.getByRole('link', { name: 'climb' }).waitFor()
  expect(await page.locator('.crumb').textContent()).toContain('stage 2 of 2')
  await page.goto(server.url)
  await page.getByRole('heading', { name: 'Curricula' }).waitFor()
})
