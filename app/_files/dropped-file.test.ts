import { expect, test } from 'vitest'
import { isCurriculumText } from './dropped-file.ts'

test.each([
  ['name: x\nstages:\n  - { name: a }\n', true],
  ['{"name":"x","stages":[]}', true],
  ['name: x\naxes: { s: [1] }\nconfig:\n  stages: 3\n', false],
  ['{"name":"x","config":{"stages":3}}', false],
  ['# stages: none\nname: x\n', false],
  ['', false],
  ['null', false],
])('%j opens as a curriculum: %s', (text, curriculum) => {
  expect(isCurriculumText(text)).toBe(curriculum)
})
