/** The only reader of the process's environment. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { SweepboardError } from '../domain/errors.ts'
import { type LogLevels, readLogLevels } from './base/log.ts'

export type Config = {
  dataFolder: string
  host: string
  port: number
  /** Build pages as they are asked for (NODE_ENV=development), for people who work on them. */
  dev: boolean
  slotKind: 'gpu' | 'cpu'
  /** Ids of the slots: GPU ids, or numbers of CPU slots. */
  slots: string[]
  /** SIGKILL follows SIGTERM after this. */
  killSeconds: number
  /** Asked of every request where set. */
  token: string | null
  log: LogLevels
  environment: Environment
}

/** Variables of a process. */
export type Environment = Record<string, string | undefined>

/**
 * Reads the configuration. `dataFolder` overrides SWEEPBOARD_DATA (the command line's --data).
 * Throws a SweepboardError that quotes the variable when one cannot be used.
 */
export function readConfig(environment: Environment = process.env, dataFolder?: string): Config {
  const host = environment.HOST || '127.0.0.1'
  // Who can start programs here must have been told the secret: made up where none was set, and printed with the address.
  const token = environment.SWEEPBOARD_TOKEN || (isLoopback(host) ? null : randomBytes(24).toString('base64url'))
  if (token !== null && !/^[A-Za-z0-9._~-]{16,}$/.test(token)) {
    throw new SweepboardError(
      'invalid',
      'SWEEPBOARD_TOKEN must have at least 16 characters, each a letter, a digit or one of . _ ~ -',
    )
  }
  const gpus = readGpus(environment)
  const cpuSlots = readWhole(environment, 'SWEEPBOARD_SLOTS', 1, 1024) ?? availableParallelism()
  return {
    dataFolder: path.resolve(dataFolder ?? environment.SWEEPBOARD_DATA ?? 'data'),
    host,
    port: readWhole(environment, 'PORT', 0, 65535) ?? 3000,
    dev: environment.NODE_ENV === 'development',
    slotKind: gpus ? 'gpu' : 'cpu',
    slots: gpus ?? Array.from({ length: cpuSlots }, (_, index) => String(index)),
    killSeconds: readSeconds(environment, 'SWEEPBOARD_KILL_SECONDS') ?? 20,
    token,
    log: readLogLevels(environment.SWEEPBOARD_LOG),
    environment,
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function readWhole(environment: Environment, name: string, low: number, high: number): number | null {
  const text = environment[name]
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new SweepboardError('invalid', `${name}=${text} is not a whole number from ${low} to ${high}.`)
  }
  return value
}

function readSeconds(environment: Environment, name: string): number | null {
  const text = environment[name]
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!(value >= 0 && value <= 86_400)) {
    throw new SweepboardError('invalid', `${name}=${text} is not a number of seconds from 0 to 86400.`)
  }
  return value
}

/** SWEEPBOARD_GPUS as a count (`4`) or as ids (`0,1,3`, `0,`); else what nvidia-smi lists; null where there are none. */
function readGpus(environment: Environment): string[] | null {
  const text = environment.SWEEPBOARD_GPUS?.trim()
  if (text) {
    if (/^\d+$/.test(text)) {
      const count = Number(text)
      if (count > 1024) throw new SweepboardError('invalid', `SWEEPBOARD_GPUS=${text}: expected at most 1024.`)
      return count === 0 ? null : Array.from({ length: count }, (_, index) => String(index))
    }
    const ids = text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '')
    if (ids.length === 0 || ids.some((id) => !/^[A-Za-z0-9_-]+$/.test(id)) || new Set(ids).size !== ids.length) {
      throw new SweepboardError(
        'invalid',
        `SWEEPBOARD_GPUS=${text} is neither a count (4) nor a list of different ids (0,1,3).`,
      )
    }
    return ids
  }
  try {
    const listed = execFileSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ids = listed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\d+$/.test(line))
    return ids.length > 0 ? ids : null
  } catch {
    // No driver, no GPUs: CPU slots serve.
    return null
  }
}
