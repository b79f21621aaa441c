/** Numbers of `config` stand on pages and in files as they were written, and count by what they are. */
import { expect, test } from 'vitest'
import {
  definitionDifferences,
  runDifferences,
  runSettings,
  settingRows,
} from '../../domain/sweep/settings/definition-differences.ts'
import { parseSweep } from '../../domain/sweep/files/parse-sweep.ts'
import { sweepOfStage } from '../../domain/sweep/rounds/curriculum.ts'
import { seedGroupKeys } from '../../domain/sweep/axes/seed-groups.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import { fingerprintOf } from '../base/preparing/same-sweep.ts'
import { formOfSweep } from '../../app/sweeps/new/sweep-form.ts'
import { sweepOfForm } from '../../app/sweeps/new/read-sweep-form.ts'
import { readCurriculumText, readSweepText } from './read-sweep-file.ts'
import { writeSweepText } from './write-sweep-file.ts'

const file = (config: string) => `name: x\naxes: { batch_size: [16, 32] }\ntrainer: sft\nconfig: ${config}\n`

function sweepOf(text: string): Sweep {
  const { definition, issues } = readSweepText(text)
  if (definition === null) throw new Error(JSON.stringify(issues))
  return definition
}
const settingsOf = (sweep: Sweep, params: Record<string, string> = {}) =>
  Object.fromEntries(runSettings({ definition: sweep, params }))

const config =
  '{ learning_rate: 2e-5, warmup: 0.10, weight_decay: 0.00001, seed: 1_0, layers: 0x10, reward: { correct: 1e2, parts: [1.0, a, 5E-3] } }'
const shown = {
  learning_rate: '2e-5',
  warmup: '0.10',
  weight_decay: '0.00001',
  seed: '1_0',
  layers: '0x10',
  'reward.correct': '1e2',
  'reward.parts': '[1.0,"a",5E-3]',
}

test.each([
  ['YAML', file(config)],
  [
    'JSON',
    '{"name":"x","axes":{"batch_size":[16]},"trainer":"sft","config":{"learning_rate":2e-5,"warmup":0.10,"weight_decay":0.00001,"seed":"1_0","layers":"0x10","reward":{"correct":1e2,"parts":[1.0,"a",5E-3]}}}',
  ],
])('settings are shown as the file wrote them: %s', (_, text) => {
  const sweep = sweepOf(text)
  expect(settingsOf(sweep)).toMatchObject(shown)
  expect(sweep.config).toMatchObject({ learning_rate: 0.00002, reward: { correct: 100, parts: [1, 'a', 0.005] } })
})

test('so are numbers that an alias or a merge key brings in, and what stands beside it goes first', () => {
  const merged = `\n  decay: &rate 2e-5\n  base: &shared { warmup: 0.10, learning_rate: 7e-5, decay: 3e-1 }\n  <<: *shared\n  learning_rate: *rate`
  expect(settingsOf(sweepOf(file(merged)))).toMatchObject({
    decay: '2e-5',
    warmup: '0.10',
    learning_rate: '2e-5',
    'base.learning_rate': '7e-5',
  })
})

test('the value of an axis goes over that of config, as it was written', () => {
  const sweep = sweepOf(
    'name: x\naxes: { learning_rate: [2e-3, 3e-3] }\ntrainer: sft\nconfig: { learning_rate: 1e-5, clip: 1.50 }\n',
  )
  expect(settingsOf(sweep, { learning_rate: '2e-3' })).toMatchObject({ learning_rate: '2e-3', clip: '1.50' })
  const [first] = settingRows(
    ['2e-3', '3e-3'].map((rate) => runSettings({ definition: sweep, params: { learning_rate: rate } })),
  )
  expect(first).toEqual({ key: 'learning_rate', values: ['2e-3', '3e-3'], differs: true })
})

test('the same numbers written otherwise are the same sweep, no difference and one group', () => {
  const [one, other] = [sweepOf(file('{ learning_rate: 2e-5 }')), sweepOf(file('{ learning_rate: 0.00002 }'))]
  expect(settingsOf(one).learning_rate).not.toBe(settingsOf(other).learning_rate)
  expect(fingerprintOf(one, '/a')).toBe(fingerprintOf(other, '/a'))
  // as versions before this one stored it
  const { written: _written, ...before } = one
  expect(fingerprintOf(one, '/a')).toBe(fingerprintOf(before, '/a'))
  expect(definitionDifferences(one, other)).toEqual([])
  expect(runDifferences({ definition: one, params: {} }, { definition: other, params: {} })).toEqual([])
  expect(seedGroupKeys(one)({ batch_size: '16' })).toBe(seedGroupKeys(other)({ batch_size: '16' }))
})

test('a text that is not that of the number is not shown', () => {
  const sweep = parseSweep({
    ...sweepOf(file('{ a: 2e-5, b: 3e-5, c: word }')),
    written: { a: '9e-5', c: '1', d: '2' },
  })
  expect(settingsOf(sweep.definition!)).toMatchObject({ a: '0.00002', b: '0.00003', c: 'word' })
  expect(settingsOf(sweep.definition!)).not.toHaveProperty('d')
})

test('`written` is no key of a file', () => {
  expect(readSweepText(`${file('{ a: 2e-5 }')}written: { a: 9 }\n`).issues).toMatchObject([
    { line: 5, message: expect.stringMatching(/"written" is no key of a sweep; expected name, (?!.*written)/) },
  ])
})

test('they go through a written file and through the form as they are', () => {
  const sweep = sweepOf(file(config))
  const text = writeSweepText(sweep)
  for (const words of ['learning_rate: 2e-5', 'warmup: 0.10', 'correct: 1e2', '[1.0, a, 5E-3]', 'layers: 0x10'])
    expect(text).toContain(words)
  expect(sweepOf(text)).toEqual(sweep)
  const { input, issues } = sweepOfForm(formOfSweep(sweep))
  expect(issues).toEqual([])
  const { definition } = parseSweep(input)
  expect(settingsOf(definition!)).toMatchObject({ ...shown, layers: '16' })
  expect(definition!.config).toEqual(sweep.config)
})

test('stages of a curriculum show what they share, and what they say otherwise', () => {
  const { definition } = readCurriculumText(
    'name: c\nconfig: { learning_rate: 2e-5, clip: 0.20 }\nscore: { baseline: { a: 0.5 } }\nstages:\n' +
      '  - { name: one, axes: { step: { milestones: [1] } }, trainer: grpo, pick: best }\n' +
      '  - { name: two, axes: { step: { milestones: [1] } }, trainer: grpo, config: { clip: 2e-1 }, pick: best }\n',
  )!
  const stage = (index: number) => settingsOf(sweepOfStage(definition!, index, { init: null, baselines: new Map() }))
  expect(stage(0)).toMatchObject({ learning_rate: '2e-5', clip: '0.20' })
  expect(stage(1)).toMatchObject({ learning_rate: '2e-5', clip: '2e-1' })
})
