/** The published study as sweeps to look at: its figures, nothing to run. */
// oxlint-disable-next-line no-restricted-imports -- a file of this project
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { findBaselineByName, insertBaseline } from '../../../db/queries/baselines.ts'
import { insertCheckpoint, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { insertJobs } from '../../../db/queries/jobs.ts'
import { insertPoints, listPoints, updatePoint } from '../../../db/queries/points.ts'
import { insertSweep, listSweeps } from '../../../db/queries/sweeps.ts'
import { planSweep } from '../../../domain/sweep/plan.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { notify, type Context } from '../../base/context.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'
import { readSweepText } from '../../formats/read-sweep-file.ts'
import { refreshSweep } from '../sweeps/refresh-sweep.ts'
import { loadRounds, type StudyRounds } from './load-rounds.ts'

const studyFolder = path.resolve(import.meta.dirname, '../../../examples/cs2916-2025')

type StudyPoint = {
  params: Record<string, string>
  rounded: boolean
  /** A score that was published as such; absent where it is computed from results. */
  score?: number
  results?: Record<string, { accuracy: number } | { correct: number; total: number }>
}
type Study = {
  name: string
  about: string
  baselines: { name: string; accuracies: Record<string, number>; note: string }[]
  benchmarks: Record<string, { questions: number }>
  sweeps: { file: string; baseline: string; note: string; points: StudyPoint[] }[]
  grpo: StudyRounds
}

function readStudy(): Study {
  return JSON.parse(readFileSync(path.join(studyFolder, 'study.json'), 'utf8')) as Study
}

/** It was measured on all of each benchmark. */
function questionsOf({ benchmarks }: Study): Record<string, number> {
  return Object.fromEntries(Object.entries(benchmarks).map(([name, { questions }]) => [name, questions]))
}

/** The name of the study's grid, by which the home page knows that it is loaded. */
export const studyName = 'short-cot-sft'

/**
 * Stores the study's baselines and sweeps; what is there already is left alone. Gives the ids of its sweeps.
 * A baseline of the same name that somebody edited stays as it is.
 */
export function loadStudy(context: Context): number[] {
  const study = readStudy()
  const ids = transaction(context.database, () => {
    for (const baseline of study.baselines) {
      if (!findBaselineByName(context.database, baseline.name))
        insertBaseline(context.database, { ...baseline, questions: questionsOf(study) })
    }
    return [
      ...study.sweeps.map((sweep) => loadSweep(context, study, sweep)),
      ...loadRounds(context, study.grpo, study.benchmarks, studyFolder),
    ]
  })
  for (const id of ids) notify(context, id)
  return ids
}

function loadSweep(context: Context, study: Study, published: Study['sweeps'][number]): number {
  const { database } = context
  const source = readFileSync(path.join(studyFolder, published.file), 'utf8')
  const { definition, issues } = readSweepText(source)
  if (definition === null) throw new Error(`${published.file}: ${issues.map((issue) => issue.message).join(' ')}`)
  const known = listSweeps(database).find((sweep) => sweep.origin === 'imported' && sweep.name === definition.name)
  if (known) return known.id
  const now = Date.now()
  const sweep = insertSweep(database, {
    name: definition.name,
    definition,
    source,
    directory: studyFolder,
    // Imported: running the same file is a sweep of its own.
    fingerprint: `imported ${fingerprintOf(definition, studyFolder)}`,
    status: 'done',
    origin: 'imported',
    note: `${published.note} ${study.about}`,
    baselineId: findBaselineByName(database, published.baseline)!.id,
    startedAt: now,
    finishedAt: now,
  })
  const plan = planSweep(definition)
  const runs = insertJobs(
    database,
    plan.runs.map((run) => ({
      sweepId: sweep.id,
      kind: 'training' as const,
      number: run.number,
      params: run.params,
      status: 'done' as const,
      slotCount: definition.train?.gpus ?? 1,
    })),
  )
  insertPoints(
    database,
    plan.points.map((point) => ({
      sweepId: sweep.id,
      number: point.number,
      params: point.params,
      key: point.key,
      runId: runs[point.runNumber - 1]!.id,
      milestone: point.milestone,
    })),
  )
  for (const point of listPoints(database, sweep.id)) {
    const figures = published.points.find((candidate) => sameParams(candidate.params, point.params))
    if (figures === undefined) {
      updatePoint(database, point.id, { status: 'failed', error: 'The study published no figure for this point.' })
      continue
    }
    if (figures.score !== undefined) {
      updatePoint(database, point.id, { status: 'scored', score: figures.score, rounded: figures.rounded })
      continue
    }
    const checkpoint = insertCheckpoint(database, {
      runId: point.runId,
      attempt: 0,
      step: null,
      epoch: Number(point.milestone),
      path: null,
    })
    for (const [benchmark, result] of Object.entries(figures.results ?? {})) {
      const accuracy = 'accuracy' in result ? result.accuracy : result.correct / result.total
      saveEvaluation(database, { checkpointId: checkpoint.id, benchmark, ...result, accuracy })
    }
    updatePoint(database, point.id, { checkpointId: checkpoint.id, rounded: figures.rounded })
    scorePoint(context, sweep, { ...point, checkpointId: checkpoint.id }, { final: true })
  }
  refreshSweep(context, sweep.id)
  return sweep.id
}

function sameParams(left: Record<string, string>, right: Record<string, string>): boolean {
  return Object.keys(right).every((name) => left[name] === right[name])
}
