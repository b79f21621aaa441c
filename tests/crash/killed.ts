/** A server in a process of its own that is killed with SIGKILL again and again, for tests that look at what is left. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect } from 'vitest'
import type { Context } from '../../server/base/context.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'

type Killed = { folder: string; environment: Record<string, string> }

/** Looks into the data folder while no server has it. */
export function inFolder<Result>({ folder, environment }: Killed, look: (context: Context) => Result): Result {
  const opened = openDataFolder(readConfig({ ...process.env, ...environment }, folder))
  if (!('context' in opened)) throw new Error('the data folder is held')
  try {
    return look(opened.context)
  } finally {
    opened.close()
  }
}

/**
 * Runs servers until one ends by itself, as many of which die as said, each at the next of the instants; `any` is up to 400 ms after it began to
 * work, the others the first to third time that it comes there, or, of `in-finalists 1`, which comes once, the first. Gives at which they died: fewer than said where all was done before.
 */
export async function runKilled(
  killed: Killed,
  { kills, instants, uniform }: { kills: number; instants: readonly string[]; uniform: () => number },
): Promise<string[]> {
  const deaths: string[] = []
  for (;;) {
    const instant = deaths.length < kills ? instants[deaths.length % instants.length]! : null
    const ended = await runServer(killed, instant, uniform)
    if (ended === 'finished') return deaths
    deaths.push(ended)
  }
}

/** Gives 'finished', 'any' where it was killed from without, or the instant at which it killed itself. */
async function runServer(
  { folder, environment }: Killed,
  instant: string | null,
  uniform: () => number,
): Promise<string> {
  const killAfter = instant === 'any' ? 20 + uniform() * 400 : null
  // which of its times, drawn here: what a seed did it does again
  const drawn = String(1 + Math.floor(3 * uniform()))
  const [name = '', time = drawn] = instant?.split(' ') ?? []
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), folder], {
    env: { ...process.env, ...environment, CRASH_INSTANT: name, CRASH_TIME: time },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (chunk) => {
    told += String(chunk).replace('ready\n', '')
    if (killAfter !== null) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter)
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  clearTimeout(timer)
  if (signal === 'SIGKILL') return told.trim() || 'any'
  expect(code, told).toBe(0)
  return 'finished'
}
