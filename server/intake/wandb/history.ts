/** A row of W&B's history to events: which step its values belong to, and what of it is no number. */
import { createHash } from 'node:crypto'
import { emptyValues, isObject, isStep, numberOf } from '../protocol.ts'

/** W&B joins names of nested values with a point. */
const joint = '.'

export type Media = { name: string; kind: string; path: string }
export type Row = {
  values: Record<string, number>
  media: Media[]
  /** Names whose values are neither numbers nor files: texts, histograms. */
  others: string[]
  /** W&B's own step: it counts calls. */
  call: number
  time: number | null
}

/** What a client declared with `define_metric`: the metric that a name, or a pattern of names, is drawn over. */
export type DeclaredAxes = { exact: Map<string, string>; patterns: { start: string; axis: string }[] }

/** Reads one line of history, parsed. */
export function readRow(line: Record<string, unknown>): Row {
  const row: Row = {
    values: emptyValues(),
    media: [],
    others: [],
    call: isStep(line._step) ? line._step : 0,
    time: typeof line._timestamp === 'number' && Number.isFinite(line._timestamp) ? line._timestamp : null,
  }
  for (const [name, value] of Object.entries(line)) if (!isOwn(name)) gather(row, name, value)
  return row
}

/** What the client adds by itself. */
const isOwn = (name: string) => name === '_step' || name === '_timestamp' || name === '_runtime' || name === '_wandb'

function gather(row: Row, name: string, value: unknown): void {
  const number = numberOf(value)
  if (number !== null) row.values[name] = number
  else if (!isObject(value)) {
    if (value !== null) row.others.push(name)
  } else if (typeof value._type === 'string') {
    if (typeof value.path === 'string') row.media.push({ name, kind: value._type, path: value.path })
    else row.others.push(name)
  } else for (const [key, inner] of Object.entries(value)) gather(row, `${name}${joint}${key}`, inner)
}

/** A text that is the same for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)) : inner,
  )
}

/** The same row has the same mark, whatever the order of its keys and the offset it is sent at. */
export function rowMark(line: Record<string, unknown>): string {
  return createHash('sha1').update(canonical(line)).digest('base64url').slice(0, 20)
}

/** The axes in a client's configuration (`_wandb.m`: 1 a name, 2 a pattern, 5 the place of its axis in the list, from 1). */
export function readAxes(config: Record<string, unknown>): DeclaredAxes {
  const axes: DeclaredAxes = { exact: new Map(), patterns: [] }
  const own = isObject(config._wandb) && isObject(config._wandb.value) ? config._wandb.value.m : undefined
  const metrics = Array.isArray(own) ? own.filter(isObject) : []
  const nameOf = (metric: Record<string, unknown> | undefined) =>
    typeof metric?.['1'] === 'string' ? unescape(metric['1']) : null
  for (const metric of metrics) {
    const axis = typeof metric['5'] === 'number' ? nameOf(metrics[metric['5'] - 1]) : null
    if (axis === null) continue
    const name = nameOf(metric)
    if (name !== null) axes.exact.set(name, axis)
    else if (typeof metric['2'] === 'string')
      axes.patterns.push({ start: unescape(metric['2']).replace(/\*$/, ''), axis })
  }
  return axes
}

/** A point within a name is written with a backslash. */
const unescape = (name: string) => name.replaceAll('\\.', '.')

function axisOf(axes: DeclaredAxes, name: string): string | null {
  const exact = axes.exact.get(name)
  if (exact !== undefined) return exact
  const fitting = axes.patterns.filter(({ start }) => name.startsWith(start))
  return fitting.toSorted((a, b) => b.start.length - a.start.length)[0]?.axis ?? null
}

/** Axes that count something else than steps: charts stand on metrics so named as they are. */
const noSteps = /epoch|token|sample|time|second|hour/i

/**
 * The row's values by step. A value stands at the whole number that its declared axis has in the row, so rows of one step
 * come together; where it has none (no axis declared, or one of epochs, tokens, fractions) at W&B's own step.
 */
export function valuesByStep(row: Row, axes: DeclaredAxes): Map<number, Record<string, number>> {
  const steps = new Map<number, Record<string, number>>()
  const stepsOfAxes = new Set<number>()
  const put = (step: number, name: string, value: number) => {
    if (!steps.has(step)) steps.set(step, emptyValues())
    steps.get(step)![name] = value
  }
  const declared = new Set([...axes.exact.values(), ...axes.patterns.map(({ axis }) => axis)])
  for (const [name, value] of Object.entries(row.values)) {
    if (declared.has(name)) continue
    const axis = axisOf(axes, name)
    const step = axis === null || noSteps.test(axis) ? row.call : row.values[axis]
    put(isStep(step) ? step : row.call, name, value)
    if (isStep(step) && axis !== null) stepsOfAxes.add(step)
  }
  // an axis is a metric as well: at its own value where that is a step, and once; where it is alone, there is no other place
  const isAlone = steps.size === 0
  for (const name of declared) {
    const value = row.values[name]
    if (value !== undefined)
      put(isStep(value) && (stepsOfAxes.has(value) || (isAlone && !noSteps.test(name))) ? value : row.call, name, value)
  }
  return steps
}
