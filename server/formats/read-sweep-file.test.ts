import { expect, test } from 'vitest'
import { planSweep } from '../../domain/sweep/plan.ts'
import { readCurriculumText, readSweepText } from './read-sweep-file.ts'

/** The example of the sweep file's definition, as it stands there. */
const example = `name: short-cot-sft
search: grid
axes:
  batch_size: [128, 256, 512]
  learning_rate: [1e-5, 2e-5, 4e-5]      # a value reaches the trainer exactly as it is written here
  epoch: { milestones: [3, 6] }          # one training to the last; the checkpoint at each is a point
train:
  command: [bash, scripts/sft_cot_para.sh, "\${batch_size}", "\${epoch.last}", "\${learning_rate}", "sft_explore_\${batch_size}_\${learning_rate}"]
  gpus: 4                                # slots it holds
  env: { WANDB_MODE: offline }
  timeout_seconds: 7200
  retries: 1
checkpoint: "../ckpts/sft_explore_\${batch_size}_\${learning_rate}/epoch_\${epoch}"   # for trainers that report none
evaluate:
  command: [bash, scripts/eval_para.sh, "\${checkpoint}", "\${report}", "\${gpu}"]
  gpus: 1
  report: { file: "\${report}", accuracies: acc }     # a JSON file; \`acc\` holds benchmark → accuracy
score:
  aggregate: harmonic-mean               # harmonic-mean (default), geometric-mean, arithmetic-mean, minimum
  baseline: { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }       # or the name of a stored baseline
  questions: { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 }           # where reports give accuracies alone
`

const minimal = (axes: string) => `name: x\naxes: ${axes}\ntrain: { command: [x] }\nscore: { baseline: { A: 0.5 } }\n`
const axesOf = (axes: string) => readSweepText(minimal(axes)).definition?.axes

test("the contract's example is accepted as it stands", () => {
  const { definition, issues } = readSweepText(example)
  expect(issues).toEqual([])
  expect(definition).toEqual({
    name: 'short-cot-sft',
    search: 'grid',
    axes: {
      batch_size: ['128', '256', '512'],
      learning_rate: ['1e-5', '2e-5', '4e-5'],
      epoch: { milestones: ['3', '6'] },
    },
    train: {
      command: [
        'bash',
        'scripts/sft_cot_para.sh',
        '${batch_size}',
        '${epoch.last}',
        '${learning_rate}',
        'sft_explore_${batch_size}_${learning_rate}',
      ],
      gpus: 4,
      env: { WANDB_MODE: 'offline' },
      timeout_seconds: 7200,
      retries: 1,
    },
    checkpoint: '../ckpts/sft_explore_${batch_size}_${learning_rate}/epoch_${epoch}',
    evaluate: {
      command: ['bash', 'scripts/eval_para.sh', '${checkpoint}', '${report}', '${gpu}'],
      gpus: 1,
      env: {},
      report: { file: '${report}', accuracies: 'acc' },
    },
    score: {
      aggregate: 'harmonic-mean',
      baseline: { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 },
      questions: { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 },
    },
  })
  expect(planSweep(definition!).points).toHaveLength(18)
})

test('a byte order mark and Windows line ends change nothing', () => {
  expect(readSweepText(`\uFEFF${example.replaceAll('\n', '\r\n')}`)).toMatchObject(
    JSON.parse(JSON.stringify(readSweepText(example))),
  )
})

test('literals keep their source, quoted ones lose their quotes', () => {
  expect(
    axesOf('{ a: [1e-5, 07, 0.10, yes, true, 0x10, +1, .5, 1_000, ~, "1e-5", \'07\', "a\\tb", x y], b: [.inf] }'),
  ).toEqual({
    a: ['1e-5', '07', '0.10', 'yes', 'true', '0x10', '+1', '.5', '1_000', '~', '1e-5', '07', 'a\tb', 'x y'],
    b: ['.inf'],
  })
  expect(
    axesOf(
      '\n  a:\n  - 1.0\n  - 2.50\n  b: { range: [0.10, 1e0, 3] }\n  c: { log: [1e-05, 0.1, 0x3] }\n  e: { milestones: [3.0, 06] }',
    ),
  ).toEqual({
    a: ['1.0', '2.50'],
    b: { range: ['0.10', '1e0', 3] },
    c: { log: ['1e-05', '0.1', 3] },
    e: { milestones: ['3.0', '06'] },
  })
})

test('arguments, environment and names keep their source too', () => {
  const { definition } = readSweepText(`name: 007
axes: { a: [1] }
init: 1.50
train: { command: [x, 1e-5, true, 010, ~], env: { A: 07, B: yes, C: , D: ~, E: "" } }
checkpoint: 1e3
evaluate: { report: { file: 0.10, accuracies: 010 } }
score: { baseline: 2024.10, questions: { 123: 0x10 } }
`)
  expect(definition).toMatchObject({
    name: '007',
    init: '1.50',
    train: { command: ['x', '1e-5', 'true', '010', '~'], env: { A: '07', B: 'yes', C: '', D: '~', E: '' } },
    checkpoint: '1e3',
    evaluate: { report: { file: '0.10', accuracies: '010' } },
    score: { baseline: '2024.10', questions: { '123': 16 } },
  })
})

