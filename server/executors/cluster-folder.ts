/** What an attempt's control folder says where a cluster runs it, and what a server writes there. */
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { monotonicMilliseconds } from './clock.ts'
import type { Attempt, LeftProcess } from './executor.ts'
import { pidFileSchema, readControl, writeControl } from './local/control-files.ts'
import { currentBoot } from './local/processes.ts'

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
export function leftOf({ control }: Attempt): LeftProcess[] {
  const text = readWholeFile(path.join(control, 'left'), [control], 1 << 16) ?? ''
  return text.split('\n').flatMap((line) => {
    const [, pid, apart, name] = /^(\d+) (true|false) (.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), name: name!, apart: apart === 'true' }]
  })
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
export function millisecondsBetween(begun: string | undefined, ended: string | undefined): number | null {
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
export function lookAgain(control: string): void {
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
