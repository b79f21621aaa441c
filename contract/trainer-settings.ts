/**
 * The settings of the built-in trainers: `config` of the sweep file. Each key's meaning, unit and default stand here, where it
 * is declared; the form and docs/trainer.md show them. An unknown key, a wrong type or a value out of range is an error
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
/** What a reward is made of; `correct` stands for wrong and unparseable, too. */
export const rewardParts = ['correct', 'length', 'language', 'overlong'] as const
/** Whether parts of a reward are summed before they are compared within a group, or after. */
const rewardAggregations = ['sum_then_normalize', 'normalize_then_sum'] as const
/** What differences from a group's mean reward are divided by: its own deviation, that of all samples of the step, or nothing. */
export const rewardScales = ['group', 'batch', 'none'] as const

/** Matrices of each layer that a LoRA adapter can add to, by the names of their modules in Hugging Face's models. */
export const loraTargets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
/** How checkpoints of a LoRA training are written. */
export const loraCheckpoints = ['adapter', 'merged'] as const

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

/** A setting with what it means, a sentence, and what it counts: the form shows them (settings-list.ts). */
const about = <Schema extends z.ZodType>(schema: Schema, description: string, unit?: string): Schema =>
  schema.meta({ description, ...(unit !== undefined && { unit }) })

/** LoRA: small matrices beside frozen weights, by the names of PEFT's LoraConfig and TRL's ModelConfig. */
const loraFields = {
  lora_rank: about(
    count(0).default(0),
    'Rank of a LoRA adapter, which is trained in place of the weights (`r` in PEFT); 0 for none.',
  ),
  lora_alpha: about(positive.default(16), 'What the adapter adds is multiplied by this ÷ rank.'),
  lora_target_modules: about(
    z
      .array(oneOf(loraTargets), { error: `a list of ${loraTargets.join(', ')}` })
      .min(1, `at least one of ${loraTargets.join(', ')}`)
      .default([...loraTargets]),
    'Matrices of each layer that the adapter adds to; all seven are what PEFT calls `all-linear`.',
  ),
  use_rslora: about(
    truth.default(false),
    'Divide by the square root of the rank in place of it (rank-stabilised LoRA).',
  ),
  lora_checkpoints: about(
    oneOf(loraCheckpoints).default('adapter'),
    "Whether checkpoints are adapters, as PEFT's, which name their model's folder, or whole models with the adapter merged.",
  ),
}

