/**
 * The settings of the built-in trainers: `config` of the sweep file. Each key's meaning and default stand here, where it
 * is declared; docs/trainer.md shows them as tables. An unknown key, a wrong type or a value out of range is an error
 * that names the key, the value and what was expected.
 */
import { z } from 'zod'

/** The built-in benchmarks, `level-1` to `level-4`: questions of each. */
export const questionCounts = [40, 1319, 500, 675] as const
export const benchmarkNames = questionCounts.map((_, index) => `level-${index + 1}`)
/** Ways in which solutions of the arithmetic task are written. */
export const solutionStyles = ['short', 'long', 'direct'] as const
/** How the terms of an update's tokens are averaged in GRPO's loss. */
export const lossTypes = ['bnpo', 'dapo', 'grpo', 'dr_grpo'] as const
/** What differences from a group's mean reward are divided by: its own deviation, that of all samples of the step, or nothing. */
export const rewardScales = ['group', 'batch', 'none'] as const

const positive = z.number({ error: 'a number above 0' }).gt(0, 'a number above 0').finite()
const atLeastZero = z.number({ error: 'a number of 0 or more' }).min(0, 'a number of 0 or more')
const fraction = z
  .number({ error: 'a number from 0 to 1' })
  .min(0, 'a number from 0 to 1')
  .max(1, 'a number from 0 to 1')
const share = z
  .number({ error: 'a number above 0 and at most 1' })
  .gt(0, 'a number above 0 and at most 1')
  .max(1, 'a number above 0 and at most 1')
const count = (least: number) => {
  const expected = `a whole number of ${least} or more`
  return z.number({ error: expected }).int(expected).min(least, expected)
}
const truth = z.boolean({ error: 'true or false' })
const weights = <Name extends string>(names: readonly Name[]) =>
  z
    .partialRecord(z.enum(names), atLeastZero, { error: `weights for ${names.join(', ')}` })
    .refine((value) => Object.values(value).some((weight) => Number(weight) > 0), 'at least one weight above 0')
