/** What holds of every page: nothing scrolls sideways on a phone, and what it shows can be reached, named and read. */
import type { Page } from 'playwright-core'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf, gridSweep, newGate, stubFolder } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '4' }, { scope: 'file' }] })

/** Two runs that MLflow's client would make by hand; gives the page's number of the second. */
async function logOwnRuns(url: string): Promise<number> {
  const call = async (name: string, body: object) => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${name}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { run: { info: { run_id: string } } }
  }
  for (const seed of ['1', '2']) {
    const { run } = await call('runs/create', { experiment_id: '0', run_name: `seed-${seed}` })
    const metrics = [0, 1, 2].map((step) => ({ key: 'loss', value: 1 / (step + 1), timestamp: step, step }))
    const params = [{ key: 'seed', value: seed }]
    await call('runs/log-batch', { run_id: run.info.run_id, metrics, params })
  }
  for (;;) {
    const { rows } = await apiOf({ url }).runs.list.query({})
    if (rows.length === 2 && rows.every(({ lastStep }) => lastStep === 2)) return rows[0]!.id
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A run that W&B's client would make, with a model and what it reached on two benchmarks; gives its number. */
async function logModel(url: string): Promise<number> {
  const key = await apiOf({ url }).ownRuns.key.query()
  const headers = { authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` }
  type Answer = {
    data: {
      createArtifact: { artifact: { id: string } }
      createArtifactFiles: { files: { edges: { node: { uploadUrl: string } }[] } }
    }
  }
  const call = async (operation: string, variables: object) => {
    const body = JSON.stringify({ query: `mutation ${operation} { a }`, variables })
    return ((await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json()) as Answer).data
  }
  await call('UpsertBucket', { name: 'by-hand', project: 'scripts', config: '{"lr": {"value": "1e-5"}}' })
  const upload = async (variables: object, name: string, content: string) => {
    const { createArtifact } = await call('CreateArtifact', {
      input: { projectName: 'scripts', runName: 'by-hand', ...variables },
    })
    const { id: artifactID } = createArtifact.artifact
    const { createArtifactFiles } = await call('CreateArtifactFiles', {
      input: { artifactFiles: [{ artifactID, name }] },
    })
    await fetch(createArtifactFiles.files.edges[0]!.node.uploadUrl, { method: 'PUT', body: content })
    await call('CommitArtifact', { input: { artifactID } })
  }
  await upload(
    { artifactCollectionName: 'actor', artifactTypeName: 'model', metadata: '{"step": 20}' },
    'weights.bin',
    'x',
  )
  const history = [{ _step: 20, loss: 0.5, results: { _type: 'table-file', path: 'media/table/results.table.json' } }]
  const stream = { files: { 'wandb-history.jsonl': { offset: 0, content: history.map((row) => JSON.stringify(row)) } } }
  await fetch(`${url}/files/me/scripts/by-hand/file_stream`, { method: 'POST', headers, body: JSON.stringify(stream) })
  const { createRunFiles } = (await call('CreateRunFiles', {
    project: 'scripts',
    run: 'by-hand',
    files: ['media/table/results.table.json'],
  })) as unknown as { createRunFiles: { files: { uploadUrl: string }[] } }
  const table = {
    columns: ['benchmark', 'correct', 'total'],
    data: [
      ['Sums', 24, 40],
      ['Products', 90, 200],
    ],
  }
  await fetch(createRunFiles.files[0]!.uploadUrl, { method: 'PUT', body: JSON.stringify(table) })
  for (;;) {
    const { rows } = await apiOf({ url }).runs.list.query({ filter: 'name = by-hand' })
    const run = rows[0] && (await apiOf({ url }).runs.get.query({ id: rows[0].id }))
    const [checkpoint] = run?.checkpoints ?? []
    if (run && checkpoint && Object.keys(checkpoint.results).length === 2) {
      await apiOf({ url }).checkpoints.pick.mutate({ id: checkpoint.id, picked: true })
      return run.id
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What is wrong with the page for somebody who hears it instead of seeing it; empty where nothing is. */
function problemsOfStructure(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const visible = (element: Element) => element.checkVisibility({ visibilityProperty: true })
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter(visible)
    const textOf = (ids: string | null) =>
      (ids ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' ')
        .trim()
    const nameOf = (element: HTMLElement) => {
      const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent).join(' ')
      return [
        element.getAttribute('aria-label'),
        textOf(element.getAttribute('aria-labelledby')),
        labels,
        element.textContent,
      ]
        .map((text) => text?.trim() ?? '')
        .find((text) => text !== '')
    }
    const found: string[] = []
    const expectOne = (selector: string, what: string) => {
      const { length } = all(selector)
      if (length !== 1) found.push(`${length} ${what}, expected 1`)
    }
    expectOne('h1', 'headings of the first level')
    expectOne('main', 'main')
    expectOne('header', 'header')
    expectOne('nav', 'nav')
    expectOne('footer', 'footer')
    if (document.documentElement.lang !== 'en') found.push('the language of the page is not said')
    if (!/Sweepboard/.test(document.title)) found.push(`the title is ${document.title}`)

    for (const control of all(
      'a[href], button, input, select, textarea, summary, [role=gridcell], [role=img], [tabindex="0"]',
    )) {
      // what a placeholder or a title says is gone once something is typed, and not there on a phone
      if (!nameOf(control)) found.push(`no name: ${control.outerHTML.slice(0, 160)}`)
    }
    for (const part of all('table, [role=grid], section, [role=dialog], dialog, [role=group], fieldset')) {
      const named = part.getAttribute('aria-label') || textOf(part.getAttribute('aria-labelledby'))
      const headed = part.querySelector('h2, h3, legend, caption, thead')
      if (!named && !headed) found.push(`neither name nor heading: ${part.outerHTML.slice(0, 120)}`)
    }
    const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.localName[1]))
    for (const [at, level] of levels.entries()) {
      if (at > 0 && level > levels[at - 1]! + 1)
        found.push(`a heading of level ${level} below one of level ${levels[at - 1]}`)
    }
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at)))
      found.push(`two elements with the id ${id}`)
    for (const element of document.querySelectorAll('[aria-describedby], [aria-labelledby], [aria-controls]')) {
      for (const attribute of ['aria-labelledby', 'aria-controls']) {
        for (const id of element.getAttribute(attribute)?.split(' ') ?? []) {
          if (!document.getElementById(id)) found.push(`${attribute}="${id}" names nothing`)
        }
      }
    }
    return found
  })
}

/** Texts that are too faint on what they stand on, below 4.5:1 (3:1 from 24 px, or 18.66 px bold); WCAG 2.2, 1.4.3. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
    type Color = [number, number, number, number]
    const read = (color: string): Color => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data
      return [red!, green!, blue!, alpha! / 255]
    }
    const over = (top: Color, below: Color): Color => {
      const mix = (at: 0 | 1 | 2) => top[at] * top[3] + below[at] * (1 - top[3])
      return [mix(0), mix(1), mix(2), 1]
    }
    const luminance = ([red, green, blue]: Color) => {
      const [r, g, b] = [red, green, blue].map((channel) => {
        const share = channel / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
    }
    const groundOf = (element: Element | null): Color => {
      if (!element) return [255, 255, 255, 1]
      const color = read(getComputedStyle(element).backgroundColor)
      return color[3] === 1 ? color : over(color, groundOf(element.parentElement))
    }
    const found = new Set<string>()
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent!.trim()
      const element = texts.currentNode.parentElement!
      // the names of disabled buttons may be faint (1.4.3), and a drawing's words stand on what is drawn
      if (text === '' || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      if (element.closest('svg, script, style, noscript, .sr, [aria-disabled=true], :disabled')) continue
      const style = getComputedStyle(element)
      const ground = groundOf(element)
      const [a, b] = [luminance(over(read(style.color), ground)), luminance(ground)]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      const size = Number.parseFloat(style.fontSize)
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
      if (contrast < (large ? 3 : 4.5))
        found.add(
          `${contrast.toFixed(2)}:1 “${text.slice(0, 40)}” in <${element.localName} class="${element.className}">`,
        )
    }
    return [...found]
  })
}

async function expectReadable(page: Page, name: string) {
  expect.soft(await problemsOfStructure(page), name).toEqual([])
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect.soft(await faintTexts(page), `${name}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null })
}