test('JSON is read by the same reader, literals included', () => {
  const json = `{
\t"name": "x",
\t"axes": { "lr": [1e-5, 0.10, "07", true, "\\u00e4\\/\\ud83d\\ude00"] },
\t"train": { "command": ["x", 1.0] },
\t"score": { "baseline": { "A": 0.5 } }
}`
  expect(readSweepText(json)).toMatchObject({
    issues: [],
    definition: { axes: { lr: ['1e-5', '0.10', '07', 'true', 'ä/😀'] }, train: { command: ['x', '1.0'] } },
  })
  expect(readSweepText('{"name": "x",\n "axes": ').issues[0]).toMatchObject({ line: 2 })
})

test('anchors and aliases may be used', () => {
  expect(axesOf('{ a: &v [1e-5, 07], b: *v }')).toEqual({ a: ['1e-5', '07'], b: ['1e-5', '07'] })
})

test('merge keys bring in what is not written beside them, the first of several first', () => {
  const text = `name: merge
axes: { lr: [1e-5] }
train: &p
  command: [bash, a.sh, "\${lr}"]
  gpus: 2
  env: { A: 1e-3 }
evaluate:
  <<: *p
  command: [bash, b.sh, "\${report}"]
score: { baseline: { gsm8k: 0.7 } }
`
  expect(readSweepText(text).definition?.evaluate).toMatchObject({
    command: ['bash', 'b.sh', '${report}'],
    gpus: 2,
    env: { A: '1e-3' },
  })
  const several = text.replace('<<: *p', '<<: [{ gpus: 3 }, *p]')
  expect(readSweepText(several).definition?.evaluate).toMatchObject({ gpus: 3, env: { A: '1e-3' } })
  const wrong = readSweepText(text.replace('<<: *p', '<<: 7'))
  expect(wrong.definition).toBeNull()
  expect(wrong.issues[0]).toMatchObject({ line: 8, message: expect.stringContaining('The merge key << takes keys') })
  const itself = readSweepText('name: a\naxes: &x { a: [1], <<: *x }\n')
  expect(itself.issues[0]!.message).toContain('stands inside &x itself')
})

test.each<[string, string, number, number, (string | number)[], string]>([
  ['an empty file', '', 1, 1, [], 'The file is empty'],
  ['a file of comments', '# nothing\n\n', 1, 1, [], 'The file is empty'],
  ['a list', '- a\n', 1, 1, [], 'The sweep is a list of 1; expected keys with values.'],
  ['a word', 'sweep', 1, 1, [], 'The sweep is "sweep"'],
  ['an unknown key', `${minimal('{ a: [1] }')}axis: 3\n`, 5, 1, ['axis'], '"axis" is no key of a sweep'],
  [
    'one deeper',
    minimal('{ a: { ranges: [1, 2, 3] } }'),
    2,
    14,
    ['axes', 'a', 'ranges'],
    '"ranges" is no key of axes.a',
  ],
  ['a key twice', minimal('{ a: [1], a: [2] }'), 2, 17, ['axes', 'a'], 'The key a stands twice'],
  ['a section twice', 'name: x\nname: y\n', 2, 1, ['name'], 'The key name stands twice'],
  [
    'a wrong value',
    `${minimal('{ a: [1] }')}concurrency: many\n`,
    5,
    14,
    ['concurrency'],
    'concurrency is "many"; expected a number.',
  ],
  ['a wrong item', minimal('{ a: [1, [2]] }'), 2, 16, ['axes', 'a', 1], 'axes.a[1] is a list of 1'],
  ['an empty item', minimal('\n  a:\n  - 1\n  -\n'), 5, 4, ['axes', 'a', 1], 'axes.a[1] is empty; expected a text'],
  [
    'an empty section',
    'name: x\naxes:\ntrain:\n  command: [x]\nscore:\n  baseline: { A: 0.5 }\n',
    2,
    1,
    ['axes'],
    'axes is empty',
  ],
  ['no axes', minimal('{}'), 2, 1, ['axes'], 'axes is empty: a sweep needs at least one axis.'],
  ['an axis called __proto__', minimal('{ __proto__: [1], a: [1] }'), 2, 9, ['axes', '__proto__'], 'cannot be a key'],
  [
    'a tag',
    minimal('{ a: !!python/object:os.system [1] }'),
    2,
    38,
    ['axes', 'a'],
    'The tag !!python/object:os.system has no meaning',
  ],
  ['an alias to nothing', minimal('{ a: *b }'), 2, 12, ['axes', 'a'], 'The alias *b has no anchor before it'],
  ['an alias to itself', minimal('{ a: &b [1, *b] }'), 2, 19, ['axes', 'a', 1], 'stands inside &b itself'],
  ['a key that is a list', minimal('{ [a]: [1] }'), 2, 9, ['axes'], 'A key must be a plain name'],
  ['a tab as indentation', 'name: x\naxes:\n\ta: [1]\n', 3, 1, [], 'The file is not valid YAML: '],
  ['a list that is not closed', 'name: x\naxes: { a: [1, 2 }\n', 2, 18, [], 'The file is not valid YAML: '],
  ['two documents', 'name: x\n---\nname: y\n', 2, 1, [], 'multiple documents'],
])('%s is refused at its place', (_, text, line, column, path, message) => {
  const { definition, issues } = readSweepText(text)
  expect(definition).toBeNull()
  const issue = issues.find((candidate) => candidate.message.includes(message))
  expect(issue, JSON.stringify(issues)).toMatchObject({ line, column, path })
})

