import { expect, test } from 'vitest'
import { checkCurriculum, curriculumSchema, nameOfBaseline, startOf, sweepOfStage } from './curriculum.ts'
import { parseCurriculum } from '../files/parse-sweep.ts'

const stage = (name: string, parts: Record<string, unknown> = {}) => ({
  name,
  axes: { step: { milestones: ['10', '20'] } },
  trainer: 'grpo',
  pick: 'best',
  ...parts,
})
const shared = { name: 'all', config: { seed: 1, levels: [1, 1, 1, 1] }, score: { baseline: { A: 0.5 } } }
const read = (...stages: object[]) => curriculumSchema.parse({ ...shared, stages })

test('a stage starts from the one before, from the one it names, or from a model of its own', () => {
  const curriculum = read(stage('a'), stage('b'), stage('c', { from: 'a' }), stage('d', { init: '/model' }))
  expect([0, 1, 2, 3].map((index) => startOf(curriculum, index))).toEqual([null, 0, 0, null])
})

test('a stage is a sweep with what all stages share, and its own before that', () => {
  const curriculum = read(
    stage('a', { config: { seed: 2 }, save_as_baseline: 'measured' }),
    stage('b', { score: { baseline: 'measured' } }),
    stage('c', { trainer: undefined, train: { command: ['true'] } }),
  )
  const baselines = new Map([['measured', 'measured-2']])
  const [a, b, c] = [0, 1, 2].map((index) => sweepOfStage(curriculum, index, { init: `/from/${index}`, baselines }))
  expect(a).toMatchObject({ name: 'all-a', config: { seed: 2, levels: [1, 1, 1, 1] }, score: { baseline: { A: 0.5 } } })
  expect(a).not.toHaveProperty('pick')
  expect(b).toMatchObject({ init: '/from/1', config: { seed: 1 }, score: { baseline: 'measured-2' } })
  // settings of built-in trainers are none of a command's
  expect(c!.config).toBeUndefined()
})

test.each([
  ['a name twice', [stage('a'), stage('a')], 'Two stages are called a; expected each name once.'],
  [
    'a stage that comes later',
    [stage('a', { from: 'b' }), stage('b')],
    'There is no stage b before this one; the first',
  ],
  [
    'an unknown stage',
    [stage('a'), stage('b', { from: 'x' })],
    'There is no stage x before this one; expected one of a.',
  ],
  ['two starts', [stage('a'), stage('b', { from: 'a', init: '/m' })], 'expected from or init, not both'],
  [
    'a baseline saved twice',
    [stage('a', { save_as_baseline: 's' }), stage('b', { save_as_baseline: 's' })],
    'Two stages save the baseline s; expected each name once.',
  ],
])('%s is refused', (_, stages, message) => {
  expect(checkCurriculum(read(...stages)).map((issue) => issue.message)).toEqual([expect.stringContaining(message)])
})

test('a stage without a score anywhere is refused', () => {
  const { definition } = parseCurriculum({ name: 'x', stages: [stage('a')] })
  expect(checkCurriculum(definition!)).toMatchObject([
    { path: ['stages', 0], message: expect.stringContaining('no score') },
  ])
})

test('what the schema refuses is told as in a sweep file, with the keys of a stage', () => {
  const { issues } = parseCurriculum({ ...shared, stages: [{ ...stage('a'), pick: 'most', picks: 1 }] })
  expect(issues.map(({ message }) => message)).toEqual([
    'stages[0].pick is "most"; expected one of best, earliest-of-best, last.',
    expect.stringMatching(/^"picks" is no key of stages\[0\]; expected name, .*, pick, save_as_baseline\.$/),
  ])
  expect(issues[1]!.fix).toEqual({ label: 'Use pick', value: 'pick' })
  expect(parseCurriculum({ stages: [] }).issues.map(({ message }) => message)).toEqual([
    'name is missing; expected a text.',
    'stages is an empty list: a curriculum needs at least one stage.',
  ])
})

test('a baseline is stored once, and never over one with figures of another training', () => {
  const wanted = { name: 'terse', note: 'Measured: step 100.', accuracies: { A: 0.2 } }
  expect(nameOfBaseline(wanted, [])).toEqual({ name: 'terse', stored: false })
  expect(nameOfBaseline(wanted, [wanted])).toEqual({ name: 'terse', stored: true })
  // edited by somebody since: still the same checkpoint's
  expect(nameOfBaseline(wanted, [{ ...wanted, accuracies: { A: 0.3 } }])).toEqual({ name: 'terse', stored: true })
  const other = { ...wanted, note: 'by hand', accuracies: { A: 0.2, B: 0.1 } }
  expect(nameOfBaseline(wanted, [other])).toEqual({ name: 'terse-2', stored: false })
  expect(nameOfBaseline(wanted, [other, { ...other, name: 'terse-2', accuracies: { A: 0.2 } }])).toEqual({
    name: 'terse-2',
    stored: true,
  })
})
