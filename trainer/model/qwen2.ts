/**
 * Qwen2's language model: token embedding, layers of attention and feed-forward blocks on a residual stream, last norm,
 * logits through the embedding table (or a table of its own). RMSNorm, rotate-half RoPE, grouped-query attention with
 * biases on queries, keys and values, SwiGLU.
 *
 * Weights are kept as (inputs, outputs), with queries, keys and values side by side in one matrix and gate and up in
 * another, as the kernels want them; hugging-face.ts translates.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs'
import type { Backend } from '../backend.ts'
import { kernelsServe } from '../kernels/fused.ts'
import type { Operations } from '../kernels/operations.ts'
import { frozenOperations } from '../kernels/frozen.ts'
import { plainOperations } from '../kernels/plain.ts'
import { randomStream } from '../rng.ts'
import type { ModelConfig } from '../../contract/model-config.ts'
import type { Adapter } from './adapter.ts'

export type Layer = {
  attentionGain: Variable
  qkvWeight: Variable
  qkvBias: Variable
  outputWeight: Variable
  feedForwardGain: Variable
  gateUpWeight: Variable
  downWeight: Variable
}

/** Token rows of one forward pass: `batch` rows of `length` tokens, one after the other. */
export type TokenRows = {
  tokens: Int32Array
  /** The token that each position should predict. */
  targets: Int32Array
  /** For each position, the first position of its row that it may see. */
  segmentStart: Int32Array
  batch: number
  length: number
}

/** Names and shapes of all parameters, in the order in which they are kept. */
export function parameterShapes(config: ModelConfig): Map<string, number[]> {
  const { width, heads, keyValueHeads, headWidth, feedForward, vocabulary } = config
  const shapes = new Map<string, number[]>([['embedding', [vocabulary, width]]])
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `layers.${layer}`
    shapes.set(`${name}.attentionGain`, [width])
    shapes.set(`${name}.qkvWeight`, [width, (heads + 2 * keyValueHeads) * headWidth])
    shapes.set(`${name}.qkvBias`, [(heads + 2 * keyValueHeads) * headWidth])
    shapes.set(`${name}.outputWeight`, [heads * headWidth, width])
    shapes.set(`${name}.feedForwardGain`, [width])
    shapes.set(`${name}.gateUpWeight`, [width, 2 * feedForward])
    shapes.set(`${name}.downWeight`, [feedForward, width])
  }
  shapes.set('finalGain', [width])
  if (!config.tieEmbeddings) shapes.set('head', [vocabulary, width])
  return shapes
}

/** Fresh weights: normal with deviation 1/sqrt(inputs), divided by sqrt(2 layers) where they add to the residual stream. */
export function initialWeights(config: ModelConfig, seed: number): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>()
  for (const [name, shape] of parameterShapes(config)) {
    const random = randomStream(seed, 'weights', name)
    const size = shape.reduce((product, size) => product * size, 1)
    let deviation = 1 / Math.sqrt(shape[0]!)
    if (name === 'embedding' || name === 'head') deviation = 0.05
    if (name.endsWith('outputWeight') || name.endsWith('downWeight')) deviation /= Math.sqrt(2 * config.layers)
    const values = new Float32Array(size)
    if (name.endsWith('Gain')) values.fill(1)
    else if (!name.endsWith('Bias')) for (let i = 0; i < size; i++) values[i] = random.normal() * deviation
    weights.set(name, values)
  }
  return weights
}

export class Qwen2 {
  readonly config: ModelConfig
  readonly backend: Backend
  readonly operations: Operations
  /** Whether the compiled kernels serve this model, in place or through operations. */
  readonly usesKernels: boolean
  readonly parameters = new Map<string, Variable>()
  readonly layers: Layer[] = []
  /** What is trained in place of the parameters; null where they are. */
  readonly adapter: Adapter | null
  private readonly isShared: boolean
  private rope: { cosines: Tensor2D; sines: Tensor2D } | null = null
  private static instances = 0

