/** What pages and the command line show of a sweep. */
import { goalOf, scoringOf } from '../../../domain/sweep/scoring.ts'
import { listPointCheckpoints, listSweepEvaluations } from '../../../db/queries/checkpoints.ts'
import { listCurriculaOfSweep } from '../../../db/queries/curricula.ts'
import { listRetriedAttempts } from '../../../db/queries/attempts.ts'
import { spentSlotHours } from '../../../db/queries/durations.ts'
import { findJob, listSweepJobs, type JobRow } from '../../../db/queries/jobs.ts'
import {
  listBestScores,
  listForemostTrainings,
  listPickedCheckpoints,
  listTrainings,
} from '../../../db/queries/point-parts.ts'
import { countQuestionsAsked } from '../../../db/queries/rungs.ts'
import { questionsOf } from '../../../domain/score/race.ts'
import { listPoints } from '../../../db/queries/points.ts'
import { listSweeps, type SweepRow } from '../../../db/queries/sweeps.ts'
import { bestFirst } from '../../../domain/asking/order.ts'
import { isJobLive, isSweepFinished, jobStatuses, pointStatuses } from '../../../domain/life/run-status.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { Context } from '../../base/context.ts'
import type { RunRow, RunRowsPage } from '../../../contract/api/runs.ts'
import type { PointsInShort, SweepDetail, SweepSummary, WholeSweep } from '../../../contract/api/sweeps.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { describePoints, describeRunRow } from '../../tables/describe-points.ts'
import { type PointColumns, pointColumns } from '../../tables/points-columns.ts'
import { frontOf } from '../../tables/points-front.ts'
import { pointOrder } from '../../tables/points-order.ts'
import { codeOfSweep } from './code-of-sweep.ts'
import { describeFinalists } from './describe-finalists.ts'
import { describeMeasured } from './describe-measured.ts'
import { benchmarksOf, describePointsAt } from './points-page.ts'
import { summariseSweeps } from './summarise-sweep.ts'
import { writeSweepText } from '../../formats/write-sweep-file.ts'

/** Cells of a sweep that the bar at the head of its page has room for, and those of a list. */
const [mostCells, mostCellsListed] = [240, 72]
const mostRuns = 20
/** More marks than this would be no smoother a curve. */
const mostRanks = 300

/**
 * The newest sweeps that are not deleted, newest first; `search` keeps those whose name, axes or trainer hold it. At most
 * `limit`: ask for one more than is shown to know whether there are others.
 */
export function listSweepSummaries(context: Context, search = '', limit = 200): SweepSummary[] {
  const wanted = search.trim().toLowerCase()
  const found = listSweeps(context.database).filter((row) => {
    const text = [row.name, row.definition.trainer ?? '', ...Object.keys(row.definition.axes)].join(' ').toLowerCase()
    return text.includes(wanted)
  })
  return summariseSweeps(context, found.slice(0, limit), mostCellsListed)
}

/** What a page needs of a sweep to begin with, however many points it has. */
export function describeSweep(context: Context, sweep: SweepRow): SweepDetail {
  const { database } = context
  const [{ axes: _axes, milestone: _milestone, ...summary }] = summariseSweeps(context, [sweep], mostCells) as [
    SweepSummary,
  ]
  const columns = pointColumns(context, sweep)
  const [best] = pointOrder(columns, bestFirst)
  const hasBest = best !== undefined && !Number.isNaN(columns.score[best]!) && columns.broken[best] === 0
  const [bestPoint] = hasBest ? describePointsAt(context, sweep, columns, [best]) : []
  const baseline = baselineOf(context, sweep)
  const retried = describeRetried(context, sweep)
  const last = retried.at(-1)
  return {
    ...summary,
    agents: describeAgents(context, sweep),
    axes: columns.axes,
    // the summary may be a moment older than the columns
    best: bestPoint ? { pointId: bestPoint.id, score: bestPoint.score!, interval: bestPoint.interval } : null,
    definition: sweep.definition,
    source: sweep.source ?? writeSweepText(sweep.definition),
    directory: sweep.directory,
    slotHoursSpent: spentSlotHours(database, sweep.id),
    curriculum: curriculumOf(context, sweep.id),
    note: sweep.note,
    score: {
      aggregate: scoringOf(sweep.definition).aggregate,
      baseline,
      measured: describeMeasured(context, sweep),
      agreement: sweep.agreement,
    },
    runs: describeRuns(context, sweep, listForemostTrainings(database, sweep.id, mostRuns)),
    race: raceOf(context, sweep, columns),
    finalists: describeFinalists(context, sweep),
    bestPoint: bestPoint ?? null,
    inShort: describeTogether(columns, benchmarksOf(context, sweep, baseline.accuracies)),
    code: codeOfSweep(context, sweep, columns),
    picked: listPickedCheckpoints(database, sweep.id),
    retried: last ? { attempts: retried.length, runId: last.runId, runNumber: last.runNumber } : null,
    rescored: sweep.rescoredTo === null ? null : sweep.rescoredTo / columns.count,
  }
}

function raceOf({ database }: Context, { id, race }: SweepRow, { asked, count }: PointColumns): SweepDetail['race'] {
  if (race === null) return null
  const stopped = asked.reduce((sum, one) => sum + Number(one >= 0), 0)
  return { stopped, points: count, asked: countQuestionsAsked(database, id), questions: questionsOf(race) }
}

