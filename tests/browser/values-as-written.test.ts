/** Values of axes and settings stand on every page, and in every export and picture, as the file wrote them. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '2' }, { scope: 'file' }] })

/** Models too small to learn, with values that any arithmetic would write in another way. */
const fileOf = (name: string, rest: string) => `name: ${name}
axes:
  learning_rate: [2.70e-3, 0.0034100]
  batch_size: [16]
  epoch: { milestones: [1] }
trainer: sft
config:
  layers: 1
  width: 16
  heads: 2
  dataset_size: 128
  maximum_questions: 4
  maximum_new_tokens: 8
${rest}
score:
  baseline: { level-1: 0.5, level-2: 0.5 }
  questions: { level-1: 4, level-2: 4 }
`
/** How arithmetic would write them. */
const rewritten = /(?<![\d.])(0\.0027|2\.7e-3|0\.00341|3\.41e-3|0\.000313|3\.13e-4|0\.00044|4\.4e-4)(?!\d)/i

test('a value is shown as it was written, wherever it is shown', async ({ server, page }) => {
  const api = apiOf(server)
  const start = async (text: string) => {
    const { id } = await api.sweeps.create.mutate({ text, directory: server.dataFolder })
    await page.goto(`${server.url}/sweeps/${id}`)
    await page.getByText('2 of 2 points scored').waitFor({ timeout: 90_000 })
    return { id, runs: (await api.sweeps.get.query({ id })).runs.map((run) => run.id) }
  }
  const first = await start(fileOf('first', '  weight_decay: 3.130e-4\n  seed: 3'))
  const [best] = (await api.sweeps.points.query({ id: first.id })).rows
  const attempt = path.join(server.dataFolder, 'runs', String(first.runs[0]), '1')
  const init = readdirSync(attempt, { recursive: true, encoding: 'utf8' }).find((file) => /step-\d+$/.test(file))!
  const second = await start(
    `${fileOf('second', '  weight_decay: 4.40e-4\n  seed: 3')}init: ${path.join(attempt, init)}\n`,
  )

  const rate = /2\.70e-3|0\.0034100/
  const decay = /3\.130e-4|4\.40e-4/
  const both = [rate, decay]
  const pages: [address: string, shows: RegExp[]][] = [
    ['/', []],
    [`/sweeps/${first.id}`, [rate]],
    [`/sweeps/${first.id}/parameters`, [rate]],
    [`/sweeps/${first.id}/curves`, [rate]],
    [`/sweeps/${first.id}/search`, []],
    [`/where?sweep=${first.id}`, []],
    ['/where', []],
    [`/sweeps/new?from=${first.id}`, both],
    [`/sweeps/new?checkpoint=${best!.point.checkpointId}`, []],
    [`/runs/${first.runs[0]}`, both],
    [`/runs/${second.runs[1]}`, both],
    ['/runs', []],
    ['/leaderboard', both],
    ['/leaderboard?group=seed', both],
    ['/lineage', [decay]],
    [`/compare?runs=${first.runs[0]},${first.runs[1]}`, [rate]],
    [`/compare?runs=${first.runs[0]},${second.runs[1]}`, both],
    ['/baselines', []],
  ]
  for (const [address, shows] of pages) {
    await page.goto(server.url + address)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    for (const expected of shows)
      await expect
        .poll(async () => expected.test(await wordsOf(page)), { message: `${address} ${expected.source}` })
        .toBe(true)
    expect.soft(rewritten.exec(await wordsOf(page))?.[0], address).toBeUndefined()
  }

  const files: [address: string, shows: RegExp[]][] = [
    ...['csv', 'json', 'yaml', 'html'].map((end): [string, RegExp[]] => [`sweeps/${first.id}.${end}`, [rate]]),
    [`sweeps/${first.id}/parameters.csv`, []],
    [`sweeps/${first.id}/metrics.csv`, [rate]],
    ...['md', 'json', 'svg', 'html'].map((end): [string, RegExp[]] => [
      `lineage/${second.runs[0]}.${end}`,
      end === 'svg' ? [] : [decay],
    ]),
    [`compare.html?runs=${first.runs[0]},${second.runs[1]}`, both],
    ['leaderboard.csv', both],
  ]
  for (const [address, shows] of files) {
    const answer = await fetch(`${server.url}/export/${address}`)
    const text = await answer.text()
    expect(answer.status, `${address}: ${text.slice(0, 200)}`).toBe(200)
    for (const expected of shows) expect.soft(expected.test(text), `${address} ${expected.source}`).toBe(true)
    expect.soft(rewritten.exec(text)?.[0], address).toBeUndefined()
  }
})

/** What the page says: its texts, the names and titles of its parts, and what stands in its fields. */
function wordsOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const said = [document.body.innerText]
    for (const element of document.querySelectorAll('body *')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'href'])
        if (element.hasAttribute(name)) said.push(element.getAttribute(name)!)
      if (element instanceof SVGTextElement) said.push(element.textContent)
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) said.push(element.value)
    }
    return said.join('\n')
  })
}
