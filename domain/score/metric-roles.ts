/** What a metric is, by its name: trainers call the same thing differently. One table, read by the run's page and its reasons. */

/** The roles in the order that curves are looked at. */
export const metricRoles = ['reward', 'accuracy', 'length', 'entropy', 'kl', 'clip', 'truncated'] as const
export type MetricRole = (typeof metricRoles)[number]

/**
 * Names by role, the one that is taken first where a run has several: those of the built-in trainer, verl, TRL and prime-rl. A
 * role may be the sum of two metrics (tokens clipped below and above). W&B's prefix `train/` is looked through.
 */
const namesOfRole: Record<MetricRole, readonly (readonly string[])[]> = {
  reward: [
    ['reward'],
    ['reward/mean'],
    ['reward/all/mean'],
    ['critic/score/mean'],
    ['critic/rewards/mean'],
    ['mean_reward'],
    ['rewards/mean'],
  ],
  accuracy: [['accuracy'], ['accuracy/mean'], ['acc'], ['acc/mean']],
  length: [
    ['response_length'],
    ['response_length/mean'],
    ['completions/mean_length'],
    ['completion_length'],
    ['completion_len/mean'],
    ['decode_len/mean'],
    ['seq_len/mean'],
  ],
  entropy: [['entropy'], ['entropy/mean'], ['entropy/all/mean'], ['actor/entropy'], ['actor/entropy_loss']],
  kl: [['kl'], ['actor/kl_loss'], ['kl/mean'], ['actor/ppo_kl'], ['mismatch_kl/mean'], ['mismatch_kl/all/mean']],
  clip: [
    ['clip_fraction'],
    ['clip_fraction_low', 'clip_fraction_high'],
    ['clip_ratio/region_mean'],
    ['clip_ratio/low_mean', 'clip_ratio/high_mean'],
    ['clip_ratio'],
    ['actor/pg_clipfrac'],
    ['actor/clipfrac'],
  ],
  truncated: [
    ['truncated'],
    ['response_length/clip_ratio'],
    ['completions/clipped_ratio'],
    ['is_truncated/mean'],
    ['truncated_share'],
  ],
}

const prefix = 'train/'

/** Every name that a mean reward goes by, the one that is taken first at the front. */
export const rewardNames: readonly string[] = namesOfRole.reward.flat().flatMap((name) => [name, prefix + name])

const plain = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name)

/** Which metrics of a run play which role; a role that none of them plays is left out, never guessed. */
export function rolesOf(metrics: readonly string[]): Partial<Record<MetricRole, string[]>> {
  const byName = new Map(metrics.toReversed().map((name) => [plain(name), name]))
  const roles: Partial<Record<MetricRole, string[]>> = {}
  for (const role of metricRoles) {
    const names = namesOfRole[role].find((each) => each.every((name) => byName.has(name)))
    if (names) roles[role] = names.map((name) => byName.get(name)!)
  }
  return roles
}

/** Parts of a reward: `reward/correct`, `rewards/format/mean`; not its own mean, spread or extremes. */
function isRewardPart(name: string): boolean {
  return /^rewards?\/(?!(?:all\/)?(?:mean|std|min|max)$)(?!.*\/(?:std|min|max)$)/.test(plain(name))
}

/**
 * The metrics as a run's charts stand: reward, its parts, accuracy, length, entropy, KL, clip fraction, what was cut off; then the
 * others in the order reported.
 */
export function orderMetrics(metrics: readonly string[]): string[] {
  const roles = rolesOf(metrics)
  const { reward = [], ...others } = roles
  const parts = metrics.filter((name) => !reward.includes(name) && isRewardPart(name))
  const rest = metricRoles.flatMap((role) => (role === 'reward' ? [] : (others[role] ?? [])))
  return [...new Set([...reward, ...parts, ...rest, ...metrics])]
}

/** How many of `orderMetrics` play a role or are parts of the reward: what is shown before anybody asks for more. */
export function countLeading(metrics: readonly string[]): number {
  const roles = Object.values(rolesOf(metrics)).flat()
  return metrics.filter((name) => roles.includes(name) || isRewardPart(name)).length
}
