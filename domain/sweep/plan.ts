/** A sweep's runs and points, and what stands against starting it. */
import {
  axisIssues,
  axisSize,
  expandAxis,
  type ExpandedAxis,
  isContinuous,
  isMilestoneAxis,
  milestoneAxisName,
} from './axes/axes.ts'
import { conditionIssues, countSettings, combinationsOf } from './conditions.ts'
import { continuousOf, tellingValues } from './axes/continuous-axis.ts'
import type { Issue } from '../errors.ts'
import { executorNameOf, executorOf } from './executor.ts'
import { finalistIssues } from './axes/finalist-seeds.ts'
import { measureIssues } from './measured-baseline.ts'
import { nearestName } from './files/nearest-name.ts'
import { objectiveIssues } from './objective-issues.ts'
import { placeholderIssues, placeholdersOf, reservedNames, type TemplatePlace } from './commands/placeholders.ts'
import { raceIssues } from './race-questions.ts'
import { isScored, scoringOf } from './scoring.ts'
import { searchingOf } from './searching.ts'
import { stopIssues } from './stop-rungs.ts'
import { type Axis, builtInTrainers, maximumPoints, type Sweep } from './sweep.ts'

export type PlannedRun = {
  /** From 1, in the plan's order. */
  number: number
  /** Every axis; a milestone axis gives its last value. */
  params: Record<string, string>
}
export type PlannedPoint = {
  number: number
  runNumber: number
  /** Every axis. */
  params: Record<string, string>
  /** The values in the axes' order as a JSON array, empty where one is not there: no two points share it. */
  key: string
  /** The point's value of the milestone axis, or null where there is none. */
  milestone: string | null
}
export type Plan = { axes: ExpandedAxis[]; runs: PlannedRun[]; points: PlannedPoint[] }

/** How many trainings and points a sweep has, without making them. */
export function countPlan(sweep: Pick<Sweep, 'axes' | 'when'>): { trainings: number; points: number } {
  const milestone = milestoneAxisName(sweep.axes)
  const axes = Object.entries(sweep.axes).filter(([name]) => name !== milestone)
  const trainings = countSettings(
    axes.map(([name, axis]) => ({ name, size: axisSize(axis), values: () => expandAxis(name, axis).values })),
    sweep.when,
  )
  return { trainings, points: trainings * (milestone === null ? 1 : axisSize(sweep.axes[milestone]!)) }
}

/**
 * The runs and points of a sweep that `checkSweep` found nothing wrong with. Axes count in the file's order, the first
 * slowest; the milestone axis multiplies points and not runs.
 */
export function planSweep(sweep: Pick<Sweep, 'axes' | 'when'>): Plan {
  const axes = Object.entries(sweep.axes).map(([name, axis]) => expandAxis(name, axis))
  const names = axes.map(({ name }) => name)
  const milestone = axes.find((axis) => axis.milestone)
  const choosing = axes.filter((axis) => !axis.milestone)
  const keyOf = (params: PlannedRun['params'], of: readonly { name: string }[]) =>
    pointKey(
      of.map(({ name }) => name),
      params,
    )
  const runs: PlannedRun[] = []
  const numbers = new Map<string, number>()
  for (const params of combinationsOf(choosing, sweep.when)) {
    numbers.set(keyOf(params, choosing), runs.length + 1)
    const whole = milestone ? inOrder(names, { ...params, [milestone.name]: milestone.values.at(-1)! }) : params
    runs.push({ number: runs.length + 1, params: whole })
  }
  const points: PlannedPoint[] = []
  for (const params of combinationsOf(axes, sweep.when))
    points.push({
      number: points.length + 1,
      runNumber: numbers.get(keyOf(params, choosing))!,
      params,
      key: pointKey(names, params),
      milestone: milestone ? params[milestone.name]! : null,
    })
  return { axes, runs, points }
}

function inOrder(names: readonly string[], params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(params, name) ? [[name, params[name]!]] : [])))
}

