/**
 * Causal attention of one sequence, all heads, queries grouped over fewer key-value heads.
 *
 * A row of `qkv` holds the queries of all heads, then the keys, then the values. Queries and keys are rotated in place
 * first (rotate-half RoPE), the queries also scaled by 1/sqrt(head width). Probabilities are kept, [heads, T, padded T],
 * exactly 0 outside [segmentStart[i], i]: rows of packed examples do not see each other.
 * Rows are taken 32 at a time, and nothing right of the diagonal block is computed.
 */
import { bytes, exp4, maximumLane, multiplyAdd, roundUp16, sumLanes } from './vector'
import { multiply, packPanels } from './gemm'

const rowsAtATime: i32 = 32

/** Rotates one head of one row by its position's angles: `target` may be `source`. `direction` -1 turns back. */
// @ts-ignore
@inline export function rotate(source: usize, target: usize, cosines: usize, sines: usize, headWidth: i32, scale: f32, direction: f32): void {
  const half = headWidth >> 1
  const scales = f32x4.splat(scale)
  const signs = f32x4.splat(direction)
  for (let j: i32 = 0; j < half; j += 4) {
    const a = f32x4.mul(v128.load(source + bytes(j)), scales)
    const b = f32x4.mul(v128.load(source + bytes(j + half)), scales)
    const cosine = v128.load(cosines + bytes(j))
    const sine = f32x4.mul(v128.load(sines + bytes(j)), signs)
    v128.store(target + bytes(j), f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)))
    v128.store(target + bytes(j + half), f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)))
  }
}

/** Rotates the queries (scaled) and keys of all rows of one sequence in place; -1 takes gradients back. */
export function rotateQueriesAndKeys(
  qkv: usize, qkvWidth: i32, cosines: usize, sines: usize, length: i32,
  heads: i32, keyValueHeads: i32, headWidth: i32, direction: f32,
): void {
  const half = headWidth >> 1
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth)
  for (let t: i32 = 0; t < length; t++) {
    const row = qkv + bytes(t * qkvWidth)
    const c = cosines + bytes(t * half)
    const s = sines + bytes(t * half)
    for (let h: i32 = 0; h < heads; h++) {
      const at = row + bytes(h * headWidth)
      rotate(at, at, c, s, headWidth, scale, direction)
    }
    for (let h: i32 = heads; h < heads + keyValueHeads; h++) {
      const at = row + bytes(h * headWidth)
      rotate(at, at, c, s, headWidth, 1, direction)
    }
  }
}

/** Softmax of row[first..last]; everything else of the row becomes 0. */
function softmaxRow(row: usize, first: i32, last: i32, width: i32): void {
  const from = first & ~3
  const to = (last + 4) & ~3
  for (let j = from; j < first; j++) store<f32>(row + bytes(j), -1e30)
  for (let j = last + 1; j < to; j++) store<f32>(row + bytes(j), -1e30)
  let highest = f32x4.splat(-1e30)
  for (let j = from; j < to; j += 4) highest = f32x4.max(highest, v128.load(row + bytes(j)))
  const shift = f32x4.splat(maximumLane(highest))
  let sum = f32x4.splat(0)
  for (let j = from; j < to; j += 4) {
    const e = exp4(f32x4.sub(v128.load(row + bytes(j)), shift))
    v128.store(row + bytes(j), e)
    sum = f32x4.add(sum, e)
  }
  const inverse = f32x4.splat(<f32>1 / sumLanes(sum))
  const zero = f32x4.splat(0)
  for (let j: i32 = 0; j < from; j += 4) v128.store(row + bytes(j), zero)
  for (let j = from; j < to; j += 4) v128.store(row + bytes(j), f32x4.mul(v128.load(row + bytes(j)), inverse))
  for (let j = to; j < width; j += 4) v128.store(row + bytes(j), zero)
}

/** Floats of workspace that `attend` needs. */
export function attendWorkspace(length: i32, headWidth: i32): i32 {
  return headWidth * roundUp16(length) + length * roundUp16(headWidth)
}

/** `output` (a row is outputWidth floats) = softmax(q k^T) v; q and k are already rotated. */
export function attend(
  qkv: usize, qkvWidth: i32, segmentStart: usize, output: usize, outputWidth: i32, probabilities: usize,
  length: i32, heads: i32, keyValueHeads: i32, headWidth: i32, workspace: usize,
): void {
  const padded = roundUp16(length)
  const group = heads / keyValueHeads
  const qkvRow = bytes(qkvWidth)
  const probabilityRow = bytes(padded)
  const keyPanels = workspace
  const valuePanels = workspace + bytes(headWidth * padded)
  for (let keyValueHead: i32 = 0; keyValueHead < keyValueHeads; keyValueHead++) {
    const keys = qkv + bytes((heads + keyValueHead) * headWidth)
    const values = keys + bytes(keyValueHeads * headWidth)
    packPanels(keys, 4, qkvRow, headWidth, length, keyPanels)
    packPanels(values, qkvRow, 4, length, headWidth, valuePanels)
    for (let head = keyValueHead * group; head < (keyValueHead + 1) * group; head++) {
      const queries = qkv + bytes(head * headWidth)
      const p = probabilities + bytes(head * length * padded)
      for (let first: i32 = 0; first < length; first += rowsAtATime) {
        const rows = min<i32>(rowsAtATime, length - first)
        const reach = first + rows
        const block = p + bytes(first * padded)
        multiply(queries + <usize>first * qkvRow, qkvRow, 4, keyPanels, bytes(headWidth * 16), block, probabilityRow,
          rows, headWidth, roundUp16(reach), false)
        for (let i = first; i < reach; i++) {
          softmaxRow(p + bytes(i * padded), load<i32>(segmentStart + bytes(i)), i, padded)
        }
        multiply(block, probabilityRow, 4, valuePanels, bytes(length * 16),
          output + bytes(first * outputWidth + head * headWidth), bytes(outputWidth), rows, reach, headWidth, false)
      }
    }
  }
}

