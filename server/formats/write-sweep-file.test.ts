import { expect, test } from 'vitest'
import { type Sweep, type SweepInput, sweepSchema } from '../../domain/sweep/sweep.ts'
import { readSweepText } from './read-sweep-file.ts'
import { writeSweepText } from './write-sweep-file.ts'

const roundTrip = (sweep: SweepInput): Sweep => {
  const { definition, issues } = readSweepText(writeSweepText(sweep))
  if (definition === null) throw new Error(`${JSON.stringify(issues)}\n${writeSweepText(sweep)}`)
  return definition
}

const full: SweepInput = {
  name: 'short-cot-sft',
  search: 'grid',
  axes: {
    batch_size: [128, 256, 512],
    learning_rate: ['1e-5', '2e-5', '4e-5'],
    warmup: { log: ['1e-3', '1e-1', 3] },
    epoch: { milestones: [3, 6] },
  },
  track: { files: ['logs/${a}.jsonl', 'runs'] },
  init: '../base model',
  train: {
    command: ['bash', 'scripts/sft.sh', '${batch_size}', '${epoch.last}', '--lr=${learning_rate}'],
    gpus: 4,
    env: { WANDB_MODE: 'offline', EMPTY: '' },
    timeout_seconds: 7200,
    retries: 1,
    executor: 'local',
  },
  checkpoint: '../ckpts/sft_${batch_size}/epoch_${epoch}',
  evaluate: {
    command: ['bash', 'eval.sh', '${checkpoint}', '${report}'],
    report: { file: '${report}', accuracies: 'acc' },
  },
  score: { baseline: { AMC23: 0.3, GSM8k: 0.716 }, questions: { AMC23: 40 } },
  stop_early: { method: 'asha', min: 3, factor: 2 },
  finalists: { top: 4, seeds: 3 },
  executor: { slurm: { partition: 'gpu', time: '30', options: ['--mem=64G'] } },
  concurrency: 2,
  max_slots: 4,
  budget: { gpu_hours: 200 },
}

/** A metric in place of a score. */
const byMetric: SweepInput = {
  name: 'by-metric',
  axes: {
    optimizer: ['sgd', 'adamw', '1'],
    lr: [1, 2],
    beta: { log: ['0.9', '0.99', 3] },
    step: { milestones: [10, 20] },
  },
  when: { beta: { optimizer: 'adamw', lr: ['1', 2] } },
  train: { command: ['x'] },
  objective: { metric: 'eval/loss', goal: 'minimize', at: 'milestone' },
}

/** Several objectives, and constraints. */
const byFront: SweepInput = {
  ...byMetric,
  objective: undefined,
  objectives: [
    { metric: 'eval/loss', goal: 'minimize' },
    { metric: 'response_length', goal: 'minimize', at: 'best' },
  ],
  constraints: ['response_length < 2000', 'GSM8k >= 0.7', 'a: b > 1'],
}

test('several objectives and constraints come back as they were', () => {
  expect(roundTrip(byFront)).toEqual(sweepSchema.parse(byFront))
})

test('a metric in place of a score comes back as it was', () => {
  expect(roundTrip(byMetric)).toEqual(sweepSchema.parse(byMetric))
  expect(writeSweepText(byMetric)).toContain('objective: {metric: eval/loss, goal: minimize, at: milestone}')
})

/** Reports of a harness, a map of files, a baseline in percent and one that is a report. */
const harness: SweepInput = {
  ...full,
  evaluate: {
    command: ['x'],
    race: true,
    report: {
      format: 'qwen-math',
      file: { gsm8k: 'out/${batch_size}/gsm8k/*_metrics.json', 'math 500': '${report}' },
      metric: { gsm8k: 'exact_match,strict-match' },
      scale: 'percent',
    },
  },
  score: { baseline: { gsm8k: 71.6 }, scale: 'percent' },
}

const searched: SweepInput = {
  ...full,
  search: { method: 'tpe', trainings: 12, seed: 7 },
  axes: {
    learning_rate: { log_uniform: ['1e-5', '1e-3'] },
    warmup: { uniform: ['0.00', '0.10'] },
    layers: { integer: ['2', '8'] },
  },
}

