/** Which executor runs an attempt: the one place that knows them all. */
import type { Environment } from '../formats/environment.ts'
import type { Executor } from './executor.ts'
import { localExecutor } from './local/local-executor.ts'

export type Executors = {
  /** This machine. */
  local: Executor
}

/**
 * Makes the executors of one process over a data folder. Throws a SweepboardError that quotes the variable when one that
 * describes this machine cannot be used.
 */
export function openExecutors(environment: Environment): Executors {
  return { local: localExecutor(environment) }
}
