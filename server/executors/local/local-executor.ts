/** Runs attempts as subprocesses of this machine that outlive the server. Their control folders say how each stands. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Environment } from '../../formats/environment.ts'
import { monotonicMilliseconds } from '../clock.ts'
import type { Attempt, Executor, Launch, LeftProcess, Observation, Running, Slots } from '../executor.ts'
import { signalOf } from '../exit-code.ts'
import {
  exitFileSchema,
  pidFileSchema,
  readControl,
  stopFileSchema,
  writeControl,
  type ExitFile,
  type PidFile,
  type StopFile,
} from './control-files.ts'
import { markVariable, processTable, type Process } from './process-table.ts'
import { groupMembers, isAlive, isOfThisBoot, signalGroup, signalProcess } from './processes.ts'
import { freePorts } from './free-ports.ts'
import { watchGpus } from './gpu-users.ts'
import { programProblem } from './program-problem.ts'
import { readSlots } from './slots.ts'

/** How often new processes are looked for while nothing ends: before one has written its title over its environment. */
const refreshMilliseconds = 1000

/** `lost`: the file that named the process is torn, or says that the attempt was given up. */
type Known = { identity: PidFile | 'lost'; stopping?: StopFile | null }

/**
 * Makes an executor; it holds nothing but a cache of what the folders and the system say. Throws a SweepboardError that
 * quotes the variable when SWEEPBOARD_GPUS or SWEEPBOARD_SLOTS cannot be used.
 */
export function localExecutor(environment: Environment): Executor & { slots: Slots } {
  const slots = readSlots(environment)
  const cache = new Map<string, Known>()
  const table = processTable()
  /** Control folders of attempts that this executor launched and that have not named a process yet. */
  const launched = new Set<string>()
  let refreshedAt = -Infinity

  function knownOf({ control }: Attempt): Known | null {
    const cached = cache.get(control)
    if (cached) return cached
    const written = readControl(control, 'pid.json', pidFileSchema)
    if (written === null) return null
    const known: Known = { identity: written === 'torn' ? 'lost' : written }
    cache.set(control, known)
    launched.delete(control)
    return known
  }

  function stoppingOf({ control }: Attempt, known: Known): StopFile | null {
    if (known.stopping === undefined) {
      const written = readControl(control, 'stop.json', stopFileSchema)
      known.stopping = written === 'torn' ? null : written
    }
    return known.stopping
  }

  /** Live processes of the attempt beside its wrapper; those new since the last refresh are missing. */
  function membersOf({ mark }: Attempt, known: Known | null): (LeftProcess & Process)[] {
    const identity = known === null || known.identity === 'lost' ? null : known.identity
    const marked = table.marked(mark).filter(({ pid }) => pid !== identity?.pid)
    const isMarked = (pid: number) => marked.some((process) => process.pid === pid)
    const group = identity === null ? [] : groupMembers(identity, isMarked)
    const apart = marked.filter(({ pid }) => !group.some((process) => process.pid === pid))
    const describe = (apart: boolean) => (process: Process) => ({ ...process, apart })
    return [...group.map(describe(false)), ...apart.map(describe(true))]
  }

  function runningOf(attempt: Attempt, known: Known, identity: PidFile): Running {
    const stopping = stoppingOf(attempt, known)
    return {
      pid: identity.pid,
      milliseconds: identity.monotonic === undefined ? null : since(identity.monotonic),
      stopping: stopping && { request: stopping.request, milliseconds: since(stopping.monotonic) },
    }
  }

  /** What the files say, or how to go on from them once new processes are known: those are read once for all attempts. */
  function look(attempt: Attempt): Observation | (() => Observation) {
    const known = knownOf(attempt)
    if (known === null) return lookUnnamed(attempt)
    const { identity } = known
    if (identity !== 'lost' && isAlive(identity) && !existsSync(path.join(attempt.control, 'exit.json')))
      return { state: 'running', ...runningOf(attempt, known, identity) }
    // The end is read after the wrapper is seen gone: what it had to say is there by then.
    const leaderLives = identity !== 'lost' && isAlive(identity)
    const end = readControl(attempt.control, 'exit.json', exitFileSchema)
    // its last breath, after its exit file
    if (leaderLives) return { state: 'lingering', processes: [] }
    return () => lookAtProcesses(attempt, known, end)
  }

  function lookAtProcesses(attempt: Attempt, known: Known, end: ExitFile | 'torn' | null): Observation {
    const { identity } = known
    const members = membersOf(attempt, known)
    if (members.length > 0) {
      const inGroup = members.some((member) => !member.apart)
      if (end !== null || !inGroup || identity === 'lost') return { state: 'lingering', processes: members }
      return { state: 'orphaned', ...runningOf(attempt, known, identity) }
    }
    const signalled = stoppingOf(attempt, known) !== null
    cache.delete(attempt.control)
    if (end === null || end === 'torn') return { state: 'vanished' }
    const { exitCode, error = null } = end
    const milliseconds = identity === 'lost' ? null : millisecondsBetween(identity.uptime, end.uptime)
    return { state: 'ended', exitCode, signal: signalOf(exitCode), error, milliseconds, signalled }
  }

  /** No process was named: it may not have come to that, could not be started, or its control folder was removed. */
  function lookUnnamed(attempt: Attempt): Observation | (() => Observation) {
    const end = readControl(attempt.control, 'exit.json', exitFileSchema)
    if (end !== null && end !== 'torn') {
      const { exitCode, error = null } = end
      return { state: 'ended', exitCode, signal: signalOf(exitCode), error, milliseconds: null, signalled: false }
    }
    if (existsSync(path.join(attempt.control, 'claim'))) return { state: 'claimed' }
    // a launch that has not come to a claim yet has no process to be known by
    if (launched.has(attempt.control)) return { state: 'unclaimed' }
    return () => {
      const [first] = table.marked(attempt.mark)
      if (first === undefined) return { state: 'unclaimed' }
      return { state: 'orphaned', pid: first.pid, milliseconds: null, stopping: null }
    }
  }

  function signalOne(attempt: Attempt, signal: NodeJS.Signals, request: number | null): boolean {
    const known = knownOf(attempt)
    if (known !== null && request !== null && signal === 'SIGTERM') {
      known.stopping = { request, monotonic: monotonicMilliseconds() }
      writeControl(attempt.control, 'stop.json', known.stopping)
    }
    const reached =
      known !== null && known.identity !== 'lost' && isOfThisBoot(known.identity) && signalGroup(known.identity, signal)
    if (reached && signal === 'SIGTERM') return true
    table.refresh()
    const sent = membersOf(attempt, known).map((member) => signalProcess(member, signal))
    return reached || sent.includes(true)
  }

  return {
    slots,
    withheld: watchGpus(slots, environment),
    freePorts,
    programProblem,
    environment(held): Record<string, string> {
      if (slots.kind === 'cpu') return {}
      // numbers as nvidia-smi gives them, which are not CUDA's own unless it is told
      const { CUDA_DEVICE_ORDER = 'PCI_BUS_ID' } = environment
      return { CUDA_VISIBLE_DEVICES: held.join(','), CUDA_DEVICE_ORDER }
    },
    async launch(launches) {
      for (const attempt of launches) {
        launched.add(attempt.control)
        launch(withMark(attempt))
      }
    },

    async observe(attempts) {
      const found = attempts.map((attempt) => orUnknown(() => look(attempt)))
      const isDue = attempts.length > 0 && monotonicMilliseconds() - refreshedAt >= refreshMilliseconds
      if (isDue || found.some((seen) => typeof seen === 'function')) {
        refreshedAt = monotonicMilliseconds()
        table.refresh()
      }
      return found.map((seen) => (typeof seen === 'function' ? orUnknown(seen) : seen))
    },

    signal: async (attempts, signal, request) => attempts.map((attempt) => signalOne(attempt, signal, request)),
    abandon: async (attempts) => attempts.map(abandon),

    onExit(listener) {
      exits.on('exit', listener)
      return () => exits.off('exit', listener)
    },
  }
}

