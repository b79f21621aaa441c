/** AdamW over a model's parameters, gradient clipping by global norm, and the learning rate's course. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Variable } from '@tensorflow/tfjs'
import type { Kernels } from './kernels/wasm.ts'

export type AdamWSettings = {
  beta1: number
  beta2: number
  epsilon: number
  /** Decoupled; for matrices only, not for gains and biases. */
  weightDecay: number
  /** The gradient's global norm is scaled down to this; 0 for never. */
  gradientClip: number
}

/** The two moments of a parameter, by its name. */
export type Moments = Map<string, { first: Float32Array; second: Float32Array }>

export class AdamW {
  private readonly settings: AdamWSettings
  private readonly kernels: Kernels | null
  private readonly parameters: { name: string; variable: Variable; first: Variable; second: Variable }[]
  /** Updates made so far. */
  updates: number

  constructor(
    parameters: ReadonlyMap<string, Variable>,
    settings: AdamWSettings,
    kernels: Kernels | null,
    resumed?: { updates: number; moments: Moments },
  ) {
    this.settings = settings
    this.kernels = kernels
    this.updates = resumed?.updates ?? 0
    this.parameters = [...parameters].map(([name, variable]) => {
      const moment = (which: 'first' | 'second') =>
        tf.tidy(() => {
          const values = resumed?.moments.get(name)?.[which]
          return tf.variable(values ? tf.tensor(values, variable.shape) : tf.zeros(variable.shape), false)
        })
      return { name, variable, first: moment('first'), second: moment('second') }
    })
  }

  /**
   * One update from gradients by variable name. Returns the gradient's norm before clipping. One that is no number
   * changes nothing, so that the parameters stay what they were when it came.
   */
  update(gradients: Record<string, Tensor>, learningRate: number): number {
    const { beta1, beta2, epsilon, weightDecay, gradientClip } = this.settings
    const ordered = this.parameters.map(({ name, variable }) => {
      const gradient = gradients[variable.name]
      if (gradient === undefined) throw new Error(`no gradient reached ${name}`)
      return gradient
    })
    const norm = Math.sqrt(ordered.reduce((sum, gradient) => sum + this.sumOfSquares(gradient), 0))
    if (!Number.isFinite(norm)) return norm
    this.updates += 1
    const scale = gradientClip > 0 && norm > gradientClip ? gradientClip / norm : 1
    const correction1 = 1 - beta1 ** this.updates
    const correction2 = 1 - beta2 ** this.updates
    for (const [index, { variable, first, second }] of this.parameters.entries()) {
      const gradient = ordered[index]!
      const decay = variable.rank > 1 ? weightDecay : 0
      if (this.kernels !== null) {
        const { address, functions } = this.kernels
        functions.adamW(
          address(variable),
          address(gradient),
          address(first),
          address(second),
          variable.size,
          learningRate,
          beta1,
          beta2,
          epsilon,
          correction1,
          correction2,
          decay,
          scale,
        )
        continue
      }
      tf.tidy(() => {
        const scaled = tf.mul(gradient, scale)
        first.assign(tf.add(tf.mul(first, beta1), tf.mul(scaled, 1 - beta1)))
        second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(scaled), 1 - beta2)))
        const denominator = tf.add(tf.sqrt(tf.div(second, correction2)), epsilon)
        const change = tf.div(tf.mul(first, learningRate / correction1), denominator)
        variable.assign(tf.sub(tf.mul(variable, 1 - learningRate * decay), change))
      })
    }
    return norm
  }

  private sumOfSquares(gradient: Tensor): number {
    if (this.kernels !== null) return this.kernels.functions.sumOfSquares(this.kernels.address(gradient), gradient.size)
    return tf.tidy(() => tf.sum(tf.square(gradient)).dataSync()[0]!)
  }

  moments(): Moments {
    return new Map(
      this.parameters.map(({ name, first, second }) => [
        name,
        { first: first.dataSync<'float32'>().slice(), second: second.dataSync<'float32'>().slice() },
      ]),
    )
  }

  dispose(): void {
    for (const { first, second } of this.parameters) {
      first.dispose()
      second.dispose()
    }
  }
}

/**
 * Learning rate of an update (1 to total): a linear rise to the peak over the warm-up; from there along a cosine down to
 * the minimum ratio at the last update, or constant.
 */
export function learningRateAt(
  update: number,
  total: number,
  settings: { learningRate: number; warmUpSteps: number; minimumRatio: number; schedule: 'cosine' | 'constant' },
): number {
  const { learningRate: peak, warmUpSteps, minimumRatio, schedule } = settings
  if (update <= warmUpSteps) return (peak * update) / warmUpSteps
  if (schedule === 'constant') return peak
  const cosine = 0.5 * (1 + Math.cos((Math.PI * (update - warmUpSteps)) / (total - warmUpSteps)))
  return peak * (minimumRatio + (1 - minimumRatio) * cosine)
}
