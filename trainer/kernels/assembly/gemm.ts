/**
 * Matrix product C (+)= A B, the work behind every layer.
 *
 * B is first packed into panels of 16 columns, each panel's rows contiguous, padded with zeros: the inner loop then
 * reads one stream whatever B's layout was (transposed, a slice of a wider matrix), and a packed weight is used by all
 * tiles of rows. The inner loop keeps a block of 4 rows by 16 columns in registers. With V8's re-vectorisation pairs of
 * its 128-bit operations become one 256-bit operation (see wasm.ts), which is why the stores and loads come in fours.
 */
import { bytes, multiplyAdd } from './vector'

/** Four rows by 16 columns, where a narrow panel is computed before its real columns are copied out. */
let spill: usize = 0
export function setSpill(address: usize): void {
  spill = address
}

// @ts-ignore
@inline function copyTransposed4(source: usize, columnStride: usize, target: usize): void {
  // four columns of four rows, each column contiguous in the source
  const a = v128.load(source)
  const b = v128.load(source + columnStride)
  const c = v128.load(source + 2 * columnStride)
  const d = v128.load(source + 3 * columnStride)
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(target, v128.shuffle<f64>(ab0, cd0, 0, 2), 0)
  v128.store(target, v128.shuffle<f64>(ab0, cd0, 1, 3), 64)
  v128.store(target, v128.shuffle<f64>(ab1, cd1, 0, 2), 128)
  v128.store(target, v128.shuffle<f64>(ab1, cd1, 1, 3), 192)
}

/**
 * Packs a matrix of `depth` rows and `columns` columns (strides in bytes) into panels; `target` holds
 * depth * roundUp16(columns) floats, and a panel takes depth * 64 bytes.
 */
export function packPanels(
  source: usize, rowStride: usize, columnStride: usize, depth: i32, columns: i32, target: usize,
): void {
  for (let j: i32 = 0; j < columns; j += 16) {
    const panel = target + bytes(j * depth)
    const from = source + <usize>j * columnStride
    const width = min<i32>(16, columns - j)
    if (width == 16 && columnStride == 4) {
      let s = from
      let t = panel
      for (let k: i32 = 0; k < depth; k++) {
        v128.store(t, v128.load(s, 0), 0)
        v128.store(t, v128.load(s, 16), 16)
        v128.store(t, v128.load(s, 32), 32)
        v128.store(t, v128.load(s, 48), 48)
        s += rowStride
        t += 64
      }
      continue
    }
    let k: i32 = 0
    if (width == 16 && rowStride == 4) {
      for (; k + 4 <= depth; k += 4) {
        for (let c: i32 = 0; c < 16; c += 4) {
          copyTransposed4(from + bytes(k) + <usize>c * columnStride, columnStride, panel + bytes(k * 16 + c))
        }
      }
    }
    for (; k < depth; k++) {
      for (let c: i32 = 0; c < 16; c++) {
        const value: f32 = c < width ? load<f32>(from + <usize>k * rowStride + <usize>c * columnStride) : 0
        store<f32>(panel + bytes(k * 16 + c), value)
      }
    }
  }
}

