/**
 * A Ray of a test's own: a head with eight pretended GPUs in a folder below the system's. Its program is where RAY_BIN says; with RAY=1 it is
 * installed once a checkout from its registry (about a minute, 400 MB): too long beside everything else that CI does.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { pythonWithClients } from '../tracking/clients.ts'
import { freePorts } from '../../server/executors/local/free-ports.ts'

const run = promisify(execFile)
const given = process.env.RAY_BIN ?? ''
const installs = Boolean(process.env.RAY)

export type RayCluster = {
  address: string
  ray(...args: string[]): Promise<string>
  /** Process ids of the head's daemons and of what they started, by what their commands hold. */
  pids(having: string): Promise<number[]>
  /** Starts a head anew, at the same address; it knows nothing of jobs before it. */
  start(): Promise<void>
  /** SIGKILL to every daemon of it. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Why there can be no Ray here, as a sentence; null: there can. */
export function rayIsMissing(): string | null {
  if (given === '' && installs) return null
  if (given !== '' && existsSync(given)) return null
  return 'RAY=1 installs it for the tests, in a folder of this checkout; RAY_BIN names the program of another one.'
}

export async function startRay(): Promise<RayCluster> {
  const program = given || path.join(path.dirname(await pythonWithClients(['ray[default]==2.60.0'])), 'ray')
  // sockets below it may have 107 characters
  const folder = mkdtempSync(path.join(tmpdir(), 'ray-'))
  const [port, dashboard, agent, client] = (await freePorts(4, new Set())) as [number, number, number, number]
  const address = `http://127.0.0.1:${dashboard}`
  const env = { ...process.env, PATH: `${path.dirname(program)}:${process.env.PATH}`, RAY_JOB_STOP_WAIT_TIME_S: '3' }
  const ray = async (...args: string[]) => (await run(program, args, { env, timeout: 120_000 })).stdout
  const pids = async (having: string) => {
    const { stdout } = await run('ps', ['-eo', 'pid,args'], { maxBuffer: 1 << 26 })
    return stdout.split('\n').flatMap((line) => {
      const [, pid, args] = /^\s*(\d+) (.*)$/.exec(line) ?? []
      return args?.includes(folder) && args.includes(having) ? [Number(pid)] : []
    })
  }
  const kill = async () => {
    for (;;) {
      const own = await pids('')
      if (own.length === 0) return
      for (const pid of own) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // it has ended meanwhile
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const start = async () => {
    await ray(
      'start', '--head', `--port=${port}`, '--num-gpus=8', '--num-cpus=16', '--include-dashboard=true', '--disable-usage-stats',
      '--dashboard-host=127.0.0.1', `--dashboard-port=${dashboard}`,
      // of its own, beside another Ray of this machine
      `--dashboard-agent-listen-port=${agent}`, `--ray-client-server-port=${client}`, `--temp-dir=${folder}`, '--object-store-memory=100000000',
    ) // prettier-ignore
    for (;;) {
      const answer = await fetch(`${address}/api/jobs/`).catch(() => null)
      if (answer?.ok) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  await start()
  return {
    address,
    ray,
    pids,
    start,
    kill,
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
