/** Trainings that differ in nothing but their seed, and what they say together. */
import { milestoneAxisName } from './axes.ts'
import { runSettings } from '../settings/definition-differences.ts'
import { z95 } from '../../stats/normal.ts'
import type { Sweep } from '../sweep.ts'

/** Whether a setting is a seed: `seed`, `train.env.SEED`, `data.seed`. */
export function isSeed(key: string): boolean {
  return /^seed$/i.test(key.split('.').at(-1)!)
}

/**
 * Gives each run of a sweep a text that two runs share, of whatever sweeps, where their trainers were told the same but for
 * the seed and how long to go on. Numbers count by their value (`2e-5`, `0.00002`).
 */
export function seedGroupKeys(definition: Sweep): (params: Readonly<Record<string, string>>) => string {
  const milestone = milestoneAxisName(definition.axes)
  const shared = runSettings({ definition, params: {} })
  const ofSweep = [...shared].filter(([key]) => !isSeed(key))
  // where it starts from is a setting, too; an axis of starting points says it by its value
  if (definition.init !== undefined && !/^\$\{[^}]*\}$/.test(definition.init)) ofSweep.push(['init', definition.init])
  const axes = Object.keys(definition.axes).filter((name) => name !== milestone && !isSeed(name))
  const own = new Set(axes)
  const before = ofSweep.filter(([key]) => !own.has(key)).map(([key, value]) => entryOf(key, value))
  return (params) => {
    const entries = axes.map((name) => entryOf(definition.init === `\${${name}}` ? 'init' : name, params[name] ?? ''))
    return [...before, ...entries].toSorted().join('\n')
  }
}

/** The same of a run of its own, by what its client told. */
export function ownSeedGroupKey(params: Readonly<Record<string, string>>): string {
  const entries = Object.entries(params).filter(([key]) => !isSeed(key))
  return entries
    .map(([key, value]) => entryOf(key, value))
    .toSorted()
    .join('\n')
}

/**
 * A text that two sweeps share where they train with the same program: the built-in trainer's name, or a command up to its first
 * option or placeholder (`bash sft.sh`). What a seed moves is learnt of one trainer and said of it alone.
 */
export function trainerKey({ trainer, train }: Pick<Sweep, 'trainer' | 'train'>): string {
  if (trainer !== undefined) return trainer
  const words = train?.command ?? []
  const end = words.findIndex((word) => word.startsWith('-') || word.includes('${'))
  return JSON.stringify(end === -1 ? words : words.slice(0, end))
}

function entryOf(key: string, value: string): string {
  return `${key}=${valueKey(value)}`
}

/** A text that two values share where they are the same, numbers by what they are: `2e-5`, `0.00002`. */
export function valueKey(value: string): string {
  const number = Number(value)
  return value.trim() === '' || Number.isNaN(number) ? value : String(number)
}

export type SeedMean = {
  mean: number
  /** 95 % interval of the mean over seeds, from how the scores differ; null for a single one. */
  interval: [number, number] | null
  /** Standard deviation of the scores; null for a single one. */
  spread: number | null
  count: number
}

/** Mean of the scores of several seeds, at least one, with Student's interval of the mean. */
export function meanOverSeeds(scores: readonly number[]): SeedMean {
  const count = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / count
  if (count < 2) return { mean, interval: null, spread: null, count }
  const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (count - 1))
  const half = (studentQuantile(count - 1) * spread) / Math.sqrt(count)
  return { mean, interval: [mean - half, mean + half], spread, count }
}

/** 97.5th percentiles of Student's t for 1 to 30 degrees of freedom. */
const quantiles = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604, 2.1448, 2.1314,
  2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
]

/** The 97.5th percentile of Student's t; above 30 degrees of freedom by Abramowitz & Stegun 26.7.5, good to 1e-4. */
function studentQuantile(freedom: number): number {
  const z = z95
  return (
    quantiles[freedom - 1] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  )
}

/**
 * Standard deviation of one seed around the mean of its group, from all groups together (the square root of the mean
 * square within groups of an analysis of variance): what two seeds say about their spread is next to nothing. null where no
 * group has two. `freedom`: the degrees of freedom that it rests on.
 */
export function pooledSpread(
  groups: readonly Pick<SeedMean, 'spread' | 'count'>[],
): { deviation: number; freedom: number } | null {
  let squares = 0
  let freedom = 0
  for (const { spread, count } of groups) {
    if (spread === null) continue
    squares += spread ** 2 * (count - 1)
    freedom += count - 1
  }
  return freedom === 0 ? null : { deviation: Math.sqrt(squares / freedom), freedom }
}
