/**
 * What executors of clusters have in common: attempts run on nodes that see the data folder under the same path and need no way back to this
 * machine. The control folders say how each stands, written there by the same wrapper as on this machine; the engine's word counts where
 * they say nothing, and never alone: a job that it has forgotten, or does not answer about, is not dead for that.
 */
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { z } from 'zod'
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'
import { monotonicMilliseconds } from '../clock.ts'
import type { Attempt, Executor, Launch, Observation } from '../executor.ts'
import {
  exitFileSchema,
  pidFileSchema,
  readControl,
  stopFileSchema,
  writeControl,
  type ExitFile,
} from '../local/control-files.ts'
import { programProblem } from '../local/program-problem.ts'
import { abandon, firstSeen, leftOf, refreshListing } from './folder.ts'

/** What a server remembers of an attempt; all of it can be lost without harm. Times are of the monotonic clock. */
export type Memory = {
  /** When it was first seen to have begun. */
  begunSince?: number
  /** When an end without a word, or an absence at the engine, was first noticed. */
  goneSince?: number
  runningSince?: number
  /** Why it was barred from beginning, where nobody asked for that. */
  barred?: Interruption
  observedAt?: number
  lookedAt?: number
  seen?: Observation
}

/** An attempt with what is remembered of it, and what the engine and its folder say now (`Known`). */
export type Sight<Own, Known> = { attempt: Attempt; memory: Memory & Own; known: Known }

/** What differs between clusters. */
export type Engine<Own, Known> = {
  launch(launches: Launch[]): void
  /** Begins a look at all of them together: gives what is known of each. */
  look(all: readonly Omit<Sight<Own, Known>, 'known'>[]): (one: Omit<Sight<Own, Known>, 'known'>) => Known
  /** The command has ended by its own word. */
  ended(sight: Sight<Own, Known>, end: ExitFile): Observation
  /** It was given up before it began. */
  barred(sight: Sight<Own, Known>): Observation
  /** Its wrapper has named itself: it runs, until its end is seen or the engine knows better. */
  begun(sight: Sight<Own, Known>): Observation
  /** Nothing of it has begun. */
  waiting(sight: Sight<Own, Known>): Observation
  /** Passes on to an attempt that has begun that it is to save and leave, or be killed. False: there is no way to it. */
  signal(one: Omit<Sight<Own, Known>, 'known'>, signal: 'SIGTERM' | 'SIGKILL', request: number | null): boolean
  /** Calls the listener when it learned something. */
  onNews(listener: () => void): void
}

/** What nobody asks about any more is forgotten after this. */
const forgetMilliseconds = 600_000

export function clusterExecutor<Own, Known>(engine: Engine<Own, Known>): Executor {
  const memories = new Map<string, Memory & Own>()
  const exits = new EventEmitter<{ exit: [] }>().setMaxListeners(0)
  engine.onNews(() => exits.emit('exit'))

  function remembered(attempt: Attempt): { attempt: Attempt; memory: Memory & Own } {
    let memory = memories.get(attempt.control)
    if (memory === undefined) memories.set(attempt.control, (memory = {} as Memory & Own))
    return { attempt, memory }
  }

  function lookAt(sight: Sight<Own, Known>): Observation {
    const { control } = sight.attempt
    const end = readControl(control, 'exit.json', exitFileSchema)
    if (end !== null && end !== 'torn') return engine.ended(sight, end)
    const pid = readControl(control, 'pid.json', pidFileSchema)
    if (pid === 'torn') return engine.barred(sight)
    return pid === null ? engine.waiting(sight) : engine.begun(sight)
  }

  return {
    slots: null,
    withheld: async () => new Map(),
    // nobody can ask a node that is not known yet: that none of `taken` comes twice is what can be promised
    async freePorts(count, taken) {
      const found = new Set<number>()
      while (found.size < count) {
        const port = 20_000 + Math.floor(Math.random() * 10_000)
        if (!taken.has(port)) found.add(port)
      }
      return [...found]
    },
    // what a node has is not known here; what stands in the sweep's own folder is
    programProblem: (program, directory, searchPath) =>
      program === '' || (program.includes('/') && !path.isAbsolute(program))
        ? programProblem(program, directory, searchPath)
        : null,
    environment: () => ({}),

    async launch(launches) {
      engine.launch(launches)
    },

    async observe(attempts) {
      const now = monotonicMilliseconds()
      for (const [control, { observedAt = now }] of memories)
        if (now - observedAt > forgetMilliseconds) memories.delete(control)
      const all = attempts.map(remembered)
      for (const { memory } of all) memory.observedAt = now
      const knownOf = engine.look(all)
      return all.map((one) => {
        const { memory } = one
        // a thousand folders on a file server are not read five times a second
        if (memory.seen !== undefined && since(memory.lookedAt!) < attempts.length - 50) return memory.seen
        try {
          memory.seen = lookAt({ ...one, known: knownOf(one) })
        } catch (error) {
          return { state: 'unknown', reason: (error as Error).message }
        }
        memory.lookedAt = monotonicMilliseconds()
        return memory.seen
      })
    },

    async signal(attempts, signal, request) {
      return attempts.map((attempt) => {
        const { control } = attempt
        const one = remembered(attempt)
        delete one.memory.seen
        if (!existsSync(path.join(control, 'pid.json')) || existsSync(path.join(control, 'over'))) return false
        if (signal === 'SIGTERM' && request !== null)
          writeControl(control, 'stop.json', { request, monotonic: monotonicMilliseconds() })
        return engine.signal(one, signal, request)
      })
    },

    abandon: async (attempts) =>
      attempts.map((attempt) => {
        delete remembered(attempt).memory.seen
        return abandon(attempt)
      }),

    onExit(listener) {
      exits.on('exit', listener)
      return () => exits.off('exit', listener)
    },
  }
}

/** Where the script on the node says that it is; null: it did not say yet. It does not change, so it is kept. */
export function nodeOf<Node>({ control }: Attempt, kept: { node?: Node }, schema: z.ZodType<Node>): Node | null {
  if (kept.node !== undefined) return kept.node
  const read = readControl(control, 'node.json', schema)
  if (read === null || read === 'torn') return null
  kept.node = read
  return read
}

/** How one that runs stands; `engineMilliseconds`: how long it has run by the engine's count. */
export function runningNow({ control }: Attempt, memory: Memory, engineMilliseconds = 0): Observation {
  memory.runningSince ??= firstSeen(control)
  const stop = readControl(control, 'stop.json', stopFileSchema)
  return {
    state: leftOf({ control }).length > 0 ? 'orphaned' : 'running',
    pid: null,
    milliseconds: Math.max(since(memory.runningSince), engineMilliseconds),
    stopping: stop === null || stop === 'torn' ? null : { request: stop.request, milliseconds: since(stop.monotonic) },
  }
}

/** Whether files that a node may have written are still waited for, from when something was first missed. */
export function isAwaited({ control }: Attempt, memory: Memory, milliseconds: number): boolean {
  refreshListing(control)
  memory.goneSince ??= monotonicMilliseconds()
  return since(memory.goneSince) < milliseconds
}

/** Milliseconds since a time of the monotonic clock. */
export function since(monotonic: number): number {
  return Math.max(0, monotonicMilliseconds() - monotonic)
}
