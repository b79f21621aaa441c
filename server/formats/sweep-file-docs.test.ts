/** The examples of docs/sweep-file.md are sweep files, and its tables name the schema's keys. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { axisSize, expandAxis, isContinuous } from '../../domain/sweep/axes/axes.ts'
import { checkSweep, countPlan } from '../../domain/sweep/plan.ts'
import { sweepSchema } from '../../domain/sweep/sweep.ts'
import { readSweepText } from './read-sweep-file.ts'
import { writeSweepText } from './write-sweep-file.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../docs/sweep-file.md'), 'utf8')
const reports = readFileSync(path.join(import.meta.dirname, '../../docs/reports.md'), 'utf8')
const examplesOf = (text: string) => [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1]!)
const examples = examplesOf(page)

const search = readFileSync(path.join(import.meta.dirname, '../../docs/search.md'), 'utf8')
const objectives = readFileSync(path.join(import.meta.dirname, '../../docs/objective.md'), 'utf8')
const finalists = readFileSync(path.join(import.meta.dirname, '../../docs/finalists.md'), 'utf8')

test.each(
  [...examples, ...examplesOf(reports), ...examplesOf(search), ...examplesOf(finalists), ...examplesOf(objectives)].map(
    (text) => [/^name: (.*)$/m.exec(text)![1]!, text],
  ),
)('the example %s is accepted', (_, text) => {
  const { definition, issues } = readSweepText(text)
  expect(issues).toEqual([])
  expect(checkSweep(definition!, { slots: 4, storedBaselines: ['grpo'] })).toEqual([])
  expect(readSweepText(writeSweepText(definition!)).definition).toEqual(definition)
})

test('the page counts right', () => {
  const counts = examples.slice(0, 2).map((text) => countPlan(readSweepText(text).definition!))
  expect(counts).toEqual([
    { trainings: 9, points: 18 },
    { trainings: 30, points: 90 },
  ])
})

test('every way to write an axis gives the values that stand beside it', () => {
  const rows = [...page.matchAll(/^\| `(\[.*?\]|\{.*?\})` \|(.*)\|$/gm)]
  expect(rows).toHaveLength(8)
  for (const [, written, meaning] of rows) {
    const text = `name: x\naxes: { epoch: ${written} }\nscore: { baseline: { A: 0.5 } }\n`
    const axis = readSweepText(text).definition!.axes.epoch!
    const values = [...meaning!.matchAll(/`(.*?)`/g)].map((match) => match[1])
    if (values.length > 0) expect(expandAxis('epoch', axis).values).toEqual(values)
    // where a search chooses there are none before it has
    else expect(isContinuous(axis) || axisSize(axis) > 1).toBe(true)
  }
})

test('every key of the schema stands in a table', () => {
  const { train, evaluate, score } = sweepSchema.shape
  const report = evaluate.unwrap().shape.report.unwrap()
  const sections = [
    sweepSchema.shape,
    train.unwrap().shape,
    evaluate.unwrap().shape,
    report.shape,
    score.unwrap().shape,
  ]
  for (const key of sections.flatMap((shape) => Object.keys(shape))) {
    expect(page, key).toMatch(new RegExp(`^\\| (\\[)?\`${key}\``, 'm'))
  }
})
