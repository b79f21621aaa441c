/** Evaluation harnesses as they are: where their files stand, what counts in them, questions compared, baselines taken from them. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { answersOf, pairItems } from '../server/read/compare/pair-items.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
  cpSync(path.join(import.meta.dirname, '../server/formats/reports/fixtures'), place('fixtures'), { recursive: true })
})
afterEach(() => server.close())

const place = (...parts: string[]) => path.join(server.dataFolder, ...parts)
const shell = (script: string, ...values: string[]) => ['bash', '-c', script, 'bash', ...values]
/** As lm_eval leaves it: a folder named after the model, a dated file, metrics with their filter. */
const lmEval = `mkdir -p "$1/model__x"; d=2026-11-28T10-20-3$RANDOM
  echo '{"results": {"gsm8k": {"exact_match,strict-match": 0.71, "exact_match_stderr,strict-match": 0.01, "exact_match,flexible-extract": 0.72}, "hendrycks_math500": {"exact_match,none": 0.44}}, "n-samples": {"gsm8k": {"effective": 1319}, "hendrycks_math500": {"effective": 500}}}' > "$1/model__x/results_$d.json"`

function sweepOf(evaluate: SweepInput['evaluate'], parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'harness',
    axes: { lr: ['1e-5', '2e-5'] },
    train: { command: shell('mkdir -p "$1"', 'out/${lr}') },
    checkpoint: 'out/${lr}',
    evaluate,
    score: { baseline: { gsm8k: 0.7 } },
    ...parts,
  }
}

const harmonic = (...ratios: number[]) => ratios.length / ratios.reduce((sum, ratio) => sum + 1 / ratio, 0)

test('lm-evaluation-harness: its dated file below a folder, the metric with its comma', async () => {
  const report = {
    format: 'lm-eval' as const,
    file: 'results/${lr}/**/results_*.json',
    metric: { gsm8k: 'exact_match,strict-match' },
  }
  const definition = sweepOf({ command: shell(lmEval, 'results/${lr}'), report })
  definition.score = { baseline: { gsm8k: 0.7, hendrycks_math500: 0.4 } }
  const sweep = await server.finished(server.create(definition))
  expect(sweep.points[0]!.score).toBeCloseTo(harmonic(0.71 / 0.7, 0.44 / 0.4), 12)
  expect(sweep.points[0]!.results.hendrycks_math500).toMatchObject({ correct: 220, total: 500, counts: 'reported' })
  expect(sweep.points[0]!.results.gsm8k).toMatchObject({ accuracy: 0.71, total: 1319, counts: 'derived' })
  expect(sweep.points[0]!.interval).not.toBeNull()
})

test('a metric that is not named where several are there: no score, and what to write', async () => {
  const report = { format: 'lm-eval' as const, file: 'results/${lr}/**/results_*.json' }
  const sweep = await server.finished(server.create(sweepOf({ command: shell(lmEval, 'results/${lr}'), report })))
  expect(sweep.points[0]).toMatchObject({ status: 'failed', score: null })
  expect(sweep.points[0]!.error).toContain('write metric: { gsm8k: "exact_match,strict-match" }')
})

test('percent: told where nothing says so, read where the file says so', async () => {
  const command = shell(
    'mkdir -p "$1/eval"; echo \'{"acc": {"gsm8k": 71.6, "math500": 44.0}}\' > "$1/eval/all.json"',
    '${checkpoint}',
  )
  const report = { file: 'out/${lr}/eval/all.json', accuracies: 'acc' }
  const score = {
    baseline: { gsm8k: 70, math500: 40 },
    scale: 'percent' as const,
    questions: { gsm8k: 1319, math500: 500 },
  }
  const wrong = await server.finished(server.create(sweepOf({ command, report }, { score })))
  expect(wrong.points[0]!.error).toContain(
    '71.6 is not within 0 and 1: a percentage? Then write scale: percent beside the report',
  )
  const right = await server.finished(
    server.create(
      sweepOf({ command, report: { ...report, scale: 'percent' } }, { score, name: 'again', axes: { lr: ['3e-5'] } }),
    ),
  )
  expect(right.points[0]!.score).toBeCloseTo(harmonic(0.716 / 0.7, 0.44 / 0.4), 12)
  expect(right.score.baseline.accuracies).toEqual({ gsm8k: 0.7, math500: 0.4 })
})

test('a folder and a file for each benchmark, as a pattern and as a map', async () => {
  const script =
    'for b in gsm8k math500; do mkdir -p "$1/$b"; echo "{\\"num_samples\\": 500, \\"acc\\": $([ $b = gsm8k ] && echo 71.6 || echo 44.0)}" > "$1/$b/test_cot_-1_seed0_t0.0_s0_e-1_cot_metrics.json"; done'
  const score = { baseline: { gsm8k: 0.7, math500: 0.4 } }
  const command = shell(script, 'eval/${lr}')
  const pattern = { format: 'qwen-math' as const, file: 'eval/${lr}/*/*_metrics.json' }
  const map = {
    format: 'qwen-math' as const,
    file: { gsm8k: 'eval/${lr}/gsm8k/*_metrics.json', math500: 'eval/${lr}/math500/*_metrics.json' },
  }
  for (const [index, report] of [pattern, map].entries()) {
    const axes = { lr: [`${index}e-5`] }
    const sweep = await server.finished(server.create(sweepOf({ command, report }, { score, axes })))
    expect(sweep.points[0]!.score).toBeCloseTo(harmonic(0.716 / 0.7, 0.44 / 0.4), 12)
  }
})

