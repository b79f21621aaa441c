/**
 * The shape of a Qwen2 model, and its translation from and to Hugging Face's config.json, in the layouts of transformers 4
 * and 5. A key that changes what the model computes is read, or the folder is refused by that key's name: a model that
 * computes something else than it does elsewhere would be measured wrong without a word.
 */

import type { TrainerConfig } from './trainer-settings.ts'

export type ModelConfig = {
  vocabulary: number
  width: number
  layers: number
  heads: number
  keyValueHeads: number
  headWidth: number
  /** Width of the feed-forward layer's gate and up. */
  feedForward: number
  ropeBase: number
  normEpsilon: number
  tieEmbeddings: boolean
  maximumLength: number
  /** config.json of the folder that the model came from: what goes along with its checkpoints. */
  source?: HuggingFaceConfig
  /** The text of its generation_config.json, where it has one. */
  generation?: string
}

/** config.json's content. */
export type HuggingFaceConfig = Record<string, unknown>

/** A feed-forward width for a model of this width: 8/3 of it, in whole multiples of 16. */
export function defaultFeedForward(width: number): number {
  return Math.max(16, Math.round((width * 8) / 3 / 16) * 16)
}

/**
 * The character-level vocabulary of the arithmetic task: `\\boxed{` is one token, everything else one character. English
 * letters and a few Chinese characters serve the long solutions' words, and so the language reward.
 */
export const arithmeticTokens: readonly string[] = [
  '<pad>',
  '<eos>',
  '\\boxed{',
  '}',
  ...'0123456789+-*/=;?:,.() abcdefghijklmnopqrstuvwxyz检查验算得所以',
]

/** Tokens of the arithmetic task's vocabulary with those in reserve, and the context that a new model is made for. */
export const arithmeticVocabulary = 64
const newModelLength = 1024

/** The shape of a new model. */
export function newModelConfig(config: TrainerConfig, vocabulary = arithmeticVocabulary): ModelConfig {
  return {
    vocabulary,
    width: config.width,
    layers: config.layers,
    heads: config.heads,
    keyValueHeads: config.key_value_heads ?? config.heads,
    headWidth: config.width / config.heads,
    feedForward: config.feed_forward ?? defaultFeedForward(config.width),
    ropeBase: config.rope_base,
    normEpsilon: 1e-6,
    tieEmbeddings: config.tie_embeddings,
    maximumLength: newModelLength,
  }
}

/**
 * How config.json says it: the folder's own keys where the model came from one, and the rotary base where transformers 4 and
 * 5 each look for it.
 */
export function toHuggingFace(
  config: ModelConfig,
  dtype: 'float32' | 'bfloat16',
  tokens: { endOfText: number; padding: number },
): HuggingFaceConfig {
  return {
    bos_token_id: null,
    eos_token_id: tokens.endOfText,
    pad_token_id: tokens.padding,
    ...config.source,
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headWidth,
    intermediate_size: config.feedForward,
    hidden_act: 'silu',
    rope_theta: config.ropeBase,
    rope_parameters: { rope_type: 'default', rope_theta: config.ropeBase },
    rms_norm_eps: config.normEpsilon,
    tie_word_embeddings: config.tieEmbeddings,
    max_position_embeddings: config.maximumLength,
    // the same under its older and its newer name
    torch_dtype: dtype,
    dtype,
  }
}

/** Keys that are read, or looked at by a check of their own. */
const readKeys = new Set([
  'architectures',
  'model_type',
  'vocab_size',
  'hidden_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'head_dim',
  'intermediate_size',
  'hidden_act',
  'rope_theta',
  'rope_scaling',
  'rope_parameters',
  'partial_rotary_factor',
  'rms_norm_eps',
  'tie_word_embeddings',
  'max_position_embeddings',
  'use_sliding_window',
  'sliding_window',
  'max_window_layers',
  'layer_types',
])

/** Keys whose names sound like the model's arithmetic and that transformers' Qwen2 computes nothing with. */
const withoutEffect = new Set(['attention_dropout', 'attn_implementation', 'output_attentions', 'initializer_range'])

/** What an unknown key that changes the arithmetic would be called. */
const soundsLikeArithmetic =
  /scal|softcap|soft_cap|multiplier|window|rope|rotary|quant|attn|attention|activation|bias|norm|pdrop|expert|lora|alibi|position_embedding_type|logit/i

/**
 * Reads config.json's content.
 * @throws naming `file` and the key, where the architecture is another, a value does not fit, or a key asks for what is not
 * computed here
 */
