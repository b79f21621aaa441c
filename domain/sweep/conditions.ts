/** `when`: axes that exist only where others have certain values (docs/sweep-file.md, Conditional axes). */
import type { Issue } from '../errors.ts'
import { notThere } from './axes/axis-scale.ts'
import { expandAxis, isContinuous, isMilestoneAxis, axisIssues } from './axes/axes.ts'
import type { Sweep } from './sweep.ts'

/** By axis: the values that another needs to have for it to be there, each of these. */
export type When = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

type Params = Readonly<Record<string, string>>

/** Whether an axis is there where those before it have these values; one that is not there itself lets no other be. */
export function hasAxis(when: When | undefined, axis: string, params: Params): boolean {
  const conditions = when !== undefined && Object.hasOwn(when, axis) ? Object.entries(when[axis]!) : []
  return conditions.every(([name, values]) => Object.hasOwn(params, name) && values.includes(params[name]!))
}

/** The values of those axes that are there, in the order of `names`, where an axis stands behind all that it depends on. */
export function onlyThere(when: When | undefined, names: readonly string[], params: Params): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of names) if (Object.hasOwn(params, name) && hasAxis(when, name, kept)) kept[name] = params[name]!
  return kept
}

/** Axes that are not there at a point of these values. */
export function absentAxes({ axes, when }: Pick<Sweep, 'axes' | 'when'>, params: Params): string[] {
  return when === undefined
    ? []
    : Object.keys(axes).filter((name) => Object.hasOwn(when, name) && !Object.hasOwn(params, name))
}

/** An axis to be counted; `values` are needed of those alone that others depend on. */
type CountedAxis = { name: string; size: number; values: () => readonly string[] }

/** How many settings the axes have: of values that no condition tells apart one is looked at for all. */
export function countSettings(axes: readonly CountedAxis[], when: When | undefined): number {
  const dependents = (name: string) =>
    Object.values(when ?? {}).flatMap((conditions) => (Object.hasOwn(conditions, name) ? [conditions[name]!] : []))
  const count = (at: number, params: Params): number => {
    const axis = axes[at]
    if (axis === undefined) return 1
    if (!hasAxis(when, axis.name, params)) return count(at + 1, params)
    const lists = dependents(axis.name)
    if (lists.length === 0) return axis.size * count(at + 1, params)
    const alike = Map.groupBy(axis.values(), (value) => lists.map((list) => Number(list.includes(value))).join(''))
    return [...alike.values()].reduce(
      (sum, values) => sum + values.length * count(at + 1, { ...params, [axis.name]: values[0]! }),
      0,
    )
  }
  return count(0, {})
}

/** Every setting of the axes, in their order, the first slowest. */
export function* combinationsOf(
  axes: readonly { name: string; values: readonly string[] }[],
  when: When | undefined,
): Generator<Record<string, string>> {
  function* from(at: number, params: Record<string, string>): Generator<Record<string, string>> {
    const axis = axes[at]
    if (axis === undefined) yield params
    else if (!hasAxis(when, axis.name, params)) yield* from(at + 1, params)
    else for (const value of axis.values) yield* from(at + 1, { ...params, [axis.name]: value })
  }
  yield* from(0, {})
}

/** What stands against the conditions: axes and values that there are not, and such as would have to be known before they are chosen. */
export function conditionIssues({ axes, when = {} }: Pick<Sweep, 'axes' | 'when'>): Issue[] {
  const names = Object.keys(axes)
  const known = names.join(', ')
  return Object.entries(when).flatMap(([axis, conditions]): Issue[] => {
    const refuse = (message: string, ...path: (string | number)[]): Issue[] => [
      { path: ['when', axis, ...path], message },
    ]
    if (!Object.hasOwn(axes, axis))
      return refuse(`There is no axis ${axis} to exist under a condition; the axes are ${known}.`)
    if (isMilestoneAxis(axes[axis]!))
      return refuse(`${axis} has milestones, which every training has; expected an axis with values to choose from.`)
    if (Object.keys(conditions).length === 0)
      return refuse(
        `The condition of ${axis} names no other axis; expected e.g. { ${names.find((name) => name !== axis) ?? 'optimizer'}: VALUE }.`,
      )
    const marked = Array.isArray(axes[axis]) && axes[axis].includes(notThere)
    if (marked)
      return refuse(
        `${notThere} is a value of ${axis}, and marks in every list where the axis is not there; expected another value.`,
      )
    return Object.entries(conditions).flatMap(([name, values]): Issue[] => {
      const other = Object.hasOwn(axes, name) ? axes[name]! : null
      if (other === null)
        return refuse(`${axis} depends on ${name}, and there is no such axis; the axes are ${known}.`, name)
      if (isMilestoneAxis(other))
        return refuse(
          `${axis} depends on ${name}, which has milestones: all of them are of one training. Expected another axis.`,
          name,
        )
      if (isContinuous(other))
        return refuse(
          `${axis} depends on ${name}, whose values are chosen between two ends; expected an axis with a list of values.`,
          name,
        )
      if (names.indexOf(name) >= names.indexOf(axis))
        return refuse(
          `${axis} depends on ${name}, which stands behind it; expected ${name} before ${axis} among the axes.`,
          name,
        )
      // what is wrong with the axis itself is told there
      if (axisIssues(name, other).length > 0) return []
      const all = expandAxis(name, other).values
      return values.flatMap((value, at) =>
        all.includes(value)
          ? []
          : refuse(
              `${axis} depends on ${name} being ${value}, and it has no such value; expected ${all.length <= 12 ? all.join(', ') : `one of its ${all.length}`}.`,
              name,
              at,
            ),
      )
    })
  })
}

/** `optimizer is adamw or lion and schedule is cosine`. */
export function conditionWords(conditions: When[string]): string {
  return Object.entries(conditions)
    .map(([name, values]) => `${name} is ${values.join(' or ')}`)
    .join(' and ')
}
