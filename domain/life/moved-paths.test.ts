import { expect, test } from 'vitest'
import { movedPaths } from './moved-paths.ts'

const moved = movedPaths([{ from: '/old/data', to: '/new/place' }], false)

test.each([
  ['/old/data', '/new/place'],
  ['/old/data/runs/5/1/ckpt', '/new/place/runs/5/1/ckpt'],
  ['--init=/old/data/runs/5', '--init=/new/place/runs/5'],
  ['cat /old/data/a /old/data/b', 'cat /new/place/a /new/place/b'],
  ['"/old/data/a":1', '"/new/place/a":1'],
])('%s is %s', (before, after) => expect(moved(before)).toBe(after))

test.each([
  '/old/data2/runs',
  '/old/data-2',
  '/x/old/data/runs',
  'old/data',
  '/old',
  '/old/database',
  './old/data/a',
  '',
])('another path stays: %s', (text) => expect(moved(text)).toBe(text))

test('each path is changed once, the longest that fits, also where places were swapped or lie in one another', () => {
  const swapped = movedPaths(
    [
      { from: '/a', to: '/b' },
      { from: '/b', to: '/a' },
    ],
    false,
  )
  expect(swapped('/a/x /b/y')).toBe('/b/x /a/y')
  expect(movedPaths([{ from: '/a', to: '/a/old' }], false)('/a/x')).toBe('/a/old/x')
  const nested = [
    { from: '/a', to: '/c' },
    { from: '/a/b', to: '/d' },
  ]
  expect(movedPaths(nested, false)('/a/b/x /a/x')).toBe('/d/x /c/x')
})

test('names that mean something to patterns or to JSON are names', () => {
  const odd = '/o.d (1)/$&"quoted"\\'
  expect(movedPaths([{ from: odd, to: '/$1' }], false)(`${odd}/a`)).toBe('/$1/a')
  const json = movedPaths([{ from: odd, to: '/new "place"' }], true)(JSON.stringify({ [`${odd}/a`]: [`--x=${odd}/b`] }))
  expect(JSON.parse(json)).toEqual({ '/new "place"/a': ['--x=/new "place"/b'] })
  expect(movedPaths([{ from: '/o.d', to: '/n' }], false)('/old/a')).toBe('/old/a')
})
