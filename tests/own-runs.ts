/** Runs of their own in the test's process, as an intake would have written them. */
import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { findAnyJob } from '../db/queries/jobs.ts'
import { findOrInsertOwnRun, projectNamed, setOwnStatus } from '../db/queries/own-runs.ts'
import { tailAttempt } from '../server/act/runs/tail-attempt.ts'
import { attemptFolder, type Context } from '../server/base/context.ts'

/** Logs events of the run that its client calls `clientId`, made where there is none; gives the run's id. */
export function logOwnRun(
  context: Context,
  project: string,
  clientId: string,
  events: object[],
  { parent = null, status }: { parent?: string | null; status?: 'done' | 'failed' } = {},
): number {
  const { database } = context
  const own = {
    projectId: projectNamed(database, project).id,
    client: 'wandb' as const,
    clientId,
    name: clientId,
    parent,
  }
  const { id } = findOrInsertOwnRun(database, { ...own, at: 1000 })
  const folder = attemptFolder(context, id, 1)
  mkdirSync(folder, { recursive: true })
  appendFileSync(path.join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  tailAttempt(context, findAnyJob(database, id)!, { ended: false })
  if (status !== undefined) setOwnStatus(database, id, { status, at: 2000, exitCode: status === 'done' ? 0 : 1 })
  return id
}

export const metricsAt = (step: number, values: Record<string, unknown>) => ({ type: 'metrics', step, values })
export const configOf = (values: Record<string, unknown>) => ({ type: 'config', values })
