/**
 * From an empty form to a running grid without the docs: what a person does is counted, a click, a paste, a text and a key each. With
 * FORM_PACE=1 each waits as long as a person takes, and the seconds in the browser are told, too: `FORM_PACE=1 npm test -- tests/browser/form-actions`.
 */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({
  serverEnvironment: [{ SWEEPBOARD_GPUS: '4', EPOCH_SECONDS: '0.02', EVALUATE_SECONDS: '0.02' }, { scope: 'file' }],
})

/** More than this no form should ask for. */
const mostActions = 40
/** And not more time, by the pace below. */
const mostSeconds = 90
const pace = process.env.FORM_PACE === undefined ? 0 : Number(process.env.FORM_PACE)
/** To find the next thing, to type a character, and to press Tab once more on the way to a field. */
const [secondsEachAction, secondsEachCharacter, secondsEachTab] = [1.2, 0.2, 0.1]

type Hands = {
  click: (target: Locator) => Promise<void>
  type: (target: Locator, text: string) => Promise<void>
  choose: (target: Locator, label: string) => Promise<void>
  press: (key: string) => Promise<void>
  paste: (target: Locator, text: string) => Promise<void>
  count: () => number
  /** What a person takes for it, by the pace. */
  seconds: () => number
  tell: (what: string) => void
}

/** A mouse and a keyboard; or a keyboard alone, which reaches everything by Tab. */
function handsOn(page: Page, by: 'mouse' | 'keyboard'): Hands {
  let [actions, typed, tabs] = [0, 0, 0]
  const startedAt = performance.now()
  const act = async (characters = 0) => {
    actions += 1
    typed += characters
    await page.waitForTimeout(pace * 1000 * (secondsEachAction + secondsEachCharacter * characters))
  }
  const reach = async (target: Locator) => {
    if (by === 'mouse') return target.scrollIntoViewIfNeeded()
    for (let presses = 0; presses < 300; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press('Tab')
      tabs += 1
      await page.waitForTimeout(pace * 1000 * secondsEachTab)
    }
    throw new Error(`Tab does not reach ${target}`)
  }
  return {
    async click(target) {
      await act()
      await reach(target)
      if (by === 'mouse') await target.click()
      else await page.keyboard.press((await target.getAttribute('type')) === 'checkbox' ? 'Space' : 'Enter')
    },
    async type(target, text) {
      await act(text.length)
      await reach(target)
      if (by === 'mouse') await target.click()
      await page.keyboard.type(text)
    },
    async choose(target, label) {
      await act()
      await reach(target)
      if (by === 'mouse') await target.selectOption({ label })
      else await page.keyboard.type(label)
    },
    async press(key) {
      await act()
      await page.keyboard.press(key)
    },
    async paste(target, text) {
      await act()
      await reach(target)
      if (by === 'mouse') await target.click()
      await target.evaluate((input, line) => {
        const clipboardData = new DataTransfer()
        clipboardData.setData('text', line)
        input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
      }, text)
    },
    count: () => actions,
    seconds: () => secondsEachAction * actions + secondsEachCharacter * typed + secondsEachTab * tabs,
    tell(what) {
      const counted = `${actions} actions, ${typed} characters, ${tabs} times Tab, ${Math.round(this.seconds())} s by the pace`
      const took = pace > 0 ? `, ${Math.round((performance.now() - startedAt) / 1000)} s in the browser` : ''
      process.stderr.write(`${what}: ${counted}${took}\n`)
    },
  }
}

async function fillAxis(page: Page, hands: Hands, at: number, name: string, values: string, kind?: string) {
  if (at > 0) await hands.click(page.getByRole('button', { name: 'Add axis' }))
  await hands.type(page.getByLabel('Axis name').nth(at), name)
  if (kind) await hands.choose(page.getByLabel(`Kind of axis ${name}`, { exact: true }), kind)
  await hands.type(page.getByLabel(`Add a value to ${name}`, { exact: true }), values)
  await hands.press('Enter')
}

/** The report's grid: its two scripts as they are called, and the base model measured. */
async function reportGrid(page: Page, hands: Hands, folder: string) {
  await hands.type(page.getByLabel('Name', { exact: true }), 'short-cot')
  await fillAxis(page, hands, 0, 'batch_size', '128,256,512')
  await fillAxis(page, hands, 1, 'learning_rate', '1e-5,2e-5,4e-5')
  await fillAxis(page, hands, 2, 'epoch', '3,6', 'milestones')
  const box = (label: string) => page.getByRole('group', { name: label, exact: true }).getByLabel('Add an argument')
  const line = `cd ${folder} && CUDA_VISIBLE_DEVICES=0,1,2,3 bash scripts/sft_cot_para.sh 512 6 2e-5 sft_explore_512_2e-5`
  await hands.paste(box('Command, one argument a box'), line)
  await hands.click(page.getByRole('button', { name: 'Put in all 5' }))
  await hands.type(
    page.getByLabel('Checkpoint folder, where the trainer reports none'),
    'ckpts/sft_explore_${batch_size}_${learning_rate}/epoch_${epoch}',
  )
  await hands.paste(
    box('Evaluation command, one argument a box'),
    "bash scripts/eval_para.sh '${checkpoint}' '${report}' '${gpu}'",
  )
  await hands.type(page.getByLabel('Accuracies are under'), 'acc')
  await hands.choose(page.getByLabel('Baseline', { exact: true }), 'measured first')
  await hands.type(page.getByLabel('Checkpoint to measure'), 'ckpts/base')
}

