/**
 * Reports as the harnesses leave them. Those of lm-evaluation-harness 0.4.13 were written by a run of it with its dummy model, lighteval's
 * by its own logger and tracker (0.13.0), verl's by its trainer's own function (0.9.1); the others follow their sources' layout.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { ReportFormat, ReportSettings } from '../../../domain/sweep/sweep.ts'
import { harnesses, readHarnessReport } from './read-harness-report.ts'

const fixtures = path.join(import.meta.dirname, 'fixtures')
const files = {
  'lm-eval': 'lm-eval/results_2026-11-28T09-27-21.717693.json',
  lighteval: 'lighteval/results_2026-11-28T09-40-00.json',
  opencompass: 'opencompass/gsm8k.json',
  'qwen-math': 'qwen-math/math500/test_qwen25-math-cot_-1_seed0_t0.0_s0_e-1_qwen25-math-cot_metrics.json',
  verl: 'verl/40.jsonl',
  'simple-evals': 'simple-evals/math_checkpoint-60.json',
} satisfies Record<ReportFormat, string>

type Options = Partial<ReportSettings> & { benchmark?: string; wanted?: string[] | 'all'; text?: string; at?: string }

function read(format: ReportFormat, { benchmark, wanted, text, at, ...settings }: Options = {}) {
  const file = path.join(fixtures, at ?? files[format])
  return readHarnessReport(
    file,
    text ?? readFileSync(file, 'utf8'),
    { file: '${report}', ...settings, format },
    { benchmark: benchmark ?? null, wanted: wanted ?? [] },
  )
}

test('lm-eval: a metric with its filter, counts, groups', () => {
  expect(read('lm-eval', { metric: { small_math: 'exact_match,strict-match', small_choice: 'acc,none' } })).toEqual([
    { benchmark: 'small_math', accuracy: 0, correct: 0, total: 3, error: null },
    { benchmark: 'small_choice', accuracy: 2 / 3, correct: 2, total: 3, error: null },
    { benchmark: 'small_group', accuracy: 2 / 3, correct: null, total: null, error: null },
  ])
})

test('lm-eval: a metric whose filter goes without saying, and one where it does not', () => {
  const results = read('lm-eval', {
    metric: { small_choice: 'acc_norm', small_math: 'exact_match' },
    wanted: ['small_math'],
  })
  expect(results).toMatchObject([
    {
      benchmark: 'small_math',
      accuracy: null,
      error:
        'small_math has several metrics exact_match; expected one of exact_match,strict-match; exact_match,flexible-extract',
    },
    { benchmark: 'small_choice', correct: 2 },
    { benchmark: 'small_group' },
  ])
})

test('lm-eval: where several metrics are there and none is named, no number, and what to write', () => {
  expect(read('lm-eval', { wanted: ['small_math', 'small_choice'] })).toMatchObject([
    {
      accuracy: null,
      error: expect.stringContaining('write metric: { small_math: "exact_match,strict-match" } beside the report'),
    },
    { accuracy: null, error: expect.stringContaining('(acc,none; acc_norm,none)') },
    { benchmark: 'small_group', accuracy: 2 / 3 },
  ])
  // what the baseline lacks does not count, and is left out
  expect(read('lm-eval')).toMatchObject([{ benchmark: 'small_group' }])
})

test('lm-eval: a standard error that was not computed is no metric, a metric that is no number says so', () => {
  const text = JSON.stringify({
    results: { gsm8k: { alias: 'gsm8k', 'exact_match,none': 'N/A', 'exact_match_stderr,none': 'N/A' } },
    'n-samples': { gsm8k: { original: 1319, effective: 100 } },
  })
  expect(read('lm-eval', { text })).toMatchObject([{ accuracy: null, error: '"N/A" is not a number' }])
  const limited = read('lm-eval', { text: text.replace('"N/A"', '0.44') })
  expect(limited).toMatchObject([{ accuracy: 0.44, correct: 44, total: 100 }])
})

test('lighteval: tasks by their name alone, averages kept apart, counts of its task configuration', () => {
  expect(read('lighteval', { metric: { 'mmlu:_average': 'acc' } })).toEqual([
    { benchmark: 'gsm8k', accuracy: 2 / 3, correct: 2, total: 3, error: null },
    { benchmark: 'mmlu:_average', accuracy: 0.625, correct: null, total: null, error: null },
  ])
  expect(read('lighteval', { metric: 'acc', wanted: ['mmlu:anatomy'] })).toMatchObject([
    { benchmark: 'mmlu:abstract_algebra', correct: 3, total: 4 },
    { benchmark: 'mmlu:anatomy', correct: 2, total: 4 },
    { benchmark: 'mmlu:_average' },
  ])
})

test('lighteval: older names, and one task with two numbers of shots', () => {
  const results = {
    'lighteval|gsm8k|0|0': { qem: 0.5 },
    'lighteval|gsm8k|5|0': { qem: 0.6 },
    'leaderboard|arc|25|0': { acc: 0.7 },
  }
  const text = JSON.stringify({ config_general: {}, results })
  expect((read('lighteval', { text }) as { benchmark: string }[]).map(({ benchmark }) => benchmark)).toEqual([
    'lighteval|gsm8k|0|0',
    'lighteval|gsm8k|5|0',
    'arc',
  ])
})

test('opencompass: percent of a data set, its questions, and the table of all', () => {
  expect(read('opencompass')).toMatchObject([{ benchmark: 'gsm8k', correct: 2, total: 3, error: null }])
  const table = read('opencompass', { at: 'opencompass/summary_20261128_094000.csv' })
  expect(table).toMatchObject([
    { benchmark: 'gsm8k', accuracy: 0.6667 },
    { benchmark: 'math-500', accuracy: 0.44 },
    { benchmark: 'mmlu-stem', accuracy: 0.5125 },
  ])
  const two = 'dataset,version,metric,mode,a,b\ngsm8k,1,accuracy,gen,1,2\n'
  expect(read('opencompass', { text: two })).toContain('has 2 models (a, b)')
  expect(read('opencompass', { text: '{"error": "missing metrics"}' })).toContain('says "missing metrics"')
})

test('qwen-math: percent rounded to a decimal stays as it is, its questions serve the interval', () => {
  expect(read('qwen-math')).toEqual([{ benchmark: 'math500', accuracy: 0.667, correct: null, total: 3, error: null }])
  expect(read('qwen-math', { benchmark: 'MATH' })).toMatchObject([{ benchmark: 'MATH' }])
  expect(read('qwen-math', { text: '{"acc": 44.0, "num_samples": 500}' })).toMatchObject([{ correct: 220, total: 500 }])
  expect(read('qwen-math', { scale: 'fraction' })).toMatchObject([
    { accuracy: null, error: '66.7 is not within 0 and 1: a percentage? Then write scale: percent beside the report' },
  ])
})

test('verl: right answers of every line, questions by their input; a reward of -1 is no accuracy', () => {
  expect(read('verl', { wanted: ['gsm8k'] })).toEqual([
    { benchmark: 'gsm8k', accuracy: 0.75, correct: null, total: 2, error: null },
  ])
  expect(read('verl', { metric: 'score', wanted: ['gsm8k'] })).toMatchObject([
    { accuracy: null, error: 'gsm8k has no metric score; expected one of acc' },
  ])
  const lines = [
    { input: 'a', output: '', score: 1, data_source: 'math' },
    { input: 'b', output: '', score: 0, data_source: 'math' },
    { input: 'c', output: '', score: 1, data_source: 'aime' },
  ]
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  expect(read('verl', { text })).toMatchObject([
    { benchmark: 'math', correct: 1, total: 2 },
    { benchmark: 'aime', correct: 1, total: 1 },
  ])
  expect(read('verl', { text: `${text}{"input": "d", ` })).toContain('has no JSON in line 4')
})

test('simple-evals: the score of the evaluation that the file is named for', () => {
  expect(read('simple-evals')).toMatchObject([{ benchmark: 'math', accuracy: 2 / 3, correct: null, error: null }])
  expect(read('simple-evals', { benchmark: 'MATH500' })).toMatchObject([{ benchmark: 'MATH500' }])
})

test.each(Object.keys(files) as ReportFormat[])(
  '%s: a file of something else, half a file, names of prototypes',
  (format) => {
    expect(read(format, { text: '{"other": {"a": {"b": 1}}}' })).toMatch(
      /^The report .* (is none of|has no|says|has several).*\.$/,
    )
    expect(read(format, { text: '{"results": {"gsm8k": {"acc' })).toMatch(/no whole JSON|has no JSON/)
    expect(read(format, { text: '[1, 2]' })).toMatch(/is none of|has no/)
    const hostile =
      '{"config_general": {}, "results": {"__proto__": {"acc": 0.5}, "constructor": {"acc": 0.5}}, "accuracy": 1, "acc": 1, "score": 1}'
    expect(typeof read(format, { text: hostile, metric: 'toString' })).not.toBe('undefined')
    expect(({} as Record<string, unknown>).acc).toBeUndefined()
  },
)

test('the files of answers that stand around a report', () => {
  const around = (folder: string) =>
    readdirSync(path.join(fixtures, folder)).map((name) => path.join(fixtures, folder, name))
  const of = (format: ReportFormat, benchmark: string) =>
    harnesses[format].itemsOf(path.join(fixtures, files[format]), benchmark, around(path.dirname(files[format])))
  expect(path.basename(of('lm-eval', 'small_math')!)).toBe('samples_small_math_2026-11-28T09-27-21.717693.jsonl')
  expect(of('lm-eval', 'small_group')).toBeNull()
  expect(path.basename(of('qwen-math', 'math500')!)).toBe('test_qwen25-math-cot_-1_seed0_t0.0_s0_e-1.jsonl')
  expect(path.basename(of('verl', 'gsm8k')!)).toBe('40.jsonl')
})

test.each<[ReportFormat, string, string | null, unknown[]]>([
  [
    'lm-eval',
    'lm-eval/samples_small_choice_2026-11-28T09-27-21.717693.jsonl',
    'acc,none',
    [
      { id: '0', prompt: '2 + 2 =', answer: '0', correct: true },
      { id: '1', correct: false },
      { id: '2', correct: true },
    ],
  ],
  [
    'lm-eval',
    'lm-eval/samples_small_math_2026-11-28T09-27-21.717693.jsonl',
    'exact_match,flexible-extract',
    [
      null,
      null,
      null,
      { id: '0', prompt: '2 + 2 =', response: 'lol', answer: '4', given: 'lol', correct: false },
      { id: '1', correct: false },
      { id: '2', correct: false },
    ],
  ],
  [
    'qwen-math',
    'qwen-math/math500/test_qwen25-math-cot_-1_seed0_t0.0_s0_e-1.jsonl',
    null,
    [
      { id: '0', prompt: '2 + 2 =', response: 'It is \\boxed{4}', answer: '4', given: '4', correct: true },
      { id: '1', given: '7', correct: false },
      { id: '2', correct: true },
    ],
  ],
  [
    'verl',
    'verl/40.jsonl',
    null,
    [
      { prompt: '2 + 2 =', response: '4', answer: '4', given: '4', correct: true },
      { prompt: '2 + 2 =', correct: false },
      { prompt: '3 + 5 =', correct: true },
      { correct: true },
    ],
  ],
])('%s: lines of %s by %s', (format, file, metric, expected) => {
  const lines = readFileSync(path.join(fixtures, file), 'utf8').trim().split('\n')
  const items = lines.map((line) => harnesses[format].item(JSON.parse(line) as Record<string, unknown>, metric))
  expect(items).toMatchObject(expected)
})

test('opencompass keeps its answers within the report', () => {
  const text = readFileSync(path.join(fixtures, files.opencompass), 'utf8')
  expect(harnesses.opencompass.itemsWithin!(text)).toMatchObject([
    { id: 'gsm8k_0', given: '4', answer: '4', correct: true },
    { id: 'gsm8k_1', correct: false },
    { id: 'gsm8k_2', correct: true },
  ])
})
