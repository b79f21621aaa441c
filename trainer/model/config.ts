/** The shape of a Qwen2 model, and its translation from and to Hugging Face's config.json. */

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
}

/** config.json's keys that the model depends on. */
export type HuggingFaceConfig = Record<string, unknown>

/** A feed-forward width for a model of this width: 8/3 of it, in whole multiples of 16. */
export function defaultFeedForward(width: number): number {
  return Math.max(16, Math.round((width * 8) / 3 / 16) * 16)
}

/** How config.json says it. */
export function toHuggingFace(config: ModelConfig): HuggingFaceConfig {
  return {
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
    rms_norm_eps: config.normEpsilon,
    tie_word_embeddings: config.tieEmbeddings,
    max_position_embeddings: config.maximumLength,
    torch_dtype: 'float32',
    bos_token_id: null,
    eos_token_id: 1,
    pad_token_id: 0,
  }
}

/**
 * Reads config.json's content.
 * @throws naming `file` and the key, where the architecture is another or a value does not fit
 */
export function fromHuggingFace(source: HuggingFaceConfig, file: string): ModelConfig {
  const architecture = Array.isArray(source.architectures) ? String(source.architectures[0]) : String(source.model_type)
  if (source.model_type !== 'qwen2' || (Array.isArray(source.architectures) && architecture !== 'Qwen2ForCausalLM')) {
    throw new Error(
      `${file}: the architecture is "${architecture}" (model_type "${String(source.model_type)}"); expected Qwen2ForCausalLM`,
    )
  }
  if (source.hidden_act !== undefined && source.hidden_act !== 'silu') {
    throw new Error(`${file}: hidden_act is "${String(source.hidden_act)}"; expected silu`)
  }
  if (source.use_sliding_window === true) throw new Error(`${file}: use_sliding_window is true, which is not supported`)
  if (source.rope_scaling !== undefined && source.rope_scaling !== null) {
    throw new Error(`${file}: rope_scaling is set, which is not supported`)
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
  const width = whole('hidden_size')
  const heads = whole('num_attention_heads')
  const keyValueHeads = whole('num_key_value_heads', heads)
  const headWidth = whole('head_dim', width / heads)
  if (heads % keyValueHeads !== 0) {
    throw new Error(
      `${file}: num_attention_heads is ${heads}; expected a multiple of num_key_value_heads (${keyValueHeads})`,
    )
  }
  if (headWidth % 2 !== 0) throw new Error(`${file}: the width of a head is ${headWidth}; expected an even number`)
  return {
    vocabulary: whole('vocab_size'),
    width,
    layers: whole('num_hidden_layers'),
    heads,
    keyValueHeads,
    headWidth,
    feedForward: whole('intermediate_size'),
    ropeBase: number('rope_theta', 10000),
    normEpsilon: number('rms_norm_eps', 1e-6),
    tieEmbeddings: source.tie_word_embeddings === true,
    maximumLength: whole('max_position_embeddings', 32768),
  }
}
