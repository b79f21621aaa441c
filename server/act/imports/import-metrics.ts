/** Trainings that ran elsewhere, as runs of their own; points that were scored there, as a sweep of which nothing is ever scheduled. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../../../domain/errors.ts'
import { notify, type Context } from '../../base/context.ts'
import { readSource } from '../../formats/imports/read-source.ts'
import type { ImportFormat } from '../../formats/imports/recognise.ts'
import { quoted } from '../../formats/plain-values.ts'
import { findSources, type Source } from '../../formats/imports/sources.ts'
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import { readStore } from '../../intake/stores/read-store.ts'
import { importedSweep } from './imported-axes.ts'
import { startFromPath } from '../own-runs/own-models.ts'
import { placeOfKey, placeOfRun, type StagedRun, StagedRuns } from './staged-runs.ts'
import { storeImportedSweep } from './store-points.ts'
import { type StoredRun, storeRuns } from './store-runs.ts'

const mostNameCharacters = 500

export type ImportOrder = {
  /** What a person calls the project of the runs, or the sweep; null: as their tracker calls it, or after the folder of the first file. */
  name: string | null
  /** Files and folders. */
  files: string[]
  /** Where a person stood who named them. */
  directory: string
  /** What the files are, where their content does not say it. */
  format?: ImportFormat
  /** The column of steps, where its name does not say it. */
  step?: string
}

export type Imported = {
  /** What the runs stand in: projects, or a sweep. */
  projects: { id: number; name: string }[]
  sweepId: number | null
  /** What the sweep is called, or the project of files that name none. */
  name: string
  runs: {
    source: string
    runId: number
    params: Record<string, string>
    rows: number
    samples: number
    points: number
    /** Events that were not there yet, of a run that an earlier import brought; null: this one brought it. */
    added: number | null
  }[]
  /** What could not be read, with file and place, a sentence each. */
  problems: string[]
  /** What was passed over as it should be, a sentence each. */
  notes: string[]
}

/**
 * Reads files of metrics, rollouts and exports, and other trackers' stores, into runs of projects (docs/operations.md says which); where they tell of points that were
 * scored, all of them into a sweep. What was imported from the same place before is the same run. Everything is read before anything is
 * stored, and stored in one transaction: what fails leaves nothing behind. Lines that cannot be read are told and passed over.
 * Throws `invalid` where a file is not there, is nothing that is known, or tells of nothing.
 */
export function importMetrics(context: Context, order: ImportOrder): Imported {
  const { files, directory, format, step } = order
  if (order.name !== null && (order.name.trim() === '' || order.name.length > mostNameCharacters))
    throw new SweepboardError(
      'invalid',
      `The name is ${quoted(order.name)}; expected 1 to ${mostNameCharacters} characters.`,
    )
  if (files.length === 0) throw new SweepboardError('invalid', 'No file was given; expected at least one.')
  const name = order.name ?? folderOf(files[0]!)
  const staged = new StagedRuns(context.config.dataFolder)
  try {
    const problems: string[] = []
    const notes: string[] = []
    const options = {
      // an experiment is looked at for each of its runs
      tell: (problem: string) => problems.includes(problem) || problems.push(problem),
      note: (text: string) => notes.push(text),
    }
    const { sources, stores } = findSources(files, format, options)
    const runs = [
      ...sources.flatMap((source) => stageSource(staged, source, problems, step)),
      ...stores.flatMap((store) => stageStore(staged, store, options)),
    ]
    staged.close()
    const joined = joinTold(runs)
    if (joined.length === 0) throw new SweepboardError('invalid', nothingTold(files, [...problems, ...notes]))
    const described = (run: StagedRun, stored: StoredRun) => {
      const { source, told, rows, samples, points } = run
      const shown = told.tracked === undefined ? source.name : `${source.name}, ${told.name}`
      return { source: shown, params: told.params ?? {}, rows, samples, points: points.length, ...stored }
    }
    if (joined.some(({ points }) => points.length > 0)) {
      const { sweepId, runIds, ...stored } = storeImportedSweep(context, importedSweep(name, joined), {
        staged,
        runs: joined,
        directory,
      })
      notify(context, sweepId)
      const stand = joined.map((run, at) => described(run, { runId: runIds[at]!, added: null }))
      return { projects: [], sweepId, name, runs: stand, problems: [...problems, ...stored.problems], notes }
    }
    const projectOf = ({ told }: StagedRun) => order.name ?? told.tracked?.project ?? name
    const { projects, runs: stored } = storeRuns(context, projectOf, { staged, runs: joined, directory })
    startRuns(context, joined, stored)
    for (const { runId } of stored) notify(context, null, runId)
    return {
      projects: projects.map((project) => ({ id: project.id, name: project.name })),
      sweepId: null,
      name,
      runs: joined.map((run, at) => described(run, stored[at]!)),
      problems,
      notes,
    }
  } finally {
    staged.discard()
  }
}

