/** A scheduler over a data folder of its own, in the test's process, with real trainers. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { listLiveJobs } from '../db/queries/jobs.ts'
import { findSweep } from '../db/queries/sweeps.ts'
import { isSweepFinished } from '../domain/life/run-status.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { readConfig } from '../server/base/process/config.ts'
import type { Context } from '../server/base/context.ts'
import { openDataFolder } from '../server/open.ts'
import { cancelJobs } from '../server/act/runs/cancel-jobs.ts'
import { openTries, type Tries } from '../server/act/tries/tries.ts'
import { startScheduler, type Scheduler } from '../server/scheduler/scheduler.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { describeWholeSweep } from '../server/read/sweeps/describe-sweep.ts'
import type { WholeSweep } from '../contract/api/sweeps.ts'

export const stubs = path.join(import.meta.dirname, 'stub-trainers')
/** Arguments that call a stub. */
export const stub = (name: string, ...rest: string[]) => ['bash', path.join(stubs, `${name}.sh`), ...rest]

export type TestServer = {
  context: Context
  scheduler: Scheduler
  tries: Tries
  dataFolder: string
  /** Creates a sweep in a folder of its own and gives its id. */
  create(definition: SweepInput): number
  sweep(id: number): WholeSweep
  /** Resolves with the sweep once `condition` holds; looks whenever something changes. */
  until(id: number, condition: (sweep: WholeSweep) => boolean): Promise<WholeSweep>
  finished(id: number): Promise<WholeSweep>
  /** Leaves as a killed server would: nothing is stopped. */
  leave(): void
  /** Another server over the same folder, after `leave`. */
  again(environment?: Record<string, string>): TestServer
  /** Cancels what lives, waits for it, and removes the folder. */
  close(): Promise<void>
}

/** Opens one; `close` it in the test's end. `environment` adds to or overrides the process's. */
export function openTestServer(environment: Record<string, string> = {}, folder?: string): TestServer {
  const dataFolder = folder ?? mkdtempSync(path.join(tmpdir(), 'sweepboard-'))
  const base = { ...process.env, SWEEPBOARD_SLOTS: '4', SWEEPBOARD_KILL_SECONDS: '1' }
  const opened = openDataFolder(readConfig({ ...base, ...environment }, dataFolder))
  if (!('context' in opened)) throw new Error(`${dataFolder} is held by another process`)
  const { context } = opened
  const scheduler = startScheduler(context)
  const tries = openTries(context)
  const sweep = (id: number) => describeWholeSweep(context, findSweep(context.database, id)!)
  const server: TestServer = {
    context,
    scheduler,
    tries,
    dataFolder,
    sweep,
    create: (definition) => createSweep(context, { definition, directory: dataFolder }).id,
    async until(id, condition) {
      const met = Promise.withResolvers<WholeSweep>()
      const look = () => {
        const seen = sweep(id)
        if (condition(seen)) met.resolve(seen)
      }
      context.signals.on('change', look)
      look()
      const result = await met.promise
      context.signals.off('change', look)
      return result
    },
    finished: (id) => server.until(id, (seen) => isSweepFinished(seen.status) && seen.slotsHeld === 0),
    leave() {
      scheduler.stop()
      tries.close()
      opened.close()
    },
    again(more = {}) {
      return openTestServer({ ...environment, ...more }, dataFolder)
    },
    async close() {
      cancelJobs(
        context,
        listLiveJobs(context.database).filter((job) => job.again !== null),
      )
      for (const job of listLiveJobs(context.database)) {
        const { status } = sweep(job.sweepId)
        if (!isSweepFinished(status)) cancelSweep(context, job.sweepId)
      }
      for (const job of listLiveJobs(context.database)) await server.until(job.sweepId, (seen) => seen.slotsHeld === 0)
      server.leave()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
  return server
}

/** Resolves when the file is there; a hang is the test's own timeout. */
export async function fileAppears(file: string): Promise<string> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5))
  return readFileSync(file, 'utf8')
}

/** A small sweep whose evaluation gives every point the accuracy 0.5 on one benchmark; parts can be replaced. */
export function smallSweep(parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'small',
    axes: { a: ['1', '2'] },
    train: { command: stub('finishes', '4') },
    // stubs log to nobody: what an intake takes in is tested in tests/tracking
    track: 'none',
    evaluate: { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' } },
    score: { baseline: { B: 0.25 } },
    ...parts,
  }
}