/** What makes a point one of its kind: its values in the axes' order as a JSON array, empty where an axis is not there. */
export function pointKey(names: readonly string[], params: Readonly<Record<string, string>>): string {
  return JSON.stringify(names.map((name) => (Object.hasOwn(params, name) ? params[name]! : '')))
}

/**
 * The plan that shows what points there can be: all of a grid; of a search, where values are chosen between two ends, with the ends and
 * the middle in their place, and of long axes the first, the second and the last.
 */
export function tellingPlan(sweep: Sweep): Plan {
  const isLarge = countPlan(sweep).points > maximumPoints
  const axes = Object.entries(sweep.axes).map(([name, axis]): [string, Axis] => {
    const continuous = continuousOf(axis)
    if (continuous !== null) return [name, tellingValues(continuous)]
    const { values } = expandAxis(name, axis)
    return [
      name,
      !isLarge || isMilestoneAxis(axis) || values.length <= 3 ? axis : [values[0]!, values[1]!, values.at(-1)!],
    ]
  })
  return planSweep({ axes: Object.fromEntries(axes), when: whenOfTelling(sweep, Object.fromEntries(axes)) })
}

/** What else than the definition itself decides whether a sweep can start. */
export type MachineLimits = {
  /** GPUs, or CPU slots, of the machine. */
  slots: number
  storedBaselines: readonly string[]
}

/**
 * Everything that stands against starting a sweep and takes more than one field to see. Empty when it can start;
 * that programs exist is the caller's to check, as it takes a disk.
 */
export function checkSweep(sweep: Sweep, limits: MachineLimits): Issue[] {
  return [
    ...axesIssues(sweep),
    ...conditionIssues(sweep),
    ...trainerIssues(sweep),
    ...templateIssues(sweep),
    ...slotIssues(sweep, limits.slots),
    ...clusterIssues(sweep),
    ...raceIssues(sweep),
    ...baselineIssues(sweep, limits.storedBaselines),
    ...measureIssues(sweep),
    ...stopIssues(sweep),
    ...objectiveIssues(sweep),
    ...finalistIssues(sweep),
  ]
}

/** The conditions where each asks for a value that is among those looked at, so that what depends on it is looked at, too. */
function whenOfTelling({ when }: Sweep, looked: Sweep['axes']): Sweep['when'] {
  return (
    when &&
    Object.fromEntries(
      Object.entries(when).map(([axis, conditions]) => [
        axis,
        Object.fromEntries(
          Object.entries(conditions).map(([name, values]) => {
            const shown = expandAxis(name, looked[name]!).values
            return [name, shown.some((value) => values.includes(value)) ? values : [...values, shown.at(-1)!]]
          }),
        ),
      ]),
    )
  )
}

