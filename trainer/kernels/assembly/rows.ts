/** What is done row by row: root-mean-square norm, SwiGLU, biases, and their gradients. Widths are multiples of 4. */
import { bytes, exp4, multiplyAdd, sumLanes } from './vector'

/** y = x * gain / rms(x); the reciprocal of each row's rms goes to `scales`. */
export function normalizeRows(
  x: usize, gain: usize, y: usize, scales: usize, rows: i32, width: i32, epsilon: f32,
): void {
  for (let i: i32 = 0; i < rows; i++) {
    const from = x + bytes(i * width)
    const to = y + bytes(i * width)
    let sum = f32x4.splat(0)
    for (let j: i32 = 0; j < width; j += 4) {
      const v = v128.load(from + bytes(j))
      sum = multiplyAdd(sum, v, v)
    }
    const scale: f32 = <f32>1 / sqrt<f32>(sumLanes(sum) / <f32>width + epsilon)
    store<f32>(scales + bytes(i), scale)
    const s = f32x4.splat(scale)
    for (let j: i32 = 0; j < width; j += 4) {
      v128.store(to + bytes(j), f32x4.mul(f32x4.mul(v128.load(from + bytes(j)), s), v128.load(gain + bytes(j))))
    }
  }
}

/** The norm once more, with the scales that the forward pass kept. */
export function renormalizeRows(x: usize, gain: usize, scales: usize, y: usize, rows: i32, width: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    const from = x + bytes(i * width)
    const to = y + bytes(i * width)
    const s = f32x4.splat(load<f32>(scales + bytes(i)))
    for (let j: i32 = 0; j < width; j += 4) {
      v128.store(to + bytes(j), f32x4.mul(f32x4.mul(v128.load(from + bytes(j)), s), v128.load(gain + bytes(j))))
    }
  }
}

/**
 * Gradient of the norm. dx = residual + scale * (dy * gain - n * mean(dy * gain * n)) with n = x * scale, and
 * gainGradient += dy * n. `residual` 0 stands for none.
 */
export function normalizeRowsGradient(
  x: usize, gain: usize, scales: usize, dy: usize, residual: usize, dx: usize, gainGradient: usize, rows: i32, width: i32,
): void {
  for (let i: i32 = 0; i < rows; i++) {
    const row = bytes(i * width)
    const s = f32x4.splat(load<f32>(scales + bytes(i)))
    let sum = f32x4.splat(0)
    for (let j: i32 = 0; j < width; j += 4) {
      const n = f32x4.mul(v128.load(x + row + bytes(j)), s)
      const d = v128.load(dy + row + bytes(j))
      const g = gainGradient + bytes(j)
      v128.store(g, multiplyAdd(v128.load(g), d, n))
      sum = multiplyAdd(sum, f32x4.mul(d, v128.load(gain + bytes(j))), n)
    }
    const mean = f32x4.splat(sumLanes(sum) / <f32>width)
    for (let j: i32 = 0; j < width; j += 4) {
      const n = f32x4.mul(v128.load(x + row + bytes(j)), s)
      const d = f32x4.mul(v128.load(dy + row + bytes(j)), v128.load(gain + bytes(j)))
      let value = f32x4.mul(s, f32x4.sub(d, f32x4.mul(n, mean)))
      if (residual != 0) value = f32x4.add(value, v128.load(residual + row + bytes(j)))
      v128.store(dx + row + bytes(j), value)
    }
  }
}

export function addBias(x: usize, bias: usize, rows: i32, width: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    for (let j: i32 = 0; j < width; j += 4) {
      const at = x + bytes(i * width + j)
      v128.store(at, f32x4.add(v128.load(at), v128.load(bias + bytes(j))))
    }
  }
}

/** sums += the sum of the rows: the gradient of a bias. */
export function addColumnSums(x: usize, sums: usize, rows: i32, width: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    for (let j: i32 = 0; j < width; j += 4) {
      const at = sums + bytes(j)
      v128.store(at, f32x4.add(v128.load(at), v128.load(x + bytes(i * width + j))))
    }
  }
}

/** y = silu(gate) * up, where a row of `gateUp` holds the gates and then the ups. */
export function swiglu(gateUp: usize, y: usize, rows: i32, width: i32): void {
  const one = f32x4.splat(1)
  for (let i: i32 = 0; i < rows; i++) {
    const gate = gateUp + bytes(i * 2 * width)
    const up = gate + bytes(width)
    const to = y + bytes(i * width)
    for (let j: i32 = 0; j < width; j += 4) {
      const g = v128.load(gate + bytes(j))
      const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(g))))
      v128.store(to + bytes(j), f32x4.mul(f32x4.mul(g, sigmoid), v128.load(up + bytes(j))))
    }
  }
}

/** Gradient of `swiglu`, which also gives its value once more: cheaper than keeping it. */
export function swigluGradient(gateUp: usize, dy: usize, y: usize, gateUpGradient: usize, rows: i32, width: i32): void {
  const one = f32x4.splat(1)
  for (let i: i32 = 0; i < rows; i++) {
    const gate = gateUp + bytes(i * 2 * width)
    const gateTo = gateUpGradient + bytes(i * 2 * width)
    for (let j: i32 = 0; j < width; j += 4) {
      const g = v128.load(gate + bytes(j))
      const u = v128.load(gate + bytes(width + j))
      const d = v128.load(dy + bytes(i * width + j))
      const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(g))))
      const silu = f32x4.mul(g, sigmoid)
      v128.store(y + bytes(i * width + j), f32x4.mul(silu, u))
      v128.store(gateTo + bytes(width + j), f32x4.mul(d, silu))
      // d silu / d gate = sigmoid + silu * (1 - sigmoid)
      const slope = multiplyAdd(sigmoid, silu, f32x4.sub(one, sigmoid))
      v128.store(gateTo + bytes(j), f32x4.mul(f32x4.mul(d, u), slope))
    }
  }
}
