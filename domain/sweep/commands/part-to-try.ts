/** What of a sweep that need not be whole yet matters to a try of one of its parts. */
import type { Issue } from '../../errors.ts'

/** What can be tried before a sweep is started. */
export const triedParts = ['training', 'evaluation'] as const
export type TriedPart = (typeof triedParts)[number]

type Fields = Record<string, unknown>

const keysOf: Record<TriedPart, readonly string[]> = {
  training: ['axes', 'trainer', 'config', 'init', 'train', 'checkpoint', 'track', 'executor'],
  evaluation: ['axes', 'trainer', 'config', 'init', 'evaluate', 'executor'],
}

/**
 * A definition with that part alone, under the name that it has or will get: neither a score nor a baseline is needed to see whether a
 * command runs. Axes without a value yet are left out, so that only a command which names one is refused.
 */
export function partToTry(input: unknown, of: TriedPart): Fields {
  const given: Fields = typeof input === 'object' && input !== null ? (input as Fields) : {}
  const part = Object.fromEntries(keysOf[of].flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])))
  const axes = Object.entries((given.axes as Fields | undefined) ?? {}).filter(
    ([, axis]) => !(Array.isArray(axis) && axis.length === 0),
  )
  const name = typeof given.name === 'string' && given.name.trim() !== '' ? given.name : 'try'
  return {
    ...part,
    name,
    axes: axes.length === 0 ? { try: ['1'] } : Object.fromEntries(axes),
    // what trains has no say in how a checkpoint is evaluated
    ...(of === 'evaluation' && given.trainer === undefined ? { train: { command: ['true'] } } : {}),
    ...(of === 'evaluation' && questionsOf(given)),
  }
}

/** How many questions there are, as a command may be told which to ask; of a score that is no part of a try. */
function questionsOf({ score }: Fields): Fields {
  const { questions } = (typeof score === 'object' && score !== null ? score : {}) as Fields
  return questions === undefined ? {} : { score: { baseline: { try: 1 }, questions } }
}

/** Whether an issue of such a definition is of that part. */
export function isOfThePart({ path }: Issue, of: TriedPart): boolean {
  return path[0] === 'name' || keysOf[of].includes(String(path[0]))
}
