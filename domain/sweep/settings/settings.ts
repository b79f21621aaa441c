/** The settings of a built-in trainer at every point of a sweep, and what is wrong with them: before anything starts. */
import { onlyThere } from '../conditions.ts'
import { expectedOf } from '../../../contract/settings-list.ts'
import { checkConfig, type SettingFault } from '../../../contract/check-settings.ts'
import { type TrainerConfig } from '../../../contract/trainer-settings.ts'
import type { Issue } from '../../errors.ts'
import { axisIssues, expandAxis, isMilestoneAxis, milestoneAxisName, milestoneUnit } from '../axes/axes.ts'
import { trainerConfig } from '../commands/commands.ts'
import { continuousOf, tellingValues } from '../axes/continuous-axis.ts'
import { nearestName } from '../files/nearest-name.ts'
import type { BuiltInTrainer, Sweep } from '../sweep.ts'

/** Settings that a check compares with each other: of axes that are such, every combination is looked at. */
const compared = new Set([
  'layers',
  'width',
  'heads',
  'key_value_heads',
  'feed_forward',
  'prompts_per_step',
  'samples_per_prompt',
  'minibatches',
  'maximum_new_tokens',
  'kl_coefficient',
  'reference_update_steps',
])
/** Of those combinations, the first so many. */
const mostCombinations = 10_000

/** An axis of more values than this is a range: so many of them, from end to end, show what can be wrong with it. */
const mostValues = 2_000

function spread(values: readonly string[]): string[] {
  if (values.length <= mostValues) return values.slice(1)
  return Array.from(
    { length: mostValues },
    (_, index) => values[Math.round((index * (values.length - 1)) / (mostValues - 1))]!,
  )
}

/**
 * Values of the axes at points that show between them every value of every axis, and every combination of those that are
 * compared: all settings that can be wrong, without looking at each of 100,000 points.
 */
function* telling(sweep: Sweep): Generator<Record<string, string>> {
  const names = Object.keys(sweep.axes)
  for (const params of allTelling(sweep)) yield onlyThere(sweep.when, names, params)
}

function* allTelling(sweep: Sweep): Generator<Record<string, string>> {
  const written = Object.entries(sweep.axes).filter(([, axis]) => !isMilestoneAxis(axis))
  // what is wrong with an axis itself is told elsewhere
  if (written.some(([name, axis]) => axisIssues(name, axis).length > 0)) return
  const axes = written.map(([name, axis]) => {
    const continuous = continuousOf(axis)
    return continuous === null ? expandAxis(name, axis) : { name, values: tellingValues(continuous) }
  })
  const first = Object.fromEntries(axes.map(({ name, values }) => [name, values[0]!]))
  yield first
  for (const { name, values } of axes) for (const value of spread(values)) yield { ...first, [name]: value }
  const together = axes.filter(({ name }) => compared.has(name))
  if (together.length < 2) return
  const count = Math.min(
    mostCombinations,
    together.reduce((product, { values }) => product * values.length, 1),
  )
  for (let index = 0; index < count; index++) {
    let rest = index
    const params = { ...first }
    for (const { name, values } of together) {
      params[name] = values[rest % values.length]!
      rest = Math.floor(rest / values.length)
    }
    yield params
  }
}

/** Settings of a sweep that has a built-in trainer, as they will be read; `params` are the axes' values there. */
export type PointSettings = {
  params: Record<string, string>
  config: TrainerConfig | null
  faults: SettingFault[]
}

/** What is wrong with one value of a setting by itself, a sentence; null where nothing is, or it is no setting of the trainer. */
export function valueProblem(trainer: BuiltInTrainer, key: string, literal: string): string | null {
  const { [key]: value } = trainerConfig({ axes: {} } as Sweep, { [key]: literal })
  const expected = expectedOf(trainer, key, value)
  return expected === null ? null : `${key} is ${literal}; expected ${expected}.`
}

/** What `telling` shows, read; empty where the sweep has no built-in trainer. */
export function pointSettings(sweep: Sweep): PointSettings[] {
  if (sweep.trainer === undefined) return []
  return [...telling(sweep)].map((params) => ({
    params,
    ...checkConfig({ ...trainerConfig(sweep, params), trainer: sweep.trainer }),
  }))
}

/** Where a setting stands in the sweep: on its axis, or in `config`. */
export function placeOfSetting(
  sweep: Sweep,
  params: Readonly<Record<string, string>>,
  path: SettingFault['path'],
): Issue['path'] {
  const [key] = path
  const axis = sweep.axes[String(key)]
  if (axis === undefined || params[String(key)] === undefined) return ['config', ...path]
  const index = Array.isArray(axis) ? axis.indexOf(params[String(key)]!) : -1
  return index < 0 ? ['axes', String(key)] : ['axes', String(key), index]
}

function sentenceOf({ path, message, known }: SettingFault, trainer: string): string {
  if (known === undefined) return `${message}.`
  const meant = nearestName(String(path.at(-1)), known)
  if (meant === null) return `${message}.`
  const where = path.length === 1 ? `setting of ${trainer}` : `part of ${path.slice(0, -1).join('.')}`
  return `${path.join('.')} is no ${where}; expected ${[...path.slice(0, -1), meant].join('.')}?`
}

/** What is wrong with the settings at any point, each fault once, with the place of its key in the sweep. */
export function settingIssues(sweep: Sweep, settings: readonly PointSettings[]): Issue[] {
  const issues = new Map<string, Issue>()
  const add = (path: Issue['path'], message: string) => {
    // of a range's values, the first that is wrong
    const key = path[0] === 'axes' && path.length === 2 ? JSON.stringify(path) : JSON.stringify([path, message])
    if (!issues.has(key)) issues.set(key, { path, message })
  }
  if (sweep.trainer !== undefined && Object.hasOwn(sweep.config ?? {}, 'trainer'))
    add(['config', 'trainer'], 'config.trainer has no meaning; expected trainer beside config.')
  const milestone = milestoneAxisName(sweep.axes)
  if (sweep.trainer === 'grpo' && milestone !== null && milestoneUnit(milestone) === 'epoch') {
    add(
      ['axes', milestone],
      `The milestones of ${milestone} are epochs, and grpo counts steps; expected e.g. step: { milestones: [20, 40, 60] }.`,
    )
  }
  for (const { params, faults } of settings) {
    for (const fault of faults) {
      // an axis that is no setting is wrong as a whole, not by its values
      const isAxis =
        fault.known !== undefined && fault.path.length === 1 && Object.hasOwn(params, String(fault.path[0]))
      const path = isAxis ? ['axes', String(fault.path[0])] : placeOfSetting(sweep, params, fault.path)
      add(path, sentenceOf(fault, sweep.trainer!))
    }
  }
  return [...issues.values()]
}
