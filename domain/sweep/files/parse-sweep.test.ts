import { expect, test } from 'vitest'
import { parseSweep } from './parse-sweep.ts'

const valid = { name: 'x', axes: { a: [1, '07'] }, train: { command: ['x', 3] }, score: { baseline: { A: 0.5 } } }
const messagesOf = (input: unknown) => parseSweep(input).issues.map((issue) => issue.message)
const first = (changes: Record<string, unknown>) => parseSweep({ ...valid, ...changes }).issues[0]

test('a definition comes back with its defaults, its values as texts', () => {
  expect(parseSweep(valid)).toEqual({
    issues: [],
    definition: {
      name: 'x',
      search: 'grid',
      axes: { a: ['1', '07'] },
      train: { command: ['x', '3'], gpus: 1, env: {}, retries: 0 },
      score: { aggregate: 'harmonic-mean', baseline: { A: 0.5 }, questions: {} },
    },
  })
})

test('what is missing is named with what was expected', () => {
  expect(messagesOf({})).toEqual(['name is missing; expected a text.', 'axes is missing; expected keys with values.'])
  expect(messagesOf(null)).toEqual(['The sweep is empty; expected keys with values.'])
})

test.each<[Record<string, unknown>, (string | number)[], string]>([
  [{ name: ' ' }, ['name'], 'name is " ": a sweep needs a name.'],
  [{ search: 'random' }, ['search'], 'search is "random"; expected grid, or {'],
  [{ axes: { a: [] } }, ['axes', 'a'], 'axes.a is an empty list: an axis needs at least one value.'],
  [{ axes: { a: [1, ''] } }, ['axes', 'a', 1], 'axes.a[1] is "": a value must not be empty.'],
  [{ axes: { a: ['\0'] } }, ['axes', 'a', 0], 'axes.a[0] is "\\u0000": a value must not hold a NUL character.'],
  [{ axes: { a: 3 } }, ['axes', 'a'], 'The axis a is not written as axes are here; write a: [3] for one value.'],
  [{ axes: { a: {} } }, ['axes', 'a'], 'axes.a is empty; expected a list of values, { range: '],
  [
    { axes: { a: { range: [1, 2] } } },
    ['axes', 'a', 'range'],
    'axes.a.range is a list of 2; expected [low, high, count].',
  ],
  [{ axes: { a: { log: [1, 2, 1] } } }, ['axes', 'a', 'log', 2], 'axes.a.log[2] is 1; expected at least 2.'],
  [
    { axes: { a: { range: [1, 2, 3], log: [1, 2, 3] } } },
    ['axes', 'a'],
    'axes.a has the keys range, log; expected a list',
  ],
  [{ axes: { '1a': [1] } }, ['axes', '1a'], 'axes has the name "1a": an axis name starts with a letter'],
  [{ train: { command: 'bash x' } }, ['train', 'command'], 'train.command is "bash x"; expected a list of arguments'],
  [{ train: { gpus: 1.5 } }, ['train', 'gpus'], 'train.gpus is 1.5; expected a whole number.'],
  [
    { train: { env: { 'a b': '1' } } },
    ['train', 'env', 'a b'],
    'train.env has the name "a b": not a name of an environment',
  ],
  [{ trainer: 'sgd' }, ['trainer'], 'trainer is "sgd"; expected one of sft, grpo, dpo, best_of_n, pretrain.'],
  [
    { score: { baseline: { A: 0 } } },
    ['score', 'baseline', 'A'],
    'score.baseline.A is 0: a baseline accuracy must be above 0',
  ],
  [{ score: { baseline: 3 } }, ['score', 'baseline'], 'score.baseline is 3; expected accuracies, e.g.'],
  [{ name: 'x'.repeat(201) }, ['name'], 'expected at most 200 characters.'],
])('%j is refused in words', (changes, path, message) => {
  const issue = first(changes)
  expect(issue!.path).toEqual(path)
  expect(issue!.message).toContain(message)
})

test.each<[Record<string, unknown>, (string | number)[], string | undefined]>([
  [{ axis: {} }, ['axis'], 'axes'],
  [{ train: { command: ['x'], retires: 1 } }, ['train', 'retires'], 'retries'],
  [{ axes: { a: { ranges: [1, 2, 3] } } }, ['axes', 'a', 'ranges'], 'range'],
  [{ score: { baseline: { A: 0.5 }, agregate: 'minimum' } }, ['score', 'agregate'], 'aggregate'],
  [{ evaluate: { report: { path: 'x' } } }, ['evaluate', 'report', 'path'], undefined],
])('an unknown key in %j comes with the one that was meant', (changes, path, fix) => {
  const issue = first(changes)!
  expect(issue).toMatchObject({ path, atKey: true })
  expect(issue.message).toContain(' is no key of ')
  expect(issue.fix?.value).toBe(fix)
})

test('a key __proto__ is refused and does not vanish', () => {
  const issues = parseSweep(
    JSON.parse(JSON.stringify({ ...valid, config: {} }).replace('"config":{}', '"config":{"a":[{"__proto__":1}]}')),
  ).issues
  expect(issues).toMatchObject([
    { path: ['config', 'a', 0, '__proto__'], message: 'config.a[0].__proto__ cannot be a key; expected another name.' },
  ])
})
