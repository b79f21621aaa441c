/** The only reader of the process's environment. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { SweepboardError } from '../../../domain/errors.ts'
import { readSeconds, readWhole, type Environment } from '../../formats/environment.ts'
import { type LogLevels, readLogLevels } from './log.ts'

export type Config = {
  dataFolder: string
  host: string
  port: number
  /** Build pages as they are asked for (NODE_ENV=development), for people who work on them. */
  dev: boolean
  /** SIGKILL follows SIGTERM after this. */
  killSeconds: number
  /** Asked of every request where set. */
  token: string | null
  /** Asked of requests of which the kernel does not say whose they are, where no token is set; new at each start. */
  spareToken: string
  log: LogLevels
  environment: Environment
}

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
  return {
    dataFolder: path.resolve(dataFolder ?? environment.SWEEPBOARD_DATA ?? 'data'),
    host,
    port: readWhole(environment, 'PORT', 0, 65535) ?? 3000,
    dev: environment.NODE_ENV === 'development',
    killSeconds: readSeconds(environment, 'SWEEPBOARD_KILL_SECONDS') ?? 20,
    token,
    spareToken: randomBytes(24).toString('base64url'),
    log: readLogLevels(environment.SWEEPBOARD_LOG),
    environment,
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
