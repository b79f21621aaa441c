import { expect, test } from 'vitest'
import { tableEvaluations, tableEvents } from './evaluation-table.ts'

test('a table of benchmarks with counts becomes evaluations, at its own steps where it says them', () => {
  const rows = [
    ['AMC23', 16, 40],
    ['GSM8k', 944, 1319],
  ]
  expect(tableEvaluations(['benchmark', 'correct', 'total'], rows, 7)).toEqual([
    { type: 'evaluation', step: 7, benchmark: 'AMC23', correct: 16, total: 40 },
    { type: 'evaluation', step: 7, benchmark: 'GSM8k', correct: 944, total: 1319 },
  ])
  expect(tableEvents(['step', 'Task', 'Total', 'Correct'], [[120, 'AMC23', 40, 16]], 7)).toEqual([
    { type: 'evaluation', step: 120, benchmark: 'AMC23', correct: 16, total: 40 },
  ])
})

test('counts that are none are told, and no figure is made of them', () => {
  const [note, ...others] = tableEvaluations(
    ['benchmark', 'correct', 'total'],
    [
      ['AMC23', 0.4, 40],
      ['AMC23', 41, 40],
      ['', 1, 2],
    ],
    1,
  )!
  expect(note).toMatchObject({ type: 'note', level: 'warning' })
  expect((note as { text: string }).text).toContain('["AMC23",0.4,40]')
  expect(others.map(({ type }) => type)).toEqual(['note', 'note'])
})

test('rollouts are rollouts, and a table of anything else is nothing', () => {
  expect(tableEvents(['prompt', 'completion'], [['a', 'b']], 1)).toMatchObject([{ type: 'sample', response: 'b' }])
  expect(tableEvents(['benchmark', 'accuracy'], [['AMC23', 0.4]], 1)).toEqual([])
})
