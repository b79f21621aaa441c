/**
 * The two halves of a transformer layer, each one kernel forward and one backward: norm, products, attention or SwiGLU,
 * and the residual sum. Work goes tile by tile (about 64 rows), so that what one step writes the next still finds in
 * the cache; weights are packed once per call. Everything is [rows, width], rows = batch * length.
 */
import { bytes, roundUp16 } from './vector'
import { multiply, packPanels } from './gemm'
import { addBias, addColumnSums, normalizeRows, normalizeRowsGradient, renormalizeRows, swiglu, swigluGradient } from './rows'
import { attend, attendGradient, attendGradientWorkspace, attendWorkspace, rotateQueriesAndKeys } from './attention'

const tileRows: i32 = 64

/** Whole sequences that make up about one tile. */
// @ts-ignore
@inline function sequencesPerTile(length: i32): i32 {
  return max<i32>(1, tileRows / length)
}

export function attentionBlockWorkspace(length: i32, width: i32, heads: i32, keyValueHeads: i32, headWidth: i32): i32 {
  const inner = heads * headWidth
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  const rows = sequencesPerTile(length) * length
  const weights = width * roundUp16(qkvWidth) + inner * roundUp16(width)
  return weights + rows * width + attendWorkspace(length, headWidth) + 64
}

/**
 * out = x + attention(norm(x) Wqkv + b) Wo. Kept for the gradient: scales [rows], qkv (rotated), attended [rows, inner],
 * probabilities [batch, heads, length, padded length].
 */
export function attentionBlock(
  x: usize, gain: usize, qkvWeight: usize, qkvBias: usize, outputWeight: usize, cosines: usize, sines: usize,
  segmentStart: usize, out: usize, scales: usize, qkv: usize, attended: usize, probabilities: usize,
  batch: i32, length: i32, width: i32, heads: i32, keyValueHeads: i32, headWidth: i32, epsilon: f32, workspace: usize,
): void {
  const inner = heads * headWidth
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  const sequences = sequencesPerTile(length)
  const qkvPanels = workspace
  const outputPanels = qkvPanels + bytes(width * roundUp16(qkvWidth))
  const normalized = outputPanels + bytes(inner * roundUp16(width))
  const rest = normalized + bytes(sequences * length * width)
  packPanels(qkvWeight, bytes(qkvWidth), 4, width, qkvWidth, qkvPanels)
  packPanels(outputWeight, bytes(width), 4, inner, width, outputPanels)
  for (let first: i32 = 0; first < batch; first += sequences) {
    const count = min<i32>(sequences, batch - first)
    const row = first * length
    const rows = count * length
    const xTile = x + bytes(row * width)
    const qkvTile = qkv + bytes(row * qkvWidth)
    normalizeRows(xTile, gain, normalized, scales + bytes(row), rows, width, epsilon)
    multiply(normalized, bytes(width), 4, qkvPanels, bytes(width * 16), qkvTile, bytes(qkvWidth), rows, width, qkvWidth, false)
    addBias(qkvTile, qkvBias, rows, qkvWidth)
    for (let b = first; b < first + count; b++) {
      const at = b * length
      const sequence = qkv + bytes(at * qkvWidth)
      rotateQueriesAndKeys(sequence, qkvWidth, cosines, sines, length, heads, keyValueHeads, headWidth, 1)
      attend(sequence, qkvWidth, segmentStart + bytes(at), attended + bytes(at * inner), inner,
        probabilities + bytes(at * heads * roundUp16(length)), length, heads, keyValueHeads, headWidth, rest)
    }
    const outTile = out + bytes(row * width)
    memory.copy(outTile, xTile, bytes(rows * width))
    multiply(attended + bytes(row * inner), bytes(inner), 4, outputPanels, bytes(inner * 16), outTile, bytes(width),
      rows, inner, width, true)
  }
}

export function attentionBlockGradientWorkspace(length: i32, width: i32, heads: i32, keyValueHeads: i32, headWidth: i32): i32 {
  const inner = heads * headWidth
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  const rows = sequencesPerTile(length) * length
  const weights = qkvWidth * roundUp16(width) + width * roundUp16(inner)
  return weights + rows * (2 * width + inner + qkvWidth + roundUp16(qkvWidth) + roundUp16(width)) +
    attendGradientWorkspace(length, headWidth) + 64
}

