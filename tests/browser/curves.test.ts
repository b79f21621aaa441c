/** The curves of a sweep's runs over each other: colours, seeds, a filter, the line pointed at, also while they are written. */
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, newGate, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '8' }, { scope: 'file' }] })

/** Writes 60 steps of two metrics, waits for the gate, and writes 60 more of the second: the first one ends before the runs do. */
const script = `steps() { awk -v from="$1" -v lr="$2" -v seed="$3" 'BEGIN { for (i = from; i < from + 60; i++) printf "{\\"type\\":\\"metrics\\",\\"step\\":%d,\\"values\\":{\\"loss\\":%.4f%s}}\\n", i, 2 / (1 + i * lr) + seed / 50, (i > 60 ? "" : ",\\"accuracy\\":" (i * lr / 10)) }' >> "$SWEEPBOARD_EVENTS"; }
steps 1 "$1" "$2"
until [ -e "$3" ]; do sleep 0.05; done
steps 61 "$1" "$2"`

test('lines in the colours of an axis, means over seeds, a filter, a line pointed at; new values come by themselves', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const gate = newGate(server)
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'curves',
      axes: { rate: ['0.1', '0.2', '0.4'], seed: ['1', '2'] },
      train: { command: ['bash', '-c', script, 'x', '${rate}', '${seed}', gate.path] },
      track: 'none',
    },
    directory: stubFolder,
  })
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('link', { name: 'Curves of its runs' }).click()
  await page.getByRole('heading', { level: 1, name: 'Curves' }).waitFor()
  const loss = page.getByRole('img', { name: 'loss of 6 runs by step' })
  await loss.locator('canvas').waitFor()
  await page.getByRole('img', { name: 'accuracy of 6 runs by step' }).locator('canvas').waitFor()
  const rows = page.locator('tbody tr')
  expect(await rows.count()).toBe(6)

  // a row makes its line stand out, in every chart
  await rows.nth(2).hover()
  expect(await page.locator('figcaption', { hasText: 'run 3' }).count()).toBe(2)
  await screenshot(page, 'curves')

  // what the trainings write is drawn without being asked for
  gate.open()
  await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  let nudge = 0
  const pointedAt = async () => {
    nudge = 1 - nudge
    await loss.hover({ position: { x: 640 + nudge, y: 184 } })
    return (await page.locator('figcaption').allInnerTexts()).join()
  }
  await expect.poll(pointedAt, { timeout: 60_000 }).toMatch(/run \d[^]*at step 1[01]\d/)

  // three rates with two seeds each
  await page.mouse.move(0, 0)
  await page.getByLabel('Mean over seeds, with their band').check()
  await expect.poll(() => rows.count()).toBe(3)
  expect(await rows.nth(0).innerText()).toMatch(/run 1\s*run 2/)
  await page.getByLabel('Colour').selectOption('run')
  await page.getByLabel('Filter the runs').fill('rate > 0.15')
  await expect.poll(() => rows.count()).toBe(2)
  await page.getByRole('img', { name: 'loss of 4 runs by step' }).waitFor()
  await page.getByLabel('Filter the runs').fill('rate >')
  await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor()
  await page.getByLabel('Filter the runs').fill('rate > 0.3')
  await expect.poll(() => rows.count()).toBe(1)

  // the address says all of it
  await page.reload()
  await expect.poll(() => rows.count()).toBe(1)
  expect(await page.getByLabel('Mean over seeds, with their band').isChecked()).toBe(true)
  await rows.getByRole('link', { name: 'run 5' }).click()
  await page.getByRole('heading', { level: 1, name: /curves · run 5/ }).waitFor()
})

