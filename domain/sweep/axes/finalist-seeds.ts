/** The axis of seeds that finalists go on along: which it is, what stands against it, and which seeds come next. */
import type { Issue } from '../../errors.ts'
import { expandAxis, isContinuous, isMilestoneAxis } from './axes.ts'
import { placeholdersOf } from '../commands/placeholders.ts'
import { isScored } from '../scoring.ts'
import { searchingOf } from '../searching.ts'
import { isSeed } from './seed-groups.ts'
import type { Sweep } from '../sweep.ts'

/** What an axis of seeds is called that nobody wrote. */
const ownName = 'seed'
/** The built-in trainers' own default. */
const firstSeed = '1'

/** The axis whose values are seeds; null where there is none. */
export function seedAxisOf({ axes }: Pick<Sweep, 'axes'>): string | null {
  return Object.keys(axes).find((name) => isSeed(name) && !isMilestoneAxis(axes[name]!)) ?? null
}

/**
 * With an axis `seed` of one value where finalists need one, nobody wrote it, and the trainer takes a seed: a built-in one, or a command
 * with `${seed}` in its arguments or variables. Any other sweep as it is.
 */
export function withSeedAxis(sweep: Sweep): Sweep {
  if (sweep.finalists === undefined || seedAxisOf(sweep) !== null || Object.hasOwn(sweep.axes, ownName)) return sweep
  const { trainer, train, config } = sweep
  const templates = [...(train?.command ?? []), ...Object.values(train?.env ?? {})]
  const takesSeed =
    trainer !== undefined || templates.some((text) => placeholdersOf(text).some(({ name }) => name === ownName))
  if (!takesSeed) return sweep
  const own = config?.[ownName]
  return { ...sweep, axes: { ...sweep.axes, [ownName]: [own === undefined ? firstSeed : String(own)] } }
}

const isWhole = (text: string) => /^\d{1,9}$/.test(text)

/** The seeds that stand on the axis. */
export function seedsOf(sweep: Pick<Sweep, 'axes'>, axis: string): string[] {
  return expandAxis(axis, sweep.axes[axis]!).values
}

/** The axis of one seed that finalists have others of; null where every point has several, or nobody asks for finalists. */
export function addedSeedsOf(sweep: Pick<Sweep, 'axes' | 'finalists'>): string | null {
  const axis = sweep.finalists === undefined ? null : seedAxisOf(sweep)
  return axis !== null && seedsOf(sweep, axis).length === 1 ? axis : null
}

/** So many further seeds, in their order: each one more than the highest before. */
export function nextSeeds(before: readonly string[], count: number): string[] {
  const highest = Math.max(...before.map(Number))
  return Array.from({ length: count }, (_, at) => String(highest + 1 + at))
}

/** With the first seed that finalists would add: what would meet then can be seen before. */
export function withNextSeed<Given extends Pick<Sweep, 'axes' | 'finalists'>>(sweep: Given): Given {
  const axis = sweep.finalists === undefined ? null : seedAxisOf(sweep)
  if (axis === null) return sweep
  const seeds = seedsOf(sweep, axis)
  return { ...sweep, axes: { ...sweep.axes, [axis]: [...seeds, ...nextSeeds(seeds, 1)] } }
}

/** Everything that stands against finalists as the sweep wants them. */
export function finalistIssues(sweep: Sweep): Issue[] {
  const { finalists } = sweep
  if (finalists === undefined) return []
  const refuse = (path: Issue['path'], message: string): Issue[] => [{ path, message }]
  if (!isScored(sweep))
    return refuse(
      ['finalists'],
      'Finalists are the points that cannot be told from the best, and nothing says which is better; expected score or objective.',
    )
  const axis = seedAxisOf(sweep)
  if (axis === null)
    return refuse(
      ['finalists'],
      'Finalists are trained again with other seeds, and the training command takes none; expected ${seed} in train.command or train.env, or an axis seed: [1] where the trainer reads its job file.',
    )
  if (Object.hasOwn(sweep.when ?? {}, axis))
    return refuse(
      ['when', axis],
      `Finalists are trained with further seeds, and ${axis} exists only at some points; expected it everywhere.`,
    )
  if (isContinuous(sweep.axes[axis]!))
    return refuse(
      ['axes', axis],
      `Finalists are trained with further seeds, and ${axis} is chosen between two ends; expected a list, e.g. [1].`,
    )
  const seeds = seedsOf(sweep, axis)
  const odd = seeds.find((seed) => !isWhole(seed))
  if (odd !== undefined)
    return refuse(
      ['axes', axis],
      `Finalists are trained with the next seeds, and “${odd}” of ${axis} is no whole number; expected e.g. [1].`,
    )
  if (searchingOf(sweep) !== null && seeds.length > 1)
    return refuse(
      ['axes', axis],
      `A search would try ${seeds.length} values of ${axis} like any others, and finalists add seeds to the best points; expected one, e.g. [${seeds[0]}].`,
    )
  if (seeds.length >= finalists.seeds)
    return refuse(
      ['finalists', 'seeds'],
      `Every point is trained with ${seeds.length} values of ${axis} already; expected more than ${seeds.length} seeds for finalists, not ${finalists.seeds}.`,
    )
  return []
}