test('an unknown key comes with the one that was meant', () => {
  const text = minimal('{ a: [1] }').replace('command', 'comand')
  expect(readSweepText(text).issues[0]).toMatchObject({
    path: ['train', 'comand'],
    fix: { label: 'Use command', value: 'command' },
  })
})

test('every issue of the file is told at once', () => {
  const { issues } = readSweepText(
    'name: ""\naxes: { a: [], 1b: [1] }\ntrain: { gpus: 0 }\nscore: { baseline: { A: 2 } }\n',
  )
  expect(issues.map((issue) => [issue.line, issue.column, issue.path.join('.')])).toEqual([
    [1, 7, 'name'],
    [2, 9, 'axes.a'],
    [2, 16, 'axes.1b'],
    [3, 16, 'train.gpus'],
    [4, 25, 'score.baseline.A'],
  ])
})

test('a place is found for any path, or for the nearest part of it', () => {
  const { locate } = readSweepText(example)
  expect(locate(['train', 'command', 3])).toEqual({ line: 8, column: 61 })
  expect(locate(['axes', 'learning_rate', 1])).toEqual({ line: 5, column: 25 })
  expect(locate(['axes', 'epoch', 'milestones', 1])).toEqual({ line: 6, column: 28 })
  expect(locate(['train', 'gpus'])).toEqual({ line: 9, column: 9 })
  expect(locate(['train'])).toEqual({ line: 7, column: 1 })
  expect(locate(['evaluate', 'env', 'A'])).toEqual({ line: 14, column: 1 })
  expect(locate(['config'])).toEqual({ line: 1, column: 1 })
  expect(locate([])).toEqual({ line: 1, column: 1 })
})

test('aliases that unfold without bound, and nesting without end, are refused in time', () => {
  let text = 'name: x\nconfig:\n  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n'
  for (let level = 1; level < 12; level++) {
    text += `  a${level}: &a${level} [${Array(10)
      .fill(`*a${level - 1}`)
      .join(', ')}]\n`
  }
  expect(readSweepText(text).issues[0]!.message).toContain('aliases unfold to more than')
  expect(readSweepText(`name: ${'['.repeat(5_000)}`).issues[0]!.message).toBe(
    'The file is nested too deeply to be read.',
  )
  expect(readSweepText(' '.repeat(4_000_001)).issues[0]!.message).toContain('4,000,001 characters')
})

test('whatever the text, it is read or refused with sentences and places, never thrown at', () => {
  let seed = 13
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  const pieces = [
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '#',
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '?',
    '%',
    '@',
    '\t',
    '${x}',
    '~',
    '1e-5',
    'name',
    'axes',
    'score',
    '\0',
    'ä',
    '---',
    '\r',
    '<<',
  ]
  for (let round = 0; round < 1000; round++) {
    let text = round % 2 ? example : ''
    const edits = 1 + random(6)
    for (let edit = 0; edit < edits; edit++) {
      const at = random(text.length + 1)
      text = text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at + random(3))
    }
    const { definition, issues } = readSweepText(text)
    expect(definition === null).toBe(issues.length > 0)
    for (const issue of issues) {
      expect(issue.line, text).toBeGreaterThan(0)
      expect(issue.column).toBeGreaterThan(0)
      expect(issue.message).toMatch(/\.$/)
    }
  }
})

test('a curriculum is no sweep, and says where it is run', () => {
  const text = 'name: x\nstages:\n  - { name: a, from: 07, axes: { s: [07] }, trainer: grpo, pick: best }\n'
  expect(readSweepText(text).issues).toMatchObject([
    { line: 2, column: 1, message: expect.stringContaining('A curriculum starts on the page New curriculum') },
  ])
  const { definition, issues, locate } = readCurriculumText(text)!
  expect(issues).toEqual([])
  // literals as in a sweep file
  expect(definition!.stages[0]).toMatchObject({ from: '07', axes: { s: ['07'] } })
  expect(locate(['stages', 0, 'axes', 's', 0])).toEqual({ line: 3, column: 38 })
  expect(readCurriculumText('name: stages\n')).toBeNull()
})
