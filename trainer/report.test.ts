import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { lineOf, openReporter } from './report.ts'

test('events are whole lines of JSON with their time, and what JSON lacks is written as a text', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'report-')), 'events.jsonl')
  const report = openReporter(file)
  report.metrics(1, { loss: 1.5, other: Number.NaN })
  report.note('info', 'hello')
  report.close()
  const lines = readFileSync(file, 'utf8').split('\n')
  expect(lines.map((line) => (line === '' ? null : JSON.parse(line)))).toEqual([
    { type: 'metrics', step: 1, values: { loss: 1.5, other: 'NaN' }, time: expect.any(Number) },
    { type: 'note', level: 'info', text: 'hello', time: expect.any(Number) },
    null,
  ])
})

test('the log says how it goes: not every step, but every checkpoint and result', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'report-')), 'events.jsonl')
  const printed: string[] = []
  const report = openReporter(file, (line) => printed.push(line))
  for (let step = 1; step <= 100; step++) report.metrics(step, { loss: 1 / step })
  report.event({ type: 'checkpoint', step: 100, epoch: 3, path: 'checkpoints/step-100' })
  report.close()
  const lines = printed.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
  expect(lines[0]).toBe('step 1  loss 1')
  expect(lines.at(-1)).toBe('checkpoint saved: checkpoints/step-100 (epoch 3)')
  expect(lines.length).toBeLessThan(20)
})

test('figures are cut to what a person reads', () => {
  expect(lineOf({ type: 'metrics', step: 2, values: { loss: 0.123456789, rate: 1e-5, bad: 'NaN' } })).toBe(
    'step 2  loss 0.1235  rate 0.00001  bad NaN',
  )
  expect(lineOf({ type: 'evaluation', step: 2, benchmark: 'level-1', correct: 36, total: 40 })).toBe(
    'level-1: 36 of 40 right',
  )
  expect(lineOf({ type: 'progress', done: 1, total: 2 })).toBeNull()
})
