/** Calls of the registered kernels (registry.ts). */
import * as tf from '@tensorflow/tfjs'
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs'

/** What a kernel gives, as a list. */
export function run(name: string, inputs: Record<string, Tensor>, attributes: Record<string, number> = {}): Tensor[] {
  const result = tf.engine().runKernel(name, inputs as NamedTensorMap, attributes) as Tensor | Tensor[]
  return Array.isArray(result) ? result : [result]
}
