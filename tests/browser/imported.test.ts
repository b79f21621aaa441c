/** Runs that were imported: what is known of them is shown, and nothing is claimed of the rest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { importMetrics } from '../../server/act/imports/import-metrics.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { startServer, surroundings } from '../start-server.ts'
import { expect, screenshot, test } from './harness.ts'

test('an imported run has its curves or its rollouts, and no log, command or duration', async ({ page }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-imported-'))
  const dataFolder = path.join(folder, 'data')
  const opened = openDataFolder(readConfig(surroundings(), dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const files = ['metrics.csv', '7.jsonl'].map((name) => path.join(folder, name))
  writeFileSync(files[0]!, 'step,loss\n1,0.5\n2,0.25\n')
  writeFileSync(files[1]!, '{"input":"2+2?","output":"four","score":1,"acc":1}\n')
  importMetrics(opened.context, { name: 'elsewhere', files, directory: folder })
  opened.close()
  const server = await startServer({ dataFolder })
  try {
    await page.goto(`${server.url}/sweeps/1`)
    const runs = page.getByRole('table', { name: 'Runs' })
    await runs.getByText('source metrics.csv').waitFor()
    await runs.getByRole('link', { name: 'run 1' }).click()
    await page.getByRole('heading', { name: 'Where it comes from' }).waitFor()
    for (const name of ['Log', 'How it was started', 'What was run'])
      expect(await page.getByRole('heading', { name, exact: true }).count(), name).toBe(0)
    await screenshot(page, 'imported-run')
    await page.goto(`${server.url}/runs/2`)
    await page.getByRole('link', { name: 'Rollouts' }).click()
    await page.getByText('1 sample of 1 prompt').waitFor()
    await page.getByText('four', { exact: true }).waitFor()
  } finally {
    // the page listens to the server
    await page.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
