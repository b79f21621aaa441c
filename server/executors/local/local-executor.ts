/** Runs attempts as subprocesses of this machine that outlive the server. The folder alone says how each stands. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Executor, Launch, Observation } from '../executor.ts'
import { isAlive, isGroupAlive, signalGroup, type Identity } from './processes.ts'

/** Makes an executor; it holds nothing but a cache of what the folders say. */
export function localExecutor(): Executor {
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
    return { state: 'ended', exitCode: end.exitCode, at: statSync(file).mtimeMs, error: end.error ?? null }
  }

  return {
    launch,

    observe(folder: string): Observation {
      const identity = identityOf(folder)
      const known = identity === 'abandoned' ? null : identity
      const end = readEnd(folder, known)
      if (end) return end
      if (identity === 'abandoned') return { state: 'vanished' }
      if (identity === null) {
        const claimedAt = modifiedAt(path.join(folder, 'claim'))
        return claimedAt === null
          ? { state: 'unclaimed' }
          : { state: 'claimed', milliseconds: Math.max(0, Date.now() - claimedAt) }
      }
      if (isAlive(identity)) return { state: 'running', pid: identity.pid }
      // The wrapper may have written the end between the two looks.
      const late = readEnd(folder, identity)
      if (late) return late
      if (isGroupAlive(identity)) return { state: 'orphaned', pid: identity.pid }
      identities.delete(folder)
      return { state: 'vanished' }
    },

    signal(folder, signal) {
      const identity = identityOf(folder)
      if (identity === null || identity === 'abandoned') return false
      return signalGroup(identity, signal)
    },

    abandon(folder) {
      try {
        writeFileSync(path.join(folder, 'pid.json'), '{"abandoned":true}\n', { flag: 'wx' })
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
        throw error
      }
    },

    onExit(listener) {
      exits.on('exit', listener)
    },
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

function modifiedAt(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null
}