/** Runs that went on from models of others of their store do so here. */
function startRuns(context: Context, runs: StagedRun[], stored: StoredRun[]): void {
  const ids = new Map(runs.map((run, at) => [placeOfRun(run), stored[at]!.runId]))
  for (const [at, run] of runs.entries()) {
    const start = run.told.tracked?.start
    const of = start ? ids.get(placeOfKey(run, start.run)) : undefined
    if (start && of !== undefined) startFromPath(context, { runId: stored[at]!.runId, of, path: start.path })
  }
}

/** What a folder is called, or that of a file. */
function folderOf(file: string): string {
  const folder = statSync(file, { throwIfNoEntry: false })?.isDirectory() ? file : path.dirname(file)
  return path.basename(path.resolve(folder)) || 'imported'
}

function nothingTold(files: string[], said: string[]): string {
  const what = `${files.length === 1 ? `${files[0]!} tells` : 'The files tell'} of no run that could be imported.`
  return [what, ...said].join(' ')
}

/** The runs of a tracker's store: it may have none. Of a damaged one what stands before the damage is taken, and the damage told. */
function stageStore(staged: StagedRuns, store: FoundStore, options: StoreOptions): StagedRun[] {
  try {
    for (const telling of readStore(store, options)) staged.add(store, telling)
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    options.tell(error.message)
  }
  return staged.of(store)
}

/** The runs of a source. One with nothing to show is told where it holds other things, and refused where it should have held some. */
function stageSource(staged: StagedRuns, source: Source, problems: string[], step: string | undefined): StagedRun[] {
  const before = problems.length
  const tell = (problem: string) => problems.push(problem)
  for (const telling of readSource(source, { tell, ...(step !== undefined && { step }) })) staged.add(source, telling)
  const runs = staged.of(source)
  if (runs.length > 0) return runs
  const file = source.attempts[0]![0]!
  if (problems.length === before && source.format === 'tensorboard') {
    tell(`${file} holds no scalars; it was passed over.`)
    return []
  }
  const why = problems.slice(before).join(' ')
  throw new SweepboardError('invalid', `${file} tells of no step of a training.${why && ` ${why}`}`)
}

/** The points of a sweep's JSON beside the curves of its JSON lines: of the same values, they are the same run's. */
function joinTold(runs: StagedRun[]): StagedRun[] {
  const keyOf = ({ told }: StagedRun) => told.params && JSON.stringify(Object.entries(told.params).toSorted())
  const curves = Map.groupBy(
    runs.filter((run) => run.attempts.size > 0),
    keyOf,
  )
  const joined = new Set<StagedRun>()
  const all = runs.map((run) => {
    const same = run.points.length > 0 && run.attempts.size === 0 ? (curves.get(keyOf(run)) ?? []) : []
    if (same.length !== 1) return run
    joined.add(same[0]!)
    return { ...same[0]!, points: run.points, scoring: run.scoring }
  })
  return all.filter((run) => !joined.has(run))
}
