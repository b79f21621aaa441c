/** The settings of each built-in trainer as a list: what the form shows and completes, told by the schemas that the trainers read. */
import type { z } from 'zod'
import { namedRewards, rewardRulesSchema, schemas } from './trainer-settings.ts'

export type TrainerName = keyof typeof schemas

export type SettingInfo = {
  key: string
  group: string
  /** What it means, a sentence. */
  about: string
  /** What it counts, where it counts something. */
  unit: string | null
  /** What it takes, the end of a sentence: `a whole number of 1 or more`. */
  expected: string
  /** undefined where it has none: it is left out then. */
  default: unknown
  /** The words that it takes, where these are all. */
  words: readonly string[] | null
  kind: 'number' | 'truth' | 'word' | 'text' | 'parts'
}

/** Every setting stands in one group, whatever the trainer. */
const groups: readonly [title: string, keys: readonly string[]][] = [
  [
    'Learning',
    [
      'learning_rate',
      'batch_size',
      'epochs',
      'steps',
      'prompts_per_step',
      'samples_per_prompt',
      'minibatches',
      'iterations',
      'warm_up_steps',
      'schedule',
      'minimum_learning_rate_ratio',
      'micro_batch_size',
      'weight_decay',
      'beta1',
      'beta2',
      'adam_epsilon',
      'gradient_clip',
      'seed',
      'workers',
    ],
  ],
  [
    'Loss',
    [
      'beta',
      'loss_type',
      'clip_low',
      'clip_high',
      'dual_clip',
      'importance_sampling_level',
      'scale_rewards',
      'kl_coefficient',
      'reference_update_steps',
      'reference_mixup',
      'entropy_coefficient',
      'mask_truncated_completions',
    ],
  ],
  ['Reward', ['reward', 'reward_weights', 'reward_aggregation', 'overlong', 'dynamic_sampling']],
  ['Sampling', ['temperature', 'top_p', 'top_k', 'min_p', 'repetition_penalty']],
  [
    'Data',
    [
      'data',
      'dataset_size',
      'levels',
      'solutions',
      'chinese_share',
      'prompt_order',
      'pass_rate',
      'packing',
      'row_length',
    ],
  ],
  [
    'Evaluation',
    [
      'benchmarks',
      'maximum_questions',
      'maximum_new_tokens',
      'prompt_template',
      'chat_template',
      'system_prompt',
      'stop',
      'evaluate_every_steps',
      'evaluated_questions',
    ],
  ],
  ['LoRA', ['lora_rank', 'lora_alpha', 'lora_target_modules', 'use_rslora', 'lora_checkpoints']],
  ['Checkpoints', ['checkpoint_every_steps', 'keep_last', 'keep_best', 'reported_groups', 'reported_samples']],
  ['New model', ['layers', 'width', 'heads', 'key_value_heads', 'feed_forward', 'rope_base', 'tie_embeddings']],
]

const known = new Map<TrainerName, readonly SettingInfo[]>()

/** All settings of a trainer, by group, the commonest first. */
export function settingsOfTrainer(trainer: TrainerName): readonly SettingInfo[] {
  const listed = known.get(trainer) ?? listSettings(schemas[trainer].shape)
  known.set(trainer, listed)
  return listed
}

function listSettings({ trainer: _trainer, ...shape }: Record<string, z.ZodType>): SettingInfo[] {
  return groups.flatMap(([group, keys]) =>
    keys.flatMap((key) => (Object.hasOwn(shape, key) ? [describe(group, key, shape[key]!)] : [])),
  )
}

function describe(group: string, key: string, schema: z.ZodType): SettingInfo {
  const { description, unit } = schema.meta() ?? {}
  const inner = unwrapped(schema)
  return {
    key,
    group,
    about: description ?? '',
    unit: typeof unit === 'string' ? unit : null,
    // nothing takes a symbol: what it says then is what it takes
    expected: schema.safeParse(Symbol(key)).error?.issues[0]?.message ?? '',
    default: schema.safeParse(undefined).data,
    words: 'options' in inner && Array.isArray(inner.options) ? inner.options.map(String) : null,
    kind: kinds[inner.def.type] ?? 'parts',
  }
}

const kinds: Record<string, SettingInfo['kind']> = { number: 'number', boolean: 'truth', enum: 'word', string: 'text' }

/** The schema without its default. */
function unwrapped(schema: z.ZodType): z.ZodType {
  return 'unwrap' in schema && (schema.def.type === 'default' || schema.def.type === 'optional')
    ? unwrapped((schema as z.ZodDefault<z.ZodType>).unwrap())
    : schema
}

/** What a setting takes, where it does not take this value; null where it does, or the trainer has no such setting. */
export function expectedOf(trainer: TrainerName, key: string, value: unknown): string | null {
  const shape: Record<string, z.ZodType> = schemas[trainer].shape
  if (!Object.hasOwn(shape, key)) return null
  return shape[key]!.safeParse(value).error?.issues[0]?.message ?? null
}

/** A part of a reward: where it stands, what it means, and what it is worth where nobody says. */
export type RewardPart = { path: readonly string[]; about: string; unit: string | null; default: number | boolean }

/** Every part that a reward can have, told by the schema that the trainer reads. */
export function describeRewardParts(): readonly RewardPart[] {
  return partsOf(rewardRulesSchema, [])
}

function partsOf(schema: z.ZodType, path: readonly string[]): RewardPart[] {
  const inner = unwrapped(schema)
  if ('shape' in inner)
    return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, part]) =>
      partsOf(part, [...path, key]),
    )
  const { description = '', unit } = schema.meta() ?? {}
  const usual = schema.safeParse(undefined).data as RewardPart['default']
  return [{ path, about: description, unit: typeof unit === 'string' ? unit : null, default: usual }]
}

/** What a reward is by its parts: a name stands for them. null where it is none that the trainer takes. */
export function rulesOfReward(value: unknown): Record<string, unknown> | null {
  const named = typeof value === 'string' && Object.hasOwn(namedRewards, value) ? namedRewards[value as 'basic'] : value
  const parsed = rewardRulesSchema.safeParse(named)
  return parsed.success ? parsed.data : null
}

/** The name that stands for these parts; null where none does. */
export function nameOfReward(rules: unknown): string | null {
  const text = JSON.stringify(rewardRulesSchema.safeParse(rules).data)
  return (
    Object.entries(namedRewards).find(([, named]) => JSON.stringify(rewardRulesSchema.parse(named)) === text)?.[0] ??
    null
  )
}
