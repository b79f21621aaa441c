import { evaluationCommand, initPath, trainingCommand } from '../../../domain/sweep/commands/commands.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { expandAxis } from '../../../domain/sweep/axes/axes.ts'
import { onlyThere } from '../../../domain/sweep/conditions.ts'
import { continuousOf, middleOf } from '../../../domain/sweep/axes/continuous-axis.ts'
import { executorNameOf, executorOf } from '../../../domain/sweep/executor.ts'
import { isWrittenBaseline, type Sweep, type SweepInput } from '../../../domain/sweep/sweep.ts'
import type { Cost } from '../../../domain/life/cost-words.ts'
import { totalWithin, type Within } from '../../../domain/life/how-sure.ts'
import { listBaselines } from '../../../db/queries/baselines.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { knownQuestions } from '../../../domain/sweep/race-questions.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { estimateSlotHours } from '../../../domain/life/slot-hours.ts'
import { estimateTimeLeft, type WorkLeft } from '../../../domain/life/time-left.ts'
import type { Preview } from '../../../contract/api/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { expectedFinalists } from '../../tables/expected-finalists.ts'
import { measuredSeconds } from '../../base/preparing/measured-durations.ts'
import { overwriteIssues } from '../../base/preparing/overwrites.ts'
import { planReuse, type HowToReuse } from '../../base/preparing/plan-reuse.ts'
import { prepareSweep, type Given } from '../../base/preparing/prepare-sweep.ts'
import { findSameSweep } from '../../base/preparing/same-sweep.ts'
import { isWandbIssue } from '../../formats/read-sweep-file.ts'
import { convertWandbSweep } from '../../formats/wandb-sweep.ts'
import { clientsOf } from '../../base/preparing/whose-trackers.ts'
import { writeSweepText } from '../../formats/write-sweep-file.ts'

/**
 * What a definition, or a file's text, would run; with all that is wrong with it. Stores and starts nothing. `reuse` false: as if
 * no sweep had gone before; `overwrite` false: it stands against starting where a training would write over another sweep's checkpoint.
 */
export function previewSweep(
  context: Context,
  order: Given & HowToReuse & { overwrite?: boolean },
): Preview & { definition: Sweep | null } {
  const asGiven = prepareSweep(context, order)
  const converted = asGiven.issues.some(isWandbIssue) ? convertWandbSweep(order.text!) : null
  const given =
    converted === null ? order : { ...order, text: undefined, definition: converted.definition as SweepInput }
  const { definition, issues, directory } = converted === null ? asGiven : prepareSweep(context, given)
  const there = definition && issues.length === 0 ? planReuse(context, definition, directory, given) : null
  if (definition && there && given.overwrite === false)
    issues.push(...overwriteIssues(context, definition, directory, there))
  const measured = definition && measuredSeconds(context, definition)
  const plan = definition && planOf(definition)
  const same = definition && findSameSweep(context, definition, directory)
  return {
    definition,
    issues,
    directory,
    plan,
    estimate: measured && eachOf(measured),
    cost: definition && plan && measured ? costOf(context, definition, there?.work ?? null, measured) : null,
    reuse: there?.notes ?? [],
    work: there?.work ?? null,
    same: same ? { id: same.id, name: same.name } : null,
    finalists: definition && issues.length === 0 ? expectedFinalists(context, definition) : null,
    slotsAvailable: context.executors.local.slots.ids.length,
    tracking: definition ? trackingOf(context, definition) : [],
    yaml: definition ? writeSweepText(definition) : '',
    converted: converted && { taken: converted.taken, notes: converted.notes },
  }
}

function trackingOf(context: Context, definition: Sweep): string[] {
  const place = executorOf(definition, 'training')
  if (definition.trainer !== undefined || typeof place === 'object') return []
  const server = place === 'agents' ? {} : context.config.environment
  return clientsOf(definition, { ...server, ...definition.train?.env }).said
}

