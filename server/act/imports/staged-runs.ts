/** Runs that are being read, their events in a folder beside the data: nothing of them is anybody's until all of them are read. */
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Database } from '../../../db/client.ts'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import type { Scoring } from '../../../domain/sweep/scoring.ts'
import { createFile, openForAppending } from '../../attempt-files/write-file.ts'
import type { Source } from '../../formats/imports/sources.ts'
import type { FoundStore } from '../../formats/imports/stores.ts'
import type { Telling, ToldPoint, ToldRun } from '../../formats/imports/telling.ts'
import { eventLine } from '../../formats/read-metric-file.ts'

export type StagedRun = {
  /** The source that it was read from, and what that calls it. */
  source: Source | FoundStore
  told: ToldRun
  folder: string
  /** Files of events by the number of their attempt. */
  attempts: Map<number, string>
  points: ToldPoint[]
  scoring: Scoring | null
  rows: number
  samples: number
  /** Milliseconds; infinite where no event carries its time. */
  from: number
  to: number
}

/** Where a run was read from, and as what: by that it is known when it is imported again. */
export const placeOfRun = (run: StagedRun) => placeOfKey(run, run.told.key)

/** Where another run of the same source was read from. */
export const placeOfKey = ({ source }: StagedRun, key: string) =>
  key === '' ? source.place : `${source.place} · ${key}`

/** Where the run was read from that this one is a part of; null where it is of none. */
export const placeOfParent = (run: StagedRun): string | null =>
  run.told.tracked?.parent ? placeOfKey(run, run.told.tracked.parent) : null

const stagingPrefix = '.importing-'

export class StagedRuns {
  readonly folder: string
  readonly #runs = new Map<StagedRun['source'], Map<string, StagedRun>>()
  #count = 0
  #open: { file: string; descriptor: number } | null = null

  constructor(dataFolder: string) {
    this.folder = mkdtempSync(path.join(dataFolder, stagingPrefix))
  }

  /**
   * Says what of the folder of runs this import makes, for whoever opens the data folder after a kill: all of a run (`run-7`), an attempt
   * of one that was there (`attempt-7-2`), more events of an attempt (`events-7-2`).
   */
  claim(what: `run-${number}` | `attempt-${number}-${number}` | `events-${number}-${number}`): void {
    closeSync(createFile(path.join(this.folder, what)))
  }

  /** Stores: `store` makes its rows in one transaction. Where it throws, the files that it claimed are as they were. */
  allOrNothing<T>(database: Database, store: () => T): T {
    try {
      return store()
    } catch (error) {
      takeBack(database, this.folder)
      throw error
    }
  }

  /** Keeps a telling as that of its run. */
  add(source: StagedRun['source'], telling: Telling): void {
    const run = this.runOf(source, telling.run)
    if (telling.points) run.points.push(...telling.points)
    run.scoring ??= telling.scoring ?? null
    if (telling.events.length === 0) return
    for (const event of telling.events) {
      if (event.type === 'metrics') run.rows += 1
      else if (event.type === 'sample') run.samples += 1
      if (event.time === undefined) continue
      run.from = Math.min(run.from, event.time * 1000)
      run.to = Math.max(run.to, event.time * 1000)
    }
    this.write(run, telling.attempt, telling.events.map(lineOf).join(''))
  }

  /** The runs of a source, in the order it told of them. */
  of(source: StagedRun['source']): StagedRun[] {
    return [...(this.#runs.get(source)?.values() ?? [])]
  }

  private runOf(source: StagedRun['source'], told: ToldRun): StagedRun {
    const own = this.#runs.get(source) ?? new Map<string, StagedRun>()
    this.#runs.set(source, own)
    const known = own.get(told.key)
    if (known) return known
    const folder = path.join(this.folder, String(this.#count++))
    const none = { attempts: new Map<number, string>(), points: [], scoring: null, rows: 0, samples: 0 }
    const run: StagedRun = { source, told, folder, ...none, from: Infinity, to: -Infinity }
    own.set(told.key, run)
    return run
  }

  /** Ends the writing: the files are whole. */
  close(): void {
    if (this.#open !== null) closeSync(this.#open.descriptor)
    this.#open = null
  }

  /** Removes what was not moved into place. */
  discard(): void {
    this.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private write(run: StagedRun, attempt: number, lines: string): void {
    let file = run.attempts.get(attempt)
    if (file === undefined) {
      mkdirSync(run.folder, { recursive: true })
      file = path.join(run.folder, `${attempt}.jsonl`)
      closeSync(createFile(file))
      run.attempts.set(attempt, file)
    }
    if (this.#open?.file !== file) {
      this.close()
      this.#open = { file, descriptor: openForAppending(file) }
    }
    const bytes = Buffer.from(lines)
    for (let written = 0; written < bytes.length;) written += writeSync(this.#open.descriptor, bytes, written)
  }
}

/** An event as a line of `events.jsonl`. */
function lineOf(event: TrainerEvent): string {
  if (event.type !== 'metrics') return `${JSON.stringify(event, nonFiniteAsText)}\n`
  return eventLine({ step: event.step, time: event.time ?? null, values: event.values as Record<string, number> })
}

const nonFiniteAsText = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value

/**
 * Removes what an import that was killed left in a data folder: its staging folder, and the files of runs that never came to be. The
 * next run of that number would take their events for its own. Call when the folder is opened, before anything else.
 */
export function clearBrokenImports(database: Database, dataFolder: string): void {
  for (const name of readdirSync(dataFolder)) {
    if (!name.startsWith(stagingPrefix)) continue
    takeBack(database, path.join(dataFolder, name))
    rmSync(path.join(dataFolder, name), { recursive: true, force: true })
  }
}

/** Takes back what was claimed from this staging folder, and has no row. */
function takeBack(database: Database, staging: string): void {
  for (const claim of readdirSync(staging)) {
    const found = /^(run|attempt|events)-(\d+)(?:-(\d+))?$/.exec(claim)
    if (found === null) continue
    const [, what, runId, number] = found as unknown as [string, string, string, string?]
    const folder = path.join(path.dirname(staging), 'runs', runId, number ?? '')
    const attempt = number === undefined ? undefined : findAttempt(database, Number(runId), Number(number))
    if (what === 'events' && attempt) cutEvents(path.join(folder, 'events.jsonl'), attempt.eventOffset)
    else if (what === 'run' ? findAnyJob(database, Number(runId)) === undefined : attempt === undefined)
      rmSync(folder, { recursive: true, force: true })
  }
}

/** Cuts off what was appended and not read. */
function cutEvents(file: string, bytes: number): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= bytes) return
  const descriptor = openForAppending(file)
  ftruncateSync(descriptor, bytes)
  closeSync(descriptor)
}
