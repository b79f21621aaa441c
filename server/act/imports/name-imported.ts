/** What runs that were imported are called. */
import path from 'node:path'
import { placeOfRun, type StagedRun } from './staged-runs.ts'

const mostCharacters = 500

/**
 * The shortest names that tell runs apart, from each other and from those that are there (`taken`, with the place that each was read from):
 * by the place that each was read from.
 */
export function nameImported(
  runs: StagedRun[],
  directory: string,
  taken: ReadonlyMap<string, string>,
): Map<string, string> {
  const named = (own: (run: StagedRun) => string) =>
    runs.map((run) => (run.told.name === '' ? own(run) : `${own(run)} · ${run.told.name}`))
  const isApart = (names: string[]) =>
    new Set(names).size === runs.length &&
    names.every((name, at) => !taken.has(name) || taken.get(name) === placeOfRun(runs[at]!))
  const short = named(({ source }) => source.name)
  const long = named(({ source }) => path.relative(directory, source.attempts[0]![0]!))
  const whole = named(({ source }) => source.place)
  const names = [short, long, whole].find(isApart) ?? whole
  return new Map(runs.map((run, at) => [placeOfRun(run), names[at]!.slice(0, mostCharacters)]))
}