/** Floats of workspace that `attendGradient` needs. */
export function attendGradientWorkspace(length: i32, headWidth: i32): i32 {
  return headWidth * roundUp16(length) + 3 * length * roundUp16(headWidth) + length * roundUp16(length)
}

/** Gradient of `attend` and of the rotation before it: fills the rows of `qkvGradient`. */
export function attendGradient(
  qkv: usize, qkvWidth: i32, output: usize, outputGradient: usize, outputWidth: i32, probabilities: usize,
  cosines: usize, sines: usize, qkvGradient: usize,
  length: i32, heads: i32, keyValueHeads: i32, headWidth: i32, workspace: usize,
): void {
  const padded = roundUp16(length)
  const group = heads / keyValueHeads
  const qkvRow = bytes(qkvWidth)
  const outputRow = bytes(outputWidth)
  const paddedRow = bytes(padded)
  const panelOfLength = bytes(length * 16)
  const valuePanels = workspace
  const keyPanels = valuePanels + bytes(headWidth * padded)
  const queryPanels = keyPanels + bytes(length * roundUp16(headWidth))
  const gradientPanels = queryPanels + bytes(length * roundUp16(headWidth))
  const scores = gradientPanels + bytes(length * roundUp16(headWidth))
  for (let keyValueHead: i32 = 0; keyValueHead < keyValueHeads; keyValueHead++) {
    const keys = bytes((heads + keyValueHead) * headWidth)
    const values = keys + bytes(keyValueHeads * headWidth)
    packPanels(qkv + values, 4, qkvRow, headWidth, length, valuePanels)
    packPanels(qkv + keys, qkvRow, 4, length, headWidth, keyPanels)
    for (let head = keyValueHead * group; head < (keyValueHead + 1) * group; head++) {
      const column = bytes(head * headWidth)
      const p = probabilities + bytes(head * length * padded)
      packPanels(outputGradient + column, outputRow, 4, length, headWidth, gradientPanels)
      packPanels(qkv + column, qkvRow, 4, length, headWidth, queryPanels)
      for (let first: i32 = 0; first < length; first += rowsAtATime) {
        const rows = min<i32>(rowsAtATime, length - first)
        const reach = first + rows
        const block = scores + bytes(first * padded)
        const gradientRows = outputGradient + <usize>first * outputRow + column
        multiply(gradientRows, outputRow, 4, valuePanels, bytes(headWidth * 16), block, paddedRow,
          rows, headWidth, roundUp16(reach), false)
        // dS = P * (dP - sum(P * dP)), and that sum is the product of the row's output with its gradient
        for (let i = first; i < reach; i++) {
          const o = output + <usize>i * outputRow + column
          const g = outputGradient + <usize>i * outputRow + column
          let sum = f32x4.splat(0)
          for (let j: i32 = 0; j < headWidth; j += 4) sum = multiplyAdd(sum, v128.load(o + bytes(j)), v128.load(g + bytes(j)))
          const shift = f32x4.splat(sumLanes(sum))
          const to = roundUp16(reach)
          for (let j: i32 = 0; j < to; j += 4) {
            const at = bytes(i * padded + j)
            v128.store(scores + at, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(scores + at), shift)))
          }
        }
        multiply(block, paddedRow, 4, keyPanels, panelOfLength, qkvGradient + <usize>first * qkvRow + column, qkvRow,
          rows, reach, headWidth, false)
      }
      const accumulate = head > keyValueHead * group
      for (let first: i32 = 0; first < length; first += rowsAtATime) {
        const columns = min<i32>(rowsAtATime, length - first)
        const corner = bytes(first * padded + first)
        const below = length - first
        const target = qkvGradient + <usize>first * qkvRow
        multiply(p + corner, 4, paddedRow, gradientPanels + bytes(first * 16), panelOfLength, target + values, qkvRow,
          columns, below, headWidth, accumulate)
        multiply(scores + corner, 4, paddedRow, queryPanels + bytes(first * 16), panelOfLength, target + keys, qkvRow,
          columns, below, headWidth, accumulate)
      }
    }
  }
  rotateQueriesAndKeys(qkvGradient, qkvWidth, cosines, sines, length, heads, keyValueHeads, headWidth, -1)
}