test('a file for each benchmark without a format: its accuracy under a key', async () => {
  const command = shell(
    'mkdir -p "$1"; echo \'{"overall": {"acc": 0.5}}\' > "$1/a.json"; echo \'{"overall": {"acc": {"correct": 3, "total": 4}}}\' > "$1/b.json"',
    'eval/${lr}',
  )
  const report = { file: { A: 'eval/${lr}/a.json', B: 'eval/${lr}/b.json' }, accuracies: 'overall.acc' }
  const sweep = await server.finished(
    server.create(sweepOf({ command, report }, { score: { baseline: { A: 0.5, B: 0.5 } } })),
  )
  expect(sweep.points[0]!.score).toBeCloseTo(harmonic(1, 1.5), 12)
})

test.each<[string, SweepInput['evaluate'], string]>([
  [
    'lm-eval',
    {
      command: shell('cp -r fixtures/lm-eval "results-$1"', '${lr}'),
      report: { format: 'lm-eval', file: 'results-${lr}/results_*.json', metric: { small_choice: 'acc,none' } },
    },
    'small_choice',
  ],
  [
    'qwen-math',
    {
      command: shell('cp -r fixtures/qwen-math "results-$1"', '${lr}'),
      report: { format: 'qwen-math', file: 'results-${lr}/*/*_metrics.json' },
    },
    'math500',
  ],
  [
    'opencompass',
    {
      command: shell('cp -r fixtures/opencompass "results-$1"', '${lr}'),
      report: { format: 'opencompass', file: 'results-${lr}/*.json' },
    },
    'gsm8k',
  ],
  [
    'lighteval',
    {
      command: shell(
        'mkdir -p "$1/results/out/m" "$1/details/out/m/$2" && cp "fixtures/lighteval/results_$2.json" "$1/results/out/m" && cp fixtures/lighteval/details_gsm8k.parquet "$1/details/out/m/$2/details_gsm8k|5_$2.parquet"',
        'results-${lr}',
        '2026-11-28T09-40-00',
      ),
      report: { format: 'lighteval', file: 'results-${lr}/results/**/results_*.json' },
    },
    'gsm8k',
  ],
])('%s: questions of two checkpoints are compared in pairs', async (_format, evaluate, benchmark) => {
  const sweep = await server.finished(server.create(sweepOf(evaluate, { score: { baseline: { [benchmark]: 0.5 } } })))
  expect(sweep.points.map((point) => point.error)).toEqual([null, null])
  const [first, second] = sweep.points.map((point, at) => answersOf(server.context, 'AB'[at]!, point.checkpoint!.id))
  const paired = await pairItems(benchmark, first!, second!)
  expect(paired.notes).toEqual([])
  expect(paired.questions).toHaveLength(3)
  expect(paired.questions!.map((question) => question.outcome)).toEqual(['both', 'neither', 'both'])
})

test('the baseline is the base model’s report, checked before anything starts and kept as a baseline', async () => {
  const report = {
    format: 'lm-eval' as const,
    file: 'results/${lr}/**/results_*.json',
    metric: 'exact_match,strict-match',
  }
  const score = { baseline: { report: 'base/results.json' } }
  const definition = sweepOf({ command: shell(lmEval, 'results/${lr}'), report }, { score })
  const refusal = () => {
    try {
      server.create(definition)
    } catch (error) {
      return (error as { issues: { message: string; path: unknown[] }[] }).issues
    }
    return null
  }
  expect(refusal()).toMatchObject([
    {
      path: ['score', 'baseline', 'report'],
      message: expect.stringMatching(/There is no report of the base model at .*base\/results.json/),
    },
  ])
  mkdirSync(place('base'))
  writeFileSync(place('base/results.json'), '{"results": {"gsm8k": {"exact_match,strict": 0.7}}}')
  expect(refusal()).toMatchObject([
    { message: expect.stringContaining('base/results.json holds no benchmark with "exact_match,strict-match"') },
  ])
  writeFileSync(place('base/results.json'), '{"acc": {"gsm8k": 0.7}}')
  expect(refusal()).toMatchObject([
    { message: expect.stringContaining('is none of lm-evaluation-harness: it has no results, it has acc') },
  ])
  writeFileSync(place('base/results.json'), '{"results": {"gsm8k": {"exact_match,strict-match": 0.7}}}')
  const sweep = await server.finished(server.create(definition))
  expect(sweep.points[0]!.score).toBeCloseTo(0.71 / 0.7, 12)
  expect(sweep.score.baseline).toMatchObject({ name: 'harness: base/results.json', accuracies: { gsm8k: 0.7 } })
})

test('what a percentage in the base model’s report needs is said before a training starts', () => {
  mkdirSync(place('base'))
  writeFileSync(place('base/all.json'), '{"acc": {"gsm8k": 71.6}}')
  const evaluate = { command: shell('true'), report: { accuracies: 'acc' } }
  let issues: { message: string }[] = []
  try {
    server.create(sweepOf(evaluate, { score: { baseline: { report: 'base/all.json' } } }))
  } catch (error) {
    issues = (error as { issues: { message: string }[] }).issues
  }
  expect(issues).toMatchObject([
    {
      message: 'base/all.json: 71.6 is not within 0 and 1: a percentage? Then write scale: percent beside the report.',
    },
  ])
})
