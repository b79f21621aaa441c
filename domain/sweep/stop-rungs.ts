/** Where and by what the trainings of a sweep are judged before their end, and what stands against it. */
import type { Issue } from '../errors.ts'
import { expandAxis, milestoneAxisName, milestoneUnit } from './axes/axes.ts'
import { objectiveOf } from './objective.ts'
import { isScored } from './scoring.ts'
import { searchingOf } from './searching.ts'
import type { Goal, StopEarly } from './stop-early.ts'
import type { Sweep } from './sweep.ts'

/** What trainings are judged by: the score, or a metric and whether less of it is better. */
export type JudgedBy = { metric: string | null; goal: Goal }

export function judgedBy(sweep: Pick<Sweep, 'stop_early' | 'score' | 'objective' | 'objectives'>): JudgedBy {
  const own = sweep.stop_early?.metric
  const { metric = null, goal } = own === undefined ? (objectiveOf(sweep) ?? {}) : sweep.stop_early!
  return { metric, goal: goal ?? (metric === null ? 'maximize' : 'minimize') }
}

/** Where trainings may be stopped: milestones of the sweep but the last, or steps where it has none. */
export type Rungs = { unit: 'epoch' | 'step'; axis: string | null; values: number[] }

/** Nobody is stopped before this share of the whole length, where the sweep does not say otherwise. */
const leastShare = 1 / 9
/** Rungs of a metric without milestones: more than this many multiplications nobody trains for. */
const mostRungs = 40
export const defaultFactor = 3
export const defaultKeep = 1 / 3
/** So many go on at least, however few there are. */
const leastKept = 3

/** How many of so many trainings a milestone lets go on. */
export function keptOf(all: number, keep: number): number {
  return Math.max(leastKept, Math.ceil(all * keep - 1e-9))
}

/** The rungs, rising; of `milestones` there is one. Empty where nothing can be stopped. */
export function rungsOf(sweep: Pick<Sweep, 'axes' | 'stop_early'>): Rungs {
  const { method, min, factor = defaultFactor } = sweep.stop_early!
  const axis = milestoneAxisName(sweep.axes)
  if (axis === null) {
    // without milestones a metric decides, at steps
    const growth = method === 'median' ? 2 : factor
    const values = min === undefined ? [] : Array.from({ length: mostRungs }, (_, at) => Math.ceil(min * growth ** at))
    return { unit: 'step', axis, values: method === 'milestones' ? values.slice(0, 1) : values }
  }
  const milestones = expandAxis(axis, sweep.axes[axis]!).values.map(Number)
  const first = min ?? milestones.at(-1)! * leastShare
  const eligible = milestones.slice(0, -1).filter((value) => value >= first)
  const unit = milestoneUnit(axis)
  if (method === 'milestones') return { unit, axis, values: eligible.slice(0, 1) }
  if (method === 'median' || eligible.length === 0) return { unit, axis, values: eligible }
  const values = new Set<number>()
  for (let least = eligible[0]!; least <= eligible.at(-1)!; least *= factor)
    values.add(eligible.find((value) => value >= least)!)
  return { unit, axis, values: [...values] }
}

/** Whether trainings wait at the milestone until they are judged: those that can go on from a checkpoint. */
export function holds(sweep: Pick<Sweep, 'stop_early' | 'trainer'>): boolean {
  const { method, hold } = sweep.stop_early ?? {}
  return method === 'milestones' && (hold ?? sweep.trainer !== undefined)
}

/** Everything that stands against stopping as the sweep says, with its place. */
export function stopIssues(sweep: Sweep): Issue[] {
  const { stop_early: settings } = sweep
  if (settings === undefined) return []
  const issues: Issue[] = []
  const refuse = (key: keyof StopEarly | null, message: string, fix?: Issue['fix']) =>
    issues.push({ path: key === null ? ['stop_early'] : ['stop_early', key], message, ...(fix && { fix }) })
  const { method, keep, min, factor, metric: own, goal, hold } = settings
  const metric = own ?? objectiveOf(sweep)?.metric
  if (keep !== undefined && method !== 'milestones')
    refuse('keep', `keep: ${keep} is the share that method: milestones keeps, and the method is ${method}.`)
  if (factor !== undefined && method !== 'asha')
    refuse('factor', `factor: ${factor} is of method: asha, and the method is ${method}.`)
  if (hold !== undefined && method !== 'milestones')
    refuse('hold', `hold is of method: milestones, and the method is ${method}: it stops trainings while they run.`)
  if (goal !== undefined && own === undefined)
    refuse('goal', `goal: ${goal} says which way a metric is better; expected metric beside it.`)
  if (sweep.objectives !== undefined && own === undefined)
    refuse(
      null,
      'By several objectives nobody is the worst of all; expected the metric that decides, e.g. metric: eval/loss and goal: minimize.',
    )
  if (metric === undefined && !isScored(sweep))
    refuse(null, 'Nothing says which training is worse; expected score, or metric and goal in stop_early.')
  if (own !== undefined && goal === undefined)
    refuse(
      'goal',
      `Whether less or more of ${metric} is better is not said; expected goal: minimize or goal: maximize.`,
    )
  const searching = searchingOf(sweep)
  if (method === 'milestones' && searching !== null)
    refuse(
      'method',
      `method: milestones compares all trainings, and search: ${searching.method} proposes one after another; expected asha or median.`,
    )
  const axis = milestoneAxisName(sweep.axes)
  if (axis === null && metric === undefined)
    refuse(
      null,
      'Trainings are judged at milestones, and the sweep has none; expected an axis with milestones, or metric and min (a step) in stop_early.',
    )
  if (axis === null && metric !== undefined && min === undefined)
    refuse('min', `Without milestones min says from which step on ${metric} decides; expected e.g. min: 100.`)
  if (axis === null || issues.length > 0) return issues
  const milestones = expandedMilestones(sweep, axis)
  if (milestones !== null && rungsOf(sweep).values.length === 0) {
    const [first, last] = [milestones[0]!, milestones.at(-1)!]
    if (milestones.length === 1)
      refuse(
        null,
        `The axis ${axis} has one milestone, ${first}: nothing is left to save there; expected an earlier one too.`,
      )
    else if (min === undefined)
      refuse('min', `No milestone of ${axis} lies between a ninth of the length and its end; expected min: ${first}.`)
    else
      refuse(
        'min',
        `min: ${min} is not below the last milestone of ${axis}, ${last}; expected at most ${milestones.at(-2)}.`,
      )
  }
  return issues
}

/** null where the axis itself is wrong, which is told elsewhere. */
function expandedMilestones(sweep: Sweep, axis: string): string[] | null {
  try {
    return expandAxis(axis, sweep.axes[axis]!).values
  } catch {
    return null
  }
}
