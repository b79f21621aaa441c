import { expect, test } from 'vitest'
import { nearestName } from '../files/nearest-name.ts'
import { countPorts, knownPlaceholders, placeholderIssues, placeholdersOf, substitute } from './placeholders.ts'
import type { Sweep } from '../sweep.ts'

const sweep: Pick<Sweep, 'axes' | 'init'> = {
  axes: { batch_size: ['128', '256'], learning_rate: ['1e-5'], epoch: { milestones: ['3', '6'] } },
}

test('placeholders are found where they stand', () => {
  expect(placeholdersOf('a ${x}-${epoch.last}${y-z} $x ${} ${a b} ${x')).toEqual([
    { name: 'x', start: 2, end: 6 },
    { name: 'epoch.last', start: 7, end: 20 },
    { name: 'y-z', start: 20, end: 26 },
  ])
})

test('a value that looks like a placeholder, an option or a command arrives as it is', () => {
  const values = { a: '${b}', b: '$(rm -rf /); `x` && --help', c: "$& $1 $$ $' $`" }
  expect(substitute('${a}|${b}|${c}', values)).toBe(`${values.a}|${values.b}|${values.c}`)
})

test('substitution is one pass, whatever the values', () => {
  let seed = 7
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  const pieces = ['$', '{', '}', '${', '${x}', '${y}', 'x', '$&', ' ', '\\', '-', '\n', 'ä']
  const text = () => Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join('')
  for (let round = 0; round < 2000; round++) {
    const values = { x: text(), y: text() }
    const parts = Array.from({ length: 5 }, () => (['x', 'y', 'plain '] as const)[random(3)]!)
    const template = parts.map((part) => (part === 'plain ' ? part : `\${${part}}`)).join('')
    expect(substitute(template, values)).toBe(parts.map((part) => (part === 'plain ' ? part : values[part])).join(''))
  }
})

test('a missing value is a defect, inherited names are no values', () => {
  expect(() => substitute('${x}', {})).toThrow('${x}')
  expect(() => substitute('${toString}', {})).toThrow('${toString}')
})

test('what is known depends on the place', () => {
  const axes = ['batch_size', 'learning_rate', 'epoch', 'epoch.last']
  expect(knownPlaceholders(sweep, 'train')).toEqual([...axes, 'run', 'gpu', 'port'])
  expect(knownPlaceholders({ ...sweep, init: 'base' }, 'train')).toEqual([...axes, 'run', 'gpu', 'port', 'init'])
  expect(knownPlaceholders(sweep, 'evaluate')).toEqual([
    ...axes,
    'run',
    'checkpoint',
    'report',
    'gpu',
    'port',
    'questions',
  ])
  // an axis that was called so before is meant
  const axis = { ...sweep, axes: { questions: ['1'] } }
  expect(knownPlaceholders(axis, 'evaluate')).toEqual(['questions', 'run', 'checkpoint', 'report', 'gpu', 'port'])
  expect(knownPlaceholders(sweep, 'checkpoint')).toEqual([...axes, 'run'])
  expect(knownPlaceholders({ ...sweep, init: 'base' }, 'init')).toEqual(axes)
})

test('an unknown placeholder is named with the nearest known one, as a whole argument to put in its place', () => {
  const [issue, ...others] = placeholderIssues(sweep, 'train', 'x_${lr}_${batch_size}', ['train', 'command', 4])
  expect(others).toEqual([])
  expect(issue).toEqual({
    path: ['train', 'command', 4],
    message:
      'There is no ${lr} in this sweep. Expected one of ${batch_size}, ${learning_rate}, ${epoch}, ${epoch.last}, ${run}, ${gpu}, ${port}.',
    fix: { label: 'Use ${learning_rate}', value: 'x_${learning_rate}_${batch_size}' },
  })
})

test.each([
  ['${checkpoint}', 'There is no ${checkpoint} in a training.'],
  ['${init}', 'as it has no `init`'],
  ['${batch_size.last}', 'as batch_size has no milestones'],
  ['${epoch.first}', 'There is no ${epoch.first} in this sweep'],
  ['${a b}', '`${a b}` is no placeholder'],
  ['${}', '`${}` is no placeholder'],
  ['${epoch', '`${epoch` has no closing brace'],
  ['${ epoch }', '`${ epoch }` is no placeholder'],
  ['${${epoch}}', '`${${epoch}` is no placeholder'],
  ['${toString}', 'There is no ${toString} in this sweep'],
])('%s in a training command is refused', (template, message) => {
  expect(placeholderIssues(sweep, 'train', template, [])[0]?.message).toContain(message)
})

test('a dollar without a brace is plain text', () => {
  expect(placeholderIssues(sweep, 'train', '$HOME $ {x} $$ \\$', [])).toEqual([])
})

test.each([
  ['lr', 'learning_rate'],
  ['epcoh', 'epoch'],
  ['epochs.last', 'epoch.last'],
  ['batch', 'batch_size'],
  ['bs', 'batch_size'],
  ['Learning_Rate', 'learning_rate'],
  ['warmup', null],
])('the nearest name to %s is %s', (name, nearest) => {
  expect(nearestName(name, ['batch_size', 'learning_rate', 'epoch', 'epoch.last', 'run', 'gpu'])).toBe(nearest)
})

test('$${ is a plain ${, and nothing in it is a placeholder', () => {
  expect(substitute('$${x} ${x} $$${x} $${', { x: '1' })).toBe('${x} 1 $${x} ${')
  expect(placeholdersOf('$${x}${y}')).toEqual([{ name: 'y', start: 5, end: 9 }])
  expect(placeholderIssues({ axes: { a: ['1'] } }, 'train', '$${nobody} $${', [])).toEqual([])
})

test('ports: ${port}, ${port.2} up to ${port.16} where a process is started, and as many as the highest number', () => {
  const sweep = { axes: { a: ['1'] } }
  for (const name of ['port', 'port.2', 'port.16']) {
    expect(placeholderIssues(sweep, 'train', `\${${name}}`, [])).toEqual([])
    expect(placeholderIssues(sweep, 'evaluate', `\${${name}}`, [])).toEqual([])
    expect(placeholderIssues(sweep, 'checkpoint', `\${${name}}`, [])).toHaveLength(1)
    expect(placeholderIssues(sweep, 'report', `\${${name}}`, [])).toHaveLength(1)
  }
  for (const name of ['port.1', 'port.0', 'port.17', 'port.02', 'port.x', 'ports'])
    expect(placeholderIssues(sweep, 'train', `\${${name}}`, []), name).toHaveLength(1)
  expect(countPorts(['a', '${a}', '$${port.4}'])).toBe(0)
  expect(countPorts(['--port=${port}'])).toBe(1)
  expect(countPorts(['${port}', '${port.3}'])).toBe(3)
})
