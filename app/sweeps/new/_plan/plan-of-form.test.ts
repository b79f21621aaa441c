import { expect, test } from 'vitest'
import { type AxisRow, emptyForm, type SweepForm } from '../sweep-form.ts'
import { firstCommandOf, firstEnvironmentOf, quotesFor } from '../_command/first-command.ts'
import { expandedValues, planOfForm, savedOfForm } from './plan-of-form.ts'

const row = (name: string, change: Partial<AxisRow>): AxisRow => ({
  id: name.length,
  name,
  kind: 'list',
  values: [],
  low: '',
  high: '',
  count: '',
  ...change,
})
const form: SweepForm = {
  ...emptyForm,
  axes: [
    row('batch_size', { values: ['128', '256'] }),
    row('decay', { kind: 'log', low: '1e-3', high: '1e-1', count: '3' }),
    row('epoch', { kind: 'milestones', values: ['3', '6'] }),
  ],
}

test('milestones multiply points and not trainings', () => {
  expect(planOfForm(form)).toMatchObject({ trainings: 6, points: 12 })
  expect(planOfForm(emptyForm)).toBeNull()
  const huge = row('seed', { kind: 'range', low: '1', high: '90000', count: '90,000' })
  expect(planOfForm({ ...form, axes: [...form.axes, huge] })).toMatchObject({ trainings: 540_000, points: 1_080_000 })
})

test('an axis that is half filled in has no values yet, and does not fail', () => {
  expect(expandedValues(row('a', { kind: 'range', low: '1', high: '', count: '3' }))).toEqual([])
  expect(expandedValues(row('a', { kind: 'range', low: '5', high: '1', count: '3' }))).toEqual([])
  expect(expandedValues(row('a', { kind: 'log', low: '0', high: '1', count: '3' }))).toEqual([])
  expect(expandedValues(row('', { kind: 'range', low: '1', high: '3', count: '3' }))).toEqual(['1', '2', '3'])
})

test('the first command has every value put in, and what is unknown stays and is marked', () => {
  const command = ['run', 'x_${batch_size}_${epoch.last}', '${lr}', '${gpu}', '${init}']
  const parts = firstCommandOf({ ...form, init: 'm/${decay}', train: { ...form.train, command, gpus: '2' } }, 'train')
  expect(parts.map((argument) => argument.map((part) => part.text).join(''))).toEqual([
    'run',
    'x_128_6',
    '${lr}',
    '0,1',
    'm/1e-3',
  ])
  expect(parts.flat().filter((part) => part.unknown)).toEqual([{ text: '${lr}', unknown: true }])
  const evaluate = { ...form.evaluate, command: ['e', '${checkpoint}', '${report}'], environment: ['A=${batch_size}'] }
  const evaluation = { ...form, checkpoint: 'out/${batch_size}/epoch_${epoch}', evaluate }
  const texts = (words: typeof parts) => words.map((word) => word.map((part) => part.text).join(''))
  // the point of the first milestone is evaluated first; where its report goes is known to its run alone
  expect(texts(firstCommandOf(evaluation, 'evaluate'))).toEqual(['e', 'out/128/epoch_3', '${report}'])
  expect(texts(firstEnvironmentOf(evaluation, 'evaluate'))).toEqual(['A=128'])
  expect(quotesFor([{ text: 'a b', unknown: false }])).toBe("'")
})

test('the first command leaves out an axis that its training does not have, with the option before it', () => {
  const command = ['--opt=${opt}', '--momentum', '${momentum}', '--beta=${beta}']
  const axes = [
    row('opt', { values: ['adamw', 'sgd'] }),
    row('momentum', { values: ['0.9'], conditions: [{ axis: 'opt', values: ['sgd'] }] }),
    row('beta', { values: ['0.95'], conditions: [{ axis: 'opt', values: ['adamw'] }] }),
  ]
  const train = { ...form.train, command, environment: ['M=${momentum}', 'B=${beta}'] }
  const texts = (words: ReturnType<typeof firstCommandOf>) => words.map((word) => word.map(({ text }) => text).join(''))
  expect(texts(firstCommandOf({ ...form, axes, train }, 'train'))).toEqual(['--opt=adamw', '--beta=0.95'])
  expect(texts(firstEnvironmentOf({ ...form, axes, train }, 'train'))).toEqual(['B=0.95'])
})

test('what is saved of the grid: by a search, and by stopping at the first milestone', () => {
  const saved = (change: Partial<SweepForm>) => {
    const changed = { ...form, ...change }
    return savedOfForm(changed, planOfForm(changed)!)
  }
  expect(saved({})).toBeNull()
  expect(saved({ search: 'tpe', trainings: '2' })).toMatchObject({ trainings: 4, of: 'the grid’s 6 trainings' })
  expect(saved({ search: 'tpe', trainings: '20' })).toBeNull()
  const stopEarly = { ...form.stopEarly, method: 'milestones' as const }
  // three of six go on, three are stopped half way
  expect(saved({ stopEarly })).toEqual({
    trainings: 1.5,
    share: 0.25,
    of: 'the training',
    note: 'at most: trainings run on while others have not come as far',
  })
  expect(saved({ stopEarly, trainer: 'sft' })!.note).toBe('less where trainings cannot be told apart at the milestone')
  expect(saved({ stopEarly: { ...stopEarly, keep: '0.9' } })).toBeNull()
  expect(saved({ stopEarly: { ...stopEarly, min: '4' } })).toBeNull()
})