function axesIssues(sweep: Sweep): Issue[] {
  const issues: Issue[] = []
  const milestones: string[] = []
  for (const [name, axis] of Object.entries(sweep.axes)) {
    if ((reservedNames as readonly string[]).includes(name)) {
      issues.push({
        path: ['axes', name],
        message: `An axis cannot be called ${name}: the placeholder \${${name}} has a meaning of its own. Expected another name, e.g. ${name}_value.`,
      })
    }
    if (isMilestoneAxis(axis)) {
      milestones.push(name)
      if (milestones.length > 1) {
        issues.push({
          path: ['axes', name],
          message: `${milestones[0]} and ${name} both have milestones; expected at most one such axis, as a training is cut along one.`,
        })
      }
    }
    issues.push(...axisIssues(name, axis))
  }
  const searching = searchingOf(sweep)
  if (searching !== null) {
    const milestone = milestoneAxisName(sweep.axes)
    const each = milestone === null ? 1 : axisSize(sweep.axes[milestone]!)
    if (searching.trainings * each > maximumPoints)
      issues.push({
        path: ['search', 'trainings'],
        message: `${searching.trainings.toLocaleString('en')} trainings with ${each} milestones are ${(searching.trainings * each).toLocaleString('en')} points; expected at most ${maximumPoints.toLocaleString('en')}.`,
      })
    if (searching.method !== 'random' && !isScored(sweep))
      issues.push({
        path: ['search', 'method'],
        message: `${searching.method} goes by the scores of what was trained, and the sweep has no score; expected score, e.g. score: { baseline: { GSM8k: 0.716 } }, an objective, or method: random.`,
        fix: { label: 'Use random', value: 'random' },
      })
    if (Object.values(sweep.axes).every(isMilestoneAxis))
      issues.push({
        path: ['axes'],
        message: 'There is nothing to search: no axis but milestones. Expected an axis with values to choose from.',
      })
    return issues
  }
  for (const [name, axis] of Object.entries(sweep.axes))
    if (isContinuous(axis))
      issues.push({
        path: ['axes', name],
        message: `The axis ${name} is chosen between two ends, and search: grid tries every value; expected a list, { range: [low, high, count] } or { log: [low, high, count] }, or a method that chooses, e.g. search: { method: tpe, trainings: 20 }.`,
      })
  if (issues.length > 0 || conditionIssues(sweep).length > 0) return issues
  const { points } = countPlan(sweep)
  if (points > maximumPoints) {
    const sizes = Object.values(sweep.axes).map((axis) => axisSize(axis).toLocaleString('en'))
    const count = points < 1e15 ? points.toLocaleString('en') : 'more than a million billion'
    issues.push({
      path: ['axes'],
      message: `The grid has ${count} points (${sizes.join(' × ')}); expected at most ${maximumPoints.toLocaleString('en')}.`,
    })
  }
  return issues
}

function trainerIssues(sweep: Sweep): Issue[] {
  const issues: Issue[] = []
  const { trainer, train, evaluate } = sweep
  if (trainer !== undefined && train?.command !== undefined) {
    issues.push({
      path: ['train', 'command'],
      message: `The sweep has trainer: ${trainer} and a training command; expected one of them.`,
    })
  } else if (trainer === undefined && train?.command === undefined) {
    issues.push({
      path: train === undefined ? ['train'] : ['train', 'command'],
      message: `The sweep does not say what to train with; expected train: { command: [...] } or trainer: ${builtInTrainers.join(', ')}.`,
    })
  }
  if (trainer !== undefined && evaluate?.command !== undefined) {
    issues.push({
      path: ['evaluate', 'command'],
      message: `trainer: ${trainer} brings its own evaluation; expected no evaluation command beside it.`,
    })
  }
  if (trainer === undefined && sweep.config !== undefined) {
    issues.push({
      path: ['config'],
      message: `config is read by the built-in trainers only; expected trainer: ${builtInTrainers.join(', ')} beside it, or the settings in train.command or train.env.`,
    })
  }
  return issues
}

function templateIssues(sweep: Sweep): Issue[] {
  const issues: Issue[] = []
  const check = (place: TemplatePlace, template: string | undefined, path: Issue['path']) => {
    if (template !== undefined) issues.push(...placeholderIssues(sweep, place, template, path))
  }
  for (const place of ['train', 'evaluate'] as const) {
    sweep[place]?.command?.forEach((argument, index) => check(place, argument, [place, 'command', index]))
    for (const [name, value] of Object.entries(sweep[place]?.env ?? {})) check(place, value, [place, 'env', name])
  }
  check('checkpoint', sweep.checkpoint, ['checkpoint'])
  const file = sweep.evaluate?.report.file
  if (typeof file === 'string') check('report', file, ['evaluate', 'report', 'file'])
  else
    for (const [benchmark, one] of Object.entries(file ?? {}))
      check('report', one, ['evaluate', 'report', 'file', benchmark])
  check('init', sweep.init, ['init'])
  if (typeof sweep.track === 'object')
    sweep.track.files.forEach((file, index) => check('track', file, ['track', 'files', index]))
  return issues
}

