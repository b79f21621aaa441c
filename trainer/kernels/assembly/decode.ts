/**
 * One layer of the sampler: one new token for each row, against the keys and values of the tokens before it.
 *
 * Each row has its own position and its own slot in the caches, so sequences of different lengths run side by side and a
 * finished one's slot goes to the next prompt. Keys lie [slot, head, headWidth, capacity], so that four positions' scores are one vector; values lie
 * [slot, head, capacity, headWidth]. Weights come packed (`packPanels`), once for a whole generation.
 */
import { bytes, exp4, maximumLane, multiplyAdd, roundUp16, sumLanes } from './vector'
import { multiply } from './gemm'
import { addBias, normalizeRows, swiglu } from './rows'
import { rotate } from './attention'

const tileRows: i32 = 64

export function decodeLayerWorkspace(
  width: i32, heads: i32, keyValueHeads: i32, headWidth: i32, hidden: i32, capacity: i32,
): i32 {
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  return tileRows * (width + qkvWidth + heads * headWidth + 3 * hidden + 1) + 2 * roundUp16(capacity) + headWidth + 64
}

function attendOne(
  qkv: usize, cosines: usize, sines: usize, keys: usize, values: usize, out: usize,
  heads: i32, keyValueHeads: i32, headWidth: i32, capacity: i32, position: i32, workspace: usize,
): void {
  const group = heads / keyValueHeads
  const half = headWidth >> 1
  const query = workspace
  const scores = workspace + bytes(headWidth)
  const c = cosines + bytes(position * half)
  const s = sines + bytes(position * half)
  const to = (position + 4) & ~3
  for (let keyValueHead: i32 = 0; keyValueHead < keyValueHeads; keyValueHead++) {
    const key = qkv + bytes((heads + keyValueHead) * headWidth)
    const value = key + bytes(keyValueHeads * headWidth)
    const keyCache = keys + bytes(keyValueHead * headWidth * capacity)
    const valueCache = values + bytes(keyValueHead * capacity * headWidth)
    rotate(key, key, c, s, headWidth, 1, 1)
    for (let j: i32 = 0; j < headWidth; j++) {
      store<f32>(keyCache + bytes(j * capacity + position), load<f32>(key + bytes(j)))
    }
    memory.copy(valueCache + bytes(position * headWidth), value, bytes(headWidth))
    for (let head = keyValueHead * group; head < (keyValueHead + 1) * group; head++) {
      rotate(qkv + bytes(head * headWidth), query, c, s, headWidth, <f32>1 / sqrt<f32>(<f32>headWidth), 1)
      let highest = f32x4.splat(-1e30)
      for (let t: i32 = 0; t < to; t += 4) {
        let score = f32x4.splat(0)
        for (let j: i32 = 0; j < headWidth; j++) {
          score = multiplyAdd(score, v128.load32_splat(query + bytes(j)), v128.load(keyCache + bytes(j * capacity + t)))
        }
        v128.store(scores + bytes(t), score)
      }
      for (let t = position + 1; t < to; t++) store<f32>(scores + bytes(t), -1e30)
      for (let t: i32 = 0; t < to; t += 4) highest = f32x4.max(highest, v128.load(scores + bytes(t)))
      const shift = f32x4.splat(maximumLane(highest))
      let sum = f32x4.splat(0)
      for (let t: i32 = 0; t < to; t += 4) {
        const e = exp4(f32x4.sub(v128.load(scores + bytes(t)), shift))
        v128.store(scores + bytes(t), e)
        sum = f32x4.add(sum, e)
      }
      const inverse = f32x4.splat(<f32>1 / sumLanes(sum))
      const target = out + bytes(head * headWidth)
      for (let j: i32 = 0; j < headWidth; j += 8) {
        let a = f32x4.splat(0)
        let b = f32x4.splat(0)
        for (let t: i32 = 0; t <= position; t++) {
          const weight = v128.load32_splat(scores + bytes(t))
          const from = valueCache + bytes(t * headWidth + j)
          a = multiplyAdd(a, weight, v128.load(from, 0))
          b = multiplyAdd(b, weight, v128.load(from, 16))
        }
        v128.store(target + bytes(j), f32x4.mul(a, inverse), 0)
        v128.store(target + bytes(j), f32x4.mul(b, inverse), 16)
      }
    }
  }
}

/** x [rows, width] goes through the layer in place; row i stands at positions[i], its cache in place slots[i]. */
export function decodeLayer(
  x: usize, attentionGain: usize, qkvPanels: usize, qkvBias: usize, outputPanels: usize,
  feedForwardGain: usize, gateUpPanels: usize, downPanels: usize, cosines: usize, sines: usize,
  keys: usize, values: usize, slots: usize, positions: usize,
  rows: i32, width: i32, heads: i32, keyValueHeads: i32, headWidth: i32, hidden: i32, capacity: i32, epsilon: f32,
  workspace: usize,
): void {
  const inner = heads * headWidth
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  const normalized = workspace
  const qkv = normalized + bytes(tileRows * width)
  const attended = qkv + bytes(tileRows * qkvWidth)
  const gateUp = attended + bytes(tileRows * inner)
  const activated = gateUp + bytes(tileRows * 2 * hidden)
  const scales = activated + bytes(tileRows * hidden)
  const rest = scales + bytes(tileRows)
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    const tile = x + bytes(row * width)
    normalizeRows(tile, attentionGain, normalized, scales, count, width, epsilon)
    multiply(normalized, bytes(width), 4, qkvPanels, bytes(width * 16), qkv, bytes(qkvWidth), count, width, qkvWidth, false)
    addBias(qkv, qkvBias, count, qkvWidth)
    for (let i: i32 = 0; i < count; i++) {
      const position = load<i32>(positions + bytes(row + i))
      const cache = bytes(load<i32>(slots + bytes(row + i)) * keyValueHeads * headWidth * capacity)
      attendOne(qkv + bytes(i * qkvWidth), cosines, sines, keys + cache, values + cache, attended + bytes(i * inner),
        heads, keyValueHeads, headWidth, capacity, position, rest)
    }
    multiply(attended, bytes(inner), 4, outputPanels, bytes(inner * 16), tile, bytes(width), count, inner, width, true)
    normalizeRows(tile, feedForwardGain, normalized, scales, count, width, epsilon)
    multiply(normalized, bytes(width), 4, gateUpPanels, bytes(width * 16), gateUp, bytes(2 * hidden), count, width, 2 * hidden, false)
    swiglu(gateUp, activated, count, hidden)
    multiply(activated, bytes(hidden), 4, downPanels, bytes(hidden * 16), tile, bytes(width), count, hidden, width, true)
  }
}

export function decodeHeadWorkspace(width: i32): i32 {
  return tileRows * (width + 1) + 64
}

/** logits [rows, padded vocabulary] of the rows' next tokens. */
export function decodeHead(
  x: usize, gain: usize, tablePanels: usize, logits: usize, rows: i32, width: i32, vocabulary: i32, epsilon: f32, workspace: usize,
): void {
  const padded = roundUp16(vocabulary)
  const scales = workspace + bytes(tileRows * width)
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    normalizeRows(x + bytes(row * width), gain, workspace, scales, count, width, epsilon)
    multiply(workspace, bytes(width), 4, tablePanels, bytes(width * 16), logits + bytes(row * padded), bytes(padded),
      count, width, padded, false)
  }
}
