/** The sweep that trains on chosen problems: that of the run they were measured in, with its data put in their place. */
import { milestoneAxisName } from '../axes/axes.ts'
import { withFilesFrom } from '../commands/commands.ts'
import { isMeasuredBaseline } from '../measured-baseline.ts'
import type { Scoring } from '../scoring.ts'
import type { Sweep } from '../sweep.ts'

export type ProblemsRound = {
  name: string
  before: Sweep
  /** The values of the run on the axes that multiply trainings. */
  params: Readonly<Record<string, string>>
  /** What it starts from; null: from what the run's settings say, an untrained model perhaps. */
  init: string | null
  /** Files of problems: one is a setting, several are an axis. */
  sets: readonly string[]
  /** Seeds to try each with; empty: as the run had it. */
  seeds: readonly string[]
}

/** Settings that say which problems the arithmetic task makes: beside a file of problems they mean nothing. */
const ofTheTask = ['levels', 'dataset_size', 'data']

/**
 * A built-in trainer's sweep with the files that it names, but for where it starts, as absolute paths: it can stand in another folder then,
 * that of the problems. A command's own paths cannot be told from its words, so its sweep stays where it was.
 */
export function movable(sweep: Sweep, absolute: (file: string) => string): Sweep {
  const { config, score } = sweep
  return {
    ...sweep,
    ...(config !== undefined && { config: withFilesFrom(config, absolute) }),
    ...(score !== undefined && { score: { ...score, baseline: baselineFrom(score.baseline, absolute) } }),
  }
}

function baselineFrom(baseline: Scoring['baseline'], absolute: (file: string) => string): Scoring['baseline'] {
  if (typeof baseline !== 'object') return baseline
  const { report } = baseline as { report?: unknown }
  if (typeof report === 'string') return { ...baseline, report: absolute(report) }
  if (!isMeasuredBaseline(baseline) || ['init', '${init}'].includes(baseline.measure)) return baseline
  return { ...baseline, measure: absolute(baseline.measure) }
}

/** The axis, or the setting, that holds the problems: the built-in trainer knows it as `data`; a command is given `${problems}`. */
export function problemsKey({ trainer }: Sweep): 'data' | 'problems' {
  return trainer === undefined ? 'problems' : 'data'
}

/**
 * The same training as that of the run, on other problems. An axis of the run's sweep keeps the run's value, and is gone where it is
 * the problems or the seeds.
 */
export function roundFromProblems({ name, before, params, init, sets, seeds }: ProblemsRound): Sweep {
  const key = problemsKey(before)
  const milestone = milestoneAxisName(before.axes)
  const replaced = new Set<string>([key, ...(seeds.length > 0 ? ['seed'] : []), ...(key === 'data' ? ofTheTask : [])])
  const isStart = (axis: string) => before.init === `\${${axis}}`
  const kept = Object.entries(before.axes)
    .filter(([axis]) => !replaced.has(axis) && !(isStart(axis) && init !== null))
    .map(([axis, values]) => [axis, axis === milestone || params[axis] === undefined ? values : [params[axis]]])
  // a setting where one set is all, but a command is given nothing except axes
  const isAxis = sets.length > 1 || key === 'problems'
  const { config, written, ...others } = before
  const own = Object.entries(config ?? {}).filter(([setting]) => !replaced.has(setting))
  const axes = {
    ...(isAxis && { [key]: [...sets] }),
    ...(seeds.length > 0 && { seed: [...seeds] }),
    ...Object.fromEntries(kept),
  }
  return {
    ...others,
    name,
    search: 'grid',
    // a sweep needs an axis: the seed is one that every trainer has a use for
    axes: Object.keys(axes).length > 0 ? axes : { seed: [String(config?.seed ?? 1)] },
    ...(init !== null && { init }),
    ...(config !== undefined && { config: { ...Object.fromEntries(own), ...(!isAxis && { data: sets[0]! }) } }),
    ...(written !== undefined && {
      written: Object.fromEntries(Object.entries(written).filter(([setting]) => !replaced.has(setting))),
    }),
  }
}