function slotIssues(sweep: Sweep, slots: number): Issue[] {
  const issues: Issue[] = []
  const capped = sweep.max_slots !== undefined && sweep.max_slots < slots
  const available = capped ? sweep.max_slots! : slots
  for (const place of ['train', 'evaluate'] as const) {
    const asked = sweep[place]?.gpus ?? 1
    const away = executorNameOf(sweep, place === 'train' ? 'training' : 'evaluation') !== 'local'
    // how many there are is a cluster's to say; what the sweep may take at a time is the sweep's
    if (asked <= (away ? (sweep.max_slots ?? Infinity) : available)) continue
    const most = away ? sweep.max_slots! : available
    // slots nobody asked for in words: a machine without any has no field of the file to blame
    const path = sweep[place] ? [place, 'gpus'] : ['trainer']
    if (!sweep[place] && place === 'evaluate' && sweep.trainer === undefined) continue
    const what = place === 'train' ? 'A training' : 'An evaluation'
    const have = capped || away ? `max_slots allows ${most}` : `this machine has ${most}`
    issues.push({
      path,
      message: `${what} asks for ${asked} ${asked === 1 ? 'slot' : 'slots'} and ${have}; expected ${most === 0 ? 'a machine with a free GPU or CPU slot' : `at most ${most}`}.`,
      ...(most > 0 && { fix: { label: `Use ${most}`, value: String(most) } }),
    })
  }
  return issues
}

/** What a cluster cannot give: which GPUs a job has is not known before it is on its node. */
function clusterIssues(sweep: Sweep): Issue[] {
  const issues: Issue[] = []
  const refuse = (text: string | undefined, path: Issue['path'], kind: string) => {
    if (text === undefined || !placeholdersOf(text).some(({ name }) => name === 'gpu')) return
    issues.push({
      path,
      message: `\${gpu} stands for slots of this machine, and ${kind}; expected no \${gpu} here.`,
    })
  }
  for (const [place, kind] of [
    ['train', 'training'],
    ['evaluate', 'evaluation'],
  ] as const) {
    const executor = executorOf(sweep, kind)
    if (executor === 'local') continue
    if (executor === 'agents' && sweep.train?.command === undefined)
      issues.push({
        path: ['executor'],
        message: 'Agents run commands; expected train.command beside executor: agents.',
      })
    const where =
      executor === 'agents'
        ? 'are run by agents, which have what is theirs'
        : 'run on a cluster, which sets CUDA_VISIBLE_DEVICES on the node itself'
    sweep[place]?.command?.forEach((argument, index) =>
      refuse(argument, [place, 'command', index], `${kind}s ${where}`),
    )
    for (const [name, value] of Object.entries(sweep[place]?.env ?? {}))
      refuse(value, [place, 'env', name], `${kind}s ${where}`)
    const perNode = typeof executor === 'object' && 'slurm' in executor ? executor.slurm.gpus_per_node : undefined
    const gpus = sweep[place]?.gpus ?? 1
    if (perNode !== undefined && gpus > perNode && gpus % perNode !== 0)
      issues.push({
        path: sweep[place] ? [place, 'gpus'] : ['executor', 'slurm', 'gpus_per_node'],
        message: `${gpus} GPUs cannot be shared out evenly over nodes of ${perNode} (gpus_per_node); expected a multiple of ${perNode}.`,
      })
  }
  return issues
}

function baselineIssues(sweep: Sweep, stored: readonly string[]): Issue[] {
  const { baseline } = scoringOf(sweep)
  // what a report of the base model holds takes a disk to see
  if (typeof baseline !== 'string' || stored.includes(baseline)) return []
  const nearest = nearestName(baseline, stored)
  const expected =
    stored.length === 0
      ? 'no baseline is stored yet: expected accuracies, e.g. { GSM8k: 0.716 }'
      : `expected accuracies or one of ${stored.join(', ')}`
  return [
    {
      path: ['score', 'baseline'],
      message: `There is no stored baseline ${baseline}; ${expected}.`,
      ...(nearest !== null && { fix: { label: `Use ${nearest}`, value: nearest } }),
    },
  ]
}
