/** Runs that are being read, their events in a folder beside the data: nothing of them is anybody's until all of them are read. */
import { closeSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Database } from '../../../db/client.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import type { Scoring } from '../../../domain/sweep/scoring.ts'
import { createFile, openForAppending } from '../../attempt-files/write-file.ts'
import type { Source } from '../../formats/imports/sources.ts'
import type { Telling, ToldPoint, ToldRun } from '../../formats/imports/telling.ts'
import { eventLine } from '../../formats/read-metric-file.ts'

export type StagedRun = {
  /** The source that it was read from, and what that calls it. */
  source: Source
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

const stagingPrefix = '.importing-'
const claimPrefix = 'run-'

export class StagedRuns {
  readonly folder: string
  readonly #runs = new Map<Source, Map<string, StagedRun>>()
  #count = 0
  #open: { file: string; descriptor: number } | null = null

  constructor(dataFolder: string) {
    this.folder = mkdtempSync(path.join(dataFolder, stagingPrefix))
  }

  /** Says, for whoever opens the data folder after a kill, that the folder of this run is made by this import. */
  claim(runId: number): void {
    closeSync(createFile(path.join(this.folder, `${claimPrefix}${runId}`)))
  }

  /** Keeps a telling as that of its run. */
  add(source: Source, telling: Telling): void {
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
  of(source: Source): StagedRun[] {
    return [...(this.#runs.get(source)?.values() ?? [])]
  }

  private runOf(source: Source, told: ToldRun): StagedRun {
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
 * Removes what an import that was killed left in a data folder: its staging folder, and the folders of runs that never came to be. The
 * next run of that number would take their events for its own. Call when the folder is opened, before anything else.
 */
export function clearBrokenImports(database: Database, dataFolder: string): void {
  for (const name of readdirSync(dataFolder)) {
    if (!name.startsWith(stagingPrefix)) continue
    for (const claim of readdirSync(path.join(dataFolder, name))) {
      const runId = claim.startsWith(claimPrefix) ? Number(claim.slice(claimPrefix.length)) : NaN
      if (Number.isNaN(runId) || findAnyJob(database, runId) !== undefined) continue
      rmSync(path.join(dataFolder, 'runs', String(runId)), { recursive: true, force: true })
    }
    rmSync(path.join(dataFolder, name), { recursive: true, force: true })
  }
}
