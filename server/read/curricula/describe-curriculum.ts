/** What pages and the command line show of a curriculum. */
import { findCheckpoint } from '../../../db/queries/checkpoints.ts'
import { type CurriculumRow, listCurricula, listStages, type StageRow } from '../../../db/queries/curricula.ts'
import { findJob } from '../../../db/queries/jobs.ts'
import { listPointsByIds } from '../../../db/queries/point-parts.ts'
import { countSweeps } from '../../../db/queries/sweeps.ts'
import type {
  CurriculumPreview,
  CurriculumSummary,
  CurriculumView,
  StagePick,
  StageView,
} from '../../../contract/api/curricula.ts'
import { type Curriculum, startOf } from '../../../domain/sweep/rounds/curriculum.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import type { Context } from '../../base/context.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { prepareCurriculum } from '../../base/preparing/prepare-curriculum.ts'
import { pointInterval } from '../../tables/describe-points.ts'

/** The newest curricula, newest first. */
export function listCurriculumSummaries(context: Context, limit = 20): CurriculumSummary[] {
  const rows = listCurricula(context.database, limit)
  const stages = listStages(
    context.database,
    rows.map(({ id }) => id),
  )
  return rows.map((row) =>
    summarise(
      context,
      row,
      stages.filter(({ curriculumId }) => curriculumId === row.id),
    ),
  )
}

/** Everything about one curriculum. */
export function describeCurriculum(context: Context, row: CurriculumRow): CurriculumView {
  const started = listStages(context.database, [row.id])
  const { definition } = row
  return {
    ...summarise(context, row, started),
    source: row.source,
    directory: row.directory,
    stages: definition.stages.map(({ name, pick }, place) => ({
      name,
      from: nameOfStart(definition, place),
      rule: pick,
      ...describeStage(context, started[place]),
    })),
  }
}

/** What the text of a file would run, or all that is wrong with it. */
export function previewCurriculum(
  context: Context,
  given: { text: string; directory?: string | undefined },
): CurriculumPreview {
  const { definition, issues, directory } = prepareCurriculum(context, given)
  if (definition === null) return { issues, plan: null, directory }
  const stages = definition.stages.map(({ name, ...stage }, place) => {
    // a stage's own plan depends on its axes alone
    const { trainings, points } = searchOf(stage).size(stage)
    return { name, from: nameOfStart(definition, place), trainings, points }
  })
  return { issues, plan: { name: definition.name, stages }, directory }
}

function nameOfStart(definition: Curriculum, place: number): string | null {
  const start = startOf(definition, place)
  return start === null || start < 0 ? null : definition.stages[start]!.name
}

function summarise(context: Context, row: CurriculumRow, started: readonly StageRow[]): CurriculumSummary {
  const place = started.findIndex(({ pickedPointId }) => pickedPointId === null)
  const open = place < 0 ? null : requireSweep(context, started[place]!.sweepId)
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    reason: row.reason,
    stages: row.definition.stages.length,
    stagesDone: started.filter(({ pickedPointId }) => pickedPointId !== null).length,
    current: open && { name: row.definition.stages[place]!.name, sweepId: open.id, status: open.status },
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  }
}

function describeStage(
  context: Context,
  stage: StageRow | undefined,
): Pick<StageView, 'sweep' | 'picked' | 'baseline'> {
  if (stage === undefined) return { sweep: null, picked: null, baseline: null }
  const sweep = requireSweep(context, stage.sweepId)
  const { points, scored, failed } = countSweeps(context.database, [sweep.id]).get(sweep.id)!
  return {
    sweep: {
      id: sweep.id,
      name: sweep.name,
      status: sweep.status,
      pauseReason: sweep.pauseReason,
      deleted: sweep.deletedAt !== null,
      points,
      scored,
      failed,
      startedAt: sweep.startedAt,
      finishedAt: sweep.finishedAt,
    },
    picked: describePick(context, stage),
    baseline: stage.baseline,
  }
}

function describePick(context: Context, { pickedPointId, pickReason }: StageRow): StagePick | null {
  if (pickedPointId === null) return null
  const [point] = listPointsByIds(context.database, [pickedPointId])
  const run = findJob(context.database, point!.runId)!
  const checkpoint = findCheckpoint(context.database, point!.checkpointId!)!
  return {
    pointId: point!.id,
    pointNumber: point!.number,
    runId: run.id,
    runNumber: run.number,
    checkpointId: checkpoint.id,
    checkpointName: checkpointName(checkpoint),
    score: point!.score!,
    interval: pointInterval(point!),
    reason: pickReason ?? '',
  }
}