/** Gradients of `attentionBlock`: dx and, summed over all rows, those of gain, weights and bias. A weight's 0 stands for none. */
export function attentionBlockGradient(
  x: usize, gain: usize, qkvWeight: usize, outputWeight: usize, cosines: usize, sines: usize,
  scales: usize, qkv: usize, attended: usize, probabilities: usize, outGradient: usize,
  dx: usize, dGain: usize, dQkvWeight: usize, dQkvBias: usize, dOutputWeight: usize,
  batch: i32, length: i32, width: i32, heads: i32, keyValueHeads: i32, headWidth: i32, workspace: usize,
): void {
  const inner = heads * headWidth
  const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
  const sequences = sequencesPerTile(length)
  const tile = sequences * length
  const qkvPanels = workspace
  const outputPanels = qkvPanels + bytes(qkvWidth * roundUp16(width))
  const normalized = outputPanels + bytes(width * roundUp16(inner))
  const dNormalized = normalized + bytes(tile * width)
  const dAttended = dNormalized + bytes(tile * width)
  const dQkv = dAttended + bytes(tile * inner)
  const tilePanels = dQkv + bytes(tile * qkvWidth)
  const rest = tilePanels + bytes(tile * (roundUp16(qkvWidth) + roundUp16(width)))
  packPanels(qkvWeight, 4, bytes(qkvWidth), qkvWidth, width, qkvPanels)
  packPanels(outputWeight, 4, bytes(width), width, inner, outputPanels)
  memory.fill(dGain, 0, bytes(width))
  if (dQkvWeight != 0) memory.fill(dQkvWeight, 0, bytes(width * qkvWidth))
  memory.fill(dQkvBias, 0, bytes(qkvWidth))
  if (dOutputWeight != 0) memory.fill(dOutputWeight, 0, bytes(inner * width))
  for (let first: i32 = 0; first < batch; first += sequences) {
    const count = min<i32>(sequences, batch - first)
    const row = first * length
    const rows = count * length
    const gradientTile = outGradient + bytes(row * width)
    multiply(gradientTile, bytes(width), 4, outputPanels, bytes(width * 16), dAttended, bytes(inner), rows, width, inner, false)
    if (dOutputWeight != 0) {
      packPanels(gradientTile, bytes(width), 4, rows, width, tilePanels)
      multiply(attended + bytes(row * inner), 4, bytes(inner), tilePanels, bytes(rows * 16), dOutputWeight, bytes(width),
        inner, rows, width, true)
    }
    for (let b: i32 = 0; b < count; b++) {
      const at = (first + b) * length
      attendGradient(qkv + bytes(at * qkvWidth), qkvWidth, attended + bytes(at * inner), dAttended + bytes(b * length * inner),
        inner, probabilities + bytes(at * heads * roundUp16(length)), cosines, sines, dQkv + bytes(b * length * qkvWidth),
        length, heads, keyValueHeads, headWidth, rest)
    }
    if (dQkvWeight != 0) {
      renormalizeRows(x + bytes(row * width), gain, scales + bytes(row), normalized, rows, width)
      packPanels(dQkv, bytes(qkvWidth), 4, rows, qkvWidth, tilePanels)
      multiply(normalized, 4, bytes(width), tilePanels, bytes(rows * 16), dQkvWeight, bytes(qkvWidth), width, rows, qkvWidth, true)
    }
    addColumnSums(dQkv, dQkvBias, rows, qkvWidth)
    multiply(dQkv, bytes(qkvWidth), 4, qkvPanels, bytes(qkvWidth * 16), dNormalized, bytes(width), rows, qkvWidth, width, false)
    normalizeRowsGradient(x + bytes(row * width), gain, scales + bytes(row), dNormalized, gradientTile,
      dx + bytes(row * width), dGain, rows, width)
  }
}

export function feedForwardBlockWorkspace(width: i32, hidden: i32): i32 {
  return width * roundUp16(2 * hidden) + hidden * roundUp16(width) + tileRows * (width + hidden) + 64
}

