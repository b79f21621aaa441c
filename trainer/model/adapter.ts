/**
 * A LoRA adapter that is trained (Hu et al., arXiv 2106.09685): for a matrix W of the model two small ones, and W + B A · alpha / r in its
 * place. The model's own weights are frozen. Names, defaults and the way to begin are PEFT's; lora.ts knows its files.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor2D, Variable } from '@tensorflow/tfjs'
import type { Backend } from '../backend.ts'
import { mergedWeight } from '../kernels/adapted.ts'
import { kernelsServe } from '../kernels/fused.ts'
import type { BlockAdapter, LowRank } from '../kernels/operations.ts'
import { randomStream } from '../rng.ts'
import type { ModelConfig } from '../../contract/model-config.ts'
import type { LoraSettings } from '../../contract/trainer-settings.ts'
import { parts } from './parts.ts'

/** A matrix of the model's folder that an adapter adds to, by its module's name there, and the columns of the parameter that it fills. */
type Target = { module: string; parameter: string; column: number; inputs: number; outputs: number }

function targetsOf(config: ModelConfig, { lora_target_modules: names }: LoraSettings): Target[] {
  return parts(config).flatMap(({ stored, shape, parameter, column }) => {
    const module = stored.replace(/\.weight$/, '')
    const isTarget = shape.length === 2 && names.some((name) => module.endsWith(`.${name}`))
    return isTarget ? [{ module, parameter, column, inputs: shape[1]!, outputs: shape[0]! }] : []
  })
}

/** Names and shapes of an adapter's matrices: A as (rank, inputs), B turned, as (rank, outputs). */
export function adapterShapes(config: ModelConfig, settings: LoraSettings): Map<string, [number, number]> {
  const { lora_rank: rank } = settings
  return new Map(
    targetsOf(config, settings).flatMap(({ module, inputs, outputs }): [string, [number, number]][] => [
      [`${module}.lora_A`, [rank, inputs]],
      [`${module}.lora_B`, [rank, outputs]],
    ]),
  )
}

/** Fresh matrices, which add nothing yet: A uniform within ± 1/√inputs, B zeros. */
export function initialAdapter(config: ModelConfig, settings: LoraSettings, seed: number): Map<string, Float32Array> {
  return new Map(
    [...adapterShapes(config, settings)].map(([name, [rank, columns]]) => {
      const values = new Float32Array(rank * columns)
      const random = randomStream(seed, 'adapter', name)
      if (name.endsWith('.lora_A'))
        for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) / Math.sqrt(columns)
      return [name, values]
    }),
  )
}

export class Adapter {
  readonly settings: LoraSettings
  readonly parameters = new Map<string, Variable>()
  /** What it adds in each layer. */
  readonly layers: { attention: BlockAdapter; feedForward: BlockAdapter }[]
  /** The folder of the model that it was trained on: what its checkpoints name. */
  readonly base: string
  private static instances = 0
  private readonly usesKernels: boolean
  private readonly additions = new Map<string, LowRank[]>()
  private readonly scale: number

  /** @param values by the names of adapterShapes */
  constructor(
    config: ModelConfig,
    settings: LoraSettings,
    values: ReadonlyMap<string, Float32Array>,
    base: string,
    backend: Backend,
  ) {
    const { lora_rank: rank, lora_alpha: alpha, use_rslora: isStabilised } = settings
    this.settings = settings
    this.base = base
    this.usesKernels = backend.kernels !== null && kernelsServe(config)
    this.scale = alpha / (isStabilised ? Math.sqrt(rank) : rank)
    const prefix = `adapter${Adapter.instances++}`
    for (const [name, shape] of adapterShapes(config, settings)) {
      const given = values.get(name)
      if (given === undefined) throw new Error(`the adapter's weights lack ${name}`)
      const variable = tf.tidy(() => tf.variable(tf.tensor(given, shape), true, `${prefix}/${name}`))
      this.parameters.set(name, variable)
    }
    for (const { module, parameter, column } of targetsOf(config, settings)) {
      const [down, up] = ['A', 'B'].map((which) => this.parameters.get(`${module}.lora_${which}`)!)
      const added = { down: down as unknown as Tensor2D, up: up as unknown as Tensor2D, column }
      this.additions.set(parameter, [...(this.additions.get(parameter) ?? []), added])
    }
    const block = (layer: number, first: string, second: string): BlockAdapter => ({
      scale: this.scale,
      first: this.additions.get(`layers.${layer}.${first}`) ?? [],
      second: this.additions.get(`layers.${layer}.${second}`) ?? [],
    })
    this.layers = Array.from({ length: config.layers }, (_, layer) => ({
      attention: block(layer, 'qkvWeight', 'outputWeight'),
      feedForward: block(layer, 'gateUpWeight', 'downWeight'),
    }))
  }

  /** The model's parameter of this name with what the adapter adds to it, to be disposed of with the surrounding tidy. */
  merged(name: string, weight: Variable): Tensor2D {
    const own = weight as unknown as Tensor2D
    const additions = this.additions.get(name)
    if (additions === undefined) return own
    if (this.usesKernels) return mergedWeight(own, additions, this.scale)
    return additions.reduce((sum, { down, up, column }) => {
      const product = tf.matMul(down, tf.mul(up, this.scale), true)
      const after = own.shape[1] - column - up.shape[1]
      return tf.add(
        sum,
        tf.pad(product, [
          [0, 0],
          [column, after],
        ]),
      )
    }, own)
  }

  /** The matrices as they are now. */
  weights(): Map<string, Float32Array> {
    return new Map([...this.parameters].map(([name, variable]) => [name, variable.dataSync<'float32'>().slice()]))
  }

  dispose(): void {
    for (const variable of this.parameters.values()) variable.dispose()
  }
}
