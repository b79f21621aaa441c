import { type ExpandedAxis, axisIssues, expandAxis } from '../../../../domain/sweep/axes/axes.ts'
import { countSettings, type When } from '../../../../domain/sweep/conditions.ts'
import { continuousKinds } from '../../../../domain/sweep/axes/continuous-axis.ts'
import { slotHours } from '../../../../domain/life/slot-hours.ts'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import { stoppedLength } from '../../../../domain/search/method-costs.ts'
import { formatCount } from '../../../_words/format.ts'
import { readWholeNumber } from '../field-values.ts'
import type { AxisRow, SweepForm } from '../sweep-form.ts'
import type { Axis } from '../../../../domain/sweep/sweep.ts'

/** More values than this are counted and not made: they are neither drawn nor listed. */
const expandedAtMost = 2_000

function axisOf(row: AxisRow): Axis | null {
  if (row.kind === 'list') return row.values.length > 0 ? row.values : null
  if (row.kind === 'milestones') return row.values.length > 0 ? { milestones: row.values } : null
  // a search chooses its values: there are none to be drawn
  if (row.kind !== 'range' && row.kind !== 'log') return null
  const count = readWholeNumber(row.count)
  if (row.low.trim() === '' || row.high.trim() === '' || count === null || count < 2 || count > expandedAtMost)
    return null
  const bounds: [string, string, number] = [row.low.trim(), row.high.trim(), count]
  const whole = row.integer ? ({ integer: true } as const) : {}
  return row.kind === 'range' ? { range: bounds, ...whole } : { log: bounds, ...whole }
}

/** The values of the axis as far as they make sense; empty where they do not yet. */
export function expandedValues(row: AxisRow): string[] {
  const axis = axisOf(row)
  if (axis === null) return []
  if (Array.isArray(axis)) return axis
  if ('milestones' in axis) return axis.milestones
  return axisIssues(row.name, axis).length > 0 ? [] : expandAxis(row.name || 'axis', axis).values
}

/** `values` of a very large axis are its ends only; `size` counts them all, and is endless where a search chooses between the ends. */
export type FormAxis = ExpandedAxis & { size: number }
/** `searched`: the trainings are chosen one after another, and do not fill the grid. */
export type FormPlan = { axes: FormAxis[]; trainings: number; points: number; searched: boolean }

function formAxis(row: AxisRow): FormAxis | null {
  const axis = { name: row.name.trim() || '?', milestone: row.kind === 'milestones' }
  if (isBetween(row)) {
    const ends = [row.low.trim(), row.high.trim()]
    return ends.includes('') ? null : { ...axis, values: ends, size: Infinity }
  }
  const count = readWholeNumber(row.count)
  if ((row.kind === 'range' || row.kind === 'log') && count !== null && count > expandedAtMost) {
    return { ...axis, values: [row.low.trim(), row.high.trim()], size: count }
  }
  const values = expandedValues(row)
  return values.length === 0 ? null : { ...axis, values, size: values.length }
}

/** Whether a search chooses the row's values between its ends. */
export function isBetween({ kind }: AxisRow): boolean {
  return (continuousKinds as readonly string[]).includes(kind)
}

const product = (factors: FormAxis[]) => factors.reduce((count, axis) => count * axis.size, 1)

/** By axis, where it is there: of those alone that have conditions. */
export function conditionsOfForm(form: SweepForm): When {
  return Object.fromEntries(
    form.axes.flatMap(({ name, conditions = [] }) =>
      conditions.length === 0
        ? []
        : [[name.trim(), Object.fromEntries(conditions.map(({ axis, values }) => [axis, values]))]],
    ),
  )
}

/** Settings of these axes, as far as their conditions make sense. */
function settings(form: SweepForm, axes: FormAxis[]): number {
  return countSettings(
    axes.map(({ name, size, values }) => ({ name, size, values: () => values })),
    conditionsOfForm(form),
  )
}

/** How many trainings there could be; endless between ends; null while an axis has no values. */
export function cellsOfForm(form: SweepForm): number | null {
  const axes = form.axes.filter(({ kind }) => kind !== 'milestones').map(formAxis)
  return axes.length === 0 || axes.some((axis) => axis === null) ? null : settings(form, axes as FormAxis[])
}

/** The milestones typed, rising, as far as they are numbers. */
export function milestonesOfForm(form: SweepForm): number[] {
  const values = form.axes.find(({ kind }) => kind === 'milestones')?.values ?? []
  return values.map(Number).filter((value) => value > 0)
}

/** Slot hours of a training by earlier ones of the same program; null where none was measured. */
export function hoursOfTraining(estimate: Preview['estimate'], form: SweepForm): number | null {
  return estimate && slotHours(estimate.trainingSecondsEach * 1000, readWholeNumber(form.train.gpus) ?? 1)
}

/** What the axes typed so far amount to, at once and without the server; null while there is no axis with a value. */
export function planOfForm(form: SweepForm): FormPlan | null {
  const axes = form.axes.map(formAxis).filter((axis) => axis !== null)
  if (axes.length === 0) return null
  const cells = settings(
    form,
    axes.filter((axis) => !axis.milestone),
  )
  const searched = form.search !== 'grid'
  const trainings = searched ? Math.min(cells, readWholeNumber(form.trainings) ?? 0) : cells
  const milestones = product(axes.filter((axis) => axis.milestone))
  return { axes, trainings, points: trainings * milestones, searched }
}

/** What a sweep does not train of its grid: in whole trainings, and as a share; null where nothing is saved, or nobody knows. */
export function savedOfForm(
  form: SweepForm,
  plan: FormPlan,
): { trainings: number; share: number; of: string; note: string | null } | null {
  const cells = cellsOfForm(form)
  if (plan.searched) {
    if (cells === null || cells === Infinity || plan.trainings >= cells) return null
    const trainings = cells - plan.trainings
    return { trainings, share: trainings / cells, of: `the grid’s ${formatCount(cells)} trainings`, note: null }
  }
  const { method, keep, min, hold } = form.stopEarly
  const milestones = milestonesOfForm(form)
  const last = milestones.at(-1)
  const least = min.trim() === '' ? (last ?? 0) / 9 : Number(min)
  const first = milestones.slice(0, -1).find((value) => value >= least)
  if (method !== 'milestones' || last === undefined || first === undefined) return null
  const share = Number(keep)
  const length = stoppedLength(plan.trainings, first / last, share > 0 && share < 1 ? share : undefined)
  if (length >= plan.trainings) return null
  const trainings = plan.trainings - length
  const held = hold === 'yes' || (hold === '' && form.trainer !== 'command')
  return {
    trainings,
    share: trainings / plan.trainings,
    of: 'the training',
    note: held
      ? 'less where trainings cannot be told apart at the milestone'
      : 'at most: trainings run on while others have not come as far',
  }
}
