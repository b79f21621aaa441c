/** What a sweep will take, before it is started: from earlier runs with the same trainer, without what is there already. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { previewSweep } from '../server/read/sweeps/preview-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import { openTestServer, smallSweep } from './harness.ts'
import { openCommandFolder } from './start-command.ts'

const grid = (values: string[]) =>
  smallSweep({ axes: { a: values }, score: { baseline: { B: 0.25 }, questions: { B: 40 } } })

test('nothing is known before the first run; then it is, with a range, and what is there already is left out', async () => {
  const server = openTestServer()
  const directory = mkdtempSync(path.join(tmpdir(), 'sweepboard-cost-'))
  onTestFinished(async () => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const costOf = (values: string[]) => previewSweep(server.context, { definition: grid(values), directory }).cost
  expect(costOf(['1', '2', '3'])).toMatchObject({
    trainings: 3,
    points: 3,
    work: { trainings: 3, evaluations: 3 },
    questionsEach: 40,
    slotHours: null,
    seconds: null,
    fromRuns: 0,
  })
  await server.finished(createSweep(server.context, { definition: grid(['1', '2', '3']), directory }).id)
  const after = costOf(['1', '2', '3', '4', '5'])!
  expect(after).toMatchObject({ trainings: 5, work: { trainings: 2, evaluations: 2 }, fromRuns: 3 })
  const hours = after.slotHours!.training + after.slotHours!.evaluation!
  expect(hours).toBeGreaterThan(0)
  expect(after.slotHoursWithin!.low).toBeLessThanOrEqual(hours)
  expect(after.slotHoursWithin!.high).toBeGreaterThanOrEqual(hours)
  expect(after.secondsWithin!.high).toBeGreaterThanOrEqual(after.seconds!)
  // of a benchmark nobody knows how many questions it has
  const open = previewSweep(server.context, { definition: smallSweep(), directory }).cost
  expect(open!.questionsEach).toBeNull()
})

test('--plan prints it, and starts nothing', async () => {
  const commands = openCommandFolder()
  onTestFinished(() => commands.close())
  writeFileSync(path.join(commands.folder, 'sweep.yaml'), writeSweepText(grid(['1', '2'])))
  const { code, stdout, stderr } = await commands.run(['sweep.yaml', '--data', 'data', '--plan'])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^Trainings +2 +by the plan\nEvaluations +2 .*\nQuestions +2 × 40 = 80 /)
  expect(stdout).toContain('known after the first training with this trainer')
  const json = await commands.run(['sweep.yaml', '--data', 'data', '--plan', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ cost: { trainings: 2, points: 2, fromRuns: 0 }, same: null })
})