const oneOf = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z.enum(names, { error: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` })
/** An object of parts; `words` say what was expected in place of anything else. */
const parts = <Shape extends z.ZodRawShape>(words: string, shape: Shape) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? words : undefined) })
const text = z.string({ error: 'a text' }).min(1, 'a text that is not empty')

/** What every training has. */
const commonFields = {
  /** Names every random stream: weights, data, order, sampling. */
  seed: count(0).default(1),
  /** Layers of a new model; without `init` only, like all that shape the model. */
  layers: count(1).default(2),
  width: count(4).default(64),
  heads: count(1).default(4),
  /** Defaults to `heads`. */
  key_value_heads: count(1).optional(),
  /** Width of the feed-forward layer; defaults to 8/3 of `width` in multiples of 16. */
  feed_forward: count(4).optional(),
  rope_base: positive.default(10000),
  tie_embeddings: truth.default(true),

  /** Weights of the arithmetic task's levels 1 to 4 in the training data. */
  levels: z
    .array(atLeastZero, { error: 'four weights, e.g. [1, 1, 1, 1]' })
    .length(4, 'four weights, e.g. [1, 1, 1, 1]')
    .refine((value) => value.some((weight) => weight > 0), 'at least one weight above 0')
    .default([1, 1, 1, 1]),

  learning_rate: positive.default(2e-3),
  /** Updates over which the learning rate rises from 0. */
  warm_up_steps: count(0).default(20),
  schedule: oneOf(['cosine', 'constant']).default('cosine'),
  /** The cosine ends at this share of the learning rate. */
  minimum_learning_rate_ratio: fraction.default(0.1),
  /** AdamW's decoupled decay, on matrices only. */
  weight_decay: atLeastZero.default(0.01),
  beta1: fraction.default(0.9),
  beta2: fraction.default(0.95),
  adam_epsilon: positive.default(1e-8),
  /** The gradient's global norm is scaled down to this; 0 for never. */
  gradient_clip: atLeastZero.default(1),

  /** A checkpoint every so many steps, beside milestones and the end; 0 for none. */
  checkpoint_every_steps: count(0).default(0),
  /** Of those in-between checkpoints, keep the newest so many; 0 keeps all. Milestones and the end always stay. */
  keep_last: count(0).default(0),
  /** Of them, keep also the best so many, by the loss (GRPO: the reward) since the one before; 0 for none. */
  keep_best: count(0).default(0),

  /** Benchmarks of the evaluation: built-in ones, or paths of JSONL files with `question` (or `problem`) and `answer`. */
  benchmarks: z
    .array(text, { error: 'a list of benchmark names or JSONL files' })
    .min(1, 'at least one benchmark')
    .default(benchmarkNames),
  /** How a prompt or question is put to the model: a real model's chat format; `{prompt}` stands for the text. */
  prompt_template: text.refine((value) => value.includes('{prompt}'), 'a text that holds {prompt}').default('{prompt}'),
  /** Questions per benchmark; 0 for all. */
  maximum_questions: count(0).default(0),
  /** A response is cut off after so many tokens. */
  maximum_new_tokens: count(1).default(64),
}

/** Supervised training: `sft` (loss on completions) and `pretrain` (loss on everything). */
const supervisedFields = {
  ...commonFields,
  /** JSONL file with `prompt` and `solution` a line (`text` for pretrain); without it, the arithmetic task. */
  data: text.optional(),
  /** Examples of the arithmetic task in an epoch. */
  dataset_size: count(1).default(8000),
  /** Weights of the ways in which solutions are written. */
  solutions: weights(solutionStyles).default({ short: 1 }),
  /** Chance of each word of a long solution to be Chinese. */
  chinese_share: fraction.default(0),
  /** Examples in an update. */
  batch_size: count(1).default(16),
  /** Examples in a forward and backward pass, their gradients summed over the batch; 0 for the whole batch. */
  micro_batch_size: count(0).default(0),
  /** Whether several examples share a row (they do not see each other), or each row is padded. */
  packing: truth.default(true),
  /** Tokens in a packed row. */
  row_length: count(8).default(64),
  epochs: positive.default(6),
  /** Updates in place of epochs. */
  steps: count(1).optional(),
}

/** What a loss of preferences makes of the difference of a pair. */
const preferenceLosses = ['sigmoid', 'hinge', 'ipo'] as const

/** Learning from pairs of a better and a worse response (DPO). */
const dpoSchema = z.strictObject({
  trainer: z.literal('dpo'),
  ...supervisedFields,
  learning_rate: positive.default(1e-4),
  warm_up_steps: count(0).default(10),
  weight_decay: atLeastZero.default(0),
  /** JSONL file with `prompt`, `chosen` and `rejected` a line; without it, the arithmetic task, its worse solutions with a slip. */
  data: text.optional(),
  /** Pairs of the arithmetic task in an epoch. */
  dataset_size: count(1).default(2000),
  epochs: positive.default(1),
  /** How strongly a difference counts, and how near the model stays to what it started from. */
  beta: positive.default(0.1),
  loss_type: oneOf(preferenceLosses).default('sigmoid'),
})

const sftSchema = z.strictObject({ trainer: z.literal('sft'), ...supervisedFields })
const pretrainSchema = z.strictObject({ trainer: z.literal('pretrain'), ...supervisedFields })

/** Rewards are data: what a right, a wrong and an unparseable response is worth, and bonuses for length and language. */
const number = z.number({ error: 'a number' })
const rewardRulesSchema = parts('basic, quality, or the parts of a reward (docs/trainer.md)', {
  correct: number.default(100),
  wrong: number.default(0),
  unparseable: number.default(-1),
  /** Whether a response without its end of text counts as unparseable, whatever it holds. */
  cut_off_is_unparseable: z.boolean({ error: 'true or false' }).default(false),
  /**
   * From `threshold` tokens on: maximum * (1 - exp(-(tokens - threshold) / scale)); nothing below, and nothing for a
   * response with a repetition.
   */
  length: parts('{ maximum, threshold, scale }', {
    maximum: number.default(10),
    threshold: number.min(0, 'a number of 0 or more').default(600),
    scale: number.gt(0, 'a number above 0').default(600),
  }).optional(),
  /** For every response that does not mix Latin letters with Chinese characters. */
  language: parts('{ bonus }', { bonus: number.default(5) }).optional(),
})
export type RewardRules = z.output<typeof rewardRulesSchema>

export const namedRewards = {
  basic: { correct: 100, wrong: 0, unparseable: -1, cut_off_is_unparseable: false },
  quality: {
    correct: 100,
    wrong: 0,
    unparseable: -10,
    cut_off_is_unparseable: true,
    length: { maximum: 10, threshold: 600, scale: 600 },
    language: { bonus: 5 },
  },
} satisfies Record<string, RewardRules>

/** A name stands for its parts. */
const rewardSchema = z.preprocess(
  (value) =>
    typeof value === 'string' && Object.hasOwn(namedRewards, value)
      ? namedRewards[value as keyof typeof namedRewards]
      : value,
  rewardRulesSchema,
)

/** Reinforcement learning with groups of samples (GRPO). */
const grpoSchema = z.strictObject({
  trainer: z.literal('grpo'),
  ...commonFields,
  learning_rate: positive.default(2e-5),
  warm_up_steps: count(0).default(0),
  schedule: oneOf(['cosine', 'constant']).default('constant'),
  weight_decay: atLeastZero.default(0),
  beta2: fraction.default(0.99),
  /** JSONL file with `question` (or `problem`) and `answer` a line; without it, the arithmetic task. */
  data: text.optional(),
  /** Prompts of the arithmetic task in a pass. */
  dataset_size: count(1).default(8000),
  /** Passes over all prompts, shuffled anew for each; or each prompt drawn from all. */
  prompt_order: oneOf(['passes', 'with_replacement']).default('passes'),
  steps: count(1).default(100),
  /** Prompts of a rollout; each is answered `samples_per_prompt` times. */
  prompts_per_step: count(1).default(16),
  samples_per_prompt: count(2).default(8),
  temperature: positive.default(1),
  /** Which tokens can be drawn (model/sampling.ts); probabilities in the loss are those of the whole distribution. */
  top_p: share.default(1),
  /** 0 for all. */
  top_k: count(0).default(0),
  min_p: fraction.default(0),
  repetition_penalty: positive.default(1),
  /** Updates made from one rollout, each with its share of the samples. */
  minibatches: count(1).default(4),
  /** The ratio of new to old probability is clipped to [1 - clip_low, 1 + clip_high]; Clip-Higher is 0.28. */
  clip_low: fraction.default(0.2),
  clip_high: atLeastZero.default(0.2),
  /** How the terms of tokens are averaged: all alike, or sample by sample (docs/trainer.md). */
  loss_type: oneOf(lossTypes).default('bnpo'),
  /** Whether a ratio is of a token, or of its sample (GSPO). */
  importance_sampling_level: oneOf(['token', 'sequence']).default('token'),
  /** A sample with a negative advantage costs at most so many times its advantage (dual clip). */
  dual_clip: z.number({ error: 'a number above 1' }).gt(1, 'a number above 1').optional(),
  /** Weight of the entropy, which is added to what is maximised. */
  entropy_coefficient: atLeastZero.default(0),
  /** What a reward's difference from its group's mean is divided by: the group's deviation, that of the step, or nothing. */
  scale_rewards: oneOf(rewardScales).default('group'),
  /** Leave samples that were cut off out of the loss. */
  mask_truncated_completions: truth.default(false),
  /** Weight of the divergence from the initial model in the loss (Schulman's k3 estimate); 0 leaves it out. */
  kl_coefficient: atLeastZero.default(0),
  reward: rewardSchema.default(namedRewards.basic),
  /** Draw further prompts in place of groups whose rewards are all the same, at most three times a step (DAPO). */
  dynamic_sampling: truth.default(false),
  /** Soft penalty for the last `buffer` tokens before the cut-off, growing to `penalty` (DAPO). */
  overlong: parts('{ buffer, penalty }', { buffer: count(1), penalty: positive }).optional(),
  /** Groups reported each step, with all their samples. */
  reported_groups: count(0).default(1),
  /** In place of whole groups: a step's first so many samples. */
  reported_samples: count(0).optional(),
})

export type SupervisedConfig = z.output<typeof sftSchema> | z.output<typeof pretrainSchema>
export type GrpoConfig = z.output<typeof grpoSchema>
export type DpoConfig = z.output<typeof dpoSchema>
export type TrainerConfig = SupervisedConfig | GrpoConfig | DpoConfig

const schemas = { sft: sftSchema, pretrain: pretrainSchema, grpo: grpoSchema, dpo: dpoSchema }

/** One thing wrong with settings: the keys that lead to it, and a sentence without its full stop that quotes the value. */
export type SettingFault = {
  path: (string | number)[]
  message: string
  /** For a key that is none: those that are, where it stands. */
  known?: string[]
}

function valueAt(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], source)
}

/** The keys that a part may have, by the path that leads to it. */
const keysOfParts: Record<string, string[]> = {
  reward: Object.keys(rewardRulesSchema.shape),
  'reward.length': Object.keys(rewardRulesSchema.shape.length.unwrap().shape),
  'reward.language': Object.keys(rewardRulesSchema.shape.language.unwrap().shape),
  overlong: Object.keys(grpoSchema.shape.overlong.unwrap().shape),
  solutions: [...solutionStyles],
}

function faultsOf(name: string, known: string[], issue: z.core.$ZodIssue, source: unknown): SettingFault[] {
  const path = issue.path as (string | number)[]
  const unknown = (at: (string | number)[], keys: string[], key: string): SettingFault => ({
    path: [...at, key],
    message: `${[...at, key].join('.')} is no ${at.length === 0 ? `setting of ${name}` : `part of ${at.join('.')}`}; expected one of ${keys.join(', ')}`,
    known: keys,
  })
  if (issue.code === 'unrecognized_keys') {
    const keys = path.length === 0 ? known : (keysOfParts[path.join('.')] ?? [])
    return issue.keys.map((key) => unknown(path, keys, key))
  }
  const parent = path.slice(0, -1)
  const siblings = keysOfParts[parent.join('.')]
  if (issue.code === 'invalid_key' && siblings !== undefined) return [unknown(parent, siblings, String(path.at(-1)))]
  const value = valueAt(source, path)
  const given = value === undefined ? 'is missing' : `is ${shown(value)}`
  return [{ path, message: `${path.join('.')} ${given}; expected ${issue.message}` }]
}

/** A value in a message: JSON has no word for some numbers. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** What takes more than one setting to see. */
function crossFaults(config: TrainerConfig): SettingFault[] {
  const faults: SettingFault[] = []
  const fault = (path: string[], expected: string) =>
    faults.push({ path, message: `${path.join('.')} is ${shown(valueAt(config, path))}; expected ${expected}` })
  const { width, heads, key_value_heads: keyValueHeads, maximum_new_tokens: longest } = config
  if (width % heads !== 0 || (width / heads) % 2 !== 0)
    fault(['heads'], `a number that divides width (${width}) into even parts`)
  if (keyValueHeads !== undefined && heads % keyValueHeads !== 0)
    fault(['key_value_heads'], `a number that divides heads (${heads})`)
  if (config.trainer === 'grpo') {
    const samples = config.prompts_per_step * config.samples_per_prompt
    if (config.minibatches > samples)
      fault(['minibatches'], `at most prompts_per_step × samples_per_prompt (${samples})`)
    if (config.overlong !== undefined && config.overlong.buffer > longest)
      fault(['overlong', 'buffer'], `at most maximum_new_tokens (${longest})`)
  }
  return faults
}

/** Checks the settings of a built-in trainer and fills in defaults: the config, or all that is wrong with it. */
export function checkConfig(source: Record<string, unknown>): { config: TrainerConfig | null; faults: SettingFault[] } {
  const name = source.trainer
  if (typeof name !== 'string' || !Object.hasOwn(schemas, name)) {
    const message = `trainer is ${JSON.stringify(name)}; expected one of ${Object.keys(schemas).join(', ')}`
    return { config: null, faults: [{ path: ['trainer'], message }] }
  }
  const schema = schemas[name as keyof typeof schemas]
  const result = schema.safeParse(source)
  if (!result.success) {
    const known = Object.keys(schema.shape).filter((key) => key !== 'trainer')
    const faults = result.error.issues.flatMap((issue) => faultsOf(name, known, issue, source))
    // what is wrong inside a part says enough of the part
    const isInside = (inner: SettingFault, outer: SettingFault) =>
      inner.path.length > outer.path.length && outer.path.every((key, index) => inner.path[index] === key)
    return { config: null, faults: faults.filter((fault) => !faults.some((other) => isInside(other, fault))) }
  }
  const faults = crossFaults(result.data)
  return { config: faults.length === 0 ? result.data : null, faults }
}

/**
 * Checks `config` and fills in defaults.
 * @throws one sentence a fault: the key, the value and what was expected
 */
export function readConfig(source: Record<string, unknown>): TrainerConfig {
  const { config, faults } = checkConfig(source)
  if (config === null) throw new Error(faults.map(({ message }) => `config.${message}`).join('. '))
  return config
}
