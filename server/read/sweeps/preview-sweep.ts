import { listMeasuredDurations } from '../../../db/queries/jobs.ts'
import { evaluationCommand, initPath, trainingCommand } from '../../../domain/sweep/commands.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { expandAxis } from '../../../domain/sweep/axes.ts'
import { continuousOf, middleOf } from '../../../domain/sweep/continuous-axis.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { Sweep, SweepInput } from '../../../domain/sweep/sweep.ts'
import { estimateTimeLeft } from '../../../domain/life/time-left.ts'
import type { Preview } from '../../../contract/api/sweeps.ts'
import type { Context } from '../../base/context.ts'
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
  const same = definition && findSameSweep(context, definition, directory)
  return {
    definition,
    issues,
    directory,
    plan: definition && planOf(definition),
    estimate: definition && there ? estimateOf(context, definition, there.work) : null,
    reuse: there?.notes ?? [],
    work: there?.work ?? null,
    same: same ? { id: same.id, name: same.name } : null,
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
function estimateOf(context: Context, definition: Sweep, work: NonNullable<Preview['work']>): Preview['estimate'] {
  // how long a cluster lets them wait, nobody knows
  if (executorNameOf(definition, 'training') !== 'local') return null
  const signature = signatureOf(definition)
  const measured = listMeasuredDurations(context.database)
    .filter((row) => signatureOf(row.definition) === signature)
    .slice(0, 400)
  const seconds = (kind: 'training' | 'evaluation') =>
    measured.filter((row) => row.kind === kind).map((row) => row.seconds)
  const whole = estimateTimeLeft({
    trainingSeconds: seconds('training'),
    evaluationSeconds: seconds('evaluation'),
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
    trainingSecondsEach: mean(seconds('training'))!,
    evaluationSecondsEach: mean(seconds('evaluation')),
    fromRuns: seconds('training').length,
  }
}

function signatureOf(definition: Sweep): string {
  return definition.trainer ?? JSON.stringify(definition.train?.command?.filter((argument) => !argument.includes('${')))
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
