/** Looks how everything stands and writes what rules tell of it: alerts and their deliveries in one transaction. */
import { lstatSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import {
  insertAlert,
  insertDeliveries,
  lastEventId,
  listAlertChannels,
  listAlertNotes,
  listAlertRules,
  listWatchedJobs,
  listWatchedSweeps,
  setAlertRuleChecked,
  type AlertRuleRow,
} from '../../../db/queries/alerts.ts'
import { findAnyJob, findJob, type AnyJobRow } from '../../../db/queries/jobs.ts'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { alertsOf, type Watched, type WatchedJob, type WatchedSweep } from '../../../domain/life/alerts.ts'
import { attemptFolder, type Context } from '../../base/context.ts'

/** Looked back over what was looked at before: clocks are set, and rows are written a little after what they are of. */
const marginMilliseconds = 600_000
/** How far a rule has come is written so often where it told of nothing. */
const rememberMilliseconds = 60_000

/** Tells of everything new; `rules`: only these, `old`: as what was so before anyone asked. Gives how many were told. */
export function raiseAlerts(
  context: Context,
  { rules = listAlertRules(context.database), old = false }: { rules?: AlertRuleRow[]; old?: boolean } = {},
): number {
  if (rules.length === 0) return 0
  const { database } = context
  const now = Date.now()
  let told = 0
  for (const rule of rules) {
    const lastEvent = rule.rule.kind === 'client' ? lastEventId(database) : rule.checkedEvent
    const found = alertsOf(rule.rule, look(context, rule, { now, lastEvent }))
    if (found.length === 0 && lastEvent === rule.checkedEvent && now - rule.checkedAt < rememberMilliseconds) continue
    transaction(database, () => {
      const channels = old ? [] : listAlertChannels(database).map(({ id }) => id)
      for (const alert of found) {
        const row = insertAlert(database, rule.id, alert, old)
        if (row === null) continue
        told += 1
        insertDeliveries(database, row.id, channels, now)
      }
      setAlertRuleChecked(database, rule.id, { checkedAt: now, checkedEvent: lastEvent })
    })
  }
  if (told > 0 && !old) context.signals.emit('change', { topic: 'alert', sweepId: null, runId: null })
  return told
}

/** As much as the rule may ask. */
function look(context: Context, row: AlertRuleRow, { now, lastEvent }: { now: number; lastEvent: number }): Watched {
  const { database, series } = context
  const { rule } = row
  const since = row.checkedAt - marginMilliseconds
  const nothing: Watched = { now, sweeps: [], jobs: [], metrics: [], notes: [], disk: null }
  if (rule.kind === 'disk') return { ...nothing, disk: diskOf(context.config.dataFolder) }
  if (rule.kind === 'sweep-ended' || rule.kind === 'sweep-paused')
    return { ...nothing, sweeps: listWatchedSweeps(database, since).map(watchedSweep) }
  if (rule.kind === 'client') {
    const notes = listAlertNotes(database, row.checkedEvent, lastEvent).map(({ id, jobId, body }) => ({
      id,
      runId: findJob(database, jobId)?.runId ?? jobId,
      text: String(body.text),
    }))
    const jobs = [...new Set(notes.map(({ runId }) => runId))].flatMap((id) => findAnyJob(database, id) ?? [])
    return { ...nothing, ...described(context, jobs, false), notes }
  }
  const jobs = listWatchedJobs(database, since)
  if (rule.kind === 'run-failed' || rule.kind === 'silent')
    return { ...nothing, ...described(context, jobs, rule.kind === 'silent') }
  const trainings = jobs.filter(({ kind }) => kind === 'training')
  const runIds = trainings.map(({ id }) => id)
  const metrics = series.last(runIds, rule.metric === null ? undefined : [rule.metric])
  return { ...nothing, ...described(context, trainings, false), metrics }
}

function watchedSweep(row: NonNullable<ReturnType<typeof findSweep>>): WatchedSweep {
  const { id, name, status, pauseReason, breakerResetAt, finishedAt } = row
  return { id, name, status, pauseReason, resumedAt: breakerResetAt, finishedAt }
}

function described(context: Context, rows: AnyJobRow[], listening: boolean): Pick<Watched, 'jobs'> {
  const jobs = rows.map((row): WatchedJob => {
    const { id, sweepId, attempt, status, error, runId } = row
    const heard = listening ? heardAt(context, row) : null
    return { id, name: nameOf(context, row), sweepId, runId: runId ?? id, attempt, status, error, heardAt: heard }
  })
  return { jobs }
}

function nameOf({ database }: Context, { id, kind, sweepId, runId, number }: AnyJobRow): string {
  if (sweepId === null) return `The run ${findOwnRun(database, id)?.own.name ?? id}`
  const run = runId === null ? number : (findJob(database, runId)?.number ?? runId)
  return `${kind === 'evaluation' ? 'An evaluation of run' : 'Run'} ${run} of ${findSweep(database, sweepId)?.name ?? 'a sweep'}`
}

/** When the attempt last wrote an event or printed anything, or else began. */
function heardAt(context: Context, { id, attempt, startedAt, sweepId }: AnyJobRow): number | null {
  if (sweepId === null) return findOwnRun(context.database, id)?.own.heardAt ?? null
  const folder = attemptFolder(context, id, attempt)
  const times = ['events.jsonl', 'stdout.log', 'stderr.log'].flatMap(
    (name) => lstatSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? [],
  )
  const heard = Math.max(startedAt ?? 0, ...times)
  return heard === 0 ? null : heard
}

function diskOf(folder: string): Watched['disk'] {
  try {
    // as df counts it: what only root may fill is not there to be used
    const { blocks, bfree, bavail } = statfsSync(folder)
    const used = blocks - bfree
    return used + bavail === 0 ? null : { folder, percent: (100 * used) / (used + bavail) }
  } catch {
    return null
  }
}
