/**
 * The settings of the built-in trainers: `config` of the sweep file. Each key's meaning and default stand here, where it
 * is declared; docs/trainer.md shows them as tables. An unknown key, a wrong type or a value out of range is an error
 * that names the key, the value and what was expected.
 */
import { z } from 'zod'
import { namedRewards, type RewardRules, rewardRulesSchema } from './rewards/reward.ts'
import { rewardScales } from './advantages.ts'
import { lossTypes } from './surrogate.ts'
import { benchmarkNames } from './tasks/benchmarks.ts'
import { solutionStyles } from './tasks/arithmetic.ts'

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

const sftSchema = z.strictObject({ trainer: z.literal('sft'), ...supervisedFields })
const pretrainSchema = z.strictObject({ trainer: z.literal('pretrain'), ...supervisedFields })

const rewardNames = Object.keys(namedRewards) as (keyof typeof namedRewards)[]
const rewardSchema = z
  .union([z.enum(rewardNames), rewardRulesSchema], {
    error: `${rewardNames.join(', ')}, or the parts of a reward (docs/trainer.md)`,
  })
  .transform((value): RewardRules => (typeof value === 'string' ? namedRewards[value] : value))

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
  overlong: z.strictObject({ buffer: count(1), penalty: positive }).optional(),
  /** Samples reported each step, with their reward's parts. */
  reported_samples: count(0).default(2),
})

export type SupervisedConfig = z.output<typeof sftSchema> | z.output<typeof pretrainSchema>
export type GrpoConfig = z.output<typeof grpoSchema>
export type TrainerConfig = SupervisedConfig | GrpoConfig

const schemas = { sft: sftSchema, pretrain: pretrainSchema, grpo: grpoSchema }

function valueAt(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], source)
}

/**
 * Checks `config` and fills in defaults.
 * @throws one sentence a fault: the key, the value and what was expected
 */
export function readConfig(source: Record<string, unknown>): TrainerConfig {
  const name = source.trainer
  if (typeof name !== 'string' || !Object.hasOwn(schemas, name)) {
    throw new Error(`config.trainer is ${JSON.stringify(name)}; expected one of ${Object.keys(schemas).join(', ')}`)
  }
  const schema = schemas[name as keyof typeof schemas]
  const result = schema.safeParse(source)
  if (!result.success) {
    const sentences = result.error.issues.map((issue) => {
      if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
        const known = Object.keys(schema.shape).filter((key) => key !== 'trainer')
        return `config has the unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; ${name} knows ${known.join(', ')}`
      }
      const place = ['config', ...issue.path].join('.')
      return `${place} is ${JSON.stringify(valueAt(source, issue.path))}; expected ${issue.message}`
    })
    throw new Error(sentences.join('. '))
  }
  const config = result.data
  if (config.width % config.heads !== 0 || (config.width / config.heads) % 2 !== 0) {
    throw new Error(
      `config.heads is ${config.heads}; expected a number that divides width (${config.width}) into even parts`,
    )
  }
  if (config.key_value_heads !== undefined && config.heads % config.key_value_heads !== 0) {
    throw new Error(
      `config.key_value_heads is ${config.key_value_heads}; expected a number that divides heads (${config.heads})`,
    )
  }
  return config
}
