import { evaluationCommand, initPath, trainingCommand } from '../../../domain/sweep/commands.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { expandAxis } from '../../../domain/sweep/axes.ts'
import { continuousOf, middleOf } from '../../../domain/sweep/continuous-axis.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { Sweep, SweepInput } from '../../../domain/sweep/sweep.ts'
import { estimateSlotHours } from '../../../domain/life/slot-hours.ts'
import { estimateTimeLeft } from '../../../domain/life/time-left.ts'
import type { Preview } from '../../../contract/api/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { expectedFinalists } from '../../tables/expected-finalists.ts'
import { measuredSeconds } from '../../base/measured-durations.ts'
import { overwriteIssues } from '../../base/overwrites.ts'
import { planReuse, type HowToReuse } from '../../base/plan-reuse.ts'
import { prepareSweep, type Given } from '../../base/prepare-sweep.ts'
import { findSameSweep } from '../../base/same-sweep.ts'
import { isWandbIssue } from '../../formats/read-sweep-file.ts'
import { convertWandbSweep } from '../../formats/wandb-sweep.ts'
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
  const measured = there && definition && measuredSeconds(context, definition)
  const same = definition && findSameSweep(context, definition, directory)
  return {
    definition,
    issues,
    directory,
    plan: definition && planOf(definition),
    estimate: definition && there && measured ? estimateOf(context, definition, there.work, measured) : null,
    slotHours: definition && there && measured ? costOf(definition, there.work, measured) : null,
    reuse: there?.notes ?? [],
    work: there?.work ?? null,
    same: same ? { id: same.id, name: same.name } : null,
    finalists: definition && issues.length === 0 ? expectedFinalists(context, definition) : null,
    slotsAvailable: context.executors.local.slots.ids.length,
    yaml: definition ? writeSweepText(definition) : '',
    converted: converted && { taken: converted.taken, notes: converted.notes },
  }
}

function planOf(definition: Sweep): Preview['plan'] {
  try {
    const axes = Object.entries(definition.axes).map(([name, axis]) => expandAxis(name, axis))
    // The first run's values: the first of each axis, or one in its middle, the last of the milestones.
    const params = Object.fromEntries(
      axes.map(({ name, milestone, values }) => {
        const continuous = continuousOf(definition.axes[name]!)
        return [name, continuous ? middleOf(continuous) : (milestone ? values.at(-1) : values[0])!]
      }),
    )
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

/** From earlier runs of the same trainer or the same program and script. */
function estimateOf(
  context: Context,
  definition: Sweep,
  work: NonNullable<Preview['work']>,
  measured: ReturnType<typeof measuredSeconds>,
): Preview['estimate'] {
  // how long a cluster lets them wait, nobody knows
  if (executorNameOf(definition, 'training') !== 'local') return null
  const { training, evaluation } = measured
  const whole = estimateTimeLeft({
    trainingSeconds: training,
    evaluationSeconds: evaluation,
    live: [],
    trainingsWaiting: work.trainings,
    evaluationsWaiting: work.evaluations,
    slotsEachTraining: definition.train?.gpus ?? 1,
    slotsEachEvaluation: definition.evaluate?.gpus ?? 1,
    slots: Math.min(context.executors.local.slots.ids.length, definition.max_slots ?? Infinity),
    concurrency: definition.concurrency ?? null,
  })
  if (whole === null) return null
  return {
    seconds: whole.seconds,
    trainingSecondsEach: mean(training)!,
    evaluationSecondsEach: mean(evaluation),
    fromRuns: training.length,
  }
}

/** What it will take in all, wherever it runs. */
function costOf(
  definition: Sweep,
  work: NonNullable<Preview['work']>,
  measured: ReturnType<typeof measuredSeconds>,
): Preview['slotHours'] {
  return estimateSlotHours({
    trainingSeconds: measured.training,
    evaluationSeconds: measured.evaluation,
    live: [],
    trainingsWaiting: work.trainings,
    evaluationsWaiting: work.evaluations,
    slotsEachTraining: definition.train?.gpus ?? 1,
    slotsEachEvaluation: definition.evaluate?.gpus ?? 1,
  })
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
