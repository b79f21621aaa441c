/** Round numbers for an axis. */

/** Numbers at a round distance (1, 2 or 5 times a power of ten) from low to high, about `count` of them, rising. */
export function roundTicks(low: number, high: number, count: number): number[] {
  const span = high - low
  if (!(span > 0) || !Number.isFinite(span)) return []
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  // the nearest of 1, 2, 5 and 10 by ratio
  const step =
    power *
    (rough < Math.SQRT2 * power ? 1 : rough < Math.sqrt(10) * power ? 2 : rough < Math.sqrt(50) * power ? 5 : 10)
  const ticks: number[] = []
  // counted in whole steps: adding 0.1 again and again would drift
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at += 1) ticks.push(at * step + 0)
  return ticks
}

/** A tick as it is written: as many decimals as its neighbours need to differ, at least one. */
export function tickLabel(tick: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1
  return tick.toFixed(Math.max(1, Math.ceil(-Math.log10(step) - 1e-9)))
}