/** out = x + swiglu(norm(x) Wgu) Wd. Kept for the gradient: scales [rows], gateUp [rows, 2 hidden]. */
export function feedForwardBlock(
  x: usize, gain: usize, gateUpWeight: usize, downWeight: usize, out: usize, scales: usize, gateUp: usize,
  rows: i32, width: i32, hidden: i32, epsilon: f32, workspace: usize,
): void {
  const gateUpPanels = workspace
  const downPanels = gateUpPanels + bytes(width * roundUp16(2 * hidden))
  const normalized = downPanels + bytes(hidden * roundUp16(width))
  const activated = normalized + bytes(tileRows * width)
  packPanels(gateUpWeight, bytes(2 * hidden), 4, width, 2 * hidden, gateUpPanels)
  packPanels(downWeight, bytes(width), 4, hidden, width, downPanels)
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    const xTile = x + bytes(row * width)
    const outTile = out + bytes(row * width)
    const gateUpTile = gateUp + bytes(row * 2 * hidden)
    normalizeRows(xTile, gain, normalized, scales + bytes(row), count, width, epsilon)
    multiply(normalized, bytes(width), 4, gateUpPanels, bytes(width * 16), gateUpTile, bytes(2 * hidden), count, width, 2 * hidden, false)
    swiglu(gateUpTile, activated, count, hidden)
    memory.copy(outTile, xTile, bytes(count * width))
    multiply(activated, bytes(hidden), 4, downPanels, bytes(hidden * 16), outTile, bytes(width), count, hidden, width, true)
  }
}

export function feedForwardBlockGradientWorkspace(width: i32, hidden: i32): i32 {
  return 2 * hidden * roundUp16(width) + width * roundUp16(hidden) +
    tileRows * (2 * width + 4 * hidden + roundUp16(2 * hidden) + roundUp16(width)) + 64
}

/** Gradients of `feedForwardBlock`: dx and, summed over all rows, those of gain and weights. A weight's 0 stands for none. */
export function feedForwardBlockGradient(
  x: usize, gain: usize, gateUpWeight: usize, downWeight: usize, scales: usize, gateUp: usize, outGradient: usize,
  dx: usize, dGain: usize, dGateUpWeight: usize, dDownWeight: usize,
  rows: i32, width: i32, hidden: i32, workspace: usize,
): void {
  const gateUpPanels = workspace
  const downPanels = gateUpPanels + bytes(2 * hidden * roundUp16(width))
  const normalized = downPanels + bytes(width * roundUp16(hidden))
  const dNormalized = normalized + bytes(tileRows * width)
  const activated = dNormalized + bytes(tileRows * width)
  const dActivated = activated + bytes(tileRows * hidden)
  const dGateUp = dActivated + bytes(tileRows * hidden)
  const tilePanels = dGateUp + bytes(tileRows * 2 * hidden)
  packPanels(gateUpWeight, 4, bytes(2 * hidden), 2 * hidden, width, gateUpPanels)
  packPanels(downWeight, 4, bytes(width), width, hidden, downPanels)
  memory.fill(dGain, 0, bytes(width))
  if (dGateUpWeight != 0) memory.fill(dGateUpWeight, 0, bytes(width * 2 * hidden))
  if (dDownWeight != 0) memory.fill(dDownWeight, 0, bytes(hidden * width))
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    const gradientTile = outGradient + bytes(row * width)
    const xTile = x + bytes(row * width)
    multiply(gradientTile, bytes(width), 4, downPanels, bytes(width * 16), dActivated, bytes(hidden), count, width, hidden, false)
    swigluGradient(gateUp + bytes(row * 2 * hidden), dActivated, activated, dGateUp, count, hidden)
    if (dDownWeight != 0) {
      packPanels(gradientTile, bytes(width), 4, count, width, tilePanels)
      multiply(activated, 4, bytes(hidden), tilePanels, bytes(count * 16), dDownWeight, bytes(width), hidden, count, width, true)
    }
    if (dGateUpWeight != 0) {
      renormalizeRows(xTile, gain, scales + bytes(row), normalized, count, width)
      packPanels(dGateUp, bytes(2 * hidden), 4, count, 2 * hidden, tilePanels)
      multiply(normalized, 4, bytes(width), tilePanels, bytes(count * 16), dGateUpWeight, bytes(2 * hidden), width, count, 2 * hidden, true)
    }
    multiply(dGateUp, bytes(2 * hidden), 4, gateUpPanels, bytes(2 * hidden * 16), dNormalized, bytes(width), count, 2 * hidden, width, false)
    normalizeRowsGradient(xTile, gain, scales + bytes(row), dNormalized, gradientTile, dx + bytes(row * width), dGain, count, width)
  }
}
