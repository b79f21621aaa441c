/** A sweep is extended from its page: what is there is said beforehand and is not done again, counted outside the data folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

/** A folder of a person's own, with a trainer that counts its starts. */
const test = plainTest.extend<{ work: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs off this pattern
  work: async ({}, use) => {
    const work = mkdtempSync(path.join(tmpdir(), 'sweepboard-extend-'))
    writeFileSync(
      path.join(work, 'train.sh'),
      'echo "$1" >> trained.txt; mkdir -p "out/$1"; echo w > "out/$1/model.bin"\n',
    )
    await use(work)
    rmSync(work, { recursive: true, force: true })
  },
})

const file = `name: rates
axes:
  lr: [1e-5, 2e-5]
train:
  command: [bash, train.sh, "\${lr}"]
checkpoint: "out/\${lr}"
evaluate:
  command: [bash, -c, 'echo "$2" >> evaluated.txt; echo "{\\"acc\\": {\\"gsm8k\\": 0.8, \\"math\\": 0.4}}" > "$1"', bash, "\${report}", "\${lr}"]
  report: {accuracies: acc}
score:
  baseline: {gsm8k: 0.5}
`

test('values, another baseline and a report key are added from the page of a sweep', async ({ server, page, work }) => {
  const api = apiOf(server)
  const count = (name: string) => {
    const at = path.join(work, name)
    return existsSync(at) ? readFileSync(at, 'utf8').trim().split('\n').length : 0
  }
  const done = async (id: number) =>
    expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  const { id } = await api.sweeps.create.mutate({ text: file, directory: work, origin: 'file' })
  await done(id)

  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('link', { name: 'Extend' }).click()
  await page.getByRole('heading', { level: 1, name: 'Extend rates' }).waitFor()
  const plan = page.getByRole('complementary', { name: 'What will run' })
  const there = plan.getByRole('region', { name: 'What is there already' })
  await page.getByText('Nothing differs from rates yet').waitFor()
  // what is there already is opened, not made again
  await plan.getByRole('button', { name: 'Open rates' }).click()
  await page.waitForURL(new RegExp(`/sweeps/${id}$`))

  await page.getByRole('link', { name: 'Extend' }).click()
  await page.getByLabel('Add a value to lr', { exact: true }).click()
  await page.keyboard.type('4e-5,')
  await there.getByText('1 training and 1 evaluation to do.').waitFor()
  await there.getByText(`2 of 3 trainings are not repeated: sweep ${id} (rates) did the same`).waitFor()
  await page.getByRole('table', { name: 'Differences from rates' }).getByText('1e-5, 2e-5, 4e-5').waitFor()
  await screenshot(page, 'extend')
  await plan.getByRole('button', { name: 'Start what is new' }).click()
  await page.waitForURL(new RegExp(`/sweeps/${id + 1}$`))
  await done(id + 1)
  expect([count('trained.txt'), count('evaluated.txt')]).toEqual([3, 3])

  // another baseline: nothing is trained or evaluated
  await page.goto(`${server.url}/sweeps/new?extend=${id + 1}`)
  await page.getByLabel('Baseline accuracy of gsm8k').fill('0.4')
  await there.getByText('0 trainings and 0 evaluations to do.').waitFor()
  await plan.getByRole('button', { name: 'Start what is new' }).click()
  await page.waitForURL(new RegExp(`/sweeps/${id + 2}$`))
  await done(id + 2)
  expect([count('trained.txt'), count('evaluated.txt')]).toEqual([3, 3])

  // a mended script is trained again, and would write over what rests there: refused unless told
  writeFileSync(path.join(work, 'train.sh'), `${readFileSync(path.join(work, 'train.sh'), 'utf8')}true\n`)
  await page.goto(`${server.url}/sweeps/new?extend=${id + 2}`)
  await page.getByRole('button', { name: 'Remove 2e-5' }).click()
  await page.getByRole('button', { name: 'Remove 4e-5' }).click()
  await there.getByText('1 training and 1 evaluation to do.').waitFor()
  await there.getByText('but train.sh has changed since.').waitFor()
  await page.getByRole('alert').filter({ hasText: 'A training would write over' }).waitFor()
  await there.getByText('Write over the checkpoints of other sweeps').waitFor()
  await screenshot(page, 'extend-overwrite')
  await there.getByLabel('Write over the checkpoints of other sweeps').check()
  await page.getByRole('alert').filter({ hasText: 'A training would write over' }).waitFor({ state: 'detached' })
  await plan.getByRole('button', { name: 'Start what is new' }).click()
  await page.waitForURL(new RegExp(`/sweeps/${id + 3}$`))
  await done(id + 3)
  expect([count('trained.txt'), count('evaluated.txt')]).toEqual([4, 4])
})

test('later milestones: trained from the start, or gone on with when told, which the run says', async ({
  server,
  page,
  work,
}) => {
  const api = apiOf(server)
  const done = async (id: number) =>
    expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  writeFileSync(
    path.join(work, 'epochs.sh'),
    `echo "\${SWEEPBOARD_RESUME:-start}" >> trained.txt
for e in $(seq 1 $1); do mkdir -p out/$e; [ -e out/$e/w ] || echo $e > out/$e/w; done\n`,
  )
  const definition = {
    name: 'epochs',
    axes: { lr: ['1e-5'], epoch: { milestones: ['1', '2'] } },
    train: { command: ['bash', 'epochs.sh', '${epoch.last}'] },
    checkpoint: 'out/${epoch}',
    evaluate: {
      command: ['bash', '-c', 'echo "{\\"gsm8k\\": 0.5}" > "$1"', 'bash', '${report}'],
    },
    score: { baseline: { gsm8k: 0.5 } },
  }
  const { id } = await api.sweeps.create.mutate({ definition, directory: work, reuse: true })
  await done(id)
  await page.goto(`${server.url}/sweeps/new?extend=${id}`)
  const there = page.getByRole('region', { name: 'What is there already' })
  await page.getByLabel('Add a value to epoch', { exact: true }).click()
  await page.keyboard.type('3,')
  await there.getByText('1 training and 3 evaluations to do.').waitFor()
  await there.getByText('The training was done to epoch 2 by sweep').waitFor()
  await screenshot(page, 'extend-later')
  await there.getByLabel('Go on from the ends of shorter trainings').check()
  await there.getByText('1 training and 1 evaluation to do.').waitFor()
  await page.getByRole('button', { name: 'Start what is new' }).first().click()
  await page.waitForURL(new RegExp(`/sweeps/${id + 1}$`))
  await done(id + 1)
  expect(readFileSync(path.join(work, 'trained.txt'), 'utf8').trim().split('\n')).toEqual([
    'start',
    path.join(work, 'out/2'),
  ])
  const [run] = (await api.sweeps.get.query({ id: id + 1 })).runs
  await page.goto(`${server.url}/runs/${run!.id}`)
  await page.getByText('Goes on from epoch 2 of').waitFor()
  await page.getByText('as told: a training of this length from the start might').waitFor()
  await screenshot(page, 'run-goes-on')
})
