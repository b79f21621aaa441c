/**
 * What runs an attempt. Every executor keeps these promises, and one suite of tests (executor.contract.ts) holds each to
 * them:
 * - `launch` may be called any number of times for one folder; the command runs at most once there, ever.
 * - the command outlives the server, and another server finds it again through the folder alone.
 * - `observe` never calls a silent process dead: only its end, or its absence, is the truth.
 * - what `observe` calls ended or vanished has no process left.
 */

export type Launch = {
  /** The attempt's folder, absolute; it exists and is the attempt's own. */
  folder: string
  /** Program and arguments, run without a shell. */
  command: string[]
  /** The folder it runs in. */
  directory: string
  environment: Record<string, string | undefined>
}

export type Observation =
  /** Nobody has begun: launch it (again). */
  | { state: 'unclaimed' }
  /** A wrapper has begun and not named its process yet, for this long. */
  | { state: 'claimed'; milliseconds: number }
  | { state: 'running'; pid: number }
  /** The wrapper is gone, processes that it started are not: how they end will not be known. */
  | { state: 'orphaned'; pid: number }
  /** The command ended and processes that it started live on. */
  | { state: 'lingering'; pid: number }
  /** `at` is the time of the end, in milliseconds since 1970. */
  | { state: 'ended'; exitCode: number; at: number; error: string | null }
  /** It ran, or began to, and left no word of how it ended: a reboot, a killed wrapper. */
  | { state: 'vanished' }

export type Executor = {
  launch(launch: Launch): void
  observe(folder: string): Observation
  /** Signals every process of the attempt. False: there is none. */
  signal(folder: string, signal: 'SIGTERM' | 'SIGKILL'): boolean
  /** Bars a claimed attempt that never named its process from ever starting. False: it has named itself after all. */
  abandon(folder: string): boolean
  /** Called when a process that this server launched ends: a hint to observe now. */
  onExit(listener: () => void): void
}
