/** Models by the names that W&B's client has for them, `actor:v1` in a project, and the runs that go on from them. */
import path from 'node:path'
import { listCheckpoints, updateCheckpoint } from '../../../db/queries/checkpoints.ts'
import { setOwnStart } from '../../../db/queries/jobs.ts'
import { listProjectModels } from '../../../db/queries/own-runs.ts'
import { attemptFolder, notify, type Context } from '../../base/context.ts'
import { resolveLinks } from '../../base/evaluation-files/traces.ts'
import { requireCheckpoint } from '../../base/finding/find-checkpoint.ts'
import type { OwnModel } from '../../intake/own/messages.ts'

/** The model of this name in a project: `latest`, or `v0` for the first that was logged under it; null where there is none. */
export function findModel({ database }: Context, projectId: number, name: string, wanted: string): OwnModel | null {
  const all = listProjectModels(database, projectId).filter(({ path: at }) => nameOf(at) === name)
  const version = wanted === 'latest' ? all.length - 1 : /^v\d{1,9}$/.test(wanted) ? Number(wanted.slice(1)) : -1
  const found = all[version]
  if (found === undefined) return null
  const { id, runId, step, createdAt, path: at } = found
  const rest = { step, createdAt, folder: `artifacts/${path.basename(at)}` }
  return { checkpointId: id, runId, name, version, isLatest: version === all.length - 1, ...rest }
}

/** `artifacts/actor-v3` is the run's third artifact, called `actor`; null where it is none of W&B's. */
function nameOf(at: string): string | null {
  return path.basename(path.dirname(at)) === 'artifacts' ? (/^(.+)-v\d+$/.exec(path.basename(at))?.[1] ?? null) : null
}

/** A run of its own goes on from a model: the first that it says so of is where it started, and counts as picked. */
export function startFromModel(context: Context, runId: number, checkpointId: number): void {
  const { database } = context
  const checkpoint = requireCheckpoint(context, checkpointId)
  if (checkpoint.runId === runId || !setOwnStart(database, runId, checkpointId)) return
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
