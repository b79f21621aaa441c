/**
 * A small process that starts the wrappers. To start a process, the system copies the page tables of the one that asks:
 * measured here, 0.7 ms from 49 MB, 5 ms from 248 MB, 13 ms from 649 MB. A server with its pages and caches is large, and
 * eight trainings that end together wait for eight starts; this one stays small.
 * It leaves when the server does. What it started goes on: wrappers lead sessions of their own.
 * It keeps the doors of attempts meanwhile (door.ts): an intake starts when somebody knocks, not with each attempt.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { monotonicMilliseconds } from '../clock.ts'
import type { Launch } from '../executor.ts'
import { writeUnstarted } from './control-files.ts'
import { openDoor, type Door } from './door.ts'

const wrapper = path.join(import.meta.dirname, 'wrapper.sh')

process.on('message', (launch: Launch) => void start(launch))
process.on('disconnect', () => void leave())
// Ctrl-C in a terminal reaches every process of the group; the server decides when it is time to leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

/** Marks of attempts that end with the server. */
const bound = new Set<string>()
/** How often, and how many times, it is looked whether they have; so many of these they may take to leave by themselves. */
const leaveMilliseconds = 100
const [politeLooks, leaveLooks] = [30, 100]

async function start({
  mark,
  folder,
  control,
  command,
  directory,
  environment,
  door,
  bound: isBound,
}: Launch): Promise<void> {
  // this process must live on for the launches that wait behind it
  const fail = (error: Error) => {
    writeUnstarted(control, `could not start ${command[0]}: ${error.message}`)
    tellExit()
  }
  if (!existsSync(directory)) {
    fail(new Error(`its folder ${directory} does not exist`))
    return
  }
  if (isBound) bound.add(mark)
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

/** The server is gone. Attempts outlive it, but for those that are bound to it: asked to leave, then made to. */
async function leave(): Promise<void> {
  if (bound.size > 0) {
    const [{ processTable }, { signalProcess }] = await Promise.all([
      import('./process-table.ts'),
      import('./processes.ts'),
    ])
    const table = processTable()
    const left = () => {
      table.refresh()
      return [...bound].flatMap((mark) => table.marked(mark))
    }
    for (const process of left()) signalProcess(process, 'SIGTERM')
    for (let looks = 0; looks < leaveLooks && left().length > 0; looks++) {
      if (looks >= politeLooks) for (const process of left()) signalProcess(process, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, leaveMilliseconds))
    }
  }
  process.exit(0)
}

/** A hint to look now; which attempt it was, the folders say. */
function tellExit(): void {
  // the server may be leaving: nobody needs the hint then
  if (process.connected) process.send!('exit', () => {})
}
