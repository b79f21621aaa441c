/** The engine of curricula: each step is found from how the stages stand, so that a death between two steps loses nothing. */
import { transaction } from '../../../db/client.ts'
import { listBaselines } from '../../../db/queries/baselines.ts'
import { listCheckpointsById, listEvaluations, listPointCheckpoints } from '../../../db/queries/checkpoints.ts'
import {
  type CurriculumRow,
  insertStage,
  listRunningCurricula,
  listStages,
  moveCurriculum,
  type StageRow,
  updateStage,
} from '../../../db/queries/curricula.ts'
import { lacksIntervals, listPointsByIds } from '../../../db/queries/point-parts.ts'
import { listPoints, type PointRow } from '../../../db/queries/points.ts'
import { countSweeps } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { nextCurriculumStep, type StageState } from '../../../domain/life/curriculum-step.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { nameOfBaseline, startOf, sweepOfStage } from '../../../domain/sweep/rounds/curriculum.ts'
import { pickByRule } from '../../../domain/sweep/rounds/pick-rule.ts'
import { notify, type Context } from '../../base/context.ts'
import { describeFailure } from '../../base/saying/describe-failure.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { hasFewPoints } from '../../base/finding/few-points.ts'
import { findSameSweep } from '../../base/preparing/same-sweep.ts'
import { logger } from '../../base/process/log.ts'
import { writeSweepText } from '../../formats/write-sweep-file.ts'
import { saveBaseline } from '../baselines/save-baseline.ts'
import { pickCheckpoint } from '../checkpoints/pick-checkpoint.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { isBeingRetried, retryStage } from './retry-stage.ts'

const log = logger('scheduler')

/** Takes every running curriculum as far as it comes now: picks of what ended, starts of what is next. Never throws. */
export function advanceCurricula(context: Context): void {
  for (const curriculum of listRunningCurricula(context.database)) {
    try {
      while (advance(context, curriculum));
    } catch (error) {
      if (error instanceof SweepboardError) fail(context, curriculum, sentenceOf(error))
      // the machine's failure, a full disk say, is none of the curriculum's: it is tried again
      else log.error(`Cannot go on with curriculum ${curriculum.id}: ${describeFailure(error)}`)
    }
  }
}

/** One step, whole or not at all. Gives whether another may follow at once. */
function advance(context: Context, curriculum: CurriculumRow): boolean {
  const { database } = context
  const { stages } = curriculum.definition
  const started = listStages(database, [curriculum.id])
  const step = nextCurriculumStep(
    started.map((stage) => stateOf(context, stage)),
    stages.length,
  )
  if (step.kind === 'wait') return false
  if (step.kind === 'done') {
    moveCurriculum(database, curriculum.id, ['running'], { status: 'done', reason: null, finishedAt: Date.now() })
    notify(context, started.at(-1)?.sweepId ?? null)
    return false
  }
  if (step.kind === 'fail') {
    const rest = step.place + 1 < stages.length ? ' The stages after it were not started.' : ''
    fail(context, curriculum, `Stage ${stages[step.place]!.name}: ${step.why}.${rest}`)
    return false
  }
  if (step.kind === 'start') startStage(context, curriculum, step.place, started)
  else transaction(database, () => pickOfStage(context, curriculum, started[step.place]!))
  return true
}

function stateOf(context: Context, stage: StageRow): StageState {
  const { database } = context
  const sweep = requireSweep(context, stage.sweepId)
  const picked = stage.pickedPointId !== null
  const status = isBeingRetried(context, sweep.id) ? 'waiting' : sweep.status
  const state = { status, deleted: sweep.deletedAt !== null, picked, points: 0, withoutScore: 0, settled: false }
  // counting 100,000 points at every look would not be quick
  if (picked || !isSweepFinished(status)) return state
  const { points, scored, stopped } = countSweeps(database, [sweep.id]).get(sweep.id)!
  // what the search gave up lacks no score, as long as there is anything to pick from
  const withoutScore = scored === 0 ? points : points - scored - stopped
  // a large sweep's intervals, and the scores after a new baseline, come some time after its end
  const settled = sweep.rescoredTo === null && (hasFewPoints(context, sweep.id) || !lacksIntervals(database, sweep.id))
  return { ...state, points, withoutScore, settled }
}

