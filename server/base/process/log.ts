/**
 * The log: what the process has to say of itself, on stderr, a line each with its time, level and scope. What a person asked
 * for (tables, addresses, help) is no log and goes to stdout. `SWEEPBOARD_LOG` says from which level on.
 */
import { SweepboardError } from '../../../domain/errors.ts'

const levels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof levels)[number]

/** Where a line comes from; docs/operations.md says what each tells. */
export const logScopes = [
  'server',
  'http',
  'api',
  'scheduler',
  'sweeps',
  'database',
  'intake',
  'tries',
  'alerts',
] as const
export type LogScope = (typeof logScopes)[number]

/** From which level on lines are written: in general, and in single scopes. */
export type LogLevels = { general: LogLevel; scopes: Partial<Record<LogScope, LogLevel>> }

/** `cause`: an error whose stack is worth reading, because it is a defect and no sentence for a person. */
export type Logger = Record<LogLevel, (message: string, cause?: unknown) => void>

/** After which a line that came again meanwhile is told again, with how often: a minute, ten, an hour, an hour, … */
const quietMilliseconds = [60_000, 600_000, 3_600_000]
/** Lines remembered at a time; the one that waited longest is told and forgotten for the next. */
const mostRemembered = 200

/**
 * Reads `debug`, `warning`, or a list of a level and exceptions: `info,http=debug`. Absent or empty: `info`.
 * Throws a SweepboardError that quotes what is no level or no scope.
 */
export function readLogLevels(text: string | undefined): LogLevels {
  const read: LogLevels = { general: 'info', scopes: {} }
  for (const part of (text ?? '').split(',').map((piece) => piece.trim())) {
    if (part === '') continue
    const [first, second] = part.split('=')
    const level = (second ?? first) as LogLevel
    const scope = second === undefined ? null : (first as LogScope)
    if (!levels.includes(level) || (scope !== null && !logScopes.includes(scope)) || part.split('=').length > 2) {
      throw new SweepboardError(
        'invalid',
        `SWEEPBOARD_LOG=${text}: ${part} is neither a level (${levels.join(', ')}) nor SCOPE=LEVEL with a scope of ${logScopes.join(', ')}.`,
      )
    }
    if (scope === null) read.general = level
    else read.scopes[scope] = level
  }
  return read
}

type Remembered = { times: number; stage: number; timer: NodeJS.Timeout }

/**
 * A log that hands its lines to `write`. The same line again is counted, not written: its count follows when it has been
 * quiet for a while, or at `flush`. Debug lines are all written.
 */
export function createLog(write: (line: string) => void) {
  let enabled: LogLevels = readLogLevels(undefined)
  const remembered = new Map<string, Remembered>()

  function isEnabled(scope: LogScope, level: LogLevel): boolean {
    return levels.indexOf(level) >= levels.indexOf(enabled.scopes[scope] ?? enabled.general)
  }

  function writeLine(text: string): void {
    write(`${new Date().toISOString()} ${text}\n`)
  }

  function tellTimes(text: string, entry: Remembered): void {
    if (entry.times > 0) writeLine(`${text.split('\n')[0]} (${entry.times} more since)`)
    entry.times = 0
  }

  function waitFor(text: string, stage: number): NodeJS.Timeout {
    return setTimeout(() => {
      const entry = remembered.get(text)!
      if (entry.times === 0) remembered.delete(text)
      else {
        tellTimes(text, entry)
        entry.stage = Math.min(stage + 1, quietMilliseconds.length - 1)
        entry.timer = waitFor(text, entry.stage)
      }
    }, quietMilliseconds[stage]).unref()
  }

  function forget(text: string): void {
    const entry = remembered.get(text)!
    clearTimeout(entry.timer)
    tellTimes(text, entry)
    remembered.delete(text)
  }

  function say(level: LogLevel, scope: LogScope, message: string, cause: unknown): void {
    if (!isEnabled(scope, level)) return
    const text = `${level} ${scope}: ${oneEntry(cause === undefined ? message : `${message}\n${stackOf(cause)}`)}`
    if (level === 'debug') return writeLine(text)
    const entry = remembered.get(text)
    if (entry !== undefined) {
      entry.times++
      return
    }
    if (remembered.size >= mostRemembered) forget(remembered.keys().next().value!)
    remembered.set(text, { times: 0, stage: 0, timer: waitFor(text, 0) })
    writeLine(text)
  }

  return {
    setLevels(given: LogLevels): void {
      enabled = given
    },
    logger(scope: LogScope): Logger {
      const at = (level: LogLevel) => (message: string, cause?: unknown) => say(level, scope, message, cause)
      return { debug: at('debug'), info: at('info'), warning: at('warning'), error: at('error') }
    },
    /** Writes the counts that are held back, and forgets all lines. */
    flush(): void {
      for (const text of remembered.keys()) forget(text)
    },
  }
}

/** Lines after the first are indented and nothing moves a terminal's cursor: what a program wrote cannot pass for a line of ours. */
function oneEntry(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ').replaceAll('\n', '\n    ')
}

function stackOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause === undefined ? '' : `\ncaused by ${stackOf(cause.cause)}`
  return `${cause.stack ?? cause.message}${inner}`
}

const processLog = createLog((line) => process.stderr.write(line))
process.on('exit', processLog.flush)

/** A logger of a scope for this process. */
export const logger = processLog.logger
/** Sets from which level on this process logs; `info` until then. */
export const setLogLevels = processLog.setLevels