test('every page has its landmarks and names, its texts can be read, and none is wider than a phone', async ({
  server,
  page,
}) => {
  const api = apiOf(server)
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Load the study' }).waitFor()
  await expectReadable(page, 'home-empty')

  const stage = (name: string, pick: string) => ({
    name,
    pick,
    axes: { epoch: { milestones: ['1', '2'] } },
    train: { command: ['bash', 'finishes.sh', '2', '1', '2'], env: { START: '${init}' } },
  })
  const curriculum = {
    name: 'two-stages',
    evaluate: { command: ['bash', 'evaluates.sh', '${report}', 'B=0.${epoch}'], report: { accuracies: 'acc' } },
    score: { baseline: { B: 0.1 }, questions: { B: 40 } },
    stages: [
      { ...stage('first', 'best'), train: { command: ['bash', 'finishes.sh', '2', '1', '2'] } },
      stage('second', 'earliest-of-best'),
      { ...stage('third', 'last'), train: { command: ['bash', 'crashes-always.sh', '1'] } },
    ],
  }
  const { id: curriculumId } = await api.curricula.start.mutate({
    text: JSON.stringify(curriculum),
    directory: stubFolder,
  })
  await page.goto(`${server.url}/curricula/${curriculumId}`)
  await page.getByText('Stage third: 2 of its 2 points have no score').waitFor({ timeout: 60_000 })

  const gate = newGate(server)
  const { sweepIds } = await api.examples.loadStudy.mutate()
  const [running, waiting, failed, sampled] = [
    await api.sweeps.create.mutate({ definition: gridSweep('running', gate), directory: stubFolder }),
    await api.sweeps.create.mutate({ definition: gridSweep('not-started', gate), directory: stubFolder, paused: true }),
    await api.sweeps.create.mutate({
      definition: gridSweep('a-sweep-with-a-name-that-is-longer-than-a-phone-is-wide-and-then-some', gate, {
        train: { command: ['bash', 'crashes-always.sh', '1'] },
        concurrency: 1,
      }),
      directory: stubFolder,
    }),
    await api.sweeps.create.mutate({
      definition: {
        name: 'sampled',
        axes: { seed: ['1'] },
        // a file that is there: it waits for nothing
        train: { command: ['bash', 'samples.sh', 'samples.sh'], retries: 1 },
        score: { baseline: { A: 0.5 } },
      },
      directory: stubFolder,
    }),
  ]
  const searched = await api.sweeps.create.mutate({
    definition: gridSweep('searched', gate, {
      search: { method: 'gaussian-process', trainings: 6 },
      axes: { learning_rate: { log_uniform: ['1e-5', '1e-3'] }, batch_size: ['16', '32'] },
      train: { command: ['bash', 'finishes.sh', '2'] },
      evaluate: {
        command: ['bash', 'evaluates.sh', '${report}', 'Sums=0.6', 'Products=0.5'],
        report: { accuracies: 'acc' },
      },
    }),
    directory: stubFolder,
  })
  const runOf = async (id: number) => (await api.sweeps.get.query({ id })).runs[0]!.id
  await page.goto(`${server.url}/sweeps/${failed.id}`)
  await page.getByText('Paused: 3 runs in a row failed').waitFor()
  await page.goto(`${server.url}/sweeps/${running.id}`)
  await page.getByText('Best so far: 0.774').waitFor()

  const ownRun = await logOwnRuns(server.url)
  const withModel = await logModel(server.url)
  const pages: [name: string, address: string, shows: string][] = [
    ['home', '/', 'not-started'],
    ['new-sweep', '/sweeps/new', 'No points yet'],
    ['new-sweep-filled', `/sweeps/new?from=${running.id}`, 'Filled in from running.'],
    ['new-curriculum', '/curricula/new', 'No stages yet'],
    ['curriculum', `/curricula/${curriculumId}`, 'earliest-of-best'],
    ['study', `/sweeps/${sweepIds[0]}`, 'Best: 1.076'],
    ['study-parameters', `/sweeps/${sweepIds[0]}/parameters`, 'Analysis of variance'],
    ['one-point-parameters', `/sweeps/${sweepIds[1]}/parameters`, 'One point has a score'],
    ['not-started-parameters', `/sweeps/${waiting.id}/parameters`, 'No point has a score yet'],
    ['curves', `/sweeps/${running.id}/curves`, 'Best score'],
    ['curves-none', `/sweeps/${waiting.id}/curves`, 'None of its runs reported a metric.'],
    ['one-point', `/sweeps/${sweepIds[1]}`, 'Best: 1.177'],
    ['running', `/sweeps/${running.id}`, 'Best so far: 0.774'],
    ['searched', `/sweeps/${searched.id}`, 'Where it looked'],
    ['search', `/sweeps/${searched.id}/search`, 'The best is run'],
    ['search-of-grid', `/sweeps/${running.id}/search`, 'is a grid: nothing is proposed in it'],
    ['where', '/where', 'Slots and nodes'],
    ['where-of-sweep', `/where?sweep=${running.id}`, 'Slots and nodes'],
    ['where-of-none', `/where?sweep=${waiting.id}`, 'none began yet'],
    ['not-started', `/sweeps/${waiting.id}`, 'No score yet'],
    ['failed', `/sweeps/${failed.id}`, 'Paused: 3 runs'],
    ['run', `/runs/${await runOf(running.id)}`, 'step 4 of 8'],
    ['rollouts-none', `/runs/${await runOf(running.id)}/rollouts`, 'No samples yet'],
    ['rollouts', `/runs/${await runOf(sampled.id)}/rollouts`, '3 responses to one prompt'],
    ['impact', `/runs/${await runOf(sampled.id)}/impact`, 'of 2 problems'],
    ['impact-none', `/runs/${await runOf(running.id)}/impact`, 'No sample of this run has a reward.'],
    ['run-imported', `/runs/${await runOf(sweepIds[0]!)}`, 'Published figures: nothing was trained here'],
    ['run-failed', `/runs/${await runOf(failed.id)}`, 'Exit code 1'],
    ['run-not-started', `/runs/${await runOf(waiting.id)}`, 'not-started · run 1'],
    ['round', `/sweeps/${sweepIds.at(-1)}`, 'Best: 1.109'],
    ['round-without-score', `/sweeps/${sweepIds[2]}`, 'No score of it was published.'],
    ['run-of-round', `/runs/${await runOf(sweepIds[5]!)}`, 'Round 4, from'],
    ['runs', '/runs', 'Tick runs to compare them'],
    ['run-of-its-own', `/runs/${ownRun}`, 'logged by MLflow'],
    ['run-with-model', `/runs/${withModel}`, 'Start the next round'],
    ['lineage-own', `/lineage?run=${withModel}`, 'Model of the script'],
    ['leaderboard-own', '/leaderboard?filter=project+%3D+scripts', 'a run of its own has no baseline'],
    ['runs-curves', '/runs/curves', 'Mean over seeds'],
    ['leaderboard', '/leaderboard', 'Tick rows to compare them or evaluate them again.'],
    ['leaderboard-grouped', '/leaderboard?group=seed&baseline=1', 'Group over seeds'],
    ['lineage', '/lineage', 'Qwen2.5-Math-1.5B, 5 rounds'],
    ['compare', `/compare?runs=${await runOf(sweepIds[0]!)},${await runOf(sweepIds[4]!)}`, 'Settings and score'],
    ['compare-own', `/compare?runs=${ownRun},${await runOf(failed.id)}`, 'sweep or project'],
    ['baselines', '/baselines', 'used by 1 sweep'],
    ['alerts', '/alerts', 'No rule yet: nothing is told.'],
  ]
  for (const [name, address, shows] of pages) {
    await page.goto(`${server.url}${address}`)
    await page.getByText(shows).first().waitFor()
    await expectReadable(page, name)
    await screenshot(page, `every-${name}`)
  }
})
