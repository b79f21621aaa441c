/** What verbs work with: handed in, never imported, so that tests and the command line bring their own. */
import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { TrySlots } from '../../domain/life/try-slots.ts'
import type { Database } from '../../db/client.ts'
import type { SeriesStore } from '../../db/series/index.ts'
import type { ChangeNotice } from '../../contract/api/system.ts'
import type { Config } from './process/config.ts'
import type { LoopWatch } from './process/loop-watch.ts'
import type { Executors } from '../executors/choose.ts'
import type { Attempt } from '../executors/executor.ts'

/** Runs of their own that a person deleted, or brought back (null): told to their intake. */
export type OwnDeleted = { ids: number[]; deletedAt: number | null }

export type Context = {
  database: Database
  series: SeriesStore
  config: Config
  /** Where the data folder stood before it was moved here: what an attempt said then is of there. */
  former: readonly string[]
  executors: Executors
  watch: LoopWatch
  /** What the try that goes on asks for and has: given by the scheduler, held by no row. */
  trySlots: TrySlots
  /** 'change' is emitted after the transaction that made it; 'work' asks the scheduler to look at once; 'own deleted' tells an intake. */
  signals: EventEmitter<{ change: [ChangeNotice]; work: []; 'own deleted': [OwnDeleted] }>
  /** Tests that kill the server at exact instants are told of them here. */
  atInstant?: (instant: 'after-proposal' | 'after-claim' | 'after-launch' | 'in-ingest' | 'in-finalists') => void
}

/** Tells pages that something about a sweep, and perhaps one run of it, is new. */
export function notify(context: Context, sweepId: number | null, runId: number | null = null): void {
  context.signals.emit('change', { topic: runId === null ? 'sweep' : 'run', sweepId, runId })
}

/** The folder of one attempt of a job: its program's own. */
export function attemptFolder(context: Context, jobId: number, attempt: number): string {
  return path.join(context.config.dataFolder, 'runs', String(jobId), String(attempt))
}

/** A file that an attempt named, absolute: said from its folder, and of where that stands now. */
export function fileOfAttempt(context: Context, jobId: number, attempt: number, file: string): string {
  const { dataFolder } = context.config
  const named = path.resolve(attemptFolder(context, jobId, attempt), file)
  const own = (folder: string) => path.join(folder, 'runs', String(jobId)) + path.sep
  const before = context.former.map(own).find((folder) => named.startsWith(folder))
  return before === undefined ? named : own(dataFolder) + named.slice(before.length)
}

/**
 * What an executor knows a job's newest attempt by. Attempts that a version before this one started have their control files
 * in the attempt's own folder.
 */
export function attemptOf(context: Context, job: { id: number; attempt: number; claimedAt: number | null }): Attempt {
  const folder = attemptFolder(context, job.id, job.attempt)
  const control = path.join(context.config.dataFolder, 'control', `${job.id}-${job.attempt}`)
  const isOfBefore = !existsSync(control) && existsSync(path.join(folder, 'claim'))
  return {
    mark: `${job.id}.${job.attempt}.${job.claimedAt}`,
    folder,
    control: isOfBefore ? folder : control,
  }
}