/** The scripts in a folder of their own, with a base model that the evaluation takes. */
function scriptsIn(dataFolder: string): string {
  const folder = mkdtempSync(path.join(dataFolder, 'scripts-'))
  cpSync(path.join(import.meta.dirname, '../../examples/report-scripts'), folder, { recursive: true })
  mkdirSync(path.join(folder, 'ckpts/base'), { recursive: true })
  writeFileSync(path.join(folder, 'ckpts/base/settings'), 'learning_rate=1e-6\nbatch=512\nepoch=1\n')
  return folder
}

async function start(page: Page, hands: Hands) {
  // the panel's, or that of the bar at the bottom of a phone
  const button = page.getByRole('button', { name: 'Start sweep' }).locator('visible=true').first()
  await expect.poll(() => page.getByText('Ready to start').or(button).count()).toBeGreaterThan(0)
  await hands.click(button)
  await page.waitForURL(/\/sweeps\/\d+$/)
}

const ways = [
  ['by mouse and keyboard', 'mouse', 1440],
  ['by keyboard alone', 'keyboard', 1440],
  ['on a phone’s width', 'mouse', 390],
] as const

test.for(ways)('the report’s grid with a measured baseline, %s', async ([way, by, width], { server, page }) => {
  await page.setViewportSize({ width, height: 900 })
  const folder = scriptsIn(server.dataFolder)
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Name', { exact: true }).waitFor()
  const hands = handsOn(page, by)
  await reportGrid(page, hands, folder)
  if (by === 'keyboard') await screenshot(page, 'new-sweep-report-grid')
  await start(page, hands)
  hands.tell(`the report’s grid, ${way}`)
  expect(hands.count()).toBeLessThan(mostActions)
  expect(hands.seconds()).toBeLessThan(mostSeconds)
  await page.getByText('18 of 18 points scored').waitFor({ timeout: 60_000 })
  const id = Number(/\d+$/.exec(page.url())![0])
  const { score, counts } = await apiOf(server).sweeps.get.query({ id })
  expect(counts).toMatchObject({ trainings: 9, scored: 18 })
  expect(Object.keys(score.baseline.accuracies)).toEqual(['AMC23', 'GSM8k', 'MATH500', 'OlympiadBench'])
  expect(score.measured).toMatchObject({ checkpoint: 'ckpts/base', status: 'done', reason: null })
  if (by === 'keyboard') {
    await page.goto(`${server.url}/runs/${score.measured!.runId}`)
    await page.getByRole('heading', { name: 'short-cot · baseline' }).waitFor()
    await page.getByText('stand-in evaluation of').waitFor()
    await screenshot(page, 'baseline-measured')
  }
})

test.for(ways)('the built-in grid, %s', async ([way, by, width], { server, page }) => {
  await page.setViewportSize({ width, height: 900 })
  await page.goto(`${server.url}/sweeps/new`)
  await page.getByLabel('Name', { exact: true }).waitFor()
  const hands = handsOn(page, by)
  await hands.type(page.getByLabel('Name', { exact: true }), `built-in-${by}-${width}`)
  await fillAxis(page, hands, 0, 'batch_size', '16,32')
  await fillAxis(page, hands, 1, 'learning_rate', '1e-3,2e-3,4e-3')
  await fillAxis(page, hands, 2, 'epoch', '3,6', 'milestones')
  const sft = page.getByRole('radio', { name: 'Built-in SFT' })
  if (by === 'mouse') await hands.click(sft)
  else {
    await page.getByRole('radio', { name: 'Your command' }).focus()
    await hands.press('ArrowRight')
  }
  for (const [level, accuracy] of [0.5, 0.4, 0.3, 0.2].entries())
    await hands.type(page.getByLabel(`Baseline accuracy of level-${level + 1}`), String(accuracy))
  await hands.choose(page.getByLabel('Starts', { exact: true }), 'when I say so')
  await start(page, hands)
  hands.tell(`the built-in grid, ${way}`)
  expect(hands.count()).toBeLessThan(mostActions)
  expect(hands.seconds()).toBeLessThan(mostSeconds)
  const { definition, counts } = await apiOf(server).sweeps.get.query({ id: Number(/\d+$/.exec(page.url())![0]) })
  expect(counts).toMatchObject({ trainings: 6, points: 12 })
  expect(definition).toMatchObject({ trainer: 'sft', score: { baseline: { 'level-1': 0.5, 'level-4': 0.2 } } })
  expect(definition.config).toBeUndefined()
})