function curriculumOf(context: Context, sweepId: number): SweepDetail['curriculum'] {
  const [newest] = listCurriculaOfSweep(context.database, sweepId)
  if (newest === undefined) return null
  const { curriculumId: id, name, place, stages } = newest
  return { id, name, stage: place + 1, stages }
}

/** The sweep with every run and every point, for files and for the command line's end. */
export function describeWholeSweep(context: Context, sweep: SweepRow): WholeSweep {
  const { database } = context
  const jobs = listSweepJobs(database, sweep.id)
  const parts = {
    jobs,
    checkpoints: listPointCheckpoints(database, sweep.id),
    evaluations: listSweepEvaluations(database, sweep.id),
  }
  const trainings = jobs.filter((job) => job.kind === 'training')
  return {
    ...describeSweep(context, sweep),
    runs: describeRuns(context, sweep, trainings),
    points: describePoints(context, sweep, listPoints(database, sweep.id), parts),
    retriedAttempts: describeRetried(context, sweep),
  }
}

export type RunsQuery = { which: 'all' | 'live' | 'failed'; offset: number; limit: number }

/** Trainings `offset` to `offset + limit` by number, of all or of those in a state. */
export function readRunsPage(context: Context, sweep: SweepRow, { which, offset, limit }: RunsQuery): RunRowsPage {
  const statuses =
    which === 'all' ? jobStatuses : which === 'live' ? jobStatuses.filter(isJobLive) : ['failed' as const]
  const { total, rows } = listTrainings(context.database, sweep.id, statuses, offset, limit)
  return { total, offset, rows: describeRuns(context, sweep, rows) }
}

function describeRuns({ database }: Context, sweep: SweepRow, trainings: JobRow[]): RunRow[] {
  const scores = listBestScores(
    database,
    trainings.map((job) => job.id),
    goalOf(sweep.definition),
  )
  return trainings.map((job) => describeRunRow(job, scores.get(job.id) ?? null)).toSorted((a, b) => a.number - b.number)
}

function describeRetried({ database }: Context, sweep: SweepRow): WholeSweep['retriedAttempts'] {
  return listRetriedAttempts(database, sweep.id).map(({ jobId, runId, number, kind, attempt, error }) => ({
    runId: runId ?? jobId,
    runNumber: kind === 'training' ? number : (findJob(database, runId ?? 0)?.number ?? number),
    kind,
    attempt,
    error,
  }))
}

function describeTogether(columns: PointColumns, benchmarks: string[]): PointsInShort {
  const { score, low, high, chance, tied, rounded, broken, status } = columns
  const byScore = pointOrder(columns, bestFirst)
  const found = { tiedWithBest: 0, withInterval: 0, withChance: 0, rounded: 0, broken: 0, scored: 0 }
  let [lowest, highest] = [Infinity, -Infinity]
  // a plain loop: pairs of an iterator take ten times as long
  for (let rank = 0; rank < byScore.length; rank++) {
    const index = byScore[rank]!
    const value = score[index]!
    if (Number.isNaN(value)) break
    const unknown = Number.isNaN(low[index]!)
    found.scored += 1
    found.rounded += rounded[index]!
    found.broken += broken[index]!
    found.withChance += Number(!Number.isNaN(chance[index]!))
    if (rank > 0) {
      found.tiedWithBest += tied[index]!
      found.withInterval += Number(!unknown)
    }
    lowest = Math.min(lowest, unknown ? value : low[index]!)
    highest = Math.max(highest, unknown ? value : high[index]!)
  }
  const failed = status.indexOf(pointStatuses.indexOf('failed'))
  return {
    tiedWithBest: found.tiedWithBest,
    withInterval: found.withInterval,
    mostlyLuck:
      found.scored > 1 &&
      !Number.isNaN(low[byScore[0]!]!) &&
      found.withInterval === found.scored - 1 &&
      found.withChance === 0,
    onFront: frontOf(columns).reduce((sum, one) => sum + one, 0),
    broken: found.broken,
    rounded: found.rounded,
    benchmarks,
    extremes: found.scored > 0 ? [lowest, highest] : null,
    ranks: sampleRanks(columns, byScore, found.scored),
    failedRun: failed < 0 ? null : { id: columns.runIds[failed]!, number: columns.runNumbers[failed]! },
  }
}

function sampleRanks(columns: PointColumns, byScore: Uint32Array, scored: number): PointsInShort['ranks'] {
  const length = Math.min(mostRanks, scored)
  const ranks = Array.from({ length }, (_, at) => (length === 1 ? 0 : Math.round((at * (scored - 1)) / (length - 1))))
  const indexes = ranks.map((rank) => byScore[rank]!)
  const drawn = (value: number) => Number(value.toPrecision(5))
  return {
    ranks,
    scores: indexes.map((index) => drawn(columns.score[index]!)),
    intervals: indexes.map((index) =>
      Number.isNaN(columns.low[index]!) ? null : [drawn(columns.low[index]!), drawn(columns.high[index]!)],
    ),
    tied: indexes.map((index) => columns.tied[index] === 1),
  }
}

function describeAgents({ executors }: Context, { id, definition, status }: SweepRow): SweepDetail['agents'] {
  if (executorNameOf(definition, 'training') !== 'agents' || isSweepFinished(status)) return null
  const now = Date.now()
  return { count: executors.agents.hands.count(id, now), idle: executors.agents.hands.idle(id, now) }
}