/** What every training has. */
const commonFields = {
  seed: about(count(0).default(1), 'Names every random stream: weights, data, order, sampling.'),
  layers: about(
    count(1).default(2),
    'Layers of a new model. Without a starting checkpoint only, like all that shape the model.',
    'layers',
  ),
  width: about(count(4).default(64), "Width of a new model's layers."),
  heads: about(count(1).default(4), 'Attention heads of a new model; they divide the width into even parts.', 'heads'),
  key_value_heads: about(
    count(1).optional(),
    'Fewer than the heads for grouped-query attention; where empty, as many as the heads.',
  ),
  feed_forward: about(
    count(4).optional(),
    'Width of the feed-forward layer; where empty, 8/3 of the width in multiples of 16.',
  ),
  rope_base: about(positive.default(10000), 'Base of the rotary position embedding of a new model.'),
  tie_embeddings: about(truth.default(true), 'Whether a new model reads and writes tokens with the same weights.'),

  levels: about(
    z
      .array(atLeastZero, { error: 'four weights, e.g. [1, 1, 1, 1]' })
      .length(4, 'four weights, e.g. [1, 1, 1, 1]')
      .refine((value) => value.some((weight) => weight > 0), 'at least one weight above 0')
      .default([1, 1, 1, 1]),
    "Weights of the arithmetic task's levels 1 to 4 in the training data.",
  ),

  learning_rate: about(positive.default(2e-3), 'Size of an update: the peak, after the warm-up.'),
  warm_up_steps: about(count(0).default(20), 'Updates over which the learning rate rises from 0.', 'updates'),
  schedule: about(
    oneOf(['cosine', 'constant']).default('cosine'),
    'How the learning rate falls from its peak to the last step.',
  ),
  minimum_learning_rate_ratio: about(fraction.default(0.1), 'The cosine ends at this share of the learning rate.'),
  weight_decay: about(atLeastZero.default(0.01), "AdamW's decoupled decay, on matrices only."),
  beta1: about(fraction.default(0.9), "AdamW's decay of the mean gradient."),
  beta2: about(fraction.default(0.95), "AdamW's decay of the mean squared gradient."),
  adam_epsilon: about(positive.default(1e-8), "AdamW's term against a division by nothing."),
  gradient_clip: about(atLeastZero.default(1), "The gradient's global norm is scaled down to this; 0 for never."),

  workers: about(
    z
      .number({ error: 'a whole number from 1 to 64' })
      .int('a whole number from 1 to 64')
      .min(1, 'a whole number from 1 to 64')
      .max(64, 'a whole number from 1 to 64')
      .default(1),
    'Threads that share each batch and each rollout, a core each. One attempt takes one slot all the same.',
    'workers',
  ),

  checkpoint_every_steps: about(
    count(0).default(0),
    'A checkpoint every so many steps, beside milestones and the end; 0 for none.',
    'steps',
  ),
  keep_last: about(
    count(0).default(0),
    'Of those in-between checkpoints, keep the newest so many; 0 keeps all. Milestones and the end always stay.',
    'checkpoints',
  ),
  keep_best: about(
    count(0).default(0),
    'Of them, keep also the best so many, by the loss (GRPO: the reward) since the one before; 0 for none.',
    'checkpoints',
  ),

  evaluate_every_steps: about(
    count(0).default(0),
    "Every so many steps, and at the end, the first questions of each benchmark are answered: `eval/NAME` in the run's curves; 0 for never.",
    'steps',
  ),
  evaluated_questions: about(count(1).default(40), 'How many questions of each benchmark those are.', 'questions'),

  ...loraFields,

  benchmarks: about(
    z
      .array(text, { error: 'a list of benchmark names or JSONL files' })
      .min(1, 'at least one benchmark')
      .default(benchmarkNames),
    'Benchmarks of the evaluation: built-in ones, or paths of JSONL files with `question` (or `problem`) and `answer` (or `solution`).',
  ),
  prompt_template: about(
    text.refine((value) => value.includes('{prompt}'), 'a text that holds {prompt}').default('{prompt}'),
    'How a prompt or question is put to the model; `{prompt}` stands for the text.',
  ),
  chat_template: about(
    truth.default(false),
    "Whether that is a person's message in the chat template of the start model.",
  ),
  system_prompt: about(text.optional(), 'What the chat template has as the system message; where empty, its own.'),
  stop: about(
    z.array(text, { error: 'a list of texts' }).default([]),
    'Texts at which a response ends; what is read of it is what stands before them.',
  ),
  maximum_questions: about(count(0).default(0), 'Questions per benchmark; 0 for all.', 'questions'),
  maximum_new_tokens: about(count(1).default(64), 'A response is cut off after so many tokens.', 'tokens'),
}

