/** The command line as a process of its own, for tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileAppears } from './harness.ts'
import { surroundings } from './start-server.ts'

const program = path.join(import.meta.dirname, '../cli/main.ts')

export type Command = {
  process: ChildProcess
  stdout: () => string
  stderr: () => string
  /** Resolves with the exit code, null where a signal ended it. */
  ended: Promise<number | null>
  /** Resolves once stderr holds the text; fails when the command ends without it. */
  says: (text: string) => Promise<void>
  /** Resolves once the file, from the data folder, is there; fails when the command ends without it. */
  writes: (file: string) => Promise<void>
}

export type CommandFolder = {
  /** Where commands are called; their data folder is `data` in it. */
  folder: string
  dataFolder: string
  start: (given: string[], environment?: Record<string, string>) => Command
  /** Starts one and waits for its end. */
  run: (
    given: string[],
    environment?: Record<string, string>,
  ) => Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Attempts of all jobs so far. */
  attempts: () => number
  /** Kills what still runs, and removes the folder. */
  close: () => Promise<void>
}

/** A folder for one test, and the commands called in it. */
export function openCommandFolder(): CommandFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-cli-'))
  const dataFolder = path.join(folder, 'data')
  const running: ChildProcess[] = []

  function start(given: string[], environment: Record<string, string> = {}): Command {
    const child = spawn(process.execPath, [program, ...given], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...surroundings(), INIT_CWD: folder, SWEEPBOARD_SLOTS: '2', SWEEPBOARD_KILL_SECONDS: '5', ...environment },
    })
    running.push(child)
    let stdout = ''
    let stderr = ''
    const hears: (() => void)[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      for (const hear of hears) hear()
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
    async function endsWithout(what: string): Promise<void> {
      await ended
      throw new Error(`The command ended without ${what}:\n${stderr}`)
    }
    return {
      process: child,
      stdout: () => stdout,
      stderr: () => stderr,
      ended,
      says: (text) => {
        const heard = Promise.withResolvers<void>()
        const hear = () => stderr.includes(text) && heard.resolve()
        hears.push(hear)
        hear()
        return Promise.race([heard.promise, endsWithout(text)])
      },
      async writes(file) {
        await Promise.race([fileAppears(path.join(dataFolder, file)), endsWithout(file)])
      },
    }
  }

  return {
    folder,
    dataFolder,
    start,
    async run(given, environment) {
      const command = start(given, environment)
      const code = await command.ended
      return { code, stdout: command.stdout(), stderr: command.stderr() }
    },
    attempts() {
      const runs = path.join(dataFolder, 'runs')
      if (!existsSync(runs)) return 0
      return readdirSync(runs).flatMap((job) => readdirSync(path.join(runs, job))).length
    },
    async close() {
      for (const child of running) {
        if (child.exitCode === null && child.signalCode === null) {
          const ended = new Promise((resolve) => child.on('close', resolve))
          child.kill('SIGKILL')
          await ended
        }
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
