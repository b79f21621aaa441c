import { expect, test } from 'vitest'
import { checkBaseline, rowsOf } from './check-baseline.ts'

const row = (name: string, accuracy: string, id = 1, questions = '') => ({ id, name, accuracy, questions })

test('a stored baseline comes back from its rows', () => {
  const accuracies = { AMC23: 0.3, OlympiadBench: 0.096 }
  const questions = { OlympiadBench: 675 }
  expect(checkBaseline('a', rowsOf(accuracies, questions))).toEqual({ accuracies, questions, issues: [] })
})

test('what was typed wrong is told from what is only missing', () => {
  const found = checkBaseline('', [row('A', ''), row('B', 'x'), row('', '0.5')]).issues
  expect(found.map(({ path, typed }) => [path.join('/'), typed])).toEqual([
    ['name', false],
    ['accuracies/A', false],
    ['accuracies/B', true],
    ['accuracies/', true],
  ])
})

test('a benchmark twice, zero and per cent are refused, the last with its fix', () => {
  expect(checkBaseline('a', [row('A', '0.5'), row('A', '0.6', 2)]).issues).toMatchObject([
    { path: ['accuracies', 'A'] },
  ])
  expect(checkBaseline('a', [row('A', '0')]).issues).toMatchObject([{ message: expect.stringContaining('“0”') }])
  expect(checkBaseline('a', [row('A', '71.6')]).issues).toMatchObject([{ fix: { value: '0.716' } }])
  expect(checkBaseline('a', rowsOf({}, {})).issues).toMatchObject([{ path: ['accuracies'], typed: false }])
})

test.each(['0', '-3', '12.5', 'many', '1e3', '9999999999'])('%s is no number of questions', (text) => {
  expect(checkBaseline('a', [row('A', '0.5', 1, text)]).issues).toMatchObject([
    { path: ['questions', 'A'], typed: true, message: expect.stringContaining(`“${text}”`) },
  ])
})
