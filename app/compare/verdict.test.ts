import { expect, test } from 'vitest'
import type { ComparedPair, ComparedView, CompareView } from '../../contract/api/compare.ts'
import { signed, timesShort, timesWords, verdictWords } from './verdict.ts'

const compared = (letter: string, score: number | null): ComparedView => ({
  letter,
  runId: 1,
  home: { kind: 'sweep', id: 1, name: 'short-cot-sft' },
  runName: 'run 1',
  status: 'done',
  name: 'run 1',
  checkpoint: { id: 1, step: 1, epoch: null },
  startedFrom: null,
  ran: null,
  score,
  rounded: false,
  interval: null,
  error: null,
  results: {},
})

const view = (compared: ComparedView[], pairs: ComparedPair[]): CompareView => ({
  of: 'checkpoints',
  baseline: { id: null, name: 'short-cot-sft', accuracies: {} },
  aggregate: 'harmonic-mean',
  compared,
  settings: [],
  code: [],
  ran: [],
  benchmarks: [],
  pairs,
  metrics: [],
  lastStep: 0,
})

const pair = (parts: Partial<ComparedPair>): ComparedPair => ({
  other: 1,
  benchmarks: [],
  all: null,
  score: null,
  notes: [],
  ...parts,
})
const all = (onlyFirst: number, onlySecond: number, chance: number, adjusted = chance): ComparedPair['all'] => ({
  both: 1057,
  onlyFirst,
  onlySecond,
  neither: 1101,
  chance,
  method: 'exact',
  adjusted,
})

test('two that cannot be told apart: the split, its chance, and why the score says otherwise', () => {
  const score = { difference: 0.014, interval: [-0.09, 0.12] as [number, number], ahead: 0.6 }
  const { head, more } = verdictWords(
    view([compared('A', 1.076), compared('B', 1.062)], [pair({ all: all(171, 205, 0.0887), score })]),
  )
  expect(head).toBe(
    'These questions cannot tell A from B. They disagree on 376 of 2,534 questions: only A is right on 171, only B on 205. If the two were equally good, a split at least this uneven would come up about 9 times in 100.',
  )
  expect(more).toEqual([
    'B answers more questions right, yet A scores 0.014 higher: the score weighs benchmarks, not questions. With other questions the difference would lie between −0.09 and +0.12 (95 %); the chance that A is truly ahead is 60 %.',
  ])
})

test('one that is better, and without answers the intervals of counts', () => {
  const two = [compared('A', 1), compared('B', 1.2)]
  expect(verdictWords(view(two, [pair({ all: all(10, 40, 0.00002) })])).head).toContain(
    'B is better than A. They disagree on 50 of',
  )
  const score = (interval: [number, number]) => ({ difference: -0.2, interval, ahead: 0.01 })
  expect(verdictWords(view(two, [pair({ score: score([-0.3, -0.1]) })])).head).toBe(
    'B is better than A. There are no answers question by question, only how many are right, which tells less apart.',
  )
  expect(verdictWords(view(two, [pair({ score: score([-0.3, 0.1]) })])).head).toContain(
    'These counts cannot tell A from B.',
  )
  expect(verdictWords(view([compared('A', 1), compared('B', null)], [pair({})])).head).toBe(
    'B has no score against the baseline short-cot-sft, so nobody can say which is better.',
  )
})

test('the benchmarks that tell two apart, one by one', () => {
  const benchmark = (name: string, onlyFirst: number, onlySecond: number): ComparedPair['benchmarks'][number] => ({
    name,
    counts: { both: 10, onlyFirst, onlySecond, neither: 10 },
    test: { chance: 0.001, method: 'exact', adjusted: 0.001 },
    difference: null,
  })
  const counted = (name: string, difference: [number, number]): ComparedPair['benchmarks'][number] => ({
    name,
    counts: null,
    test: null,
    difference,
  })
  const wordsOf = (benchmarks: ComparedPair['benchmarks']) =>
    verdictWords(view([compared('A', null), compared('B', null)], [pair({ benchmarks })])).more.join(' ')
  expect(wordsOf([benchmark('MATH500', 38, 65), counted('AMC23', [-0.2, 0.1])])).toBe(
    'On MATH500 alone B is better, 65 against 38.',
  )
  expect(wordsOf([benchmark('MATH500', 38, 65), counted('GSM8k', [-0.2, -0.1]), benchmark('AMC23', 9, 1)])).toBe(
    'On AMC23 alone A is better, 9 against 1. Taken one by one, B is better on MATH500 (65 against 38) and GSM8k.',
  )
})

test('several: each against A, after allowing for so many looks', () => {
  const { head, more } = verdictWords(
    view(
      ['A', 'B', 'C', 'D'].map((letter) => compared(letter, 1)),
      [
        pair({ other: 1, all: all(5, 40, 0.001, 0.003) }),
        pair({ other: 2, all: all(5, 15, 0.04, 0.08) }),
        pair({ other: 3, all: all(40, 5, 0.0001, 0.0003) }),
      ],
    ),
  )
  expect(head).toBe('B is better than A; A is better than D; C cannot be told from A.')
  expect(more[0]).toMatch(/^3 comparisons with A were made/)
})

test('chances and differences in words', () => {
  expect([1, 0.25, 0.0101, 0.0004, 1e-9].map(timesWords)).toEqual([
    'always',
    'about 25 times in 100',
    'about once in 100 times',
    'about 4 times in 10,000',
    'less than once in 10,000 times',
  ])
  expect([1, 0.09, 0.004, 1e-9].map(timesShort)).toEqual(['100 in 100', '9 in 100', '40 in 10,000', '<1 in 10,000'])
  expect([0.014, -0.09, -0.0001].map((value) => signed(value, 2))).toEqual(['+0.01', '−0.09', '0.00'])
})
