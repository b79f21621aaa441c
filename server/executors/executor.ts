/**
 * What runs attempts: this machine, or a cluster. Every executor keeps these promises, and one suite of tests
 * (tests/executors/executor-contract.ts) holds each to them:
 * - `launch` may be called any number of times for one attempt; its command runs at most once, ever.
 * - the command outlives the server, and another server finds it again through the attempt's folders alone.
 * - `observe` never calls a silent process dead: only its end, or its absence, is the truth.
 * - what `observe` calls ended or vanished has no process left.
 * - where a cluster queues attempts, a submission whose answer was lost is found again, not made again.
 * - no call holds the others up: what takes longer than a look (a cluster's answer) goes on beside it.
 * None of them is called inside a transaction of the database.
 */
import type { Interruption, ProcessEnd } from '../../domain/life/attempt-outcome.ts'
import type { Place } from '../../domain/life/place.ts'
import type { RayRequest, SlurmRequest } from '../../domain/sweep/executor.ts'

export type Attempt = {
  /** Of one attempt only, on this machine and on any other: its processes bear it in their environment. */
  mark: string
  /** The attempt's own folder, absolute: it exists, and its program may write and clear whatever is in it. */
  folder: string
  /** Where the executor keeps what must survive that, absolute; it is there when the attempt is launched. */
  control: string
}

export type Launch = Attempt & {
  /** Program and arguments, run without a shell. */
  command: string[]
  /** The folder it runs in. */
  directory: string
  environment: Record<string, string | undefined>
  /** Ends when the process that launched it does: of this machine alone. */
  bound?: true
  /** What a cluster is asked for: GPUs, what its scheduler takes beside them, and a name for people to know the job by. */
  request?: { gpus: number; name: string; slurm?: SlurmRequest; ray?: RayRequest }
  /**
   * Where the attempt has an intake (server/intake), the door that its clients knock at: an address of the machine that the command
   * runs on, made before it starts. `variables` tell clients of it, `{port}` in them being its port. The intake starts when somebody
   * knocks, when its TensorBoard folder is there, or `atOnce`; on a cluster, where nobody could hear a knock, always before the command.
   */
  door?: { variables: Record<string, string>; tensorBoard: string; atOnce: boolean }
}

export type Observation = State & {
  /** Where it is on a cluster, or was. */
  place?: Place
}

type State =
  /** Nobody has begun: launch it (again). */
  | { state: 'unclaimed' }
  /** A process that will run the command has begun and not named itself yet. */
  | { state: 'claimed' }
  /** A cluster has it, or is about to, and has not begun it: it may be given up. */
  | { state: 'queued' }
  | ({ state: 'running' } & Running)
  /** The process that watches the command is gone, those that the command started are not: how they end will not be known. */
  | ({ state: 'orphaned' } & Running)
  /** The command ended and processes that it started live on; none is listed while only the watching one is about to leave. */
  | { state: 'lingering'; processes: LeftProcess[] }
  /** `milliseconds`: how long it ran, where that is known. */
  | ({ state: 'ended'; milliseconds: number | null; interruption?: Interruption | null } & ProcessEnd)
  /** It ran, or began to, and left no word of how it ended: a reboot, a killed wrapper; or its cluster says what became of it. */
  | { state: 'vanished'; interruption?: Interruption | null }
  /** It cannot be known now, and why; nothing follows from it. */
  | { state: 'unknown'; reason: string }

export type Running = {
  /** Null where no process of this machine stands for it. */
  pid: number | null
  /** How long it has run by a clock that nobody sets; null where that is not known. */
  milliseconds: number | null
  /** The newest request to stop that was passed on with SIGTERM, and how long ago; null: none was. */
  stopping: { request: number; milliseconds: number } | null
}

/** `apart`: it has left the group of its attempt. */
export type LeftProcess = { pid: number; name: string; apart: boolean }

export type Slots = { kind: 'gpu' | 'cpu'; ids: readonly string[] }

export type Executor = {
  /** What attempts can hold here; null: a cluster gives them what it has, and keeps the count. */
  slots: Slots | null
  /** Slots that somebody else uses, and who, as a phrase: they are not given out meanwhile. */
  withheld(): Promise<ReadonlyMap<string, string>>
  /** Ports that nobody listens on where attempts run, and none of `taken`. */
  freePorts(count: number, taken: ReadonlySet<number>): Promise<number[]>
  /** What an attempt that holds these slots finds in its environment, beside what every attempt finds. */
  environment(slots: readonly string[]): Record<string, string>
  /** Why a program that a sweep names would not be found here, as a sentence; null: it is there, or nobody can know. */
  programProblem(program: string, directory: string, searchPath: string): string | null
  launch(launches: Launch[]): Promise<void>
  /** One observation an attempt, in their order. */
  observe(attempts: Attempt[]): Promise<Observation[]>
  /**
   * Signals each attempt. SIGTERM goes to the command's group while its leader lives, so that those who have left it are
   * not asked twice, and to whoever is left after that; SIGKILL goes to all. `request` names the request to stop that is
   * passed on, and `observe` gives it back; null: nobody asked, it is what the command left behind. False: there is nobody.
   */
  signal(attempts: Attempt[], signal: 'SIGTERM' | 'SIGKILL', request: number | null): Promise<boolean[]>
  /** Bars attempts that never named a process from ever starting, and takes them out of a queue. False: it has named one after all. */
  abandon(attempts: Attempt[]): Promise<boolean[]>
  /** Calls the listener when something ended: a hint to observe now. Gives a function that takes it off again. */
  onExit(listener: () => void): () => void
}
