/** Runs that were read, put into the data folder as runs of their own: all of them in one transaction, or none. */
import { closeSync, mkdirSync, renameSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { findAttempt, insertAttempt, listAttempts, updateAttempt } from '../../../db/queries/attempts.ts'
import { findAnyJob, updateJob } from '../../../db/queries/jobs.ts'
import {
  findOrInsertOwnRun,
  listOwnRuns,
  mergeOwnParams,
  projectNamed,
  setOwnStatus,
  updateOwnRun,
  type ProjectRow,
} from '../../../db/queries/own-runs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { openForAppending } from '../../attempt-files/write-file.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { tailAttempt } from '../runs/tail-attempt.ts'
import { nameImported } from './name-imported.ts'
import { placeOfParent, placeOfRun, type StagedRun, type StagedRuns } from './staged-runs.ts'
import { whatIsNew } from './what-is-new.ts'

/** `added`: events that were not there yet, of a run that an earlier import brought; null: this one brings the run. */
export type StoredRun = { runId: number; added: number | null }
export type StoredRuns = { projects: ProjectRow[]; runs: StoredRun[] }

/**
 * Stores the runs in their projects; one that was imported from the same place before is the same run. Throws `conflict` where a project
 * was deleted.
 */
export function storeRuns(
  context: Context,
  projectOf: (run: StagedRun) => string,
  { staged, runs, directory }: { staged: StagedRuns; runs: StagedRun[]; directory: string },
): StoredRuns {
  const { database, series } = context
  const stored = staged.allOrNothing(database, () =>
    transaction(database, (): StoredRuns => {
      const places = new Map<string, StagedRun>()
      for (const run of runs) if (!places.has(placeOfRun(run))) places.set(placeOfRun(run), run)
      const projects = new Map(
        [...Map.groupBy(places.values(), projectOf)].map(([name, own]) => {
          const project = openProject(context, name)
          const others = listOwnRuns(database, project.id).filter(({ own: { client } }) => client === 'import')
          const taken = new Map(others.map((other) => [other.own.name, other.own.clientId]))
          return [name, { project, names: nameImported(own, directory, taken) }] as const
        }),
      )
      const storedRuns = runs.map((run) => {
        const { project, names } = projects.get(projectOf(run))!
        return storeOne(context, project.id, { staged, run, names })
      })
      return { projects: [...projects.values()].map(({ project }) => project), runs: storedRuns }
    }),
  )
  transaction(database, () => {
    for (const { runId, added } of stored.runs) if (added !== 0) series.finish(runId)
  })
  while (series.maintain(100));
  return stored
}

function openProject({ database }: Context, name: string): ProjectRow {
  const project = projectNamed(database, name)
  if (project.deletedAt === null) return project
  throw new SweepboardError(
    'conflict',
    `The project ${name} was deleted; expected another: --name NAME, or bring it back with MLflow's client.`,
  )
}

function storeOne(
  context: Context,
  projectId: number,
  { staged, run, names }: { staged: StagedRuns; run: StagedRun; names: ReadonlyMap<string, string> },
): StoredRun {
  const { database } = context
  const clientId = placeOfRun(run)
  const at = Math.round(Number.isFinite(run.from) ? run.from : Date.now())
  const own = { projectId, client: 'import' as const, clientId, name: names.get(clientId)!, parent: placeOfParent(run) }
  const { id, inserted } = findOrInsertOwnRun(database, { ...own, at })
  if (inserted) staged.claim(`run-${id}`)
  const before = eventsOf(context, id)
  const job = findAnyJob(database, id)!
  if (run.told.params !== undefined) mergeOwnParams(database, job, run.told.params)
  const placed = inserted ? placeAnew(run, 0) : placeAgain(context, id, run)
  for (const { number, file, lines } of placed) {
    if (lines !== null && !appendLines(context, id, number, { staged, lines })) continue
    if (lines === null) storeAttempt(context, id, number, { staged, file })
    else updateJob(database, id, { attempt: number })
    tailAttempt(context, { ...job, attempt: number }, { ended: true })
  }
  const added = eventsOf(context, id) - before
  if (inserted || added > 0) endRun(context, id, run, inserted)
  updateOwnRun(database, id, { deletedAt: null, ...((inserted || added > 0) && { heardAt: Date.now() }) })
  return { runId: id, added: inserted ? null : added }
}

const eventsOf = ({ database }: Context, id: number) =>
  listAttempts(database, id).reduce((sum, { eventLines }) => sum + eventLines, 0)

/** `lines`: what the attempt gets that is there; null: the attempt is new, and gets the whole file. */
type Placed = { number: number; file: string; lines: Iterable<string | Buffer> | null }

const inOrder = ({ attempts }: StagedRun) => [...attempts].toSorted(([a], [b]) => a - b)

const placeAnew = (run: StagedRun, after: number) =>
  inOrder(run).map(([number, file]): Placed => ({ number: number + after, file, lines: null }))

/**
 * What the files tell now beside what is kept. Attempts that tell the same as kept ones, and more, are these; where a file was written
 * over by a training that began anew, what it tells are further attempts, and what was kept stays.
 */
function placeAgain(context: Context, id: number, run: StagedRun): Placed[] {
  const last = listAttempts(context.database, id)[0]!.number
  for (let after = 0; after < last; after++) {
    const placed = placeAfter(context, id, run, after)
    if (placed !== null) return placed
  }
  return placeAnew(run, last)
}

/** The attempts that the files tell of as those after the first few; null where they are not these. */
function placeAfter(context: Context, id: number, run: StagedRun, after: number): Placed[] | null {
  const placed: Placed[] = []
  for (const [told, file] of inOrder(run)) {
    const number = told + after
    const attempt = findAttempt(context.database, id, number)
    if (attempt === undefined) placed.push({ number, file, lines: null })
    else {
      const kept = path.join(attemptFolder(context, id, number), 'events.jsonl')
      const isWhole = statSync(kept, { throwIfNoEntry: false })?.size === attempt.eventOffset
      const lines = isWhole ? whatIsNew(kept, file, { isSame: run.told.tracked !== undefined }) : null
      if (lines === null) return null
      placed.push({ number, file, lines })
    }
  }
  return placed.some(({ lines }) => lines !== null) ? placed : null
}

function storeAttempt(
  context: Context,
  id: number,
  number: number,
  { staged, file }: { staged: StagedRuns; file: string },
): void {
  const folder = attemptFolder(context, id, number)
  staged.claim(`attempt-${id}-${number}`)
  mkdirSync(folder, { recursive: true })
  renameSync(file, path.join(folder, 'events.jsonl'))
  const { database } = context
  if (findAttempt(database, id, number)) updateAttempt(database, id, number, { startedAt: null })
  else insertAttempt(database, { jobId: id, number, status: 'done', slots: [], claimedAt: Date.now() })
  updateJob(database, id, { attempt: number })
  // until its events say otherwise
  setOwnStatus(database, id, { status: 'done', at: null, exitCode: null })
}

/** Gives whether there was any. */
function appendLines(
  context: Context,
  id: number,
  number: number,
  { staged, lines }: { staged: StagedRuns; lines: Iterable<string | Buffer> },
): boolean {
  const folder = attemptFolder(context, id, number)
  const file = path.join(folder, 'events.jsonl')
  let descriptor: number | null = null
  try {
    for (const piece of lines) {
      if (descriptor === null) {
        staged.claim(`events-${id}-${number}`)
        mkdirSync(folder, { recursive: true })
        descriptor = openForAppending(file)
      }
      const bytes = Buffer.from(piece)
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
    }
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
  return descriptor !== null
}

/** An imported run has ended, as its files say or, where they do not, well; when, is known where they tell times. */
function endRun(context: Context, id: number, run: StagedRun, inserted: boolean): void {
  const { database } = context
  const job = findAnyJob(database, id)!
  const newest = listAttempts(database, id)[0]!
  const known = inserted ? null : job
  const from = Math.round(Math.min(run.from, known?.startedAt ?? Infinity))
  const to = Math.round(Math.max(run.to, known?.finishedAt ?? -Infinity))
  const times = { startedAt: from <= to ? from : null, finishedAt: from <= to ? to : null }
  updateJob(database, id, { attempt: newest.number })
  if (newest.status === 'running') setOwnStatus(database, id, { status: 'stopped', at: null, exitCode: null })
  updateJob(database, id, { lastStep: newest.lastStep ?? job.lastStep, ...times })
  updateAttempt(database, id, newest.number, times)
}
