/** Which executor runs an attempt: the one place that knows them all. */
import path from 'node:path'
import type { ExecutorName } from '../../domain/sweep/executor.ts'
import type { Environment } from '../formats/environment.ts'
import { agentsExecutor, type AgentsExecutor } from './agents/agents-executor.ts'
import type { Executor, Slots } from './executor.ts'
import { localExecutor } from './local/local-executor.ts'
import { rayExecutor } from './ray/ray-executor.ts'
import { readSite } from './slurm/site.ts'
import { slurmExecutor } from './slurm/slurm-executor.ts'

export type Executors = Record<ExecutorName, Executor> & {
  /** This machine. */
  local: Executor & { slots: Slots }
  agents: AgentsExecutor
  /** Whose count a cluster keeps: at most so many jobs of this folder are handed to it at a time. */
  mostAway: number
  /** How much later than it was written a file of a cluster's node may be seen here. */
  fileDelayMilliseconds: number
}

/**
 * Makes the executors of one process over a data folder. The settings file is `settings.yaml` of that folder, or what
 * SWEEPBOARD_SETTINGS names. Throws a SweepboardError that quotes the variable, or names the file, that cannot be used.
 */
export function openExecutors({
  environment,
  dataFolder,
  killSeconds,
}: {
  environment: Environment
  dataFolder: string
  killSeconds: number
}): Executors {
  const site = readSite(environment.SWEEPBOARD_SETTINGS || path.join(dataFolder, 'settings.yaml'))
  const local = localExecutor(environment)
  return {
    local,
    agents: agentsExecutor(local),
    slurm: slurmExecutor(environment, site, killSeconds),
    ray: rayExecutor(environment, { fileDelaySeconds: site.file_delay_seconds, killSeconds }),
    mostAway: site.most_jobs,
    fileDelayMilliseconds: site.file_delay_seconds * 1000,
  }
}
