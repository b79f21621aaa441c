/** What its page shows of a run of its own. */
import { existsSync } from 'node:fs'
import { listCheckpoints, listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listRunsStartedFrom } from '../../../db/queries/lineage.ts'
import { listEvents } from '../../../db/queries/events.ts'
import { listAttempts } from '../../../db/queries/attempts.ts'
import { listOwnRuns, type OwnRun } from '../../../db/queries/own-runs.ts'
import { orderMetrics } from '../../../domain/score/metric-roles.ts'
import type { OwnRunDetail, OwnRunView } from '../../../contract/api/own-runs.ts'
import type { KeptCheckpoint } from '../../../contract/api/checkpoints.ts'
import { measureSizeBytes } from '../../base/process/measure-size.ts'
import { describeCheckpointRef, groupByCheckpoint } from '../../tables/describe-points.ts'
import { describeResults } from '../../tables/describe-results.ts'
import { describeArtifacts } from '../runs/describe-artifacts.ts'
import { describeStart, roundOf } from '../runs/describe-start.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { metricNames } from '../../base/finding/metric-names.ts'
import { describeNote } from '../runs/describe-run.ts'

const mostFiles = 500

/** Everything about one run of its own. */
export function describeOwnRun(context: Context, run: OwnRun): OwnRunDetail {
  const { database, series } = context
  const { id } = run.job
  const attempts = listAttempts(database, id).toReversed()
  const others = listOwnRuns(database, run.project.id).filter(({ own }) => own.client === run.own.client)
  const summaries = listEvents(database, id, ['summary'], 50).map(({ body }) => body.values as Record<string, unknown>)
  const files = listEvents(database, id, ['file'], mostFiles).map(
    ({ body }) => [String(body.name), Number(body.bytes)] as const,
  )
  return {
    ...describeOwn(run, new Map(others.map((other) => [other.own.clientId, other]))),
    sweep: null,
    settings: run.job.params,
    summary: Object.fromEntries(summaries.flatMap((values) => Object.entries(values))),
    exitCode: attempts.at(-1)?.exitCode ?? null,
    attempts: attempts.map(({ number, firstStep }) => ({ number, firstStep })),
    metrics: orderMetrics(metricNames(series, id)),
    hasSamples: listEvents(database, id, ['sample'], 1).length > 0,
    checkpoints: describeKept(context, id),
    startedFrom: describeStart(context, run.job),
    round: roundOf(context, run.job),
    // one that was sent again is the newer
    files: [...new Map(files)].map(([name, bytes]) => ({ name, bytes })).toReversed(),
    artifacts: describeArtifacts(context, id),
    parts: others
      .filter(({ own }) => own.parent === run.own.clientId)
      .map(({ job, own }) => ({ id: job.id, name: own.name, status: job.status })),
    notes: listEvents(database, id, ['note', 'unknown', 'problem'], 200).map(describeNote),
    folder: attemptFolder(context, id, run.job.attempt),
  }
}

function describeKept({ database }: Context, runId: number): KeptCheckpoint[] {
  const rows = listCheckpoints(database, runId)
  const ids = rows.map(({ id }) => id)
  const evaluations = groupByCheckpoint(listEvaluations(database, ids))
  const started = Map.groupBy(listRunsStartedFrom(database, ids), ({ from }) => from!)
  return rows.map((row) => {
    const exists = row.path !== null && existsSync(row.path)
    return {
      ...describeCheckpointRef(row),
      exists,
      sizeBytes: row.sizeBytes ?? (exists ? measureSizeBytes(row.path!) : null),
      removedAt: exists ? null : row.removedAt,
      tags: row.tags,
      note: row.note,
      startedRuns: (started.get(row.id) ?? []).map(({ id, title }) => ({ id, title })),
      results: describeResults(evaluations.get(row.id) ?? [], {}, {}),
    }
  })
}

/** What its client and people say of it. `parents`: the runs that it may be a part of, by the id that their client knows them by. */
function describeOwn({ job, own, project }: OwnRun, parents: ReadonlyMap<string, OwnRun>): OwnRunView {
  const parent = own.parent === null ? undefined : parents.get(own.parent)
  return {
    id: job.id,
    number: job.number,
    name: own.name,
    project: { id: project.id, name: project.name },
    client: own.client,
    clientId: own.clientId,
    status: job.status,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    heardAt: own.heardAt,
    lastStep: job.lastStep,
    group: own.group,
    jobType: own.jobType,
    tags: own.tags,
    note: own.note,
    parent: parent ? { id: parent.job.id, name: parent.own.name } : null,
    deleted: own.deletedAt !== null || project.deletedAt !== null,
  }
}
