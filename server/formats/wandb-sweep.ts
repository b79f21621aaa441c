/** W&B's sweep files, turned into ours: values, ranges, the method and the command; what has no counterpart is told, with what to write. */
import { parse } from 'yaml'
import { axisNameSchema } from '../../domain/sweep/sweep.ts'

type Texts = { [key: string]: Texts | Texts[] | string | null }

/**
 * A sweep as it would be written; what of the file is in it, and what the person who converts should know, a sentence each.
 */
export type Converted = {
  definition: Record<string, unknown>
  taken: string[]
  notes: string[]
  /** Parameters of one value, which are no axes. */
  constants: ReadonlyMap<string, string>
  /** What it says of how many trainings there are, where the file does not. */
  cap: string | null
}

/** How many values a continuous range is given in a grid, where the file names none. */
const valuesOfRange = 5
/** Trainings of a search whose file says no `run_cap`. */
const usualTrainings = 20
/** W&B's methods that propose, and ours: its bayes is a Gaussian process, too. */
const searches = new Map([
  ['random', 'random'],
  ['bayes', 'gaussian-process'],
])

/** Whether what a file holds is a sweep of W&B: parameters with a method, a program or a command, and no axes. */
export function isWandbSweep(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  const has = (key: string) => Object.hasOwn(input, key)
  return has('parameters') && !has('axes') && (has('method') || has('program') || has('command'))
}

/** Converts the text of a W&B sweep; null where it is none. Literals stay as they are written. Throws what YAML throws. */
export function convertWandbSweep(text: string): Converted | null {
  // every scalar as it is written: 1e-5 is no 0.00001
  const input = parse(text, { schema: 'failsafe', merge: true, maxAliasCount: 100 }) as unknown
  if (!isWandbSweep(input)) return null
  const file = input as Texts
  const notes: string[] = []
  const taken: string[] = []
  const axes = new Map<string, unknown>()
  const constants = new Map<string, string>()
  const isCode = (name: string) => axisNameSchema.safeParse(name).success
  for (const [name, parameter] of Object.entries((file.parameters ?? {}) as Texts)) {
    if (!isCode(name)) {
      notes.push(
        `${name}: an axis name holds letters, digits, _ and - only; name it another way and give it as "\${…}" in the command.`,
      )
      continue
    }
    const axis = axisOf(name, parameter as Texts, searches.has(textOf(file.method)), notes)
    if (typeof axis === 'string') {
      constants.set(name, axis)
      taken.push(`${name}: always ${axis}, in the command.`)
    } else if (axis !== null) {
      axes.set(name, axis)
      taken.push(`${name}: an axis, ${axisWords(axis)}.`)
    }
  }
  const { search, cap } = searchOfFile(file, taken, notes)
  const objective = objectiveOf(file)
  if (objective !== null) taken.push(`metric: objective, ${objective.goal} the last ${objective.metric}.`)
  const stopping = stopEarlyOf(file, notes)
  if (stopping !== null)
    taken.push(
      `early_terminate: stop_early, ${stopping.method}, by ${stopping.metric}. W&B counts its iterations by the logs of the metric; min counts steps here: look whether it fits.`,
    )
  for (const key of Object.keys(file))
    if (
      ![
        'early_terminate',
        'name',
        'program',
        'method',
        'metric',
        'parameters',
        'command',
        'description',
        'project',
        'entity',
        'run_cap',
      ].includes(key)
    )
      notes.push(`${key}: has no counterpart, and is left out.`)
  return {
    definition: {
      name: textOf(file.name) || textOf(file.program).replace(/\.\w+$/, '') || 'sweep',
      ...(search && { search }),
      axes: Object.fromEntries(axes),
      train: { command: commandOf(file, [...axes.keys()], constants, notes) },
      ...(objective && { objective }),
      ...(stopping && { stop_early: stopping }),
    },
    constants,
    cap,
    taken: [...taken, 'program and command: the command of a training.'],
    notes: cap === null ? notes : [...notes, cap],
  }
}

/** What the sweep is about: without a goal less is better, as W&B has it. */
function objectiveOf(file: Texts): { metric: string; goal: 'minimize' | 'maximize' } | null {
  const { name, goal } = (file.metric ?? {}) as Texts
  if (textOf(name) === '') return null
  return { metric: textOf(name), goal: textOf(goal) === 'maximize' ? 'maximize' : 'minimize' }
}

type Stopping = { method: 'asha'; min: number; factor: number; metric: string; goal: string }

/** Hyperband's brackets come down to successive halving from its first rung on; null, with a note, where that cannot be written. */
function stopEarlyOf(file: Texts, notes: string[]): Stopping | null {
  if (file.early_terminate === undefined) return null
  const given = (file.early_terminate ?? {}) as Texts
  const objective = objectiveOf(file)
  const refuse = (why: string) => {
    notes.push(`early_terminate: ${why}; write stop_early (docs/stopping.md).`)
    return null
  }
  if (textOf(given.type) !== 'hyperband') return refuse(`${textOf(given.type) || 'without a type'} is not known`)
  if (objective === null) return refuse('no metric is named to judge by')
  const factor = given.eta === undefined ? 3 : Number(textOf(given.eta))
  // the first bracket: min_iter itself, or max_iter over eta as often as s says
  const min =
    given.min_iter === undefined
      ? Number(textOf(given.max_iter)) / factor ** (given.s === undefined ? 1 : Number(textOf(given.s)))
      : Number(textOf(given.min_iter))
  if (!(factor >= 2) || !(min > 0)) return refuse('min_iter, or max_iter and s, and eta do not give a first step')
  return { method: 'asha', min, factor, ...objective }
}

