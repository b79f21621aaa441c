/** Notes in Markdown on a sweep and on a run: written, read, and harmless whoever wrote them. */
import { expect, screenshot, test } from './harness.ts'
import { apiOf } from './sweeps.ts'

const note = `# Why these rates

The **paper** says \`2e-5\`; _we_ saw it [diverge](/sweeps/1#curves):

- the loss jumps at step 40
- see https://a.example/report

1. lower it
2. train again

| rate | loss | what was seen at the end of it |
|---|---|---|
| 2e-5 | 0.31 | **steady**, and the answers grow no longer than before |
| 1e-4 | NaN | gone |

> It was the warm-up.

\`\`\`yaml
axes: { learning_rate: [1e-5, 2e-5], warmup_share_of_the_whole_training_with_a_long_name: [0.01, 0.03, 0.1] }
\`\`\``

const hostile = `<script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">

[here](javascript:window.harmed=3) and <a href="javascript:window.harmed=4">there</a> ![x](https://evil.example/pixel.png)

<iframe src="https://evil.example/frame"></iframe><style>* { display: none }</style>

[a]: javascript:window.harmed=5

[reference][a] ${'long'.repeat(100)}`

test('a note is read as it is meant, written where it stands, and runs and fetches nothing', async ({
  server,
  page,
  problems,
}) => {
  const api = apiOf(server)
  const { id } = await api.sweeps.create.mutate({
    definition: { name: 'noted', axes: { learning_rate: [1] }, train: { command: ['true'] }, track: 'none' },
  })
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${server.url}/sweeps/${id}`)
  await page.getByRole('button', { name: 'Add a note on noted' }).click()
  const field = page.getByLabel('Note on noted, in Markdown')
  await field.fill('dropped')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Add a note on noted' }).click()
  expect(await field.inputValue()).toBe('')
  await field.fill(note)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'Why these rates' }).waitFor()
  expect(await page.getByRole('row', { name: '1e-4 NaN gone' }).count()).toBe(1)
  expect(await page.getByRole('link', { name: 'diverge' }).getAttribute('href')).toBe('/sweeps/1#curves')
  await screenshot(page, 'note-sweep')

  await api.runs.note.mutate({ id: 1, note: hostile })
  await page.goto(`${server.url}/runs/1`)
  await page.getByText('<script>window.harmed = 1</script>').waitFor()
  await page.getByText('[here](javascript:window.harmed=3)').waitFor()
  expect(await page.getByRole('link', { name: 'image: x' }).getAttribute('href')).toBe('https://evil.example/pixel.png')
  await screenshot(page, 'note-hostile')
  expect(await page.evaluate(() => Reflect.get(window, 'harmed'))).toBeUndefined()
  expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([])

  // what could not be kept is there again, and is kept the next time
  await page.getByRole('button', { name: 'Edit the note on run 1' }).click()
  await page.route('**/runs.note**', (route) => route.abort())
  await page.getByLabel('Note on run 1, in Markdown').fill('once *more*')
  await page.keyboard.press('Control+Enter')
  expect(await page.getByLabel('Note on run 1, in Markdown').inputValue()).toBe('once *more*')
  await page.unroute('**/runs.note**')
  expect(problems.splice(0)).toEqual([expect.stringContaining('runs.note')])
  await page.getByLabel('Note on run 1, in Markdown').press('Control+Enter')
  await page.locator('em', { hasText: 'more' }).waitFor()
})
