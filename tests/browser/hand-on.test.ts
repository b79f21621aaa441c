/** Pages to hand on: one file each, opened from a disk without a server, whatever people named. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, screenshot, test } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

/** Opens the text as a file; gives what it asked for beside itself, and what it said. */
async function openFile(page: Page, folder: string, name: string, text: string): Promise<string[]> {
  const file = pathToFileURL(path.join(folder, `${name}.html`)).href
  writeFileSync(path.join(folder, `${name}.html`), text)
  const heard: string[] = []
  page.on(
    'request',
    (request) => request.url() !== file && !request.url().startsWith('data:') && heard.push(request.url()),
  )
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => heard.push('a dialog')))
  page.on('console', (message) => message.type() === 'error' && heard.push(message.text()))
  await page.goto(file)
  return heard
}

const hostile = `<img src=x onerror="alert(1)"></script><script>alert(2)</script>`

test('a sweep, a comparison and a lineage open from a disk, ask nobody, and hold names as text', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  const { sweepIds } = await api.examples.loadStudy.mutate()
  const { id } = await api.sweeps.create.mutate({
    definition: {
      name: hostile,
      axes: { value: [hostile, '2'], epoch: { milestones: ['1', '2'] } },
      train: { command: ['bash', 'finishes.sh', '2', '1', '2'] },
      evaluate: { command: ['bash', 'evaluates.sh', '${report}', 'B=0.${epoch}'], report: { accuracies: 'acc' } },
      score: { baseline: { B: 0.1 }, questions: { B: 40 } },
    },
    directory: stubFolder,
  })
  await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
  const runOf = async (sweepId: number) => (await api.sweeps.get.query({ id: sweepId })).runs[0]!.id
  const [first, second, third] = [await runOf(id), await runOf(sweepIds[0]!), await runOf(sweepIds.at(-1)!)]
  const pages: [name: string, address: string, heading: string][] = [
    ['sweep', `sweeps/${id}.html`, hostile],
    ['study', `sweeps/${sweepIds[0]}.html`, ''],
    ['comparison', `compare.html?runs=${first},${second}`, hostile],
    ['lineage', `lineage/${third}.html`, 'From '],
  ]
  for (const [name, address, heading] of pages) {
    const answer = await fetch(`${server.url}/export/${address}`)
    expect(answer.status, name).toBe(200)
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[A-Za-z0-9._-]+\.html"$/)
    const heard = await openFile(page, server.dataFolder, name, await answer.text())
    expect(await page.locator('h1').textContent()).toContain(heading)
    expect(
      await page.locator('img:not([src^="data:"]), iframe, link, script:not([type="application/json"])').count(),
    ).toBe(0)
    expect(JSON.parse((await page.locator('#data').textContent())!), name).toBeTypeOf('object')
    expect(heard, name).toEqual([])
    await screenshot(page, `hand-on-${name}`)
  }
  expect((await fetch(`${server.url}/export/compare.html?runs=9999999`)).status).toBe(404)
})
