/** Runs attempts as subprocesses of this machine that outlive the server. The folder alone says how each stands. */
import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Executor, Launch, Observation } from '../executor.ts'
import { isAlive, isGroupAlive, signalGroup, type Identity } from './processes.ts'

const wrapper = path.join(import.meta.dirname, 'wrapper.sh')

/** Makes an executor; it holds nothing but a cache of what the folders say. */
export function localExecutor(): Executor {
  const identities = new Map<string, Identity>()
  const exits = new EventEmitter<{ exit: [] }>()
  exits.setMaxListeners(0)

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
    launch({ folder, command, directory, environment }: Launch): void {
      const fail = (error: Error) => writeEnd(folder, `could not start ${command[0]}: ${error.message}`)
      if (!existsSync(directory)) {
        fail(new Error(`its folder ${directory} does not exist`))
        return
      }
      try {
        const child = spawn('/bin/sh', [wrapper, folder, ...command], {
          cwd: directory,
          env: environment as NodeJS.ProcessEnv,
          detached: true,
          stdio: 'ignore',
        })
        child.on('error', fail)
        child.on('exit', () => exits.emit('exit'))
        child.unref()
      } catch (error) {
        fail(error as Error)
      }
    },

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

/** Says of an attempt whose command never ran how it ended, in the wrapper's place. */
function writeEnd(folder: string, error: string): void {
  const file = path.join(folder, 'exit.json')
  if (existsSync(file)) return
  writeFileSync(`${file}.server`, `${JSON.stringify({ exitCode: 127, error })}\n`)
  renameSync(`${file}.server`, file)
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
