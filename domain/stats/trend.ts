/** Whether a noisy curve rises: a slope with an interval that knows that neighbouring steps are alike. */
import { z95 } from './normal.ts'

export type Curve = { steps: readonly number[]; values: readonly (number | null)[] }

export type Trend = {
  /** Change of the value a step. */
  slope: number
  /** 95 % interval of the slope. */
  interval: [number, number]
  /** The steps that it goes over, and how many values. */
  from: number
  to: number
  count: number
}

/** With fewer values an interval says next to nothing. */
export const fewestTrendValues = 10
/** Fewer independent values than this are not told apart from a walk that went somewhere by chance. */
const fewestIndependent = 3.5

/**
 * Least squares with an error for autocorrelated noise (Santer et al., "Statistical significance of trends and trend differences in
 * layer-average atmospheric temperature time series", 2000): n values whose residuals correlate by r from one to the next count as
 * n (1 - r) / (1 + r). r is estimated too low from few values; Kendall's correction (1954) is added. null with too few values.
 */
export function trendOf({ steps, values }: Curve): Trend | null {
  const known = steps.flatMap((step, at) => {
    const value = values[at]
    return value === null || value === undefined || !Number.isFinite(value) ? [] : [[step, value] as const]
  })
  const count = known.length
  if (count < fewestTrendValues) return null
  const meanStep = known.reduce((sum, [step]) => sum + step, 0) / count
  const mean = known.reduce((sum, [, value]) => sum + value, 0) / count
  let squares = 0
  let products = 0
  for (const [step, value] of known) {
    squares += (step - meanStep) ** 2
    products += (step - meanStep) * (value - mean)
  }
  if (squares === 0) return null
  const slope = products / squares
  const residuals = known.map(([step, value]) => value - mean - slope * (step - meanStep))
  const left = residuals.reduce((sum, residual) => sum + residual ** 2, 0)
  let neighbours = 0
  for (let at = 1; at < count; at++) neighbours += residuals[at]! * residuals[at - 1]!
  const measured = left > 0 ? neighbours / left : 0
  const correlation = Math.max(0, Math.min(0.99, measured + (1 + 4 * measured) / count))
  const independent = Math.min(count, Math.max(fewestIndependent, (count * (1 - correlation)) / (1 + correlation)))
  const error = Math.sqrt(left / (independent - 2) / squares)
  const half = quantileOfT(independent - 2) * error
  const [from, to] = [known[0]![0], known.at(-1)![0]]
  return { slope, interval: [slope - half, slope + half], from, to, count }
}

/** The 97.5th percentile of Student's t (Abramowitz & Stegun 26.7.5); few degrees of freedom give a little less than the true one. */
function quantileOfT(degrees: number): number {
  const z = z95
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ]
  return terms.reduce((sum, term, at) => sum + term / degrees ** (at + 1), z)
}

/** The median of what is known; null of nothing. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values
    .filter((value) => value !== null)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
  if (sorted.length === 0) return null
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