/** Supervised training: `sft` (loss on completions) and `pretrain` (loss on everything). */
const supervisedFields = {
  ...commonFields,
  data: about(
    text.optional(),
    'JSONL file with `prompt` and `solution` a line (`text` for pretrain); without it, the arithmetic task.',
  ),
  dataset_size: about(count(1).default(8000), 'Examples of the arithmetic task in an epoch.', 'examples'),
  solutions: about(
    weights(solutionStyles).default({ short: 1 }),
    'Weights of the ways in which solutions are written.',
  ),
  chinese_share: about(fraction.default(0), 'Chance of each word of a long solution to be Chinese.', 'of all words'),
  batch_size: about(count(1).default(16), 'Examples in an update.', 'examples'),
  micro_batch_size: about(
    count(0).default(0),
    'Examples in a forward and backward pass, their gradients summed over the batch; 0 for the whole batch.',
    'examples',
  ),
  packing: about(
    truth.default(true),
    'Whether several examples share a row (they do not see each other), or each row is padded.',
  ),
  row_length: about(count(8).default(64), 'Tokens in a packed row.', 'tokens'),
  epochs: about(positive.default(6), 'Passes over the data; `steps` and a milestone axis count before it.', 'epochs'),
  steps: about(count(1).optional(), 'Updates in place of epochs.', 'updates'),
}

/** What a loss of preferences makes of the difference of a pair. */
const preferenceLosses = ['sigmoid', 'hinge', 'ipo'] as const

/** Learning from pairs of a better and a worse response (DPO). */
const dpoSchema = z.strictObject({
  trainer: z.literal('dpo'),
  ...supervisedFields,
  learning_rate: about(positive.default(1e-4), 'Size of an update: the peak, after the warm-up.'),
  warm_up_steps: about(count(0).default(10), 'Updates over which the learning rate rises from 0.', 'updates'),
  weight_decay: about(atLeastZero.default(0), "AdamW's decoupled decay, on matrices only."),
  data: about(
    text.optional(),
    'JSONL file with `prompt`, `chosen` and `rejected` a line; without it, the arithmetic task, its worse solutions with a slip.',
  ),
  dataset_size: about(count(1).default(2000), 'Pairs of the arithmetic task in an epoch.', 'pairs'),
  epochs: about(positive.default(1), 'Passes over the data; `steps` and a milestone axis count before it.', 'epochs'),
  beta: about(
    positive.default(0.1),
    'How strongly a difference counts, and how near the model stays to what it started from.',
  ),
  loss_type: about(
    oneOf(preferenceLosses).default('sigmoid'),
    "What the loss makes of the difference of a pair, as in TRL's DPOConfig.",
  ),
})

const sftSchema = z.strictObject({ trainer: z.literal('sft'), ...supervisedFields })
const pretrainSchema = z.strictObject({ trainer: z.literal('pretrain'), ...supervisedFields })

