/** The published study: loaded by one click, laid out as the report prints it, scored anew when its baseline is edited. */
import type { Page } from 'playwright-core'
import { expect, screenshot, test } from './harness.ts'

/** The scores of the report's two figures: batch sizes 128, 256, 512 down, learning rates 1e-5, 2e-5, 4e-5 across. */
const published = {
  'epoch 3': ['1.013', '0.850', '0.556', '1.040', '0.953', '0.875', '0.909', '0.971', '1.062'],
  'epoch 6': ['0.964', '0.630', '0.737', '1.032', '0.807', '0.811', '1.003', '1.076', '0.857'],
}

async function openStudy(page: Page) {
  await page.getByRole('link', { name: 'short-cot-sft', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'short-cot-sft' }).waitFor()
  await page.getByRole('grid').first().waitFor()
}

/** The contrast of each cell's text with its ground, as drawn (WCAG 2.2, "contrast ratio"). */
function contrastsOfCells(page: Page): Promise<number[]> {
  return page.getByRole('gridcell').evaluateAll((cells) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
    // any notation of a colour becomes red, green and blue by being painted
    const luminance = (color: string) => {
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((channel) => {
        const share = channel / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
    }
    return cells.map((cell) => {
      const { color, backgroundColor } = getComputedStyle(cell)
      const [a, b] = [luminance(color), luminance(backgroundColor)]
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    })
  })
}

test('the study loads by one click and looks like the report’s figure', async ({ server, page }) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Load the study' }).click()
  await page.getByRole('table', { name: 'Sweeps' }).waitFor()
  await screenshot(page, 'home-study')
  await openStudy(page)
  for (const [panel, expected] of Object.entries(published)) {
    const grid = page.getByRole('grid', { name: `Scores at ${panel}` })
    expect(await grid.getByRole('gridcell').allInnerTexts()).toEqual(expected)
    expect(await grid.getByRole('rowheader').allInnerTexts()).toEqual(['128', '256', '512'])
    expect(await grid.getByRole('columnheader').allInnerTexts()).toEqual(['1e-5', '2e-5', '4e-5'])
    expect(await grid.getByRole('row').count()).toBe(4)
  }
  // the panels stand side by side, epoch 3 first
  const [three, six] = await Promise.all(
    Object.keys(published).map((panel) => page.getByRole('grid', { name: `Scores at ${panel}` }).boundingBox()),
  )
  expect(three!.x + three!.width).toBeLessThanOrEqual(six!.x)
  expect(three!.y).toBe(six!.y)

  // what its questions are worth, and what other numbers would give
  await page
    .getByText(
      'AMC23 makes 61.5\u00a0% of the score’s variance with 1.6\u00a0% of the questions, GSM8k 0.9\u00a0% with 52.1\u00a0%.',
    )
    .waitFor()
  await page.getByText('With the other numbers: 1,535 questions, 61\u00a0% of 2,534').waitFor()
  await page.getByLabel('Questions of OlympiadBench').fill('1000')
  await page.getByText('With the other numbers: 1,860 questions, 73\u00a0% of 2,534').waitFor()
  await page.getByLabel('Questions of OlympiadBench').fill('0')
  await page.getByText('Expected a whole number of questions above 0 for OlympiadBench.').waitFor()

  const best = page.getByRole('gridcell', { name: /, best$/ })
  expect(await best.getAttribute('aria-label')).toBe('batch_size 512, learning_rate 2e-5, epoch 6: score 1.076, best')
  await page.getByText('Best: 1.076').waitFor()
  await page.getByText('17 published scores, known only rounded').waitFor()
  // to the last digit, from the counts of correct answers
  await page.getByRole('cell', { name: '1.076' }).and(page.getByTitle('1.0758890919394155')).waitFor()
  await screenshot(page, 'study')

  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    const contrasts = await contrastsOfCells(page)
    expect(contrasts).toHaveLength(18)
    expect(Math.min(...contrasts), theme).toBeGreaterThanOrEqual(4.5)
  }
  await page.emulateMedia({ colorScheme: null })

  // another layout: epochs down, batch sizes as panels
  await page.getByLabel('Down').selectOption('epoch')
  await page.getByRole('grid', { name: 'Scores at batch_size 512' }).waitFor()
  expect(
    await page.getByRole('grid', { name: 'Scores at batch_size 512' }).getByRole('gridcell').allInnerTexts(),
  ).toEqual(['0.909', '0.971', '1.062', '1.003', '1.076', '0.857'])

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/\.csv$/)
})

test('an edited baseline changes the scores in another window while one looks, and can be undone', async ({
  server,
  page,
}) => {
  await page.goto(server.url)
  await openStudy(page)
  const watching = page
  await watching.getByText('Best: 1.076').waitFor()
  await watching.evaluate(() => Object.assign(window, { neverReloaded: true }))

  const editing = await page.context().newPage()
  await editing.goto(`${server.url}/baselines`)
  await editing.getByRole('button', { name: 'Edit short-cot-sft' }).click()
  const form = editing.getByRole('form', { name: 'Edit short-cot-sft' })
  await form.getByLabel('Accuracy of AMC23').fill('60')
  await form.getByRole('button', { name: 'Save baseline' }).click()
  await form.getByRole('alert').first().waitFor()
  await screenshot(editing, 'baseline-error')
  await form.getByLabel('Accuracy of AMC23').fill('0.6')
  await form.getByRole('button', { name: 'Save baseline' }).click()
  await editing.getByText(/Saved the baseline short-cot-sft\. The scores of 1 sweep are recomputed\./).waitFor()
  await screenshot(editing, 'baselines')

  // harmonic mean of 0.4/0.6, 933/1319/0.716, 0.412/0.44 and 73/675/0.096
  await watching.getByRole('gridcell', { name: /score 0\.895/ }).waitFor()
  await editing.getByRole('button', { name: 'Undo' }).click()
  await watching.getByText('Best: 1.076').waitFor()
  expect(await watching.evaluate(() => 'neverReloaded' in window)).toBe(true)
  await editing.close()
})
