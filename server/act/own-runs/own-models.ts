/** Models and other artifacts by the names that W&B's client has for them, `actor:v1` in a project, and the runs that go on from them. */
import path from 'node:path'
import { listCheckpoints, updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { setStart } from '../../../db/queries/jobs.ts'
import { listProjectArtifacts, listProjectModels } from '../../../db/queries/own-runs.ts'
import { attemptFolder, notify, type Context } from '../../base/context.ts'
import { resolveLinks } from '../../base/evaluation-files/traces.ts'
import { requireCheckpoint } from '../../base/finding/find-checkpoint.ts'
import type { OwnArtifact } from '../../intake/own/messages.ts'

/** What is called so in a project: `latest`, or `v0` for the first that was logged under the name; null where there is none. */
export function findArtifact(
  { database }: Context,
  projectId: number,
  name: string,
  wanted: string,
): OwnArtifact | null {
  const models = listProjectModels(database, projectId)
    .filter(({ path: at }) => nameOf(at) === name)
    .map(({ id, path: at, ...rest }) => ({
      ...rest,
      kind: 'model',
      checkpointId: id,
      folder: `artifacts/${path.basename(at)}`,
    }))
  const others = listProjectArtifacts(database, projectId, name).map(({ time, ...rest }) => ({
    ...rest,
    checkpointId: null,
    step: null,
    createdAt: Math.round((time ?? 0) * 1000),
  }))
  // a name is of one type: the first that it was given
  const all = models.length > 0 ? models : others
  const version = wanted === 'latest' ? all.length - 1 : /^v\d{1,9}$/.test(wanted) ? Number(wanted.slice(1)) : -1
  const found = all[version]
  if (found === undefined) return null
  return { ...found, name, version, isLatest: version === all.length - 1 }
}

/** `artifacts/actor-v3` is the run's third artifact, called `actor`; null where it is none of W&B's. */
function nameOf(at: string): string | null {
  return path.basename(path.dirname(at)) === 'artifacts' ? (/^(.+)-v\d+$/.exec(path.basename(at))?.[1] ?? null) : null
}

/** A run goes on from a model: the first that it says so of is where it started, and counts as picked. */
export function startFromModel(context: Context, runId: number, checkpointId: number): void {
  const { database } = context
  const checkpoint = requireCheckpoint(context, checkpointId)
  if (checkpoint.runId === runId || !setStart(database, runId, checkpointId)) return
  if (checkpoint.pickedAt === null) updateCheckpoint(database, checkpointId, { pickedAt: Date.now() })
  notify(context, null, runId)
  notify(context, null, checkpoint.runId)
}

/** The same of the last model that the run `of` saved in a folder; where it has none there, nothing is said. */
export function startFromPath(context: Context, { runId, of, path: at }: { runId: number; of: number; path: string }) {
  const file = resolveLinks(attemptFolder(context, of, 1), at)
  const found = listCheckpoints(context.database, of).findLast((row) => row.path === file)
  if (found !== undefined) startFromModel(context, runId, found.id)
}
