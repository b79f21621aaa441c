import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tryReport } from './try-report.ts'

const fixtures = path.join(import.meta.dirname, '../../formats/reports/fixtures')
let folder: string
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-try-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const of = (format: string, more = {}) => ({ settings: { format, ...more }, wanted: [] })

test('the folder of a harness is read as the harness lays it out, with the answers beside it', async () => {
  const tried = await tryReport({ ...of('lm-eval'), path: path.join(fixtures, 'lm-eval') })
  expect(tried.problem).toBeNull()
  expect(tried.files).toHaveLength(1)
  expect(tried.asBaseline).toBe(path.join(fixtures, 'lm-eval', '**/results_*.json'))
  // which of two metrics counts is not guessed, and the sentence says what to write
  expect(tried.results.find(({ benchmark }) => benchmark === 'small_choice')).toMatchObject({ accuracy: null })
  expect(tried.results.find(({ benchmark }) => benchmark === 'small_choice')!.error).toContain('write metric:')
  const named = await tryReport({ ...of('lm-eval', { metric: 'acc' }), path: path.join(fixtures, 'lm-eval') })
  const choice = named.results.find(({ benchmark }) => benchmark === 'small_choice')!
  expect(choice.error).toBeNull()
  expect(choice.answers).toEqual({ count: choice.total, problems: [] })
})

test.each([
  ['lighteval', 'lighteval', 1],
  ['opencompass', 'opencompass', 1],
  ['qwen-math', 'qwen-math', 1],
  ['verl', 'verl', 1],
  ['simple-evals', 'simple-evals', 1],
])('%s: a folder of its output', async (format, at, least) => {
  const tried = await tryReport({ ...of(format), path: path.join(fixtures, at) })
  expect(tried.problem).toBeNull()
  expect(tried.results.length).toBeGreaterThanOrEqual(least)
})

test('lighteval: answers are counted in the Parquet file beside the results; what is wrong with it is told', async () => {
  const date = '2026-11-28T09-40-00'
  mkdirSync(path.join(folder, 'results/m'), { recursive: true })
  mkdirSync(path.join(folder, 'details/m', date), { recursive: true })
  const lay = (name: string, task: string) =>
    cpSync(
      path.join(fixtures, 'lighteval', name),
      path.join(folder, `details/m/${date}/details_${task}_${date}.parquet`),
    )
  cpSync(path.join(fixtures, `lighteval/results_${date}.json`), path.join(folder, `results/m/results_${date}.json`))
  lay('details_gsm8k.parquet', 'gsm8k|5')
  writeFileSync(path.join(folder, `details/m/${date}/details_mmlu:anatomy|0_${date}.parquet`), 'PAR1 and no more')
  const settings = { format: 'lighteval', metric: { 'mmlu:anatomy': 'acc' } }
  const { results } = await tryReport({ settings, path: folder, wanted: [] })
  const of = (name: string) => results.find(({ benchmark }) => benchmark === name)
  expect(of('gsm8k')).toMatchObject({ correct: 2, total: 3, answers: { count: 3, problems: [] } })
  expect(of('mmlu:anatomy')).toMatchObject({ accuracy: 0.5, answers: { count: 0 } })
  expect(of('mmlu:anatomy')!.answers!.problems[0]).toMatch(/details_mmlu:anatomy\|0_.* cannot be read \(/)
})

test('what the baseline names and the report lacks, and what does not count', async () => {
  writeFileSync(path.join(folder, 'r.json'), '{"acc": {"gsm8k": 0.7, "math": {"correct": 3, "total": 4}}}')
  const tried = await tryReport({
    settings: { accuracies: 'acc' },
    directory: folder,
    path: 'r.json',
    wanted: ['gsm8k', 'GSM8K'],
  })
  expect(tried).toEqual({
    files: [path.join(folder, 'r.json')],
    asBaseline: 'r.json',
    results: [
      { benchmark: 'gsm8k', accuracy: 0.7, correct: null, total: null, error: null, answers: null, counts: true },
      { benchmark: 'math', accuracy: 0.75, correct: 3, total: 4, error: null, answers: null, counts: false },
    ],
    missing: ['GSM8K'],
    problem: null,
  })
})

test('without a path: where the settings say, with anything in place of what a run knows', async () => {
  for (const [lr, accuracy] of [
    ['1e-5', 0.1],
    ['2e-5', 0.2],
  ] as const) {
    mkdirSync(path.join(folder, lr))
    writeFileSync(path.join(folder, lr, 'gsm8k.json'), `{"acc": ${accuracy}}`)
    writeFileSync(path.join(folder, lr, 'all.json'), `{"gsm8k": ${accuracy}}`)
  }
  const at = (file: unknown, more = {}) => tryReport({ settings: { file, ...more }, directory: folder, wanted: [] })
  expect((await at('${lr}/all.json')).results).toMatchObject([{ benchmark: 'gsm8k', accuracy: 0.2 }])
  expect((await at({ gsm8k: '${lr}/gsm8k.json' }, { accuracies: 'acc' })).results).toMatchObject([
    { benchmark: 'gsm8k', accuracy: 0.2 },
  ])
  expect((await at('${report}')).problem).toBe(
    'The report file is ${report}, which each evaluation has of its own; expected a file to try.',
  )
  expect((await at('${lr}/none.json')).problem).toContain('There is no file that */none.json stands for')
})

test('a pasted text', async () => {
  const text = readFileSync(path.join(fixtures, 'simple-evals/math_checkpoint-60.json'), 'utf8')
  const tried = await tryReport({ ...of('simple-evals'), text, name: 'math_x.json' })
  expect(tried.results).toMatchObject([{ benchmark: 'math', error: null }])
  expect((await tryReport({ ...of('lm-eval'), text: '{"a":' })).problem).toContain('is no whole JSON')
})

test('what is no report is told, and nothing waits for it', async () => {
  const problem = async (name: string, settings: object = {}) =>
    (await tryReport({ settings, directory: folder, path: name, wanted: [] })).problem
  execFileSync('mkfifo', [path.join(folder, 'pipe')])
  expect(await problem('pipe')).toContain('is a named pipe, and is not read')
  expect(await problem('/dev/zero')).toContain('is a device')
  expect(await problem('.')).toBe(`${folder} is a folder; expected a file, or the harness that wrote it.`)
  expect(await problem('.', { format: 'lm-eval' })).toContain('There is no file of lm-eval (**/results_*.json)')
  expect(await problem('none.json')).toBe(`There is no report at ${path.join(folder, 'none.json')}.`)
  writeFileSync(path.join(folder, 'deep.json'), '['.repeat(100_000))
  expect(await problem('deep.json')).toContain('is no whole JSON')
  writeFileSync(path.join(folder, 'large.json'), `{"a": "${'x'.repeat(400_000)}"}`)
  expect(await problem('large.json')).toBeNull()
  expect(await problem('large.json', { format: 'fastchat' })).toContain('Invalid option')
})
