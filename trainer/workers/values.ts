/**
 * Values that go between tensors and memory that threads share. Where the kernels serve the model that is one pass over each, in place; elsewhere the library
 * makes copies of its own, as its products keep what they made of a matrix and would not see that it changed.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Variable } from '@tensorflow/tfjs'
import type { Qwen2 } from '../model/qwen2.ts'

/** A view of the tensor's own values where the kernels serve; else null. */
function own({ backend, usesKernels }: Qwen2, tensor: Tensor): Float32Array | null {
  const { kernels } = backend
  return kernels === null || !usesKernels
    ? null
    : new Float32Array(kernels.memory.buffer, kernels.address(tensor), tensor.size)
}

/** Lays a tensor's values down in shared memory. */
export function layDown(model: Qwen2, tensor: Tensor, values: Float32Array): void {
  values.set(own(model, tensor) ?? tensor.dataSync<'float32'>())
}

/** Gives a variable the values that lie in shared memory. */
export function takeUp(model: Qwen2, variable: Variable, values: Float32Array): void {
  const view = own(model, variable)
  if (view !== null) view.set(values)
  else tf.tidy(() => variable.assign(tf.tensor(values.slice(), variable.shape)))
}

/** The sum of a tensor, whose memory is given back or used again, and of values that lie in shared memory. */
export function addTo(model: Qwen2, tensor: Tensor, values: Float32Array): Tensor {
  const view = own(model, tensor)
  if (view === null) {
    const sum = tf.tidy(() => tf.add(tensor, tf.tensor(values.slice(), tensor.shape)))
    tensor.dispose()
    return sum
  }
  for (let i = 0; i < view.length; i++) view[i]! += values[i]!
  return tensor
}
