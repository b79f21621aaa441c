/**
 * The sweep: one schema serves the file, the form and the API. Keys are those of the sweep file (docs/sweep-file.md).
 * What needs more than one field at a time (placeholders, milestones, limits) is checked in plan.ts.
 */
import { z } from 'zod'
import { constraintsSchema } from './constraints.ts'
import { executorSchema } from './executor.ts'
import { finalistsSchema } from './finalists.ts'
import { objectiveSchema, objectivesSchema } from './objective.ts'
import { fractionOf, scales } from './files/scale.ts'
import { searchSchema } from './searching.ts'
import { stopEarlySchema } from './stop-early.ts'
import type { Written } from './files/written.ts'

/** More points than this are refused before anything starts. */
export const maximumPoints = 100_000

/** An axis value is a literal: it reaches the trainer exactly as it was written (`1e-5`, `07`, `0.10`). */
const literalSchema = z
  .union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number, true or false' })
  .transform(String)
  .refine((value) => value.length > 0, 'a value must not be empty')
  .refine((value) => !value.includes('\0'), 'a value must not hold a NUL character')

/** Axis names are placeholder names, so they keep to what `${…}` can hold. */
export const axisNameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'an axis name starts with a letter and holds letters, digits, _ and - only')

const bounds = z.tuple([literalSchema, literalSchema, z.coerce.number().int().min(2).max(maximumPoints)], {
  error: 'expected [low, high, count]',
})

const ends = z.tuple([literalSchema, literalSchema], { error: 'expected [low, high]' })

const axisSchema = z.union(
  [
    z.array(literalSchema).min(1, 'an axis needs at least one value'),
    z.strictObject({ range: bounds, integer: z.literal(true).optional() }),
    z.strictObject({ log: bounds, integer: z.literal(true).optional() }),
    z.strictObject({ milestones: z.array(literalSchema).min(1, 'milestones need at least one value') }),
    z.strictObject({ uniform: ends }),
    z.strictObject({ log_uniform: ends }),
    z.strictObject({ integer: ends }),
  ],
  {
    error:
      'expected a list of values, { range: [low, high, count] }, { log: [low, high, count] }, { milestones: [...] }, or where a search proposes { uniform: [low, high] }, { log_uniform: [low, high] } or { integer: [low, high] }',
  },
)
const whenSchema = z.record(
  axisNameSchema,
  z.record(
    axisNameSchema,
    z.union([literalSchema.transform((value) => [value]), z.array(literalSchema).min(1)], {
      error: 'expected a value of that axis, or a list of them',
    }),
  ),
  { error: 'expected axes with what others have to be, e.g. { momentum: { optimizer: sgd } }' },
)
/** An axis as the file writes it. */
export type Axis = z.infer<typeof axisSchema>

const argument = z.string().refine((value) => !value.includes('\0'), 'an argument must not hold a NUL character')
const commandSchema = z
  .array(z.union([argument, z.number().transform(String), z.boolean().transform(String)]), {
    error: 'expected a list of arguments, e.g. [bash, train.sh, "${learning_rate}"]',
  })
  .min(1, 'a command needs at least its program')

const processFields = {
  gpus: z.number().int().min(1).default(1),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not a name of an environment variable'), z.coerce.string())
    .default({}),
  timeout_seconds: z.number().positive().optional(),
  /** Where these jobs run, in place of the sweep's own. */
  executor: executorSchema.optional(),
}

const trainSchema = z.strictObject({
  command: commandSchema.optional(),
  ...processFields,
  retries: z.number().int().min(0).max(100).default(0),
})

