/**
 * What the curves of a run say about a checkpoint: figures that one can check, against thresholds that are stated. They choose
 * nothing: which checkpoint goes on is for a person to say.
 */
import type { MetricRole } from './metric-roles.ts'
import { type Curve, median, type Trend, trendOf } from '../stats/trend.ts'

/** Rising or flat is judged over the last third: what a curve did at its beginning says nothing of whether it goes on. */
export const trendShare = 1 / 3
/** But over this many values at least (all of them where there are fewer), or only steep curves could be told from flat. */
export const trendValues = 20
/** A level is the median of this many values: one outlier or two do not move it. */
export const levelValues = 5
/** Half as long again as at the start: each step costs half as much again, and responses begin to meet the cut-off. */
export const longRatio = 1.5
/** A quarter of the entropy at the start: samples of one prompt are mostly the same, so that groups have no spread left. */
export const lowEntropyRatio = 0.25
/** One response in ten: their rewards are those of the cut-off, not of what the model would have said. */
export const manyTruncated = 0.1

/** A median at the checkpoint and at the start of the run. */
export type Level = { value: number; start: number; ratio: number | null }

/** null: the run has no such metric, or too few values of it before the checkpoint. */
export type PickReasons = {
  reward: { value: number; trend: Trend; state: 'rising' | 'falling' | 'flat' } | null
  /** `growth`: of the length, over the last part. */
  length: (Level & { growth: Trend | null; isLong: boolean }) | null
  entropy: (Level & { isLow: boolean }) | null
  kl: Level | null
  clip: Level | null
  truncated: (Level & { isMany: boolean }) | null
}

/** The figures at a step, from each curve up to that step and nothing after it. */
export function pickReasons(curves: Partial<Record<MetricRole, Curve>>, step: number): PickReasons {
  const before = (role: MetricRole) => {
    const curve = curves[role]
    return curve === undefined ? null : upTo(curve, step)
  }
  const level = (role: MetricRole) => {
    const curve = before(role)
    return curve === null ? null : levelOf(curve)
  }
  const reward = before('reward')
  const length = before('length')
  const [lengthLevel, entropy, truncated] = [level('length'), level('entropy'), level('truncated')]
  return {
    reward: reward && rewardReason(reward),
    length: lengthLevel && {
      ...lengthLevel,
      growth: lastTrend(length!),
      isLong: (lengthLevel.ratio ?? 0) >= longRatio,
    },
    // an entropy of continuous actions may be negative: no share of it means anything then
    entropy: entropy && { ...entropy, isLow: entropy.start > 0 && entropy.value <= lowEntropyRatio * entropy.start },
    kl: level('kl'),
    clip: level('clip'),
    truncated: truncated && { ...truncated, isMany: truncated.value >= manyTruncated },
  }
}

function rewardReason(curve: Curve): PickReasons['reward'] {
  const trend = lastTrend(curve)
  const value = median(curve.values.slice(-levelValues))
  if (trend === null || value === null) return null
  const [low, high] = trend.interval
  return { value, trend, state: low > 0 ? 'rising' : high < 0 ? 'falling' : 'flat' }
}

/** The trend of the last part of a curve; null with too few values. */
function lastTrend({ steps, values }: Curve): Trend | null {
  const count = Math.max(trendValues, Math.round(trendShare * steps.length))
  return trendOf({ steps: steps.slice(-count), values: values.slice(-count) })
}

/** null with fewer values than the start and the end need. */
function levelOf({ values }: Curve): Level | null {
  if (values.length < 2 * levelValues) return null
  const start = median(values.slice(0, levelValues))
  const value = median(values.slice(-levelValues))
  if (start === null || value === null) return null
  return { value, start, ratio: start > 0 ? value / start : null }
}

function upTo({ steps, values }: Curve, step: number): Curve {
  const known = steps.flatMap((one, at) => {
    const value = values[at]
    return one <= step && value !== null && value !== undefined && Number.isFinite(value) ? [at] : []
  })
  return { steps: known.map((at) => steps[at]!), values: known.map((at) => values[at]!) }
}
