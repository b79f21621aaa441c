/** What a list shows is kept under a name, with an address, and is there for every page of this data folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { importMetrics } from '../../server/act/imports/import-metrics.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { startServer, surroundings } from '../start-server.ts'
import { expect, screenshot, test } from './harness.ts'

test('a filter is kept as a view, opened again by its link, refused under a name that is taken, removed and taken back', async ({
  page,
}) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-views-'))
  const dataFolder = path.join(folder, 'data')
  const opened = openDataFolder(readConfig(surroundings(), dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const files = [0.5, 0.25].map((loss, at) => {
    const file = path.join(folder, `run-${at}.csv`)
    writeFileSync(file, `step,loss\n1,${loss}\n`)
    return file
  })
  importMetrics(opened.context, { name: 'viewed', files, directory: folder })
  opened.close()
  const server = await startServer({ dataFolder })
  const keepAs = async (name: string) => {
    await page.getByLabel('Name of this view').fill(name)
    await page.getByRole('button', { name: 'Keep it' }).click()
  }
  const views = page.locator('summary', { hasText: 'Views' })
  try {
    await page.goto(`${server.url}/runs`)
    const table = page.getByRole('table', { name: 'Runs' })
    await table.getByText('run-0.csv').waitFor()
    await page.getByLabel('Filter the runs').fill('loss < 0.3')
    await table.getByText('run-0.csv').waitFor({ state: 'detached' })
    await views.click()
    await keepAs('good ones')
    await page.getByText('Kept good ones.').waitFor()
    await keepAs('good ones')
    await page.getByText('There is a view “good ones” of this page already; expected another name.').waitFor()
    await screenshot(page, 'named-views')
    await page.getByLabel('Filter the runs').fill('')
    await table.getByText('run-0.csv').waitFor()
    await page.getByRole('link', { name: 'good ones' }).click()
    await table.getByText('run-0.csv').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('filter')).toBe('loss < 0.3')
    await table.getByText('run-1.csv').waitFor()
    // another page has views of its own
    await page.goto(`${server.url}/runs/curves`)
    await views.click()
    expect(await page.getByRole('link', { name: 'good ones' }).count()).toBe(0)
    await keepAs('all')
    await page.getByRole('link', { name: 'all', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove all' }).click()
    await page.getByRole('link', { name: 'all', exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).last().click()
    // the press beside it has closed the list
    await page.locator('summary', { hasText: 'Views (1)' }).click()
    await page.getByRole('link', { name: 'all', exact: true }).waitFor()
    const elsewhere = await fetch(`${server.url}/api/trpc/views.keep`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ json: { page: '//elsewhere.example/runs', name: 'x', search: '' } }),
    })
    expect(elsewhere.status).toBe(400)
    await page.goto('about:blank')
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
