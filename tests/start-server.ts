/** A real server for a test: its own process, port and data folder. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const startSeconds = 60
const stopSeconds = 10

export type TestServer = {
  url: string
  dataFolder: string
  process: ChildProcess
  /** Everything it has printed, stdout and stderr together. */
  output: () => string
  /** SIGTERM, and SIGKILL where that does not help; kills what its trainings left and removes a data folder it made. */
  stop: () => Promise<void>
}

/**
 * Starts `node server/main.ts`, or another `program`, and gives it once it answers. `environment` is added to the surroundings, from which
 * Sweepboard's own variables are taken away; `dataFolder`: one that outlives the server, else it gets a new one.
 * Throws with the server's output when it ends instead, or is silent for a minute.
 */
export async function startServer(
  options: {
    environment?: Record<string, string>
    dataFolder?: string
    program?: 'server/main.ts' | 'scripts/dev.ts'
  } = {},
): Promise<TestServer> {
  const dataFolder = options.dataFolder ?? mkdtempSync(path.join(tmpdir(), 'sweepboard-data-'))
  const server = spawn(process.execPath, [path.join(root, options.program ?? 'server/main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...surroundings(), PORT: '0', SWEEPBOARD_DATA: dataFolder, SWEEPBOARD_SLOTS: '2', ...options.environment },
  })
  let output = ''
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))

  async function stop() {
    server.kill('SIGTERM')
    const timer = setTimeout(() => server.kill('SIGKILL'), stopSeconds * 1000)
    await ended
    clearTimeout(timer)
    killTrainings(dataFolder)
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`${what} It said:\n${output}`))
      const timer = setTimeout(() => fail(`The server did not start within ${startSeconds} s.`), startSeconds * 1000)
      const hear = (text: string) => {
        output += text
        const found = /^Sweepboard: (http:\S+)/m.exec(output)
        if (!found) return
        clearTimeout(timer)
        resolve(found[1]!)
      }
      server.stdout.setEncoding('utf8').on('data', hear)
      server.stderr.setEncoding('utf8').on('data', hear)
      server.on('error', (error) => fail(`The server could not be started: ${error.message}.`))
      server.on('close', (code, signal) => {
        clearTimeout(timer)
        fail(`The server ended with ${signal ?? `code ${code}`} before it listened.`)
      })
    })
    return { url, dataFolder, process: server, output: () => output, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The environment without what would change a server or a trainer. */
export function surroundings(): NodeJS.ProcessEnv {
  const own = (name: string) =>
    name.startsWith('SWEEPBOARD_') || ['PORT', 'HOST', 'NODE_OPTIONS', 'NODE_ENV', 'VITEST'].includes(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own(name))) as NodeJS.ProcessEnv
}

/** Trainings outlive their server: those of a test must not outlive the test. */
function killTrainings(dataFolder: string) {
  for (const file of globSync(path.join(dataFolder, 'control/*/pid.json'))) {
    if (existsSync(path.join(path.dirname(file), 'exit.json'))) continue
    try {
      const { pid } = JSON.parse(readFileSync(file, 'utf8'))
      if (Number.isInteger(pid) && pid > 1) process.kill(-pid, 'SIGKILL')
    } catch {
      // ended meanwhile, or abandoned before it began
    }
  }
}
