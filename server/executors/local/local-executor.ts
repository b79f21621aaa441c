/** Runs attempts as subprocesses of this machine that outlive the server. The folder alone says how each stands. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Environment } from '../../formats/environment.ts'
import type { Executor, Launch, Observation } from '../executor.ts'
import { signalOf } from '../exit-code.ts'
import { isAlive, isGroupAlive, signalGroup, type Identity } from './processes.ts'
import { programProblem } from './program-problem.ts'
import { readSlots } from './slots.ts'

/**
 * Makes an executor; it holds nothing but a cache of what the folders say. Throws a SweepboardError that quotes the
 * variable when SWEEPBOARD_GPUS or SWEEPBOARD_SLOTS cannot be used.
 */
export function localExecutor(environment: Environment): Executor {
  const slots = readSlots(environment)
  const identities = new Map<string, Identity>()

  function identityOf(folder: string): Identity | 'abandoned' | null {
    const cached = identities.get(folder)
    if (cached) return cached
    const written = readJson<Identity & { abandoned?: true }>(path.join(folder, 'pid.json'))
    if (written === null) return null
    if (written.abandoned) return 'abandoned'
    identities.set(folder, written)
    return written
  }

  function readEnd(folder: string, identity: Identity | null): Observation | null {
    const file = path.join(folder, 'exit.json')
    const end = readJson<{ exitCode: number; error?: string }>(file)
    if (end === null) return null
    // The wrapper's last breath is after its exit file: only what else lives of the group counts, so wait for it too.
    if (identity && isGroupAlive(identity)) return { state: 'lingering', pid: identity.pid }
    identities.delete(folder)
    const { exitCode, error = null } = end
    return { state: 'ended', exitCode, signal: signalOf(exitCode), error, at: statSync(file).mtimeMs }
  }

  function look(folder: string): Observation {
    const identity = identityOf(folder)
    const known = identity === 'abandoned' ? null : identity
    const end = readEnd(folder, known)
    if (end) return end
    if (identity === 'abandoned') return { state: 'vanished' }
    if (identity === null) return { state: existsSync(path.join(folder, 'claim')) ? 'claimed' : 'unclaimed' }
    if (isAlive(identity)) return { state: 'running', pid: identity.pid }
    // The wrapper may have written the end between the two looks.
    const late = readEnd(folder, identity)
    if (late) return late
    if (isGroupAlive(identity)) return { state: 'orphaned', pid: identity.pid }
    identities.delete(folder)
    return { state: 'vanished' }
  }

  function signalOne(folder: string, signal: NodeJS.Signals): boolean {
    const identity = identityOf(folder)
    return identity !== null && identity !== 'abandoned' && signalGroup(identity, signal)
  }

  return {
    slots,
    programProblem,
    environment(held): Record<string, string> {
      return slots.kind === 'gpu' ? { CUDA_VISIBLE_DEVICES: held.join(',') } : {}
    },
    launch: async (launches) => launches.forEach(launch),

    observe: async (attempts) =>
      attempts.map(({ folder }) => {
        try {
          return look(folder)
        } catch (error) {
          return { state: 'unknown', reason: (error as Error).message }
        }
      }),

    signal: async (attempts, signal) => attempts.map(({ folder }) => signalOne(folder, signal)),
    abandon: async (attempts) => attempts.map(({ folder }) => abandon(folder)),

    onExit(listener) {
      exits.on('exit', listener)
      return () => exits.off('exit', listener)
    },
  }
}

function abandon(folder: string): boolean {
  try {
    writeFileSync(path.join(folder, 'pid.json'), '{"abandoned":true}\n', { flag: 'wx' })
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

function readJson<Value>(file: string): Value | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value
  } catch {
    return null
  }
}
