/** What differs between two sweeps, or between two runs of them: what a person reads before a round starts, and on its edge. */
import { expandAxis, milestoneAxisName } from '../axes/axes.ts'
import { trainerConfig } from '../commands/commands.ts'
import { continuousOf } from '../axes/continuous-axis.ts'
import type { Axis, Sweep } from '../sweep.ts'
import { jsonWords, numberWords, type Written } from '../files/written.ts'

/** A setting by its key as the sweep file writes it (`learning_rate`, `reward.length.maximum`); null where it is not set. */
export type Difference = { key: string; before: string | null; after: string | null }

/**
 * What two sweeps set otherwise, in the order of the second, then what only the first sets. An axis stands under its name
 * beside the settings: it overrides them. Names and where the sweeps start from are left out, and so is a number that is
 * only written otherwise (`2e-5`, `0.00002`).
 */
export function definitionDifferences(before: Sweep, after: Sweep): Difference[] {
  return settingDifferences(definitionSettings(before), definitionSettings(after))
}

export type RunSettings = { definition: Sweep; params: Readonly<Record<string, string>> }

/**
 * What two trainings were told otherwise. What does not reach a trainer (resources, evaluation, score) is left out, and so
 * is the milestone axis: how long a run went on is seen from its steps.
 */
export function runDifferences(before: RunSettings, after: RunSettings): Difference[] {
  return settingDifferences(runSettings(before), runSettings(after))
}

/** A setting of several trainings side by side: null where one does not set it. */
export type SettingRow = { key: string; values: (string | null)[]; differs: boolean }

/** Settings of trainings by key (`runSettings`) side by side, what differs first; of the same kind in the order of the first. */
export function settingRows(settings: readonly ReadonlyMap<string, string>[]): SettingRow[] {
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))]
  const rows = keys.map((key): SettingRow => {
    const values = settings.map((one) => one.get(key) ?? null)
    return { key, values, differs: values.some((value) => !sameValue(values[0]!, value)) }
  })
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)]
}

/** `reward: basic → quality`, `clip_high: 0.28 (new)`, `overlong: removed`; one difference as a line of text. */
export function differenceWords({ key, before, after }: Difference): string {
  if (before === null) return `${key}: ${after} (new)`
  return after === null ? `${key}: removed (was ${before})` : `${key}: ${before} → ${after}`
}

/** What settings by key have otherwise, in the order of the second, then what only the first has. */
export function settingDifferences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference[] {
  const keys = new Set([...after.keys(), ...before.keys()])
  return [...keys].flatMap((key) => {
    const was = before.get(key) ?? null
    const is = after.get(key) ?? null
    return sameValue(was, is) ? [] : [{ key, before: was, after: is }]
  })
}

function sameValue(left: string | null, right: string | null): boolean {
  if (left === right) return true
  if (left === null || right === null || left.trim() === '' || right.trim() === '') return false
  return Number(left) === Number(right)
}

function definitionSettings(sweep: Sweep): Map<string, string> {
  const settings = new Map([['trainer', sweep.trainer ?? 'command']])
  const { search: _search, name: _name, trainer: _trainer, init: _init, written, ...others } = sweep
  const { axes, config, train, evaluate, ...rest } = others
  const besideAxes = { ...config, ...Object.fromEntries(axisNames(axes).map((name) => [name, undefined])) }
  addSettings(settings, '', besideAxes, written)
  for (const name of axisNames(axes)) settings.set(name, axisWords(name, axes[name]!))
  addSettings(settings, '', { train, evaluate, ...rest })
  return settings
}

/** What a trainer is told, by key: `learning_rate`, `reward.length.maximum`, `train.command`. The milestone axis is left out. */
export function runSettings({ definition, params }: RunSettings): Map<string, string> {
  const settings = new Map([['trainer', definition.trainer ?? 'command']])
  const milestone = milestoneAxisName(definition.axes)
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => name !== milestone))
  // the axis of starting points is no setting: it says where a run comes from
  const values = withoutStart(definition, definition.trainer ? trainerConfig(definition, own) : own)
  addSettings(settings, '', values, { ...definition.written, ...own })
  addSettings(settings, 'train.', { command: definition.train?.command, env: definition.train?.env })
  return settings
}

function withoutStart(sweep: Sweep, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => sweep.init !== `\${${name}}`))
}

const axisNames = (axes: Sweep['axes']) => Object.keys(axes)

/** Longer lists are shown by their ends. */
const mostValues = 8

function axisWords(name: string, axis: Axis): string {
  const continuous = continuousOf(axis)
  if (continuous !== null) return `${continuous.kind} from ${continuous.low} to ${continuous.high}`
  let values: string[]
  try {
    values = expandAxis(name, axis).values
  } catch {
    // a form that is not finished yet: shown as it stands
    return JSON.stringify(axis)
  }
  const shown = values.length <= mostValues ? values.join(', ') : `${values[0]} … ${values.at(-1)} (${values.length})`
  return !Array.isArray(axis) && 'milestones' in axis ? `milestones ${shown}` : shown
}

/** Objects become dotted keys; lists are one setting, as they are one choice. */
function addSettings(
  settings: Map<string, string>,
  prefix: string,
  values: Record<string, unknown>,
  written?: Written,
): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue
    if (isPlainObject(value) && Object.keys(value).length > 0) addSettings(settings, `${prefix}${key}.`, value, written)
    else if (!isPlainObject(value)) settings.set(prefix + key, settingWords(value, prefix + key, written))
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function settingWords(value: unknown, path: string, written: Written | undefined): string {
  if (typeof value === 'number') return numberWords(value, path, written)
  if (Array.isArray(value)) {
    return value.every((part) => typeof part === 'string')
      ? value.map((part) => (/[\s"]/.test(part) || part === '' ? JSON.stringify(part) : part)).join(' ')
      : jsonWords(value, path, written)
  }
  return String(value)
}
