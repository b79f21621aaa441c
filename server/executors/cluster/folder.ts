/** What an attempt's control folder says where a cluster runs it, and what a server writes there. */
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { monotonicMilliseconds } from '../clock.ts'
import type { Attempt, Launch, LeftProcess, Observation } from '../executor.ts'
import { signalOf } from '../exit-code.ts'
import { pidFileSchema, readControl, stopFileSchema, writeControl, type ExitFile } from '../local/control-files.ts'
import { currentBoot } from '../local/processes.ts'

/** When a server first saw it run, by that machine's monotonic clock. */
const seenSchema = z.object({ boot: z.string(), monotonic: z.number() })

/** Bars an attempt from ever beginning. False: it has named its process. */
export function abandon({ control }: Attempt): boolean {
  try {
    writeFileSync(path.join(control, 'pid.json'), '{"abandoned":true}\n', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // asked before is as good
    return readControl(control, 'pid.json', pidFileSchema) === 'torn'
  }
}

/** What the script on the node saw running beside, or after, the command. */
export function leftOf({ control }: Pick<Attempt, 'control'>): LeftProcess[] {
  const text = readWholeFile(path.join(control, 'left'), [control], 1 << 16) ?? ''
  return text.split('\n').flatMap((line) => {
    const [, pid, apart, name] = /^(\d+) (true|false) (.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), name: name!, apart: apart === 'true' }]
  })
}

/**
 * How the command ended, by its own word. `asked`: whether anyone here asked it to leave; `heard`: the request that the script on the node
 * heard first; null: none.
 */
export function endOf(
  { control }: Attempt,
  end: ExitFile,
): { asked: boolean; heard: string | null; told: Extract<Observation, { state: 'ended' }> } {
  const asked = readControl(control, 'stop.json', stopFileSchema) !== null
  const said = (name: string) => readWholeFile(path.join(control, name), [control], 64)?.trim() || null
  const heard = said('over') ?? said('caught')
  const begun = readControl(control, 'pid.json', pidFileSchema)
  const { exitCode, error = null } = end
  return {
    asked,
    heard,
    told: {
      state: 'ended',
      exitCode,
      signal: signalOf(exitCode),
      error,
      milliseconds: millisecondsBetween(begun === null || begun === 'torn' ? undefined : begun.uptime, end.uptime),
      signalled: asked && heard !== null,
    },
  }
}

/** When a server first saw the attempt run, in this machine's monotonic time; now, where none has. */
export function firstSeen(control: string): number {
  const before = readControl(control, 'seen.json', seenSchema)
  if (before !== null && before !== 'torn' && before.boot === currentBoot()) return before.monotonic
  const monotonic = monotonicMilliseconds()
  replaceControl(control, 'seen.json', { boot: currentBoot(), monotonic })
  return monotonic
}

/** How long it ran, from the uptimes of its node; null where these do not say. */
function millisecondsBetween(begun: string | undefined, ended: string | undefined): number | null {
  const milliseconds = (Number(ended) - Number(begun)) * 1000
  return !begun || !ended || !(milliseconds >= 0) ? null : Math.round(milliseconds)
}

/** Writes a file of the folder where there is none yet. False: there is one. */
export function claimFile(control: string, name: string, content: object): boolean {
  const file = path.join(control, name)
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(own, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** Writes a file of the folder whole; a power cut may take it back. */
export function replaceControl(control: string, name: string, content: object): void {
  const file = path.join(control, name)
  writeFileSync(`${file}.server`, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  renameSync(`${file}.server`, file)
}

/** Looks at the folder anew: a network file system may else show what it was some seconds ago. */
export function refreshListing(control: string): void {
  try {
    readdirSync(control)
  } catch {
    // gone: what is asked of it next says so
  }
}

/** Says of an attempt whose command never ran how it ended, claimed as its wrapper would. */
export function writeEnd(control: string, error: string): void {
  try {
    mkdirSync(path.join(control, 'claim'))
    writeControl(control, 'exit.json', { exitCode: 127, error })
  } catch {
    // it has begun after all, or its folder is gone
  }
}

/**
 * Whether an attempt is to be handed over: `file`, which says that it was, is not there yet, and nothing of it has begun. One whose folder
 * to run in is not there ends with that; null: that folder is the node's own.
 */
export function isToHandOver({ control, command }: Launch, file: string, directory: string | null): boolean {
  const has = (name: string) => existsSync(path.join(control, name))
  if (!existsSync(control) || [file, 'pid.json', 'claim', 'exit.json'].some(has)) return false
  if (directory === null || existsSync(directory)) return true
  writeEnd(control, `could not start ${command[0]}: its folder ${directory} does not exist`)
  return false
}

/** A job's name for people: letters, digits and dashes. */
export function nameFor(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 40) || 'sweep'
  )
}
