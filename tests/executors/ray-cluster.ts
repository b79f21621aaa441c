/** A Ray of a test's own: a head with eight pretended GPUs in a folder below the system's. Its program is where RAY_BIN says. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../../server/executors/local/free-ports.ts'

const run = promisify(execFile)
const program = process.env.RAY_BIN ?? ''

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
  if (program !== '' && existsSync(program)) return null
  return 'RAY_BIN names no program; python3 -m venv VENV && VENV/bin/pip install "ray[default]==2.60.0", then RAY_BIN=VENV/bin/ray.'
}

export async function startRay(): Promise<RayCluster> {
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
