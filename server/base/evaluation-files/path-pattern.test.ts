import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { matchPattern, substitutePattern } from './path-pattern.ts'

const root = mkdtempSync(path.join(tmpdir(), 'pattern-'))
for (const folder of ['a/checkpoint-9', 'a/checkpoint-10', 'a/.hidden', 'b[1]/x', 'c{d,e}/x', 's*r/x', 'star/x'])
  mkdirSync(path.join(root, folder), { recursive: true })
symlinkSync('checkpoint-10', path.join(root, 'a/latest'))
symlinkSync('../..', path.join(root, 'a/around'))
symlinkSync('self', path.join(root, 'self'))
writeFileSync(path.join(root, 'a/checkpoint-9/results_1.json'), '{}')

const match = (template: string, values: Record<string, string> = {}) =>
  (matchPattern(root, substitutePattern(template, values)) as string[]).map((file) => path.relative(root, file))

test.each<[string, Record<string, string>, string[]]>([
  ['a/checkpoint-*', {}, ['a/checkpoint-9', 'a/checkpoint-10']],
  ['a/checkpoint-?', {}, ['a/checkpoint-9']],
  ['a/lat*', {}, ['a/latest']],
  ['a/*', {}, ['a/around', 'a/checkpoint-9', 'a/checkpoint-10', 'a/latest']],
  ['a/.*', {}, ['a/.hidden']],
  ['**/results_*.json', {}, ['a/checkpoint-9/results_1.json']],
  ['${x}/*', { x: 'b[1]' }, ['b[1]/x']],
  ['${x}/*', { x: 'c{d,e}' }, ['c{d,e}/x']],
  ['${x}/*', { x: 's*r' }, ['s*r/x']],
  ['b[1]/*', {}, ['b[1]/x']],
  ['*/x', {}, ['b[1]/x', 'c{d,e}/x', 's*r/x', 'star/x']],
  ['self/*/x', {}, []],
  ['a/checkpoint-9/results_1.json/*/x', {}, []],
  ['nowhere/**/x', {}, []],
])('%s with %o', (template, values, expected) => {
  expect(match(template, values).toSorted()).toEqual(expected.toSorted())
})

test('numbers in names are in their order', () => {
  expect(match('a/checkpoint-*')).toEqual(['a/checkpoint-9', 'a/checkpoint-10'])
})

test('a pattern of an absolute path', () => {
  expect(match(`${root}/a/checkpoint-*`)).toHaveLength(2)
})
