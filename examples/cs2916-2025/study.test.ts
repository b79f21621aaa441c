import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { planSweep } from '../../domain/sweep/plan.ts'
import { scoreResults } from '../../domain/score/score.ts'
import study from './study.json' with { type: 'json' }

/** Params of a sweep file's points, every literal as the file wrote it. */
function plannedParams(file: string) {
  const text = readFileSync(path.join(import.meta.dirname, file), 'utf8')
  return planSweep(parse(text, { schema: 'failsafe' })).points.map(({ params }) => params)
}

const byText = (params: Record<string, string>) => JSON.stringify(Object.entries(params).sort())

test.each(study.sweeps)('$file: every point of the grid is published once, and no other', ({ file, points }) => {
  expect(points.map(({ params }) => byText(params)).sort()).toEqual(plannedParams(file).map(byText).sort())
})

test('the best point scores what was published, to the last digit, and no other point scores more', () => {
  const sweep = study.sweeps[0]!
  const best = sweep.points.find((point) => !point.rounded)!
  const counts = best.results as Record<string, { correct: number; total: number }>
  const { score } = scoreResults({
    aggregate: 'harmonic-mean',
    baseline: study.baselines.find(({ name }) => name === sweep.baseline)!.accuracies,
    results: Object.fromEntries(
      Object.entries(counts).map(([name, { correct, total }]) => [name, { accuracy: null, correct, total }]),
    ),
  })
  expect(score).toBe(1.0758890919394155)
  expect(Math.max(...sweep.points.map((point) => ('score' in point ? point.score! : 0)))).toBeLessThan(score!)
  for (const [name, { total }] of Object.entries(counts)) {
    expect(total).toBe(study.benchmarks[name as keyof typeof study.benchmarks].questions)
  }
})

test('each round starts from the step that was picked in the one before', () => {
  const { rounds } = study.grpo
  expect(rounds.map(({ from }) => from)).toEqual([
    null,
    ...rounds.slice(0, -1).map(({ name, pickedStep }) => ({ round: name, step: pickedStep })),
  ])
})