/** How the search of the file goes; no search where it is a grid. `cap`: what is to be said of a number that the file does not give. */
function searchOfFile(file: Texts, taken: string[], notes: string[]): { search: object | null; cap: string | null } {
  const written = textOf(file.method)
  const none = { search: null, cap: null }
  if (written === '' || written === 'grid') return none
  const method = searches.get(written)
  if (method === undefined) {
    notes.push(`method: ${written} has no counterpart; every point of the grid is trained.`)
    return none
  }
  const given = Number(textOf(file.run_cap))
  const isGiven = Number.isInteger(given) && given > 0
  const trainings = isGiven ? given : usualTrainings
  if (method !== 'random' && objectiveOf(file) === null)
    notes.push(`method: ${written} needs what to go by; write metric, or method: random until there is one.`)
  taken.push(`method: ${method}, ${trainings} trainings.`)
  const cap = `run_cap: none is given; the search has ${trainings} trainings, change that number as you like.`
  return { search: { method, trainings }, cap: isGiven ? null : cap }
}

function axisWords(axis: object): string {
  if (Array.isArray(axis)) return axis.length === 1 ? '1 value' : `${axis.length} values`
  const ends = Object.entries(axis)[0] as [string, [string, string]]
  if (ends[1].length === 2) return `${ends[0]} from ${ends[1][0]} to ${ends[1][1]}`
  const [kind, bounds] = Object.entries(axis)[0] as [string, [string, string, number]]
  return `${bounds[2]} values from ${bounds[0]} to ${bounds[1]}, in equal ${kind === 'log' ? 'ratios' : 'steps'}`
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** An axis; a text for a constant; null where there is neither, which a note says. */
function axisOf(name: string, parameter: Texts, searched: boolean, notes: string[]): object | string | null {
  if (typeof parameter !== 'object' || parameter === null) return String(parameter)
  if (Object.hasOwn(parameter, 'value')) return scalar(parameter.value)
  if (Array.isArray(parameter.values)) return parameter.values.map(scalar)
  const [low, high] = [textOf(parameter.min), textOf(parameter.max)]
  const distribution = textOf(parameter.distribution) || (low && high ? 'uniform' : '')
  const step = Number(textOf(parameter.q))
  const isWhole = /^-?\d+$/.test(low) && /^-?\d+$/.test(high)
  const chosen = (written: string) =>
    notes.push(
      `${name}: ${distribution} from ${low} to ${high} is a range; ${written} takes ${valuesOfRange} values of it, change that number as you like.`,
    )
  if (low === '' || high === '' || /normal|beta/.test(distribution)) {
    notes.push(
      `${name}: ${distribution || 'what it says'} has no counterpart; write the values to be tried, ${name}: [1, 2, 3].`,
    )
    return null
  }
  if (searched && !(step > 0)) {
    if (distribution === 'uniform' || distribution === 'int_uniform')
      return isWhole ? { integer: [low, high] } : { uniform: [low, high] }
    if (distribution === 'log_uniform_values') return { log_uniform: [low, high] }
  }
  if (/^(?:inv_)?(?:q_)?log_uniform/.test(distribution) && distribution.endsWith('_values')) {
    chosen('log')
    return { log: [low, high, valuesOfRange], ...(isWhole ? { integer: true } : {}) }
  }
  if (/log_uniform/.test(distribution)) {
    notes.push(
      `${name}: ${distribution} counts exponents of e; write the ends themselves, ${name}: { log: [LOW, HIGH, ${valuesOfRange}] }.`,
    )
    return null
  }
  const count = step > 0 ? Math.round((Number(high) - Number(low)) / step) + 1 : valuesOfRange
  if (!(step > 0)) chosen('range')
  return { range: [low, high, count], ...(isWhole ? { integer: true } : {}) }
}

const scalar = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'string' ? value : JSON.stringify(value)

function commandOf(file: Texts, axes: string[], constants: Map<string, string>, notes: string[]): string[] {
  const given = Array.isArray(file.command)
    ? file.command.map(scalar)
    : ['${env}', '${interpreter}', '${program}', '${args}']
  const values = [...axes.map((name) => [name, `\${${name}}`] as const), ...constants]
  return given.flatMap((word) => {
    switch (word) {
      case '${env}':
        return ['/usr/bin/env']
      case '${interpreter}':
        return ['python']
      case '${program}':
        return [textOf(file.program) || 'train.py']
      case '${args}':
      case '${args_no_boolean_flags}':
        return values.map(([name, value]) => `--${name}=${value}`)
      case '${args_no_hyphens}':
        return values.map(([name, value]) => `${name}=${value}`)
      default:
        if (word.startsWith('${'))
          notes.push(
            `command: ${word} has no counterpart; write the arguments out, "\${learning_rate}" being an axis' value.`,
          )
        return [word.replaceAll('${', () => '$${')]
    }
  })
}
