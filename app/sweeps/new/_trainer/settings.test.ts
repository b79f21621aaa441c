import { expect, test } from 'vitest'
import { settingsOfTrainer } from '../../../../contract/settings-list.ts'
import { valueProblem } from '../../../../domain/sweep/settings/settings.ts'
import { checkForm } from '../form-issues.ts'
import { defaultWords, findSettings, rangeWords } from './setting-words.ts'
import { emptyForm, type SweepForm } from '../sweep-form.ts'
import { withTrainer } from './trainer-change.ts'

const row = (id: number, key: string, value: string) => ({ id, key, value })
const axis = (name: string, values: string[]) => ({
  id: 1,
  name,
  kind: 'list' as const,
  values,
  low: '',
  high: '',
  count: '',
})
const sft: SweepForm = { ...emptyForm, trainer: 'sft', config: [row(1, 'seed', '3'), row(2, 'packing', 'false')] }

test('another kind of trainer keeps what both know, names what it leaves out, and keeps what nobody knows to be told of', () => {
  const form = { ...sft, config: [...sft.config, row(3, 'learnig_rate', '1')] }
  const { form: next, left } = withTrainer(form, 'grpo')
  expect(next.config.map(({ key }) => key)).toEqual(['seed', 'learnig_rate'])
  expect(left).toEqual(['packing'])
  expect(withTrainer(form, 'pretrain').left).toEqual([])
  expect(withTrainer(form, 'command').form.config).toEqual(form.config)
})

test('the benchmarks of the built-in evaluation are filled in where nobody has begun a table', () => {
  const names = ({ form }: ReturnType<typeof withTrainer>) => form.benchmarks.map(({ name }) => name)
  const levels = ['level-1', 'level-2', 'level-3', 'level-4']
  expect(names(withTrainer(emptyForm, 'sft'))).toEqual(levels)
  expect(names(withTrainer(withTrainer(emptyForm, 'sft').form, 'command'))).toEqual([''])
  const begun = { ...emptyForm, benchmarks: [{ id: 1, name: 'GSM8k', accuracy: '', questions: '' }] }
  expect(names(withTrainer(begun, 'sft'))).toEqual(['GSM8k'])
  const measured = { ...emptyForm, benchmarks: [{ id: 1, name: 'level-1', accuracy: '0.5', questions: '' }] }
  expect(names(withTrainer(measured, 'grpo'))).toEqual(['level-1'])
})

test('settings are found by their names and by what they do', () => {
  const keys = (search: string) => findSettings(settingsOfTrainer('grpo'), search).map(({ key }) => key)
  expect(keys('clip')).toEqual(expect.arrayContaining(['gradient_clip', 'clip_low', 'clip_high', 'dual_clip']))
  expect(keys('response tokens')).toEqual(['maximum_new_tokens'])
  expect(keys('GSPO')).toEqual(['importance_sampling_level'])
  expect(keys('')).toHaveLength(settingsOfTrainer('grpo').length)
})

test('a default and a range read as a person would say them', () => {
  const of = (key: string) => settingsOfTrainer('grpo').find((setting) => setting.key === key)!
  expect(defaultWords(of('learning_rate'))).toBe('0.00002')
  expect(defaultWords(of('levels'))).toBe('[1,1,1,1]')
  expect(defaultWords(of('data'))).toBe('')
  expect(rangeWords(of('maximum_new_tokens'))).toBe('A whole number of 1 or more, in tokens.')
  expect(rangeWords(of('schedule'))).toBe('')
})

test('a value is told of as it is typed, and at its chip, without the server', () => {
  expect(valueProblem('sft', 'batch_size', '12.5')).toBe('batch_size is 12.5; expected a whole number of 1 or more.')
  expect(valueProblem('sft', 'batch_size', '16')).toBeNull()
  expect(valueProblem('grpo', 'schedule', 'linear')).toBe('schedule is linear; expected cosine or constant.')
  expect(valueProblem('sft', 'anything', 'x')).toBeNull()
  const { issues } = checkForm(
    { ...sft, baselineMeasure: '', axes: [axis('batch_size', ['8', '0'])] },
    { slots: 4, storedBaselines: [] },
  )
  expect(issues).toContainEqual(
    expect.objectContaining({ path: ['axes', 'batch_size', 1], fix: { label: 'Remove 0', value: '' } }),
  )
})