/** The marks of attempts around this one stay: whoever ends one of them ends what it started too. */
function withMark(attempt: Launch): Launch {
  const around = process.env[markVariable]
  return {
    ...attempt,
    environment: {
      SPT_NOENV: '1',
      ...attempt.environment,
      [markVariable]: around === undefined ? attempt.mark : `${around}:${attempt.mark}`,
    },
  }
}

function orUnknown<Seen>(look: () => Seen): Seen | Observation {
  try {
    return look()
  } catch (error) {
    return { state: 'unknown', reason: (error as Error).message }
  }
}

function since(monotonic: number): number {
  return Math.max(0, monotonicMilliseconds() - monotonic)
}

function millisecondsBetween(begun: string | undefined, ended: string | undefined): number | null {
  const milliseconds = (Number(ended) - Number(begun)) * 1000
  return begun === '' || ended === '' || !(milliseconds >= 0) ? null : Math.round(milliseconds)
}

function abandon({ control }: Attempt): boolean {
  try {
    writeFileSync(path.join(control, 'pid.json'), '{"abandoned":true}\n', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Everybody in this process who wants to know that a wrapper ended. */
const exits = new EventEmitter<{ exit: [] }>().setMaxListeners(0)
let launcher: ChildProcess | undefined

/** Hands the attempt to the launcher, which this process has one of, from its first launch on. */
function launch(attempt: Launch): void {
  if (!launcher?.connected) {
    launcher = fork(path.join(import.meta.dirname, 'launcher.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    })
    launcher.on('message', () => exits.emit('exit'))
    // A launcher that died is found out by its silence: the attempt stays unclaimed and is launched again.
    launcher.on('error', () => {})
    // It must not keep a process alive that has nothing else to do.
    launcher.unref()
    launcher.channel?.unref()
  }
  launcher.send(attempt, () => {})
}