  /** @param weights their values, or another model's own: the two share them then */
  constructor(
    config: ModelConfig,
    weights: ReadonlyMap<string, Float32Array | Variable>,
    backend: Backend,
    adapter: Adapter | null = null,
  ) {
    this.config = config
    this.adapter = adapter
    this.isShared = [...weights.values()].some((values) => values instanceof tf.Variable)
    this.backend = backend
    this.usesKernels = backend.kernels !== null && kernelsServe(config)
    const isFrozen = adapter !== null && backend.name.startsWith('tfjs-node')
    this.operations = this.usesKernels ? backend.operations : isFrozen ? frozenOperations : plainOperations
    const gigabytes =
      [...weights.values()].reduce((sum, values) => sum + (values instanceof tf.Variable ? 0 : values.byteLength), 0) /
      2 ** 30
    if (backend.name.endsWith('wasm') && gigabytes > 2) {
      throw new Error(
        `The model's weights take ${gigabytes.toFixed(1)} GiB, and ${backend.description} holds 4 GiB with all that comes on top; ` +
          'expected at most 2 GiB, or the back end tfjs-node',
      )
    }
    const prefix = `model${Qwen2.instances++}`
    for (const [name, shape] of parameterShapes(config)) {
      const values = weights.get(name)
      if (values === undefined) throw new Error(`the weights lack ${name}`)
      this.parameters.set(
        name,
        values instanceof tf.Variable
          ? values
          : tf.tidy(() => tf.variable(tf.tensor(values, shape), adapter === null, `${prefix}/${name}`)),
      )
    }
    for (let layer = 0; layer < config.layers; layer++) {
      const of = (name: string) => this.parameter(`layers.${layer}.${name}`)
      this.layers.push({
        attentionGain: of('attentionGain'),
        qkvWeight: of('qkvWeight'),
        qkvBias: of('qkvBias'),
        outputWeight: of('outputWeight'),
        feedForwardGain: of('feedForwardGain'),
        gateUpWeight: of('gateUpWeight'),
        downWeight: of('downWeight'),
      })
    }
  }

  parameter(name: string): Variable {
    const variable = this.parameters.get(name)
    if (variable === undefined) throw new Error(`the model has no parameter ${name}`)
    return variable
  }

  /** What a training changes, by name. */
  get trained(): ReadonlyMap<string, Variable> {
    return this.adapter?.parameters ?? this.parameters
  }

  /** The model without its adapter, which shares all else with it. */
  get base(): Qwen2 {
    return new Qwen2(this.config, this.parameters, this.backend)
  }

  get parameterCount(): number {
    return [...this.parameters.values()].reduce((sum, parameter) => sum + parameter.size, 0)
  }

  /** RoPE's tables for at least `length` positions, (positions, headWidth / 2). */
  ropeTables(length: number): { cosines: Tensor2D; sines: Tensor2D } {
    if (this.rope !== null && this.rope.cosines.shape[0] >= length) return this.rope
    this.rope?.cosines.dispose()
    this.rope?.sines.dispose()
    const positions = Math.max(128, 2 ** Math.ceil(Math.log2(length)))
    const half = this.config.headWidth / 2
    const angle = (index: number) => Math.floor(index / half) * this.config.ropeBase ** (-(index % half) / half)
    const table = (turn: (angle: number) => number) =>
      tf.keep(
        tf.tensor2d(
          Float32Array.from({ length: positions * half }, (_, index) => turn(angle(index))),
          [positions, half],
        ),
      )
    this.rope = { cosines: table(Math.cos), sines: table(Math.sin) }
    return this.rope
  }

