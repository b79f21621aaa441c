import { expect, test } from 'vitest'
import { plainLines, tailOf, toneOf } from './log-text.ts'

test('colours, titles and cursor moves leave no trace', () => {
  expect(plainLines('\u001b[1;33mwarning\u001b[0m: a\u001b[K\n\u001b]0;title\u0007b\u001b(Bc\u0000')).toEqual([
    'warning: a',
    'bc',
  ])
})

test('a progress bar shows its last state only', () => {
  expect(plainLines('10%\r50%\r100%\ndone\n')).toEqual(['100%', 'done', ''])
  expect(plainLines('a\r\nb\r')).toEqual(['a', 'b'])
})

test('lines are as loud as what they say', () => {
  expect(
    [
      'Traceback (most recent call last):',
      'torch.OutOfMemoryError: CUDA',
      'ERROR x',
      'UserWarning',
      'WARN x',
      '0 errors',
      'terror',
      'step 1',
    ].map(toneOf),
  ).toEqual(['danger', 'danger', 'danger', 'warning', 'warning', 'plain', 'plain', 'plain'])
})

test('a tail begins with a whole line', () => {
  expect(tailOf('aaa\nbbb\nccc', 6)).toBe('ccc')
  expect(tailOf('abc', 6)).toBe('abc')
  expect(tailOf('abcdef', 3)).toBe('def')
})
