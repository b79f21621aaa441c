/** What pages show of a run: its attempts, checkpoints, log and curves. */
import { objectiveOf } from '../../../domain/sweep/objective.ts'
import { listPartlyAsked } from '../../../db/queries/rungs.ts'
import { goalOf, scoringOf } from '../../../domain/sweep/scoring.ts'
import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  findCheckpoint,
  listCheckpoints,
  listEvaluations,
  type EvaluationRow,
} from '../../../db/queries/checkpoints.ts'
import { listEvents } from '../../../db/queries/events.ts'
import { listRunJudgements } from '../../../db/queries/judgements.ts'
import { listRunsStartedFrom } from '../../../db/queries/lineage.ts'
import { listAttempts, type AttemptRow } from '../../../db/queries/attempts.ts'
import { listDurations } from '../../../db/queries/durations.ts'
import { findJob, listRunEvaluations, type JobRow } from '../../../db/queries/jobs.ts'
import { listRunPoints, type PointRow } from '../../../db/queries/points.ts'
import { evaluationCommand, initPath, trainingCommand } from '../../../domain/sweep/commands/commands.ts'
import { runSettings } from '../../../domain/sweep/settings/definition-differences.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { estimateSecondsLeft } from '../../../domain/life/time-left.ts'
import type { AttemptView, JobView } from '../../../contract/api/jobs.ts'
import type { CheckpointView } from '../../../contract/api/checkpoints.ts'
import type { OtherRun, RunDetail } from '../../../contract/api/runs.ts'
import { readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import { describeRepeats } from '../checkpoints/describe-repeats.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { describeResults } from '../../tables/describe-results.ts'
import { describeAxes } from '../../base/saying/describe-axes.ts'
import { describeCheckpointRef, describeRunRow, groupByCheckpoint, progressOf } from '../../tables/describe-points.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { describeArtifacts } from './describe-artifacts.ts'
import { describeStart, roundOf } from './describe-start.ts'
import { metricNames } from '../../base/finding/metric-names.ts'

/** Ours is far smaller. */
const mostJobBytes = 4 << 20

function otherRun(context: Context, runId: number | null): OtherRun | null {
  const found = runId === null ? undefined : findJob(context.database, runId)
  if (!found) return null
  const { id, number, sweepId } = found
  return { id, number, sweepName: requireSweep(context, sweepId).name }
}

/** The run of another sweep whose evaluation these results are of. */
function measuredIn(context: Context, run: JobRow, results: readonly EvaluationRow[]): OtherRun | null {
  const jobId = results[0]?.jobId ?? null
  const measured = jobId === null ? undefined : findJob(context.database, jobId)
  const of = measured === undefined ? null : (measured.runId ?? measured.id)
  return of === run.id ? null : otherRun(context, of)
}

function continuesOf(context: Context, { continues }: JobRow): RunDetail['continues'] {
  const from = continues === null ? undefined : findCheckpoint(context.database, continues.checkpointId)
  const run = otherRun(context, from?.runId ?? null)
  return run && from ? { ...run, checkpoint: checkpointName(from), told: continues!.told } : null
}

/** Everything about one run. */
export function describeRun(context: Context, run: JobRow): RunDetail {
  const { database } = context
  const sweep = requireSweep(context, run.sweepId)
  const points = listRunPoints(database, run.id)
  const scores = points.flatMap(({ score, broken }) => (broken === null ? (score ?? []) : []))
  const baseline = baselineOf(context, sweep).accuracies
  const checkpoints = listCheckpoints(database, run.id)
  const evaluations = groupByCheckpoint(
    listEvaluations(
      database,
      checkpoints.map((row) => row.id),
    ),
  )
  const jobs = listRunEvaluations(database, run.id)
  const started = Map.groupBy(
    listRunsStartedFrom(
      database,
      checkpoints.map((row) => row.id),
    ),
    (row) => row.from!,
  )
  const repeats = describeRepeats(context, {
    sweep,
    baseline,
    checkpointIds: checkpoints.map((row) => row.id),
    jobs,
    describeJob: (job) => describeJob(context, job),
  })
  const bestOf = goalOf(sweep.definition) === 'maximize' ? Math.max : Math.min
  const best = scores.length > 0 ? bestOf(...scores) : null
  const notes = listEvents(database, run.id, ['note', 'unknown', 'problem'], 200).map(describeNote)
  const partly = listPartlyAsked(
    database,
    checkpoints.map(({ id }) => id),
  )
  return {
    ...describeRunRow(run, best),
    note: run.note,
    sweep: {
      id: sweep.id,
      name: sweep.name,
      axes: describeAxes(sweep),
      baseline,
      status: sweep.status,
      origin: sweep.origin,
      objective: objectiveOf(sweep.definition),
    },
    startedFrom: describeStart(context, run),
    artifacts: describeArtifacts(context, run.id),
    reusedFrom: otherRun(context, run.reusedFrom),
    judged: listRunJudgements(database, run.id).flatMap(({ verdict, reason, decidedAt }) =>
      verdict === null || reason === null ? [] : [{ verdict, reason, at: decidedAt! }],
    ),
    held: run.held,
    awaits: otherRun(context, run.status === 'waiting' ? run.awaits : null),
    continues: continuesOf(context, run),
    round: roundOf(context, run),
    settings: builtInSettings(sweep.definition, run.params),
    command: run.attempt === 0 ? null : commandOf(context, run),
    folder: attemptFolder(context, run.id, run.attempt),
    attempts: listAttempts(database, run.id).map(describeAttempt),
    checkpoints: checkpoints.map((row): CheckpointView => {
      const point = points.find((candidate) => candidate.checkpointId === row.id)
      // of a race the rung that it is at
      const own = jobs.find((job) => job.id === point?.evaluationJobId)
      const evaluation = own ?? jobs.find((job) => job.checkpointId === row.id && job.again === null)
      const exists = row.path !== null && existsSync(row.path)
      return {
        ...describeCheckpointRef(row),
        attempt: row.attempt,
        createdAt: row.createdAt,
        exists,
        sizeBytes: row.sizeBytes ?? (exists ? measureSizeBytes(row.path!) : null),
        removedAt: exists ? null : row.removedAt,
        best: best !== null && point?.score === best,
        tags: row.tags,
        note: row.note,
        startedRuns: (started.get(row.id) ?? []).map(({ from: _from, ...startedRun }) => startedRun),
        results: describeResults(evaluations.get(row.id) ?? [], baseline, scoringOf(sweep.definition).questions),
        score: point?.score ?? null,
        partly: partly.get(row.id) ?? null,
        interval: point ? pointInterval(point) : null,
        point: point ? { id: point.id, number: point.number, status: point.status, error: point.error } : null,
        evaluation: evaluation ? describeJob(context, evaluation) : null,
        measuredIn: measuredIn(context, run, evaluations.get(row.id) ?? []),
        repeats: repeats.get(row.id) ?? null,
      }
    }),
    metrics: metricNames(context.series, run.id),
    backend: notes.map((note) => /^backend: (.+)$/.exec(note.text)?.[1]).findLast((name) => name !== undefined) ?? null,
    timeLeftSeconds: estimateSecondsLeft({
      earlierSeconds: listDurations(database, sweep.id, 'training'),
      elapsedSeconds: run.startedAt === null ? 0 : (Date.now() - run.startedAt) / 1000,
      progress: run.progressTotal ? (run.progressDone ?? 0) / run.progressTotal : null,
      live: run.status === 'running' || run.status === 'starting',
    }),
    notes,
  }
}

/** Settings of the built-in trainer that are no axis, as they were written; none for a command. */
function builtInSettings(definition: Sweep, params: Record<string, string>): Record<string, string> {
  if (!definition.trainer) return {}
  const all = [...runSettings({ definition, params })]
  return Object.fromEntries(all.filter(([name]) => !Object.hasOwn(params, name) && !name.startsWith('train.')))
}

/** An evaluation, or a training, with its attempts. */
export function describeJob(context: Context, job: JobRow): JobView {
  return {
    id: job.id,
    kind: job.kind,
    status: job.status,
    attempt: job.attempt,
    progress: progressOf(job),
    error: job.error,
    attempts: listAttempts(context.database, job.id).map(describeAttempt),
  }
}

/** `job.json` of an attempt, as its trainer was given it; null before the first start. */
export function readJobFile(context: Context, job: JobRow, attempt: number): { path: string; text: string } | null {
  const folder = attemptFolder(context, job.id, attempt)
  const file = path.join(folder, 'job.json')
  const text = readJobText(file, folder)
  return text === null ? null : { path: file, text }
}

/** The trainer may have put something else in its place: then its text is the sentence that says so. */
function readJobText(file: string, folder: string): string | null {
  try {
    return readWholeFile(file, [folder], mostJobBytes)
  } catch (error) {
    if (error instanceof UnreadableFile) return `${error.message}.`
    throw error
  }
}

function commandOf(context: Context, run: JobRow): string[] | null {
  const { definition, directory, origin } = requireSweep(context, run.sweepId)
  // whatever trained it ran elsewhere
  if (origin === 'imported') return null
  const init = initPath(definition, run.params)
  const runtime = {
    run: run.id,
    slots: run.slots ?? listAttempts(context.database, run.id)[0]?.slots ?? [],
    init: init === null ? null : path.resolve(directory, init),
  }
  const command =
    run.kind === 'training'
      ? trainingCommand(definition, run.params, runtime)
      : evaluationCommand(definition, run.params, { ...runtime, checkpoint: '', report: '' })
  return command?.arguments ?? null
}

function describeAttempt(row: AttemptRow): AttemptView {
  const {
    number,
    status,
    slots,
    place,
    pid,
    finishedAt,
    exitCode,
    signal,
    error,
    firstStep,
    lastStep,
    resumedFrom,
    eventLines,
  } = row
  return {
    number,
    status,
    slots,
    place,
    pid,
    // of one that ran elsewhere nobody may know when
    startedAt: row.startedAt ?? (status === 'done' && finishedAt === null ? null : row.claimedAt),
    finishedAt,
    exitCode,
    signal,
    error,
    firstStep,
    lastStep,
    resumedFrom,
    eventLines,
  }
}

function pointInterval(point: PointRow): [number, number] | null {
  return point.intervalLow === null || point.intervalHigh === null ? null : [point.intervalLow, point.intervalHigh]
}

/** A note, an unknown event or a problem as pages show it. */
export function describeNote(row: ReturnType<typeof listEvents>[number]): RunDetail['notes'][number] {
  const { attempt, line, body } = row
  if (row.type === 'note') {
    return { attempt, line, type: 'note', level: body.level as 'info' | 'warning' | 'error', text: String(body.text) }
  }
  if (row.type === 'unknown') {
    return {
      attempt,
      line,
      type: 'unknown',
      level: 'warning',
      text: `An event of unknown type was kept: ${JSON.stringify(body).slice(0, 300)}`,
    }
  }
  return { attempt, line, type: 'problem', level: 'warning', text: String(body.message) }
}
