/** Low-rank additions to columns of a weight (Hu et al., arXiv 2106.09685), and their gradients from that of the whole. */
import { bytes, multiplyAdd, sumLanes } from './vector'

/**
 * Adds scale * down^T up to `outputs` columns of `target`, whose rows have `columns`: down is [rank, inputs], up [rank, outputs],
 * `outputs` a multiple of 4.
 */
export function addLowRank(
  target: usize, columns: i32, down: usize, up: usize, inputs: i32, outputs: i32, rank: i32, scale: f32,
): void {
  for (let i: i32 = 0; i < inputs; i++) {
    const row = target + bytes(i * columns)
    for (let r: i32 = 0; r < rank; r++) {
      const factor = f32x4.splat(scale * load<f32>(down + bytes(r * inputs + i)))
      const from = up + bytes(r * outputs)
      for (let j: i32 = 0; j < outputs; j += 4) {
        v128.store(row + bytes(j), multiplyAdd(v128.load(row + bytes(j)), factor, v128.load(from + bytes(j))))
      }
    }
  }
}

/** Gradients of down and up, from the gradient of the columns that they add to: scale * up gradient^T and scale * down gradient. */
export function lowRankGradient(
  gradient: usize, columns: i32, down: usize, up: usize, dDown: usize, dUp: usize, inputs: i32, outputs: i32, rank: i32, scale: f32,
): void {
  memory.fill(dUp, 0, bytes(rank * outputs))
  for (let i: i32 = 0; i < inputs; i++) {
    const row = gradient + bytes(i * columns)
    for (let r: i32 = 0; r < rank; r++) {
      const factor = f32x4.splat(scale * load<f32>(down + bytes(r * inputs + i)))
      const from = up + bytes(r * outputs)
      const to = dUp + bytes(r * outputs)
      let sum = f32x4.splat(0)
      for (let j: i32 = 0; j < outputs; j += 4) {
        const g = v128.load(row + bytes(j))
        sum = multiplyAdd(sum, g, v128.load(from + bytes(j)))
        v128.store(to + bytes(j), multiplyAdd(v128.load(to + bytes(j)), factor, g))
      }
      store<f32>(dDown + bytes(r * inputs + i), scale * sumLanes(sum))
    }
  }
}
