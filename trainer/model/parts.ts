/** Which tensors of a Hugging Face folder make up which columns of the model's parameters. */
import type { ModelConfig } from '../../contract/model-config.ts'

/** One tensor of the folder and the columns of the model's parameter that it fills. */
export type ParameterPart = { stored: string; shape: number[]; parameter: string; column: number; columns: number }

/** How the folder's tensors make up the model's parameters. */
export function parts(config: ModelConfig): ParameterPart[] {
  const { width, heads, keyValueHeads, headWidth, feedForward, vocabulary } = config
  const result: ParameterPart[] = []
  const vector = (stored: string, parameter: string, column: number, columns: number) =>
    result.push({ stored, shape: [columns], parameter, column, columns })
  const matrix = (stored: string, parameter: string, column: number, columns: number, inputs: number) =>
    result.push({ stored, shape: [columns, inputs], parameter, column, columns })
  // tables lie the same way in both: one "vector" of all their values
  result.push({
    stored: 'model.embed_tokens.weight',
    shape: [vocabulary, width],
    parameter: 'embedding',
    column: 0,
    columns: 0,
  })
  const inner = heads * headWidth
  const keyValues = keyValueHeads * headWidth
  for (let layer = 0; layer < config.layers; layer++) {
    const from = `model.layers.${layer}`
    const to = `layers.${layer}`
    vector(`${from}.input_layernorm.weight`, `${to}.attentionGain`, 0, width)
    for (const [name, column, columns] of [
      ['q', 0, inner],
      ['k', inner, keyValues],
      ['v', inner + keyValues, keyValues],
    ] as const) {
      matrix(`${from}.self_attn.${name}_proj.weight`, `${to}.qkvWeight`, column, columns, width)
      vector(`${from}.self_attn.${name}_proj.bias`, `${to}.qkvBias`, column, columns)
    }
    matrix(`${from}.self_attn.o_proj.weight`, `${to}.outputWeight`, 0, width, inner)
    vector(`${from}.post_attention_layernorm.weight`, `${to}.feedForwardGain`, 0, width)
    matrix(`${from}.mlp.gate_proj.weight`, `${to}.gateUpWeight`, 0, feedForward, width)
    matrix(`${from}.mlp.up_proj.weight`, `${to}.gateUpWeight`, feedForward, feedForward, width)
    matrix(`${from}.mlp.down_proj.weight`, `${to}.downWeight`, 0, width, feedForward)
  }
  vector('model.norm.weight', 'finalGain', 0, width)
  if (!config.tieEmbeddings) {
    result.push({ stored: 'lm_head.weight', shape: [vocabulary, width], parameter: 'head', column: 0, columns: 0 })
  }
  return result
}
