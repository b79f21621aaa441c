import { expect, test } from 'vitest'
import { emptyForm, formOfSweep, type SweepForm } from './sweep-form.ts'
import { sweepSchema } from '../../../domain/sweep/sweep.ts'
import { checkForm, fieldLabel, fieldOf, unfilledFields, withFix } from './form-issues.ts'

const limits = { slots: 4, storedBaselines: ['short-cot'] }
const good = formOfSweep(
  sweepSchema.parse({
    name: 'a',
    axes: { batch_size: ['128', '256'], learning_rate: ['1e-5'], epoch: { milestones: ['3', '6'] } },
    train: { command: ['true', '${batch_size}', 'run_${learning_rate}'], env: { A: '${batch_size}' } },
    score: { baseline: { GSM8k: 0.7 } },
  }),
)
const changed = (change: Partial<SweepForm>) => checkForm({ ...good, ...change }, limits)

test('a whole form has nothing against it', () => {
  expect(changed({}).issues).toEqual([])
})

test('an empty form names each thing that is missing once, and all of them are only not filled in yet', () => {
  const { issues, sweep } = checkForm(emptyForm, limits)
  const fields = issues.map((issue) => fieldOf(issue.path))
  expect(new Set(fields).size).toBe(fields.length)
  expect(fields).toEqual(['name', 'axes/', 'train/command', 'score/baseline'])
  expect(sweep).toBeNull()
  const unfilled = unfilledFields(emptyForm)
  expect(fields.filter((field) => !unfilled.has(field))).toEqual([])
})

test('an unknown placeholder is said while the name is still missing, and one click mends it', () => {
  const form = {
    ...good,
    name: '',
    train: { ...good.train, command: ['true', 'run_${lr}_${batch_size}'], environment: ['A=${bacth_size}'] },
  }
  const issues = checkForm(form, limits).issues
  expect(issues.map((issue) => fieldOf(issue.path))).toEqual(['name', 'train/command', 'train/env'])
  const mended = issues.reduce((current, issue) => withFix(current, issue), form as SweepForm)
  expect(mended.train.command).toEqual(['true', 'run_${learning_rate}_${batch_size}'])
  expect(mended.train.environment).toEqual(['A=${batch_size}'])
})

test('an unknown placeholder in a followed file is mended by its fix, and files that nobody has named are only not filled in yet', () => {
  const form = { ...good, track: { files: ['logs', 'runs/${bacth_size}'] } }
  const [issue] = checkForm(form, limits).issues
  expect(fieldOf(issue!.path)).toBe('track/files')
  expect(withFix(form, issue!).track).toEqual({ files: ['logs', 'runs/${batch_size}'] })
  const empty = { ...good, track: { files: [] } }
  expect(checkForm(empty, limits).issues.map(({ path }) => fieldOf(path))).toEqual(['track/files'])
  expect(unfilledFields(empty)).toContain('track/files')
})

test('a value twice on an axis is taken away by its fix', () => {
  const axes = good.axes.map((row) => (row.name === 'batch_size' ? { ...row, values: ['128', '256', '128'] } : row))
  const [issue] = changed({ axes }).issues
  expect(fieldOf(issue!.path)).toBe('axes/batch_size')
  expect(withFix({ ...good, axes }, issue!).axes[0]!.values).toEqual(['128', '256'])
})

test('fixes of numbers and baselines land in their fields', () => {
  const tooMany = { ...good, train: { ...good.train, gpus: '9' } }
  expect(withFix(tooMany, checkForm(tooMany, limits).issues[0]!).train.gpus).toBe('4')
  const stored = { ...good, storedBaseline: 'short_cot' }
  expect(withFix(stored, checkForm(stored, limits).issues[0]!).storedBaseline).toBe('short-cot')
  const percent = { ...good, benchmarks: [{ id: 1, name: 'GSM8k', accuracy: '70', questions: '' }] }
  expect(withFix(percent, checkForm(percent, limits).issues[0]!).benchmarks[0]!.accuracy).toBe('0.7')
})

test('every path has its field, and every field a word', () => {
  const paths: [(string | number)[], string, string][] = [
    [[], 'directory', 'folder'],
    [['axes', 'lr', 'log', 1], 'axes/lr', 'axis lr'],
    [['train', 'command', 4], 'train/command', 'command'],
    [['train'], 'train/command', 'command'],
    [['evaluate', 'report', 'file'], 'evaluate/report/file', 'report file'],
    [['score', 'questions', 'AMC23'], 'score/questions/AMC23', 'questions of AMC23'],
    [['score', 'baseline'], 'score/baseline', 'baseline'],
    [['track'], 'track', 'where trackers log'],
    [['track', 'files', 0], 'track/files', 'files that are followed'],
    [['config', 'steps'], 'config/steps', 'setting steps'],
    [['max_slots'], 'max_slots', 'GPUs this sweep may take'],
  ]
  for (const [path, field, label] of paths) expect([fieldOf(path), fieldLabel(fieldOf(path))]).toEqual([field, label])
})

test('what is wrong with the base model’s report, or with a metric, stands at its own field', () => {
  expect(fieldLabel(fieldOf(['score', 'baseline', 'report']))).toBe('report of the base model')
  expect(fieldLabel(fieldOf(['evaluate', 'report', 'metric', 'gsm8k']))).toBe('metric that counts')
  expect(fieldOf(['evaluate', 'report', 'format'])).toBe('evaluate/report/file')
  expect(unfilledFields({ ...good, baselineReport: '' })).toContain('score/baseline/report')
  expect(changed({ baselineReport: '' }).issues.map(({ path }) => path.join('/'))).toContain('score/baseline/report')
})