/** One panel: `rows` rows of C, 16 columns wide. */
function multiplyPanel(
  a: usize, aRow: usize, aDepth: usize, panel: usize, c: usize, cRow: usize, rows: i32, depth: i32, accumulate: bool,
): void {
  const zero = f32x4.splat(0)
  let i: i32 = 0
  for (; i + 4 <= rows; i += 4) {
    let a0 = a + <usize>i * aRow
    let a1 = a0 + aRow
    let a2 = a1 + aRow
    let a3 = a2 + aRow
    let b = panel
    let c00 = zero, c01 = zero, c02 = zero, c03 = zero
    let c10 = zero, c11 = zero, c12 = zero, c13 = zero
    let c20 = zero, c21 = zero, c22 = zero, c23 = zero
    let c30 = zero, c31 = zero, c32 = zero, c33 = zero
    for (let k: i32 = 0; k < depth; k++) {
      const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48)
      let x = v128.load32_splat(a0)
      c00 = multiplyAdd(c00, x, b0); c01 = multiplyAdd(c01, x, b1); c02 = multiplyAdd(c02, x, b2); c03 = multiplyAdd(c03, x, b3)
      x = v128.load32_splat(a1)
      c10 = multiplyAdd(c10, x, b0); c11 = multiplyAdd(c11, x, b1); c12 = multiplyAdd(c12, x, b2); c13 = multiplyAdd(c13, x, b3)
      x = v128.load32_splat(a2)
      c20 = multiplyAdd(c20, x, b0); c21 = multiplyAdd(c21, x, b1); c22 = multiplyAdd(c22, x, b2); c23 = multiplyAdd(c23, x, b3)
      x = v128.load32_splat(a3)
      c30 = multiplyAdd(c30, x, b0); c31 = multiplyAdd(c31, x, b1); c32 = multiplyAdd(c32, x, b2); c33 = multiplyAdd(c33, x, b3)
      a0 += aDepth; a1 += aDepth; a2 += aDepth; a3 += aDepth
      b += 64
    }
    let t = c + <usize>i * cRow
    if (accumulate) {
      c00 = f32x4.add(c00, v128.load(t, 0)); c01 = f32x4.add(c01, v128.load(t, 16)); c02 = f32x4.add(c02, v128.load(t, 32)); c03 = f32x4.add(c03, v128.load(t, 48)); t += cRow
      c10 = f32x4.add(c10, v128.load(t, 0)); c11 = f32x4.add(c11, v128.load(t, 16)); c12 = f32x4.add(c12, v128.load(t, 32)); c13 = f32x4.add(c13, v128.load(t, 48)); t += cRow
      c20 = f32x4.add(c20, v128.load(t, 0)); c21 = f32x4.add(c21, v128.load(t, 16)); c22 = f32x4.add(c22, v128.load(t, 32)); c23 = f32x4.add(c23, v128.load(t, 48)); t += cRow
      c30 = f32x4.add(c30, v128.load(t, 0)); c31 = f32x4.add(c31, v128.load(t, 16)); c32 = f32x4.add(c32, v128.load(t, 32)); c33 = f32x4.add(c33, v128.load(t, 48))
      t = c + <usize>i * cRow
    }
    v128.store(t, c00, 0); v128.store(t, c01, 16); v128.store(t, c02, 32); v128.store(t, c03, 48); t += cRow
    v128.store(t, c10, 0); v128.store(t, c11, 16); v128.store(t, c12, 32); v128.store(t, c13, 48); t += cRow
    v128.store(t, c20, 0); v128.store(t, c21, 16); v128.store(t, c22, 32); v128.store(t, c23, 48); t += cRow
    v128.store(t, c30, 0); v128.store(t, c31, 16); v128.store(t, c32, 32); v128.store(t, c33, 48)
  }
  for (; i < rows; i++) {
    let a0 = a + <usize>i * aRow
    let b = panel
    let c0 = zero, c1 = zero, c2 = zero, c3 = zero
    for (let k: i32 = 0; k < depth; k++) {
      const x = v128.load32_splat(a0)
      c0 = multiplyAdd(c0, x, v128.load(b, 0))
      c1 = multiplyAdd(c1, x, v128.load(b, 16))
      c2 = multiplyAdd(c2, x, v128.load(b, 32))
      c3 = multiplyAdd(c3, x, v128.load(b, 48))
      a0 += aDepth
      b += 64
    }
    const t = c + <usize>i * cRow
    if (accumulate) {
      c0 = f32x4.add(c0, v128.load(t, 0))
      c1 = f32x4.add(c1, v128.load(t, 16))
      c2 = f32x4.add(c2, v128.load(t, 32))
      c3 = f32x4.add(c3, v128.load(t, 48))
    }
    v128.store(t, c0, 0)
    v128.store(t, c1, 16)
    v128.store(t, c2, 32)
    v128.store(t, c3, 48)
  }
}

/**
 * C[rows, columns] (+)= A[rows, depth] x panels. Strides in bytes: `aRow` from row to row and `aDepth` along the depth
 * (swap them for a transposed A), `panelStride` from panel to panel, `cRow` from row to row of C.
 */
export function multiply(
  a: usize, aRow: usize, aDepth: usize, panels: usize, panelStride: usize, c: usize, cRow: usize,
  rows: i32, depth: i32, columns: i32, accumulate: bool,
): void {
  // a panel of 512 rows is 32 KiB: it stays in the first-level cache while the rows of A stream past
  for (let k0: i32 = 0; k0 < depth; k0 += 512) {
    const kn = min<i32>(512, depth - k0)
    const add = accumulate || k0 > 0
    const aBlock = a + <usize>k0 * aDepth
    for (let j: i32 = 0; j < columns; j += 16) {
      const panel = panels + <usize>(j >> 4) * panelStride + <usize>k0 * 64
      const width = columns - j
      if (width >= 16) {
        multiplyPanel(aBlock, aRow, aDepth, panel, c + bytes(j), cRow, rows, kn, add)
        continue
      }
      for (let i: i32 = 0; i < rows; i += 4) {
        const count = min<i32>(4, rows - i)
        multiplyPanel(aBlock + <usize>i * aRow, aRow, aDepth, panel, spill, 64, count, kn, false)
        for (let r: i32 = 0; r < count; r++) {
          const target = c + <usize>(i + r) * cRow + bytes(j)
          for (let q: i32 = 0; q < width; q++) {
            const value = load<f32>(spill + bytes(r * 16 + q))
            store<f32>(target + bytes(q), add ? load<f32>(target + bytes(q)) + value : value)
          }
        }
      }
    }
  }
}
