import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig } from './check-settings.ts'
import { settingsOfTrainer, type TrainerName } from './settings-list.ts'
import { schemas } from './trainer-settings.ts'

const trainers = Object.keys(schemas) as TrainerName[]
const page = readFileSync(path.join(import.meta.dirname, '../docs/trainer.md'), 'utf8')

test.each(trainers)(
  'every setting of %s is listed once, with a sentence, what it takes, and a row in the docs',
  (name) => {
    const listed = settingsOfTrainer(name)
    const keys = Object.keys(schemas[name].shape).filter((key) => key !== 'trainer')
    expect(listed.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
    for (const setting of listed) {
      expect(setting.about, setting.key).toMatch(/^[A-Z].{8,}\.$/)
      expect(setting.expected, setting.key).not.toBe('')
      expect(page, setting.key).toContain(`\`${setting.key}\``)
    }
  },
)

test.each(trainers)('the defaults that are listed for %s are what the trainer takes without settings', (name) => {
  const { config } = checkConfig({ trainer: name })
  for (const { key, default: value } of settingsOfTrainer(name))
    expect((config as Record<string, unknown>)[key], key).toEqual(value)
})

test('kinds, words, units and ranges are those of the schema', () => {
  const of = (key: string, name: TrainerName = 'grpo') => settingsOfTrainer(name).find((setting) => setting.key === key)
  expect(of('temperature')).toMatchObject({ kind: 'number', default: 1, expected: 'a number above 0' })
  expect(of('schedule')).toMatchObject({ kind: 'word', words: ['cosine', 'constant'], default: 'constant' })
  expect(of('packing', 'sft')).toMatchObject({ kind: 'truth', default: true, expected: 'true or false' })
  expect(of('maximum_new_tokens')).toMatchObject({ unit: 'tokens', expected: 'a whole number of 1 or more' })
  expect(of('data')).toMatchObject({ kind: 'text', default: undefined })
  expect(of('reward')).toMatchObject({ kind: 'parts' })
})