/** Harnesses whose reports are read as they write them. */
export const reportFormats = ['lm-eval', 'lighteval', 'opencompass', 'qwen-math', 'verl', 'simple-evals'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** `evaluate.report`. */
export const reportSchema = z.strictObject({
  format: z.enum(reportFormats).optional(),
  /** A path or a pattern, or one for each benchmark. */
  file: z
    .union([z.string().min(1), z.record(z.string().min(1), z.string().min(1))], {
      error: 'expected a path, a pattern, or a path for each benchmark, e.g. { gsm8k: "out/gsm8k.json" }',
    })
    .refine((file) => typeof file === 'string' || Object.keys(file).length > 0, 'expected at least one benchmark')
    .default('${report}'),
  /** Where in the file benchmarks with accuracies stand; of a file for one benchmark, where its accuracy stands. */
  accuracies: z.string().optional(),
  /** Which of the harness' metrics counts, or which of each benchmark. */
  metric: z
    .union([z.string().min(1), z.record(z.string().min(1), z.string().min(1))], {
      error: 'expected the name of a metric, or one for each benchmark, e.g. { gsm8k: "exact_match,strict-match" }',
    })
    .optional(),
  scale: z.enum(scales).optional(),
})
export type ReportSettings = z.output<typeof reportSchema>

const evaluateSchema = z.strictObject({
  command: commandSchema.optional(),
  ...processFields,
  /** Judges that ask a service, or count, need no slot. */
  gpus: z.number().int().min(0).default(1),
  /** Where absent, as many as the training's. */
  retries: z.number().int().min(0).max(100).optional(),
  /** Questions in growing batches; a point that can no longer win is asked no more. */
  race: z.boolean('expected true or false').optional(),
  report: reportSchema.default({ file: '${report}' }),
})

/** How benchmarks' ratios become one score. */
export const aggregates = ['harmonic-mean', 'geometric-mean', 'arithmetic-mean', 'minimum'] as const
export type Aggregate = (typeof aggregates)[number]

const benchmarkName = z.string().min(1)
/** Accuracy per benchmark, each above 0 and at most 1. */
export const baselineAccuraciesSchema = z
  .record(
    benchmarkName,
    z
      .number('expected a number above 0 and at most 1')
      .gt(0, 'a baseline accuracy must be above 0 and at most 1')
      .max(1, 'a baseline accuracy must be above 0 and at most 1'),
  )
  .refine((value) => Object.keys(value).length > 0, 'a baseline needs at least one benchmark')

/** Accuracies as a file writes them: percent where `scale` beside them says so. */
const writtenAccuraciesSchema = z
  .record(
    benchmarkName,
    z
      .number('expected a number above 0 and at most 1')
      .gt(0, 'a baseline accuracy must be above 0 and at most 1')
      .max(100, 'a baseline accuracy must be above 0 and at most 1, or at most 100 with scale: percent'),
  )
  .refine((value) => Object.keys(value).length > 0, 'a baseline needs at least one benchmark')

const scoreSchema = z
  .strictObject({
    aggregate: z.enum(aggregates).default('harmonic-mean'),
    baseline: z.union(
      [
        z.string().min(1),
        /** A report of the base model, read like the evaluations' own. */
        z.strictObject({ report: z.string().min(1) }),
        /** A checkpoint that the sweep's own evaluation measures first; `init` stands for the sweep's. */
        z.strictObject({ measure: z.string().min(1) }),
        writtenAccuraciesSchema,
      ],
      {
        error:
          'expected accuracies, e.g. { GSM8k: 0.716 }, the name of a stored baseline, { report: FILE } of the base model, or { measure: CHECKPOINT }',
      },
    ),
    /** What the accuracies of `baseline` are written in. */
    scale: z.enum(scales).optional(),
    questions: z.record(benchmarkName, z.number().int().min(1)).default({}),
  })
  .superRefine(({ baseline, scale }, context) => {
    if (!isWrittenBaseline(baseline) || scale === 'percent') return
    for (const [name, accuracy] of Object.entries(baseline)) {
      const advice = ', or in percent with scale: percent beside the baseline'
      if (accuracy > 1)
        context.addIssue({
          code: 'custom',
          path: ['baseline', name],
          message: `a baseline accuracy must be above 0 and at most 1${accuracy > 1.5 ? advice : ''}`,
        })
    }
  })

type WrittenBaseline = string | { report: string } | { measure: string } | Record<string, number>

/** Whether a baseline is a report of the base model. */
export function isReportBaseline(baseline: WrittenBaseline): baseline is { report: string } {
  return typeof baseline === 'object' && 'report' in baseline && typeof baseline.report === 'string'
}

/** Whether a baseline is accuracies: not the name of a stored one, nor what a report says or is to be measured. */
export function isWrittenBaseline(baseline: WrittenBaseline): baseline is Record<string, number> {
  return typeof baseline === 'object' && Object.values(baseline).every((value) => typeof value === 'number')
}

/** The accuracies that a sweep itself gives as its baseline, from 0 to 1; empty where they stand elsewhere. */
export function ownAccuracies({ baseline, scale }: NonNullable<Sweep['score']>): Record<string, number> {
  if (!isWrittenBaseline(baseline)) return {}
  if (scale !== 'percent') return baseline
  return Object.fromEntries(Object.entries(baseline).map(([name, accuracy]) => [name, fractionOf(accuracy, scale)]))
}

const followedPath = z.string().min(1, 'a path must not be empty')
/** Whose logging is taken in: nobody's, what W&B, MLflow and Trackio log (passed on as well: both), or what files say while they are written. */
const trackSchema = z.union(
  [
    z.enum(['none', 'here', 'both']),
    z.strictObject({
      files: z
        .union([followedPath, z.array(followedPath).min(1)])
        .transform((files) => (typeof files === 'string' ? [files] : files)),
    }),
  ],
  { error: 'expected none, here, both, or { files: "logs/metrics.jsonl" }' },
)

const hoursMessage = 'expected GPU hours above 0, e.g. { gpu_hours: 200 }'
/** The hours of slots, all attempts together, that a sweep does not go past. */
export const gpuHoursSchema = z.number(hoursMessage).positive(hoursMessage).max(1e9)
const budgetSchema = z.strictObject({ gpu_hours: gpuHoursSchema }, { error: hoursMessage })

/** Trainers that come with the product. */
export const builtInTrainers = ['sft', 'grpo', 'dpo', 'best_of_n', 'pretrain'] as const
export type BuiltInTrainer = (typeof builtInTrainers)[number]

export const sweepSchema = z.strictObject({
  name: z.string().trim().min(1, 'a sweep needs a name').max(200),
  search: searchSchema,
  axes: z
    .record(axisNameSchema, axisSchema)
    .refine((axes) => Object.keys(axes).length > 0, 'a sweep needs at least one axis'),
  /** Axes that exist only where others have one of these values. */
  when: whenSchema.optional(),
  /** A built-in trainer in place of `train.command` and `evaluate.command`. */
  trainer: z.enum(builtInTrainers).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  /** The checkpoint that every run starts from; may hold placeholders. */
  init: z.string().min(1).optional(),
  train: trainSchema.optional(),
  /** Where the checkpoint of a point stands, for trainers that report none. */
  checkpoint: z.string().min(1).optional(),
  evaluate: evaluateSchema.optional(),
  /** Absent: nothing is scored, the sweep keeps track of its runs only. */
  score: scoreSchema.optional(),
  /** A logged metric in place of the score. */
  objective: objectiveSchema.optional(),
  /** Several at once: no point is the best, those that no other one beats in all are the front. */
  objectives: objectivesSchema.optional(),
  /** What a point has to keep to be the best. */
  constraints: constraintsSchema.optional(),
  /** Trainings that are worse than others are given up before their end. */
  stop_early: stopEarlySchema.optional(),
  /** Points that cannot be told from the best are looked at once more. */
  finalists: finalistsSchema.optional(),
  track: trackSchema.optional(),
  /** Where its jobs run; this machine where absent. */
  executor: executorSchema.optional(),
  /** At most this many trainings at a time. */
  concurrency: z.number().int().min(1).optional(),
  /** At most this many slots (GPUs, or CPU slots) at a time. */
  max_slots: z.number().int().min(1).optional(),
  /** What it may take in all. */
  budget: budgetSchema.optional(),
})
/** How numbers of `config` were written: beside what the file's keys say, no key itself. */
type AsWritten = { written?: Written }
/** A checked sweep: defaults filled in, every axis value a literal. */
export type Sweep = z.output<typeof sweepSchema> & AsWritten
/** What the file or the form may leave out is optional here. */
export type SweepInput = z.input<typeof sweepSchema> & AsWritten
