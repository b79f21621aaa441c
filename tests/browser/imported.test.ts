/** Runs that were imported: what is known of them is shown, and nothing is claimed of the rest. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { importMetrics } from '../../server/act/imports/import-metrics.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { eventFile } from '../event-file.ts'
import { startServer, surroundings } from '../start-server.ts'
import { expect, screenshot, test } from './harness.ts'

test('imported runs stand in their project, with curves or rollouts, attempts and how they ended, and no sweep is made of them', async ({
  page,
}) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-imported-'))
  const put = (name: string, content: string | Buffer) => {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }
  const dataFolder = path.join(folder, 'data')
  const opened = openDataFolder(readConfig(surroundings(), dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const scalars = (from: number, steps: number[]) =>
    eventFile(steps.map((step) => ({ tag: 'loss', step, value: 1 / (step + 1), time: 1_700_000_000 + from + step })))
  put('board/events.out.tfevents.1.host', scalars(0, [0, 1, 2, 3]))
  put('board/events.out.tfevents.2.host', scalars(60, [3, 4, 5]))
  const events = [
    { type: 'config', values: { learning_rate: '1e-5' } },
    { type: 'tags', values: { name: 'fell over', tags: ['sft'] } },
    { type: 'metrics', step: 1, time: 1_700_000_000, values: { loss: 0.75 } },
    { type: 'evaluation', step: 1, benchmark: 'gsm8k', correct: 3, total: 4 },
    { type: 'client', time: 1_700_000_060, status: 'failed', exit_code: 137 },
  ]
  const files = [
    put('metrics.csv', 'step,loss\n1,0.5\n2,0.25\n'),
    put('rollouts/7.jsonl', '{"input":"2+2?","output":"four","score":1,"acc":1}\n'),
    path.join(folder, 'board'),
    put('failed.jsonl', events.map((event) => `${JSON.stringify(event)}\n`).join('')),
  ]
  const { runs } = importMetrics(opened.context, { name: 'elsewhere', files, directory: folder })
  const idOf = (source: string) => runs.find((run) => run.source === source)!.runId
  opened.close()
  const server = await startServer({ dataFolder })
  try {
    await page.goto(`${server.url}/runs`)
    const table = page.getByRole('table', { name: 'Runs' })
    await table.getByText('metrics.csv').waitFor()
    expect(await table.getByRole('row').count()).toBe(5)
    expect(await table.getByRole('link', { name: 'elsewhere' }).count()).toBe(4)
    await screenshot(page, 'imported-runs')
    await page.getByText('How a script logs here, and files are imported').click()
    await page.getByText('npm run data -- import --name PROJECT').waitFor()
    await screenshot(page, 'how-to-import')
    await table.getByRole('link', { name: 'board', exact: true }).click()
    await page.getByText(/^run \d, imported/).waitFor()
    expect(await page.getByRole('navigation', { name: 'Main' }).locator('[aria-current]').innerText()).toBe('Runs')
    await page.getByText(path.join(folder, 'board/events.out.tfevents.1.host')).waitFor()
    for (const words of ['Mark as ended', 'Last heard', 'Its client'])
      expect(await page.getByText(words).count(), words).toBe(0)
    await screenshot(page, 'imported-run')
    await page.goto(`${server.url}/runs/${idOf('failed.jsonl')}`)
    await page.getByRole('heading', { name: 'fell over' }).waitFor()
    await page.getByText('Ended with 137').waitFor()
    await screenshot(page, 'imported-run-failed')
    await page.goto(`${server.url}/runs/${runs.find(({ samples }) => samples > 0)!.runId}`)
    await page.getByText('No metrics were imported of it.').waitFor()
    await page.getByRole('link', { name: 'Rollouts' }).click()
    await page.getByText('1 sample of 1 prompt').waitFor()
    await page.getByText('four', { exact: true }).waitFor()
    await page.goto(`${server.url}/leaderboard`)
    await page.getByText('fell over').first().waitFor()
    await page.goto(server.url)
    await page.getByText('npm run sweep').first().waitFor()
    await screenshot(page, 'imported-home')
    expect(await page.getByText('elsewhere').count()).toBe(0)
  } finally {
    // the page listens to the server
    await page.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

test('what has scores and axes is imported as a sweep, its runs with curves and no log, command or duration', async ({
  page,
}) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-imported-'))
  const dataFolder = path.join(folder, 'data')
  const opened = openDataFolder(readConfig(surroundings(), dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const files = ['grid.json', 'grid-metrics.jsonl'].map((name) => path.join(folder, name))
  const point = (run: number, learning_rate: string, accuracy: number) => ({
    run,
    params: { learning_rate },
    checkpoint: { path: null, step: 2, epoch: null },
    accuracies: { gsm8k: { correct: null, total: null, accuracy } },
    score: accuracy / 0.5,
    error: null,
  })
  const scoring = { aggregate: 'harmonic-mean', baseline: { gsm8k: 0.5 } }
  writeFileSync(files[0]!, JSON.stringify({ points: [point(1, '1e-5', 0.6), point(2, '2e-5', 0.7)], scoring }))
  const line = (step: number) => ({
    type: 'metrics',
    run: 2,
    params: { learning_rate: '2e-5' },
    step,
    values: { loss: 1 / step },
  })
  writeFileSync(files[1]!, [1, 2].map((step) => `${JSON.stringify(line(step))}\n`).join(''))
  const { sweepId, projects, runs } = importMetrics(opened.context, { name: 'grid', files, directory: folder })
  expect([sweepId, projects, runs.map(({ points, rows }) => [points, rows])]).toEqual([
    1,
    [],
    [
      [1, 0],
      [1, 2],
    ],
  ])
  opened.close()
  const server = await startServer({ dataFolder })
  try {
    await page.goto(`${server.url}/sweeps/1`)
    await page.getByText('Best: 1.400').waitFor()
    await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'run 2' }).click()
    await page.getByRole('heading', { name: 'Where it comes from' }).waitFor()
    for (const name of ['Log', 'How it was started', 'What was run'])
      expect(await page.getByRole('heading', { name, exact: true }).count(), name).toBe(0)
    await screenshot(page, 'imported-sweep-run')
  } finally {
    await page.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
