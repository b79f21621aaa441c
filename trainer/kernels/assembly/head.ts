/** Both ends of the model: token embedding; last norm, logits and the log-probability of each row's target. */
import { bytes, exp4, logarithm, maximumLane, roundUp16, sumLanes } from './vector'
import { multiply, packPanels } from './gemm'
import { normalizeRows, normalizeRowsGradient, renormalizeRows } from './rows'

const tileRows: i32 = 64

export function embed(tokens: usize, table: usize, out: usize, rows: i32, width: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    memory.copy(out + bytes(i * width), table + bytes(load<i32>(tokens + bytes(i)) * width), bytes(width))
  }
}

export function embedGradient(tokens: usize, outGradient: usize, dTable: usize, rows: i32, width: i32, vocabulary: i32): void {
  memory.fill(dTable, 0, bytes(vocabulary * width))
  for (let i: i32 = 0; i < rows; i++) {
    const target = dTable + bytes(load<i32>(tokens + bytes(i)) * width)
    for (let j: i32 = 0; j < width; j += 4) {
      const at = target + bytes(j)
      v128.store(at, f32x4.add(v128.load(at), v128.load(outGradient + bytes(i * width + j))))
    }
  }
}

/**
 * Softmax of a row in place (`padded` is a multiple of 4, and the row has room for it), with the log-probability of its
 * target and its entropy: log(sum e) - sum(e * (x - top)) / sum e, where e = exp(x - top).
 */
function softmaxWithTarget(row: usize, target: i32, columns: i32, padded: i32, logProbability: usize, entropy: usize): void {
  for (let j = columns; j < padded; j++) store<f32>(row + bytes(j), -1e30)
  let highest = v128.load(row)
  for (let j: i32 = 4; j < padded; j += 4) highest = f32x4.max(highest, v128.load(row + bytes(j)))
  const top = maximumLane(highest)
  const targetLogit = load<f32>(row + bytes(target))
  const shift = f32x4.splat(top)
  let sum = f32x4.splat(0)
  let moment = f32x4.splat(0)
  for (let j: i32 = 0; j < padded; j += 4) {
    const x = f32x4.sub(v128.load(row + bytes(j)), shift)
    const e = exp4(x)
    v128.store(row + bytes(j), e)
    sum = f32x4.add(sum, e)
    moment = f32x4.add(moment, f32x4.mul(e, x))
  }
  const total = sumLanes(sum)
  const inverse = f32x4.splat(<f32>1 / total)
  for (let j: i32 = 0; j < padded; j += 4) v128.store(row + bytes(j), f32x4.mul(v128.load(row + bytes(j)), inverse))
  const logTotal = logarithm(total)
  store<f32>(logProbability, targetLogit - top - logTotal)
  store<f32>(entropy, logTotal - sumLanes(moment) / total)
}

export function headWorkspace(width: i32, vocabulary: i32): i32 {
  return width * roundUp16(vocabulary) + tileRows * width + 64
}

/**
 * logProbabilities[i] = log softmax(norm(x_i) table^T)[target_i], and the entropy of each row's distribution.
 * Kept for the gradient: scales [rows], probabilities [rows, vocabulary padded to a multiple of 16].
 */
export function head(
  x: usize, gain: usize, table: usize, targets: usize, logProbabilities: usize, entropies: usize, scales: usize,
  probabilities: usize, rows: i32, width: i32, vocabulary: i32, epsilon: f32, workspace: usize,
): void {
  const padded = roundUp16(vocabulary)
  const panels = workspace
  const normalized = panels + bytes(width * padded)
  packPanels(table, 4, bytes(width), width, vocabulary, panels)
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    const tile = probabilities + bytes(row * padded)
    normalizeRows(x + bytes(row * width), gain, normalized, scales + bytes(row), count, width, epsilon)
    multiply(normalized, bytes(width), 4, panels, bytes(width * 16), tile, bytes(padded), count, width, padded, false)
    for (let i: i32 = 0; i < count; i++) {
      const at = bytes(row + i)
      softmaxWithTarget(tile + bytes(i * padded), load<i32>(targets + at), vocabulary, padded,
        logProbabilities + at, entropies + at)
    }
  }
}

export function headGradientWorkspace(width: i32, vocabulary: i32): i32 {
  const padded = roundUp16(vocabulary)
  return padded * roundUp16(width) + tileRows * (2 * width + padded + roundUp16(width)) + 64
}