  /** The residual stream after the last layer, (batch * length, width). */
  hidden(tokens: Tensor1D, segmentStart: Tensor1D, batch: number, length: number): Tensor2D {
    const { heads, keyValueHeads, headWidth, normEpsilon: epsilon } = this.config
    const attention = {
      batch,
      length,
      heads,
      keyValueHeads,
      headWidth,
      epsilon,
      segmentStart,
      ...this.ropeTables(length),
    }
    let x = this.operations.embed(tokens, this.parameter('embedding') as unknown as Tensor2D) // (B*T, width)
    for (const [index, layer] of this.layers.entries()) {
      const { attention: attentionAdapter = null, feedForward = null } = this.adapter?.layers[index] ?? {}
      const before = x
      // what no gradient needs goes with its layer
      x = tf.tidy(() => {
        const between = this.operations.attentionBlock(
          before,
          layer.attentionGain as unknown as Tensor1D,
          layer.qkvWeight as unknown as Tensor2D,
          layer.qkvBias as unknown as Tensor1D,
          layer.outputWeight as unknown as Tensor2D,
          attention,
          attentionAdapter,
        )
        return this.operations.feedForwardBlock(
          between,
          layer.feedForwardGain as unknown as Tensor1D,
          layer.gateUpWeight as unknown as Tensor2D,
          layer.downWeight as unknown as Tensor2D,
          epsilon,
          feedForward,
        )
      })
    }
    return x
  }

  /** The table that turns the residual stream into logits, (vocabulary, width). */
  get headTable(): Variable {
    return this.parameter(this.headName)
  }

  /** Under which name it is kept. */
  get headName(): string {
    return this.config.tieEmbeddings ? 'embedding' : 'head'
  }

  /**
   * Log-probability of each position's target, and the entropy of each position's distribution; both (batch * length), of
   * logits ÷ temperature.
   * @param options.entropyGradient whether a gradient flows through the entropies, which takes longer
   */
  targetLogProbabilities(
    rows: TokenRows,
    { temperature = 1, entropyGradient = false }: { temperature?: number; entropyGradient?: boolean } = {},
  ): { logProbabilities: Tensor1D; entropies: Tensor1D } {
    const x = this.hidden(
      tf.tensor1d(rows.tokens, 'int32'),
      tf.tensor1d(rows.segmentStart, 'int32'),
      rows.batch,
      rows.length,
    )
    const table = this.headTable as unknown as Tensor2D
    const gain = this.parameter('finalGain') as unknown as Tensor1D
    const { head } = entropyGradient ? plainOperations : this.operations
    return head(
      x,
      // the logits are linear in the last norm's gain
      temperature === 1 ? gain : tf.mul(gain, 1 / temperature),
      // stock products keep what they made of a matrix, and would not see an update in place
      entropyGradient ? tf.mul(table, 1) : table,
      tf.tensor1d(rows.targets, 'int32'),
      this.config.normEpsilon,
      this.adapter !== null,
    )
  }

  /** All weights as they are now, without what an adapter adds. */
  weights(): Map<string, Float32Array> {
    return new Map([...this.parameters].map(([name, variable]) => [name, variable.dataSync<'float32'>().slice()]))
  }

  /** A parameter with what the adapter adds to it, to be disposed of with the surrounding tidy. */
  merged(name: string): Tensor2D {
    const own = this.parameter(name)
    return this.adapter?.merged(name, own) ?? (own as unknown as Tensor2D)
  }

  /** All weights as they are now, with what the adapter adds to them. */
  mergedWeights(): Map<string, Float32Array> {
    return new Map(
      [...this.parameters.keys()].map((name) => [name, tf.tidy(() => this.merged(name).dataSync<'float32'>().slice())]),
    )
  }

  /** Moves the weights towards another model's: `share` of them are the other's then (TRL's sync_target_model). */
  moveTowards(other: Qwen2, share: number): void {
    for (const [name, variable] of this.parameters) {
      const moved = tf.tidy(() => tf.add(tf.mul(variable, 1 - share), tf.mul(other.parameter(name), share)))
      variable.assign(moved)
      moved.dispose()
    }
  }

  dispose(): void {
    if (!this.isShared) for (const variable of this.parameters.values()) variable.dispose()
    this.adapter?.dispose()
    this.rope?.cosines.dispose()
    this.rope?.sines.dispose()
    this.rope = null
  }
}
