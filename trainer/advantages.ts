/** What a sample is worth beside the others that answered the same prompt. */

import type { rewardScales } from '../contract/trainer-settings.ts'

type RewardScale = (typeof rewardScales)[number]

/** Added to a deviation, so that nothing is divided by 0; verl's. */
const epsilon = 1e-6
/** Below this, rewards do not differ: what is left is rounding. */
const noSpread = 1e-8

/** Mean, and the sample's deviation (n - 1), as TRL and verl take it; 0 where there is one value. */
export function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }
}

/** Advantages of all groups: rewards minus their group's mean, scaled; all 0 in a group whose rewards do not differ. */
export function advantagesOf(groups: readonly (readonly number[])[], scale: RewardScale): number[][] {
  const batch = spread(groups.flat()).deviation
  return groups.map((rewards) => {
    const { mean, deviation } = spread(rewards)
    if (deviation < noSpread) return rewards.map(() => 0)
    const divisor = scale === 'none' ? 1 : (scale === 'batch' ? batch : deviation) + epsilon
    return rewards.map((reward) => (reward - mean) / divisor)
  })
}

/**
 * Advantages where each part of a reward is compared within its group on its own (GDPO, as TRL's `normalize_then_sum`): the parts'
 * own advantages, weighted and summed, and these less their mean over all samples, divided by their deviation.
 * @param groups parts of each sample's reward, all with the same names
 */
export function advantagesByPart(
  groups: readonly (readonly Readonly<Record<string, number>>[])[],
  weights: Readonly<Record<string, number>>,
): number[][] {
  const names = Object.keys(groups[0]?.[0] ?? {})
  const summed = groups.map((group) => group.map(() => 0))
  for (const name of names) {
    const own = advantagesOf(
      groups.map((group) => group.map((parts) => parts[name]!)),
      'group',
    )
    for (const [index, group] of own.entries())
      for (const [at, advantage] of group.entries()) summed[index]![at]! += (weights[name] ?? 1) * advantage
  }
  const { mean, deviation } = spread(summed.flat())
  return summed.map((group) =>
    group.map((value) => (deviation < noSpread ? 0 : (value - mean) / (deviation + epsilon))),
  )
}
