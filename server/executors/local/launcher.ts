/**
 * A small process that starts the wrappers. To start a process, the system copies the page tables of the one that asks:
 * measured here, 0.7 ms from 49 MB, 5 ms from 248 MB, 13 ms from 649 MB. A server with its pages and caches is large, and
 * eight trainings that end together wait for eight starts; this one stays small.
 * It leaves when the server does. What it started goes on: wrappers lead sessions of their own.
 * It keeps the doors of attempts meanwhile (door.ts): an intake starts when somebody knocks, not with each attempt.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { monotonicMilliseconds } from '../clock.ts'
import type { Launch } from '../executor.ts'
import { writeControl } from './control-files.ts'
import { openDoor, type Door } from './door.ts'

const wrapper = path.join(import.meta.dirname, 'wrapper.sh')

process.on('message', (launch: Launch) => void start(launch))
process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal reaches every process of the group; the server decides when it is time to leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

async function start({ folder, control, command, directory, environment, door }: Launch): Promise<void> {
  const fail = (error: Error) => writeEnd(control, `could not start ${command[0]}: ${error.message}`)
  if (!existsSync(directory)) {
    fail(new Error(`its folder ${directory} does not exist`))
    return
  }
  let opened: Door | null = null
  try {
    opened = door === undefined ? null : await openDoor(door)
    const child = spawn('/bin/sh', [wrapper, control, folder, String(monotonicMilliseconds()), ...command], {
      cwd: directory,
      env: { ...environment, ...opened?.variables } as NodeJS.ProcessEnv,
      detached: true,
      stdio: opened === null ? 'ignore' : ['ignore', 'ignore', 'ignore', opened.descriptor, 'pipe'],
    })
    const knocker = (child.stdio as (Writable | null)[])[4]
    if (opened !== null && knocker) opened.keep(knocker)
    child.on('error', (error) => {
      opened?.close()
      fail(error)
    })
    child.on('exit', () => {
      opened?.close()
      tellExit()
    })
    child.unref()
  } catch (error) {
    opened?.close()
    fail(error as Error)
  }
}

/** Says of an attempt whose command never ran how it ended, in the wrapper's place: claimed as the wrapper would. */
function writeEnd(control: string, error: string): void {
  try {
    mkdirSync(path.join(control, 'claim'))
    writeControl(control, 'exit.json', { exitCode: 127, error })
  } catch {
    // Another wrapper has it, the folder is gone, or the disk is full. The attempt stays as it is, and the server looks
    // again; this process must live on for the launches that wait behind it.
  }
  tellExit()
}

/** A hint to look now; which attempt it was, the folders say. */
function tellExit(): void {
  // the server may be leaving: nobody needs the hint then
  if (process.connected) process.send!('exit', () => {})
}