test('runs of a sweep and of a project in one chart, by a filter that a view keeps; a new value of either is drawn', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const post = async (name: string, body: object) => {
    const answer = await fetch(`${server.url}/api/2.0/mlflow/${name}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { run: { info: { run_id: string } } }
  }
  const { run } = await post('runs/create', { experiment_id: '0', run_name: 'by hand' })
  const run_id = run.info.run_id
  await post('runs/log-parameter', { run_id, key: 'rate', value: '0.2' })
  const points = Array.from({ length: 40 }, (_, at) => ({ key: 'loss', value: 1.5 - at / 40, step: at, timestamp: 0 }))
  await post('runs/log-batch', { run_id, metrics: points })
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: 'beside others',
      axes: { rate: ['0.1', '0.2'] },
      train: { command: ['bash', '-c', script, 'x', '${rate}', '1', '/'] },
      track: 'none',
    },
    directory: stubFolder,
  })
  await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  await page.goto(`${server.url}/sweeps/${id}/curves`)
  await page.getByRole('link', { name: 'With other runs' }).click()
  await page.waitForURL(/\/runs\/curves/)
  await page.getByRole('img', { name: 'loss of 2 runs by step' }).locator('canvas').waitFor()
  expect(new URL(page.url()).searchParams.get('filter')).toBe('sweep = "beside others"')
  await page.getByLabel('Filter the runs').fill('rate = 0.2 and (sweep = "beside others" or project = Default)')
  await page.getByRole('img', { name: 'loss of 2 runs by step' }).locator('canvas').waitFor()
  const rows = page.locator('tbody tr')
  await rows.filter({ hasText: 'by hand' }).waitFor()
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringMatching(/^beside others, run 2\s+beside others/),
    expect.stringMatching(/^by hand\s+Default/),
  ])
  expect(await page.getByLabel('Colour').inputValue()).toBe('sweep or project')
  await page.locator('summary', { hasText: 'Views' }).click()
  await page.getByLabel('Name of this view').fill('both')
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.goto(`${server.url}/runs/curves`)
  await rows.filter({ hasText: 'by hand' }).waitFor()
  expect(await rows.filter({ hasText: 'run 2' }).count()).toBe(0)
  await page.locator('summary', { hasText: 'Views' }).click()
  await page.getByRole('link', { name: 'both' }).click()
  await rows.filter({ hasText: 'beside others, run 2' }).waitFor()
  await page.getByRole('img', { name: 'loss of 2 runs by step' }).locator('canvas').waitFor()
  await screenshot(page, 'mixed-curves')
  // a filter that follows values takes the run out once it has a higher one
  await page.getByLabel('Filter the runs').fill('loss < 1')
  await rows.filter({ hasText: 'by hand' }).waitFor()
  await post('runs/log-batch', { run_id, metrics: [{ key: 'loss', value: 9, step: 50, timestamp: 0 }] })
  await rows.filter({ hasText: 'by hand' }).waitFor({ state: 'detached' })
  await page.goto(`${server.url}/runs?of=all`)
  const list = page.getByRole('table', { name: 'Runs' })
  await list.getByText('by hand').waitFor()
  expect(await page.getByLabel('Whose runs').inputValue()).toBe('all')
  await list.getByRole('link', { name: 'beside others' }).first().waitFor()
  await screenshot(page, 'all-runs')
  await page.getByLabel('Whose runs').selectOption('own')
  await list.getByRole('link', { name: 'beside others' }).first().waitFor({ state: 'detached' })
})

test('many metrics stand in sections by the folder of their names; a pinned chart stands first; the address has both', async ({
  server,
  page,
}) => {
  const post = async (name: string, body: object) => {
    const answer = await fetch(`${server.url}/api/2.0/mlflow/${name}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { run: { info: { run_id: string } } }
  }
  const names = [
    'reward',
    'loss',
    'a',
    'b',
    'c',
    'd',
    'train/lr',
    'train/grad_norm',
    'train/tokens',
    'eval/loss',
    'eval/accuracy',
  ]
  const { run } = await post('runs/create', { experiment_id: '0', run_name: 'many metrics' })
  const metrics = names.flatMap((key, place) =>
    Array.from({ length: 30 }, (_, step) => ({ key, value: Math.sin(step / 5 + place), step, timestamp: 0 })),
  )
  await post('runs/log-batch', { run_id: run.info.run_id, metrics })
  await page.goto(`${server.url}/runs/curves?filter=name+%3D+%22many+metrics%22`)
  const chart = (name: string) => page.getByRole('img', { name: `${name} of 1 run by step` })
  await chart('reward').locator('canvas').waitFor()
  expect(await page.locator('summary', { hasText: 'metric' }).allInnerTexts()).toEqual([
    'train 3 metrics',
    'eval 2 metrics',
  ])
  await page.locator('summary', { hasText: 'train' }).click()
  await chart('train/lr').locator('canvas').waitFor()
  await chart('train/lr').hover()
  await page.getByRole('button', { name: 'Pin train/lr' }).click()
  await expect.poll(() => page.locator('figcaption').first().innerText()).toContain('train/lr')
  expect(new URL(page.url()).search).toContain('pin=train%2Flr')
  await screenshot(page, 'chart-sections')
  await page.reload()
  await expect.poll(() => page.locator('figcaption').first().innerText()).toContain('train/lr')
  await page.locator('summary', { hasText: 'eval' }).scrollIntoViewIfNeeded()
  await chart('train/grad_norm').locator('canvas').waitFor()
  expect(await page.locator('summary', { hasText: 'metric' }).allInnerTexts()).toEqual([
    'train 2 metrics',
    'eval 2 metrics',
  ])
  await page.getByRole('button', { name: 'Unpin train/lr' }).click()
  await expect.poll(() => page.locator('figcaption').first().innerText()).toContain('reward')
  await page.getByLabel('Find a metric').fill('acc')
  await chart('eval/accuracy').locator('canvas').waitFor()
  expect(await page.locator('figcaption').count()).toBe(1)
})