export function fromHuggingFace(source: HuggingFaceConfig, file: string): ModelConfig {
  const architecture = Array.isArray(source.architectures) ? String(source.architectures[0]) : String(source.model_type)
  if (source.model_type !== 'qwen2' || (Array.isArray(source.architectures) && architecture !== 'Qwen2ForCausalLM')) {
    throw new Error(
      `${file}: the architecture is "${architecture}" (model_type "${String(source.model_type)}"); expected Qwen2ForCausalLM`,
    )
  }
  // two names of one function
  if (source.hidden_act !== undefined && source.hidden_act !== 'silu' && source.hidden_act !== 'swish') {
    throw new Error(`${file}: hidden_act is "${String(source.hidden_act)}"; expected silu`)
  }
  const number = (key: string, fallback?: number): number => {
    const value = source[key] ?? fallback
    if (typeof value !== 'number' || !(value > 0)) {
      throw new Error(`${file}: ${key} is ${JSON.stringify(source[key])}; expected a number above 0`)
    }
    return value
  }
  const whole = (key: string, fallback?: number): number => {
    const value = number(key, fallback)
    if (!Number.isInteger(value)) throw new Error(`${file}: ${key} is ${value}; expected a whole number`)
    return value
  }
  const layers = whole('num_hidden_layers')
  refuseWindows(source, layers, file)
  refuseUnknown(source, file)
  const width = whole('hidden_size')
  const heads = whole('num_attention_heads')
  const keyValueHeads = whole('num_key_value_heads', heads)
  const headWidth = whole('head_dim', Math.floor(width / heads))
  if (heads % keyValueHeads !== 0) {
    throw new Error(
      `${file}: num_attention_heads is ${heads}; expected a multiple of num_key_value_heads (${keyValueHeads})`,
    )
  }
  if (headWidth % 2 !== 0) throw new Error(`${file}: the width of a head is ${headWidth}; expected an even number`)
  return {
    vocabulary: whole('vocab_size'),
    width,
    layers,
    heads,
    keyValueHeads,
    headWidth,
    feedForward: whole('intermediate_size'),
    ropeBase: rotaryBase(source, file),
    normEpsilon: number('rms_norm_eps', 1e-6),
    tieEmbeddings: source.tie_word_embeddings === true,
    maximumLength: whole('max_position_embeddings', 32768),
    source,
  }
}

/** The base of the rotary embeddings: `rope_theta` (transformers 4), or in `rope_parameters` (5). */
function rotaryBase(source: HuggingFaceConfig, file: string): number {
  const found = new Map<string, number>()
  const take = (place: string, value: unknown): void => {
    if (value === undefined || value === null) return
    if (typeof value !== 'number' || !(value > 0))
      throw new Error(`${file}: ${place} is ${JSON.stringify(value)}; expected a number above 0`)
    found.set(place, value)
  }
  const whole = (place: string, value: unknown): void => {
    if (value !== undefined && value !== null && value !== 1)
      throw new Error(`${file}: ${place} is ${JSON.stringify(value)}, which is not supported; expected 1`)
  }
  take('rope_theta', source.rope_theta)
  whole('partial_rotary_factor', source.partial_rotary_factor)
  for (const name of ['rope_parameters', 'rope_scaling'] as const) {
    const given = source[name]
    if (given === undefined || given === null) continue
    if (typeof given !== 'object') throw new Error(`${file}: ${name} is ${JSON.stringify(given)}; expected an object`)
    const {
      rope_type: type,
      type: oldType,
      rope_theta: base,
      partial_rotary_factor: share,
      ...others
    } = given as HuggingFaceConfig
    const kind = type ?? oldType ?? 'default'
    if (kind !== 'default')
      throw new Error(`${file}: ${name}.rope_type is ${JSON.stringify(kind)}, which is not supported; expected default`)
    whole(`${name}.partial_rotary_factor`, share)
    const [unknown] = Object.keys(others)
    if (unknown !== undefined)
      throw new Error(`${file}: ${name}.${unknown} is ${JSON.stringify(others[unknown])}, which is not supported`)
    take(`${name}.rope_theta`, base)
  }
  const [first, ...rest] = [...found]
  for (const [place, value] of rest) {
    if (value !== first![1])
      throw new Error(`${file}: ${first![0]} is ${first![1]} and ${place} is ${value}; expected one rotary base`)
  }
  return first?.[1] ?? 10000
}

/** Refuses layers that see a window only; a window that no layer has is none. */
function refuseWindows(source: HuggingFaceConfig, layers: number, file: string): void {
  const { layer_types: types, max_window_layers: from = 28 } = source
  if (types !== undefined && types !== null) {
    const other = Array.isArray(types) ? types.find((type) => type !== 'full_attention') : types
    if (other !== undefined)
      throw new Error(
        `${file}: layer_types holds ${JSON.stringify(other)}, which is not supported; expected full_attention`,
      )
  } else if (source.use_sliding_window === true && !(typeof from === 'number' && from >= layers)) {
    throw new Error(
      `${file}: use_sliding_window is true and max_window_layers ${JSON.stringify(from)} of ${layers} layers, which is not supported; expected full attention in all of them`,
    )
  }
}

/** Refuses a key that nobody here knows and that sounds as if the model computed something with it. */
function refuseUnknown(source: HuggingFaceConfig, file: string): void {
  for (const [key, value] of Object.entries(source)) {
    if (readKeys.has(key) || withoutEffect.has(key) || key.startsWith('_')) continue
    if (value === null || value === false) continue
    // Qwen2 has biases on queries, keys and values whatever this says
    if (key === 'attention_bias' && value === true) continue
    if (soundsLikeArithmetic.test(key)) {
      throw new Error(
        `${file}: ${key} is ${JSON.stringify(value).slice(0, 60)}, which is not supported: it may change what the model computes`,
      )
    }
  }
}
