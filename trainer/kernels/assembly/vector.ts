/**
 * Small pieces every kernel uses: addresses, exponentials and sums over vectors of four 32-bit floats.
 * The module shares the linear memory of TensorFlow.js's back end, so it must hold no data of its own:
 * no arrays, no strings, no allocation; constants are literals, and room to work is handed in by the caller.
 */

/** Bytes of so many floats (or 32-bit integers). */
// @ts-ignore
@inline export function bytes(count: i32): usize {
  return (<usize>count) << 2
}

/** Rounded up to whole panels of 16 columns. */
// @ts-ignore
@inline export function roundUp16(count: i32): i32 {
  return (count + 15) & ~15
}

/** c + a * b in one rounding (relaxed SIMD; fused wherever the processor can). */
// @ts-ignore
@inline export function multiplyAdd(c: v128, a: v128, b: v128): v128 {
  return f32x4.relaxed_madd(a, b, c)
}

// @ts-ignore
@inline export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

// @ts-ignore
@inline export function maximumLane(v: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  )
}

/**
 * e^x for four lanes, relative error about 2e-7; exactly 0 below -87, so that masked scores vanish.
 * Range reduction and polynomial: Cephes expf (S. Moshier).
 */
// @ts-ignore
@inline export function exp4(x: v128): v128 {
  const alive = f32x4.gt(x, f32x4.splat(-87.0))
  x = f32x4.min(f32x4.max(x, f32x4.splat(-87.0)), f32x4.splat(88.0))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)))
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let p = f32x4.splat(1.9875691500e-4)
  p = multiplyAdd(f32x4.splat(1.3981999507e-3), p, r)
  p = multiplyAdd(f32x4.splat(8.3334519073e-3), p, r)
  p = multiplyAdd(f32x4.splat(4.1665795894e-2), p, r)
  p = multiplyAdd(f32x4.splat(1.6666665459e-1), p, r)
  p = multiplyAdd(f32x4.splat(5.0000001201e-1), p, r)
  p = f32x4.add(multiplyAdd(r, f32x4.mul(p, r), r), f32x4.splat(1.0))
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return v128.and(f32x4.mul(p, exponent), alive)
}

// @ts-ignore
@inline export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0)
}

/** Natural logarithm of a positive number. Cephes logf (S. Moshier). */
export function logarithm(x: f32): f32 {
  const bits = reinterpret<i32>(x)
  let exponent: i32 = ((bits >> 23) & 255) - 126
  let m: f32 = reinterpret<f32>((bits & 0x7fffff) | 0x3f000000)
  if (m < 0.70710678) {
    exponent -= 1
    m = m + m - 1
  } else {
    m = m - 1
  }
  const z: f32 = m * m
  let y: f32 = 7.0376836292e-2
  y = y * m - 1.1514610310e-1
  y = y * m + 1.1676998740e-1
  y = y * m - 1.2420140846e-1
  y = y * m + 1.4249322787e-1
  y = y * m - 1.6668057665e-1
  y = y * m + 2.0000714765e-1
  y = y * m - 2.4999993993e-1
  y = y * m + 3.3333331174e-1
  y = y * m * z
  y += -2.12194440e-4 * <f32>exponent
  y -= <f32>0.5 * z
  return m + y + 0.693359375 * <f32>exponent
}
