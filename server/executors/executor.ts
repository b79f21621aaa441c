/**
 * What runs attempts: this machine, or a cluster. Every executor keeps these promises, and one suite of tests
 * (tests/executors/executor-contract.ts) holds each to them:
 * - `launch` may be called any number of times for one attempt; its command runs at most once, ever.
 * - the command outlives the server, and another server finds it again through the attempt's folders alone.
 * - `observe` never calls a silent process dead: only its end, or its absence, is the truth.
 * - what `observe` calls ended or vanished has no process left.
 * - no call holds the others up: what takes longer than a look (a cluster's answer) goes on beside it.
 * None of them is called inside a transaction of the database.
 */
import type { ProcessEnd } from '../../domain/life/attempt-outcome.ts'

export type Attempt = {
  /** The attempt's own folder, absolute: it exists, and its program may write and clear whatever is in it. */
  folder: string
}

export type Launch = Attempt & {
  /** Program and arguments, run without a shell. */
  command: string[]
  /** The folder it runs in. */
  directory: string
  environment: Record<string, string | undefined>
}

export type Observation =
  /** Nobody has begun: launch it (again). */
  | { state: 'unclaimed' }
  /** A process that will run the command has begun and not named itself yet. */
  | { state: 'claimed' }
  | { state: 'running'; pid: number }
  /** The process that watches the command is gone, those that the command started are not: how they end will not be known. */
  | { state: 'orphaned'; pid: number }
  /** The command ended and processes that it started live on. */
  | { state: 'lingering'; pid: number }
  /** `at` is the time of the end, in milliseconds since 1970. */
  | ({ state: 'ended'; at: number } & ProcessEnd)
  /** It ran, or began to, and left no word of how it ended: a reboot, a killed wrapper. */
  | { state: 'vanished' }
  /** It cannot be known now, and why; nothing follows from it. */
  | { state: 'unknown'; reason: string }

export type Slots = { kind: 'gpu' | 'cpu'; ids: readonly string[] }

export type Executor = {
  /** What attempts can hold here. */
  slots: Slots
  /** What an attempt that holds these slots finds in its environment, beside what every attempt finds. */
  environment(slots: readonly string[]): Record<string, string>
  /** Why a program that a sweep names would not be found here, as a sentence; null: it is there, or nobody can know. */
  programProblem(program: string, directory: string, searchPath: string): string | null
  launch(launches: Launch[]): Promise<void>
  /** One observation an attempt, in their order. */
  observe(attempts: Attempt[]): Promise<Observation[]>
  /** Signals every process of each attempt. False: there is none. */
  signal(attempts: Attempt[], signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean[]>
  /** Bars attempts that never named a process from ever starting. False: it has named one after all. */
  abandon(attempts: Attempt[]): Promise<boolean[]>
  /** Calls the listener when something ended: a hint to observe now. Gives a function that takes it off again. */
  onExit(listener: () => void): () => void
}