function planOf(definition: Sweep): Preview['plan'] {
  try {
    const axes = Object.entries(definition.axes).map(([name, axis]) => expandAxis(name, axis))
    // The first run's values: the first of each axis, or one in its middle, the last of the milestones.
    const first = Object.fromEntries(
      axes.map(({ name, milestone, values }) => {
        const continuous = continuousOf(definition.axes[name]!)
        return [name, continuous ? middleOf(continuous) : (milestone ? values.at(-1) : values[0])!]
      }),
    )
    const params = onlyThere(definition.when, Object.keys(definition.axes), first)
    const runtime = { run: 1, slots: ['0'], init: initPath(definition, params) }
    const evaluated = { ...runtime, checkpoint: '${checkpoint}', report: '${report}' }
    return {
      axes,
      ...searchOf(definition).size(definition),
      firstCommand: trainingCommand(definition, params, runtime)?.arguments ?? null,
      firstEvaluation: evaluationCommand(definition, params, evaluated)?.arguments ?? null,
    }
  } catch {
    // An axis that cannot be expanded, or an unknown placeholder: the issues say so.
    return null
  }
}

/** What is left to do, and what earlier runs of the same trainer, or the same program and script, say of it. */
function costOf(
  context: Context,
  definition: Sweep,
  work: Preview['work'],
  measured: ReturnType<typeof measuredSeconds>,
): Cost {
  const { trainings, points } = searchOf(definition).size(definition)
  const isAway = executorNameOf(definition, 'training') !== 'local'
  const { slots } = context.executors.local
  const left = {
    trainingSeconds: measured.training,
    evaluationSeconds: measured.evaluation,
    live: [],
    trainingsWaiting: work?.trainings ?? trainings,
    evaluationsWaiting: work?.evaluations ?? points,
    slotsEachTraining: definition.train?.gpus ?? 1,
    slotsEachEvaluation: definition.evaluate?.gpus ?? 1,
  }
  const slotHours = estimateSlotHours(left)
  const within = slotHours?.evaluation == null ? null : slotSecondsWithin(left)
  const seconds = isAway
    ? null
    : (estimateTimeLeft({
        ...left,
        slots: Math.min(slots.ids.length, definition.max_slots ?? Infinity),
        concurrency: definition.concurrency ?? null,
      })?.seconds ?? null)
  const scaled = (value: number) => {
    const hours = slotHours!.training + slotHours!.evaluation!
    return hours > 0 ? (seconds! * value) / (3600 * hours) : seconds!
  }
  return {
    trainings,
    points,
    work,
    questionsEach: questionsEach(context, definition),
    slotUnit: isAway || slots.kind === 'gpu' ? 'GPU' : 'CPU slot',
    slotHours,
    slotHoursWithin: within && { low: within.low / 3600, high: within.high / 3600 },
    seconds,
    // how long it takes goes with how much there is to do
    secondsWithin: within && seconds !== null ? { low: scaled(within.low), high: scaled(within.high) } : null,
    fromRuns: measured.training.length,
    isAway,
  }
}

function slotSecondsWithin(left: Omit<WorkLeft, 'slots' | 'concurrency'>): Within | null {
  return totalWithin([
    { measured: left.trainingSeconds, waiting: left.trainingsWaiting, slots: left.slotsEachTraining },
    { measured: left.evaluationSeconds, waiting: left.evaluationsWaiting, slots: left.slotsEachEvaluation },
  ])
}

/** The questions of one evaluation; null where the numbers of some benchmark, or the benchmarks themselves, are not known. */
function questionsEach(context: Context, definition: Sweep): number | null {
  const known = knownQuestions(definition)
  const { baseline } = scoringOf(definition)
  const stored =
    typeof baseline === 'string' ? listBaselines(context.database).find(({ name }) => name === baseline) : undefined
  const named = isWrittenBaseline(baseline) ? Object.keys(baseline) : Object.keys(stored?.accuracies ?? known)
  const counts = named.map((name) => ownValue(known, name) ?? ownValue(stored?.questions ?? {}, name))
  if (counts.length === 0 || counts.includes(undefined)) return null
  return counts.reduce<number>((sum, count) => sum + count!, 0)
}

/** What one training and one evaluation took. */
function eachOf({ training, evaluation }: ReturnType<typeof measuredSeconds>): Preview['estimate'] {
  const each = mean(training)
  return each === null ? null : { trainingSecondsEach: each, evaluationSecondsEach: mean(evaluation) }
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