/** Rewards are data: what a right, a wrong and an unparseable response is worth, and bonuses for length and language. */
const number = z.number({ error: 'a number' })
export const rewardRulesSchema = parts('basic, quality, or the parts of a reward (docs/trainer.md)', {
  correct: about(number.default(100), 'For a response with the right answer.'),
  wrong: about(number.default(0), 'For one with another answer.'),
  unparseable: about(number.default(-1), 'For one in which no answer is found.'),
  cut_off_is_unparseable: about(
    z.boolean({ error: 'true or false' }).default(false),
    'Whether a response without its end of text counts as unparseable, whatever it holds.',
  ),
  length: about(
    parts('{ maximum, threshold, scale }', {
      maximum: about(number.default(10), 'What a long response comes near to; nothing for one with a repetition.'),
      threshold: about(number.min(0, 'a number of 0 or more').default(600), 'Nothing up to so many tokens.', 'tokens'),
      scale: about(
        number.gt(0, 'a number above 0').default(600),
        'So many tokens beyond the threshold are worth 63 % of `maximum`: maximum · (1 − exp(−(tokens − threshold) / scale)).',
        'tokens',
      ),
    }).optional(),
    'More for long responses.',
  ),
  language: about(
    parts('{ bonus }', {
      bonus: about(number.default(5), 'For every response that does not mix Latin letters with Chinese characters.'),
    }).optional(),
    'More for responses in one language.',
  ),
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

/** How responses are drawn. */
const samplingFields = {
  temperature: about(positive.default(1), 'How freely tokens are drawn; the loss knows the same probabilities.'),
  top_p: about(
    share.default(1),
    'Tokens can be drawn that make up this share of the probability; the loss knows the whole distribution.',
  ),
  top_k: about(count(0).default(0), 'The so many likeliest tokens can be drawn; 0 for all.', 'tokens'),
  min_p: about(
    fraction.default(0),
    'Tokens can be drawn that have at least this share of the likeliest one’s probability.',
  ),
  repetition_penalty: about(
    positive.default(1),
    'Tokens that stand there already are less likely by this factor; 1 for none.',
  ),
}

/** What responses are worth. */
const rewardFields = {
  reward: about(
    rewardSchema.default(namedRewards.basic),
    'What responses are worth: `basic`, `quality`, or the parts written out (docs/trainer.md).',
  ),
  reward_weights: about(
    weights(rewardParts).optional(),
    'What each part of a reward is multiplied by: correct (with wrong and unparseable), length, language, overlong; 1 where left out.',
  ),
  overlong: about(
    parts('{ buffer, penalty }', { buffer: count(1), penalty: positive }).optional(),
    'Soft penalty for the last `buffer` tokens before the cut-off, growing to `penalty` (DAPO).',
  ),
}

/** Reinforcement learning with groups of samples (GRPO). */
const grpoSchema = z.strictObject({
  trainer: z.literal('grpo'),
  ...commonFields,
  ...samplingFields,
  ...rewardFields,
  learning_rate: about(positive.default(2e-5), 'Size of an update: the peak, after the warm-up.'),
  warm_up_steps: about(count(0).default(0), 'Updates over which the learning rate rises from 0.', 'updates'),
  schedule: about(
    oneOf(['cosine', 'constant']).default('constant'),
    'How the learning rate falls from its peak to the last step.',
  ),
  weight_decay: about(atLeastZero.default(0), "AdamW's decoupled decay, on matrices only."),
  beta2: about(fraction.default(0.99), "AdamW's decay of the mean squared gradient."),
  data: about(
    text.optional(),
    'JSONL file with `question` (or `problem`) and `answer` (or `solution`) a line; without it, the arithmetic task.',
  ),
  dataset_size: about(count(1).default(8000), 'Prompts of the arithmetic task in a pass.', 'prompts'),
  prompt_order: about(
    oneOf(['passes', 'with_replacement']).default('passes'),
    'Passes over all prompts, shuffled anew for each; or each prompt drawn from all.',
  ),
  pass_rate: about(
    parts('{ minimum, maximum, samples }', {
      minimum: fraction.default(0),
      maximum: fraction.default(1),
      samples: count(1).default(8),
    })
      .refine(({ minimum, maximum }) => minimum <= maximum, 'a minimum that is at most the maximum')
      .optional(),
    'Before the first step the start model answers each prompt `samples` times, and those are kept whose share of right answers is in this range.',
  ),
  steps: about(count(1).default(100), 'Rollouts, with the updates made from each.', 'rollouts'),
  prompts_per_step: about(
    count(1).default(16),
    'Prompts of a rollout; each is answered `samples_per_prompt` times.',
    'prompts',
  ),
  samples_per_prompt: about(
    count(2).default(8),
    'Responses to each prompt, whose rewards are compared with each other.',
    'samples',
  ),
  minibatches: about(
    count(1).default(4),
    'Updates made from one rollout, each with its share of the samples.',
    'updates',
  ),
  iterations: about(
    count(1).default(1),
    'How often all of a rollout is learned from: each time as many updates as there are minibatches.',
    'times',
  ),
  micro_batch_size: about(
    count(0).default(0),
    'Samples in a forward and backward pass, their gradients summed over the minibatch; 0 for the whole minibatch.',
    'samples',
  ),
  clip_low: about(fraction.default(0.2), 'The ratio of new to old probability is clipped to 1 less this.'),
  clip_high: about(
    atLeastZero.default(0.2),
    'The ratio of new to old probability is clipped to 1 plus this; Clip-Higher is 0.28.',
  ),
  loss_type: about(
    oneOf(lossTypes).default('bnpo'),
    'How the terms of tokens are averaged: all alike, or sample by sample (docs/trainer.md).',
  ),
  importance_sampling_level: about(
    oneOf(['token', 'sequence']).default('token'),
    'Whether a ratio is of a token, or of its sample (GSPO).',
  ),
  dual_clip: about(
    z.number({ error: 'a number above 1' }).gt(1, 'a number above 1').optional(),
    'A sample with a negative advantage costs at most so many times its advantage (dual clip).',
  ),
  entropy_coefficient: about(atLeastZero.default(0), 'Weight of the entropy, which is added to what is maximised.'),
  scale_rewards: about(
    oneOf(rewardScales).default('group'),
    "What a reward's difference from its group's mean is divided by: the group's deviation, that of the step, or nothing.",
  ),
  mask_truncated_completions: about(truth.default(false), 'Leave samples that were cut off out of the loss.'),
  kl_coefficient: about(
    atLeastZero.default(0),
    "Weight of the divergence from the initial model in the loss (Schulman's k3 estimate); 0 leaves it out.",
  ),
  reference_update_steps: about(
    count(0).default(0),
    'Every so many steps the model that the divergence is measured from moves towards the trained one; 0 leaves it as it was.',
    'steps',
  ),
  reference_mixup: about(share.default(0.6), 'How far it moves: 1 all the way.'),
  reward_aggregation: about(
    oneOf(rewardAggregations).default('sum_then_normalize'),
    'Whether advantages are of the summed reward, or the sum of the advantages of its parts, each normalised in its group (GDPO).',
  ),
  dynamic_sampling: about(
    truth.default(false),
    'Draw further prompts in place of groups whose rewards are all the same, at most three times a step (DAPO).',
  ),
  reported_groups: about(count(0).default(1), 'Groups reported each step, with all their samples.', 'groups'),
  reported_samples: about(count(0).optional(), 'In place of whole groups: a step’s first so many samples.', 'samples'),
})

const { solutions: _solutions, chinese_share: _chinese, ...passFields } = supervisedFields

/** Supervised training on the best of several responses of the start model to each prompt. */
const bestOfNSchema = z.strictObject({
  trainer: z.literal('best_of_n'),
  ...passFields,
  ...samplingFields,
  ...rewardFields,
  learning_rate: about(positive.default(5e-4), 'Size of an update: the peak, after the warm-up.'),
  warm_up_steps: about(count(0).default(10), 'Updates over which the learning rate rises from 0.', 'updates'),
  data: about(
    text.optional(),
    'JSONL file with `question` (or `problem`) and `answer` (or `solution`) a line; without it, the arithmetic task.',
  ),
  dataset_size: about(count(1).default(2000), 'Prompts of the arithmetic task.', 'prompts'),
  samples_per_prompt: about(
    count(1).default(4),
    'Responses to each prompt, of which the best is learned, where it is right.',
    'samples',
  ),
  epochs: about(positive.default(2), 'Passes over the chosen; `steps` and a milestone axis count before it.', 'epochs'),
})

/** The settings of an adapter. */
export type LoraSettings = z.output<z.ZodObject<typeof loraFields>>
export type BestOfNConfig = z.output<typeof bestOfNSchema>
export type SupervisedConfig = z.output<typeof sftSchema> | z.output<typeof pretrainSchema>
export type GrpoConfig = z.output<typeof grpoSchema>
export type DpoConfig = z.output<typeof dpoSchema>
export type TrainerConfig = SupervisedConfig | GrpoConfig | DpoConfig | BestOfNConfig

export const schemas = {
  sft: sftSchema,
  pretrain: pretrainSchema,
  grpo: grpoSchema,
  dpo: dpoSchema,
  best_of_n: bestOfNSchema,
}
