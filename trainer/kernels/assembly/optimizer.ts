/** The optimizer's arithmetic over flat arrays of any length. */
import { bytes, multiplyAdd, sumLanes } from './vector'

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), in place. `correction1` and `correction2`
 * are 1 - beta^t; `scale` multiplies the gradient first (gradient clipping).
 */
export function adamW(
  parameter: usize, gradient: usize, first: usize, second: usize, count: i32, learningRate: f32, beta1: f32, beta2: f32,
  epsilon: f32, correction1: f32, correction2: f32, weightDecay: f32, scale: f32,
): void {
  const stepSize: f32 = learningRate / correction1
  const keep: f32 = <f32>1 - learningRate * weightDecay
  const root: f32 = <f32>1 / sqrt<f32>(correction2)
  let i: i32 = 0
  for (; i + 4 <= count; i += 4) {
    const at = bytes(i)
    const g = f32x4.mul(v128.load(gradient + at), f32x4.splat(scale))
    const m = f32x4.add(f32x4.mul(v128.load(first + at), f32x4.splat(beta1)), f32x4.mul(g, f32x4.splat(<f32>1 - beta1)))
    const v = f32x4.add(f32x4.mul(v128.load(second + at), f32x4.splat(beta2)), f32x4.mul(f32x4.mul(g, g), f32x4.splat(<f32>1 - beta2)))
    v128.store(first + at, m)
    v128.store(second + at, v)
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(epsilon))
    const p = f32x4.mul(v128.load(parameter + at), f32x4.splat(keep))
    v128.store(parameter + at, f32x4.sub(p, f32x4.div(f32x4.mul(m, f32x4.splat(stepSize)), denominator)))
  }
  for (; i < count; i++) {
    const at = bytes(i)
    const g: f32 = load<f32>(gradient + at) * scale
    const m: f32 = load<f32>(first + at) * beta1 + g * (<f32>1 - beta1)
    const v: f32 = load<f32>(second + at) * beta2 + g * g * (<f32>1 - beta2)
    store<f32>(first + at, m)
    store<f32>(second + at, v)
    store<f32>(parameter + at, load<f32>(parameter + at) * keep - m * stepSize / (sqrt<f32>(v) * root + epsilon))
  }
}

export function sumOfSquares(x: usize, count: i32): f32 {
  let sum = f32x4.splat(0)
  let i: i32 = 0
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(x + bytes(i))
    sum = multiplyAdd(sum, v, v)
  }
  let total = sumLanes(sum)
  for (; i < count; i++) total += load<f32>(x + bytes(i)) * load<f32>(x + bytes(i))
  return total
}