test.each([
  searched,
  harness,
  { ...harness, score: { baseline: { report: 'base/**/results_*.json' } } },
  { ...harness, score: { baseline: { measure: 'models/base' } } },
])('reports of a harness and their baselines come back as they were', (sweep) => {
  expect(readSweepText(writeSweepText(sweep)).definition).toEqual(sweepSchema.parse(sweep))
})

test('every key of the schema is in a sweep that is written and read back here', () => {
  const { train, evaluate, score } = sweepSchema.shape
  const lacking = (shape: object, tried: object[]) =>
    Object.keys(shape).filter((key) => !tried.some((one) => (one as Record<string, unknown>)[key] !== undefined))
  // the built-in trainer stands in place of commands
  expect(lacking(sweepSchema.shape, [full, byMetric, byFront, { trainer: 'sft', config: {} }])).toEqual([])
  expect(lacking(train.unwrap().shape, [full.train!])).toEqual([])
  expect(lacking(evaluate.unwrap().shape, [full.evaluate!, full.train!, harness.evaluate!])).toEqual([])
  expect(lacking(score.unwrap().shape, [sweepSchema.parse(full).score!, harness.score!])).toEqual([])
  expect(
    lacking(evaluate.unwrap().shape.report.unwrap().shape, [full.evaluate!.report!, harness.evaluate!.report!]),
  ).toEqual([])
})

test('a sweep is written as a person would write it', () => {
  expect(writeSweepText(full)).toBe(`name: short-cot-sft
search: grid
axes:
  batch_size: [128, 256, 512]
  learning_rate: [1e-5, 2e-5, 4e-5]
  warmup: {log: [1e-3, 1e-1, 3]}
  epoch: {milestones: [3, 6]}
init: ../base model
train:
  command: [bash, scripts/sft.sh, "\${batch_size}", "\${epoch.last}", "--lr=\${learning_rate}"]
  gpus: 4
  env: {WANDB_MODE: offline, EMPTY: ""}
  timeout_seconds: 7200
  executor: local
  retries: 1
checkpoint: ../ckpts/sft_\${batch_size}/epoch_\${epoch}
evaluate:
  command: [bash, eval.sh, "\${checkpoint}", "\${report}"]
  gpus: 1
  report: {file: "\${report}", accuracies: acc}
score:
  aggregate: harmonic-mean
  baseline: {AMC23: 0.3, GSM8k: 0.716}
  questions: {AMC23: 40}
stop_early: {method: asha, min: 3, factor: 2}
finalists: {top: 4, seeds: 3}
track: {files: ["logs/\${a}.jsonl", runs]}
executor: {slurm: {partition: gpu, time: "30", options: [--mem=64G]}}
concurrency: 2
max_slots: 4
budget: {gpu_hours: 200}
`)
  expect(roundTrip(full)).toEqual(sweepSchema.parse(full))
})

test('long lists and settings are laid out over several lines', () => {
  const sweep: SweepInput = {
    name: 'x',
    axes: { seed: Array.from({ length: 200 }, (_, index) => index) },
    trainer: 'sft',
    config: {
      data: { levels: [1, 2], mix: { short: 0.5, long: 0.5 }, note: 'y'.repeat(100) },
      width: 64,
      empty: {},
      none: [],
    },
    score: { baseline: 'short-cot' },
  }
  const text = writeSweepText(sweep)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  expect(roundTrip(sweep)).toEqual(sweepSchema.parse(sweep))
})

const awkward = [
  '~', 'null', '0x10', '- a', '-', '--', '---', '--- a', '...', '.', '#x', 'a #b', 'a: b', 'a:', ':a', '? x', '?', '${a}', '{}', '[]', ',', 'a,b',
  '&a', '*a', '!t', '|', '>', '%', '@', '`', '"', "'", 'a"b', "a'b", '\\', '\\n', 'a\nb', '\n', ' a', 'a ', ' ', '\t', 'a\tb', '\r\n', '\u0085',
  '\u2028', '\u007f', '\uFEFF', '\ud800', '😀', 'ä', 'yes', 'No', 'true', 'FALSE', '1e-5', '07', '0.10', '1_000', '+1', '.5', '.inf', '.nan', '=', '<<',
  '2024-01-01', '12:30:45', '0o7', '0b1', '$(rm -rf /)', '; x', '--help', '-x', 'C:\\a', 'http://x/y?z=1#w', 'a  b', '(x)', '%d', 'a%', '1.', '-.5',
] // prettier-ignore