/** Makes the stage's sweep, or takes the one of the same definition that is there. */
function startStage(context: Context, curriculum: CurriculumRow, place: number, started: readonly StageRow[]): void {
  const { definition, directory } = curriculum
  const start = startOf(definition, place)
  const init = start === null ? null : pathOfPick(context, started[start]!)
  const baselines = new Map(
    started.flatMap(({ baseline }, at) =>
      baseline === null ? [] : [[definition.stages[at]!.save_as_baseline!, baseline]],
    ),
  )
  const sweep = sweepOfStage(definition, place, { init, baselines })
  const text = `# stage ${place + 1} of ${definition.stages.length} of ${definition.name.replaceAll(/\s+/g, ' ')}\n${writeSweepText(sweep)}`
  transaction(context.database, () => {
    const same = curriculum.afresh ? undefined : findSameSweep(context, sweep, directory)
    const { id } = same ?? createSweep(context, { text, directory, origin: 'file' })
    insertStage(context.database, { curriculumId: curriculum.id, place, sweepId: id })
    // one that is there and ended badly, or is paused, is tried again
    void retryStage(context, id)
  })
  notify(context, null)
}

function pathOfPick(context: Context, stage: StageRow): string {
  const [point] = listPointsByIds(context.database, [stage.pickedPointId!])
  const [checkpoint] = listCheckpointsById(context.database, [point!.checkpointId!])
  return checkpoint!.path!
}

/** Picks as the rule says, through the verb that a person's pick takes; why is written as the checkpoint's note. */
function pickOfStage(context: Context, curriculum: CurriculumRow, stage: StageRow): void {
  const { database } = context
  const { pick: rule, save_as_baseline: wanted } = curriculum.definition.stages[stage.place]!
  const sweep = requireSweep(context, stage.sweepId)
  const checkpoints = new Map(listPointCheckpoints(database, sweep.id).map((row) => [row.id, row]))
  const scored = listPoints(database, sweep.id).filter(({ score }) => score !== null)
  const kept = scored.filter(({ broken }) => broken === null)
  if (kept.length === 0)
    throw new SweepboardError(
      'conflict',
      `Every point of ${sweep.name} that has a score breaks a constraint, so the rule ${rule} picks none; expected at least one to start the next stage from.`,
    )
  const candidates = kept.map((point) => {
    const checkpoint = checkpoints.get(point.checkpointId ?? 0)
    return {
      point,
      checkpoint,
      at: checkpoint?.step ?? checkpoint?.epoch ?? 0,
      score: point.score!,
      tiedWithBest: point.tiedWithBest,
    }
  })
  const { picked, reason } = pickByRule(rule, candidates)
  const { point, checkpoint } = picked
  if (checkpoint?.path == null) {
    throw new SweepboardError(
      'conflict',
      `The rule ${rule} picks point ${point.number} of ${sweep.name}, whose checkpoint has no path: its trainer reported none. Expected a checkpoint to start the next stage from.`,
    )
  }
  pickCheckpoint(context, { id: checkpoint.id, picked: true, note: `Picked by the rule ${rule}: ${reason}.` })
  const baseline = wanted === undefined ? null : storeBaseline(context, sweep, point, wanted)
  updateStage(database, {
    curriculumId: curriculum.id,
    place: stage.place,
    pickedPointId: point.id,
    pickReason: reason,
    baseline,
  })
  notify(context, sweep.id)
}

/** Stores what the picked checkpoint was measured at as a baseline; gives the name that it has. */
function storeBaseline(context: Context, sweep: { id: number; name: string }, point: PointRow, name: string): string {
  const [checkpoint] = listCheckpointsById(context.database, [point.checkpointId!])
  const accuracies: Record<string, number> = {}
  const questions: Record<string, number> = {}
  for (const result of listEvaluations(context.database, [checkpoint!.id])) {
    const accuracy = accuracyOf(result)
    if (accuracy === null) continue
    if (accuracy === 0) {
      throw new SweepboardError(
        'conflict',
        `${sweep.name} was right on no question of ${result.benchmark}: its accuracies cannot be the baseline ${name}, as a score divides by them. Expected accuracies above 0.`,
      )
    }
    accuracies[result.benchmark] = accuracy
    if (result.total !== null && result.total > 0) questions[result.benchmark] = result.total
  }
  const note = `Measured: ${checkpointName(checkpoint!)} of ${sweep.name}, sweep ${sweep.id}.`
  const wanted = { name, note, accuracies }
  const known = nameOfBaseline(wanted, listBaselines(context.database))
  if (!known.stored) saveBaseline(context, { ...wanted, name: known.name, questions, checkpointId: checkpoint!.id })
  return known.name
}

function fail(context: Context, curriculum: CurriculumRow, reason: string): void {
  moveCurriculum(context.database, curriculum.id, ['running'], { status: 'failed', reason, finishedAt: Date.now() })
  notify(context, null)
}

function sentenceOf(error: SweepboardError): string {
  return [error.message, ...error.issues.slice(0, 3).map(({ message }) => message)].join(' ')
}
