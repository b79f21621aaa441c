import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readReport } from './read-report.ts'

function report(text: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'report-')), 'report.json')
  writeFileSync(file, text)
  return file
}

test('reads accuracies and counts under a key', () => {
  expect(
    readReport(report('{"acc": {"A": 0.4, "B": {"correct": 3, "total": 4}}}'), { accuracies: 'acc' }, null),
  ).toEqual([
    { benchmark: 'A', accuracy: 0.4, correct: null, total: null, error: null },
    { benchmark: 'B', accuracy: 0.75, correct: 3, total: 4, error: null },
  ])
})

test('reads a whole file, and a dotted key', () => {
  expect(readReport(report('{"A": 1}'), {}, null)).toMatchObject([{ benchmark: 'A', accuracy: 1 }])
  expect(readReport(report('{"results": {"acc": {"A": 0}}}'), { accuracies: 'results.acc' }, null)).toMatchObject([
    { benchmark: 'A', accuracy: 0 },
  ])
})

test.each([
  ['NaN', 'NaN is not within 0 and 1'],
  ['1.2', '1.2 is not within 0 and 1: a percentage? Then write scale: percent beside the report'],
  ['-0.1', '-0.1 is not within 0 and 1'],
  ['"0.4"', '"0.4" is not a number'],
  ['null', 'null is not a number'],
  ['{"correct": 5, "total": 4}', '{"correct":5,"total":4} has neither an accuracy nor correct and total'],
])('keeps a value that is no accuracy (%s) with the reason', (value, error) => {
  expect(readReport(report(`{"acc": {"A": ${value}}}`), { accuracies: 'acc' }, null)).toEqual([
    { benchmark: 'A', accuracy: null, correct: null, total: null, error },
  ])
})

test('says what is wrong with a report that is missing, half written, or without its key', () => {
  expect(readReport('/nowhere/report.json', { accuracies: 'acc' }, null)).toBe(
    'The evaluation wrote no report at /nowhere/report.json.',
  )
  expect(readReport(report('{"acc": {"A": 0.'), { accuracies: 'acc' }, null)).toMatch(
    /is no whole JSON .* begins with "\{\\"acc\\": \{\\"A\\": 0\."/,
  )
  expect(readReport(report('{"accuracy": {"A": 0.1}}'), { accuracies: 'acc' }, null)).toMatch(
    /has no acc; it has accuracy\./,
  )
  expect(readReport(report('{"acc": 0.4}'), { accuracies: 'acc' }, null)).toMatch(/holds 0\.4 where benchmarks/)
})