test.each(awkward)('%j comes back as it was, wherever it stands', (literal) => {
  const name = literal.trim() === '' ? 'x' : literal.trim()
  const sweep: SweepInput = {
    name,
    axes: { a: [literal, 'z'], b: [literal] },
    train: { command: ['x', literal], env: { A: literal } },
    init: literal,
    checkpoint: literal,
    evaluate: { report: { file: literal, accuracies: literal } },
    score: { baseline: { [literal]: 0.5 }, questions: { [literal]: 3 } },
  }
  expect(roundTrip(sweep)).toEqual(sweepSchema.parse(sweep))
  const settings: SweepInput = {
    name,
    axes: { a: ['1'] },
    trainer: 'sft',
    config: { [literal]: literal, list: [literal, { [literal]: [literal] }] },
    score: { baseline: literal },
  }
  expect(roundTrip(settings)).toEqual(sweepSchema.parse(settings))
})

test('any sweep comes back as it was', () => {
  let seed = 17
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  const pick = <Value>(values: readonly Value[]) => values[random(values.length)]!
  const text = (): string => Array.from({ length: 1 + random(3) }, () => pick(awkward)).join(pick(['', ' ', '-', ', ']))
  const number = () => pick([0, 1, -1, 0.1, 1e-7, 1e21, 123456789, -2.5e-10, 3])
  const value = (depth: number): unknown => {
    const kind = random(depth > 2 ? 4 : 6)
    if (kind === 0) return text()
    if (kind === 1) return number()
    if (kind === 2) return pick([true, false, null])
    if (kind === 3) return pick(['plain', 'two words', '1e-5', ''])
    if (kind === 4) return Array.from({ length: random(5) }, () => value(depth + 1))
    return Object.fromEntries(Array.from({ length: random(4) }, () => [text(), value(depth + 1)]))
  }
  const maybe = <Value>(make: () => Value) => (random(2) ? make() : undefined)
  for (let round = 0; round < 300; round++) {
    const axes: SweepInput['axes'] = {}
    for (let index = 0; index <= random(4); index++) {
      axes[`axis-${index}`] = pick([
        () => Array.from({ length: 1 + random(4) }, () => pick([text(), number()])),
        () => ({ range: [number(), text(), 2 + random(9)] as [number, string, number] }),
        () => ({ log: [text(), number(), 2 + random(9)] as [string, number, number] }),
        () => ({ milestones: [random(9), text()] }),
      ])()
    }
    const process = () => ({
      command: maybe(() => Array.from({ length: 1 + random(4) }, () => pick([text(), number(), true]))),
      gpus: maybe(() => 1 + random(9)),
      env: maybe(() => ({ A: text(), B_2: text() })),
      timeout_seconds: maybe(() => 0.5 + random(9)),
      retries: maybe(() => random(4)),
    })
    const sweep: SweepInput = {
      name: text(),
      axes,
      trainer: maybe(() => pick(['sft', 'grpo'] as const)),
      config: maybe(() => ({ a: value(0), [text()]: value(0) })),
      init: maybe(text),
      train: maybe(process),
      checkpoint: maybe(text),
      evaluate: maybe(() => ({ ...process(), report: maybe(() => ({ file: maybe(text), accuracies: maybe(text) })) })),
      score: {
        aggregate: maybe(() => pick(['harmonic-mean', 'minimum'] as const)),
        baseline: pick([text(), { [text()]: 0.5, B: 1 }]),
        questions: maybe(() => ({ [text()]: 1 + random(999) })),
      },
      concurrency: maybe(() => 1 + random(9)),
      max_slots: maybe(() => 1 + random(9)),
      budget: maybe(() => ({ gpu_hours: 1 + random(9) / 8 })),
    }
    const expected = sweepSchema.safeParse(sweep)
    if (!expected.success) continue // a name of blanks only
    expect(roundTrip(sweep), writeSweepText(sweep)).toEqual(JSON.parse(JSON.stringify(expected.data)))
  }
})
