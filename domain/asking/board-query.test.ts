import { expect, test } from 'vitest'
import { type BoardQuery, plainBoardQuery, readBoardQuery, writeBoardQuery } from './board-query.ts'

test('an address carries everything that is asked, and nothing that is as usual', () => {
  const query: BoardQuery = {
    baselineId: 3,
    filter: 'learning_rate < 1e-4 and "my axis" = 2',
    sweepIds: [4, 17],
    trainer: 'grpo',
    tag: 'long answers',
    from: '2026-03-01',
    to: '2026-04-30',
    picked: true,
    grouped: true,
    byCommit: true,
    sort: 'setting:batch_size',
    descending: true,
  }
  expect(readBoardQuery(new URLSearchParams(String(writeBoardQuery(query))))).toEqual(query)
  expect(String(writeBoardQuery(plainBoardQuery))).toBe('')
  expect(readBoardQuery(new URLSearchParams(''))).toEqual(plainBoardQuery)
})

test('what cannot be read in an address counts as not said', () => {
  const address = new URLSearchParams('baseline=x&sweep=1,two,3&from=yesterday&to=2026-13-45&order=sideways')
  expect(readBoardQuery(address)).toEqual({ ...plainBoardQuery, sweepIds: [1, 3], to: null })
})