/** Gradients of `head` (of the log-probabilities alone; the entropies are for reporting). 0 for the table's stands for none. */
export function headGradient(
  x: usize, gain: usize, table: usize, targets: usize, scales: usize, probabilities: usize, outGradient: usize,
  dx: usize, dGain: usize, dTable: usize, rows: i32, width: i32, vocabulary: i32, workspace: usize,
): void {
  const padded = roundUp16(vocabulary)
  const panels = workspace
  const normalized = panels + bytes(padded * roundUp16(width))
  const dNormalized = normalized + bytes(tileRows * width)
  const dLogits = dNormalized + bytes(tileRows * width)
  const tilePanels = dLogits + bytes(tileRows * padded)
  packPanels(table, bytes(width), 4, vocabulary, width, panels)
  memory.fill(dGain, 0, bytes(width))
  if (dTable != 0) memory.fill(dTable, 0, bytes(vocabulary * width))
  for (let row: i32 = 0; row < rows; row += tileRows) {
    const count = min<i32>(tileRows, rows - row)
    const xTile = x + bytes(row * width)
    for (let i: i32 = 0; i < count; i++) {
      const from = probabilities + bytes((row + i) * padded)
      const to = dLogits + bytes(i * padded)
      const gradient = load<f32>(outGradient + bytes(row + i))
      const negative = f32x4.splat(-gradient)
      for (let j: i32 = 0; j < padded; j += 4) v128.store(to + bytes(j), f32x4.mul(v128.load(from + bytes(j)), negative))
      const at = to + bytes(load<i32>(targets + bytes(row + i)))
      store<f32>(at, load<f32>(at) + gradient)
    }
    if (dTable != 0) {
      renormalizeRows(xTile, gain, scales + bytes(row), normalized, count, width)
      packPanels(normalized, bytes(width), 4, count, width, tilePanels)
      multiply(dLogits, 4, bytes(padded), tilePanels, bytes(count * 16), dTable, bytes(width), vocabulary, count, width, true)
    }
    multiply(dLogits, bytes(padded), 4, panels, bytes(vocabulary * 16), dNormalized, bytes(width), count, vocabulary, width, false)
    normalizeRowsGradient(xTile, gain, scales + bytes(row), dNormalized, 0, dx + bytes(row * width), dGain, count, width)
  }
}

/**
 * Draws the next token of each row from softmax(logits / temperature), or takes the likeliest where temperature is 0.
 * `uniforms` are in [0, 1). `chosen` gets the token, `logProbabilities` its log-probability at that temperature
 * (at 1 where it is 0). `columns` of the `padded` logits are real.
 */
export function sampleTokens(
  logits: usize, uniforms: usize, chosen: usize, logProbabilities: usize, rows: i32, columns: i32, padded: i32, temperature: f32,
): void {
  const inverse: f32 = temperature > 0 ? <f32>1 / temperature : 1
  for (let i: i32 = 0; i < rows; i++) {
    const row = logits + bytes(i * padded)
    let best: i32 = 0
    let top = load<f32>(row)
    for (let j: i32 = 1; j < columns; j++) {
      const value = load<f32>(row + bytes(j))
      if (value > top) {
        top = value
        best = j
      }
    }
    for (let j = columns; j < padded; j++) store<f32>(row + bytes(j), -1e30)
    const shift = f32x4.splat(top)
    const scale = f32x4.splat(inverse)
    let sum = f32x4.splat(0)
    if (temperature > 0) {
      // the exponentials replace the logits
      for (let j: i32 = 0; j < padded; j += 4) {
        const e = exp4(f32x4.mul(f32x4.sub(v128.load(row + bytes(j)), shift), scale))
        v128.store(row + bytes(j), e)
        sum = f32x4.add(sum, e)
      }
      const total = sumLanes(sum)
      const threshold = load<f32>(uniforms + bytes(i)) * total
      let running: f32 = 0
      let drawn: i32 = -1
      let last: i32 = best
      for (let j: i32 = 0; j < columns; j++) {
        const e = load<f32>(row + bytes(j))
        if (e > 0) last = j
        running += e
        if (e > 0 && running > threshold) {
          drawn = j
          break
        }
      }
      // rounding may leave the running sum just short of the total
      if (drawn < 0) drawn = last
      store<i32>(chosen + bytes(i), drawn)
      store<f32>(logProbabilities + bytes(i), logarithm(load<f32>(row + bytes(drawn))) - logarithm(total))
    } else {
      for (let j: i32 = 0; j < padded; j += 4) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(row + bytes(j)), shift)))
      store<i32>(chosen + bytes(i), best)
      store<f32>(logProbabilities + bytes(i), -logarithm(sumLanes(sum)))
    }
  }
}
