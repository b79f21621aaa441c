/** The trackers' own servers from their registry, started by hand: `mlflow server` with its SQLite store, and Trackio's local one. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'

export type Peer = {
  url: string
  /** SIGKILL to all its processes. */
  kill: () => Promise<void>
  /** Starts it again at the same address, with what it had. */
  restart: () => Promise<void>
  output: () => string
}

/** `program` is MLflow's; what it keeps is below `folder`. Resolves when it answers. */
export function startMlflow(program: string, folder: string): Promise<Peer> {
  return startPeer(
    (port) => [
      program,
      'server',
      '--port',
      String(port),
      '--backend-store-uri',
      `sqlite:///${folder}/mlflow.db`,
      '--artifacts-destination',
      path.join(folder, 'artifacts'),
    ],
    () => ({ MLFLOW_DISABLE_TELEMETRY: 'true' }),
    '/api/2.0/mlflow/experiments/get?experiment_id=0',
    folder,
  )
}

/** `program` is Trackio's; who logs to it needs the token. Resolves when it answers. */
export function startTrackio(program: string, folder: string, token: string): Promise<Peer> {
  return startPeer(
    () => [program, 'show', '--host', '127.0.0.1'],
    (port) => ({
      GRADIO_SERVER_PORT: String(port),
      TRACKIO_DIR: folder,
      TRACKIO_WRITE_TOKEN: token,
      TRACKIO_DISABLE_TELEMETRY: '1',
      BROWSER: 'true',
    }),
    '/version',
    folder,
  )
}

async function startPeer(
  command: (port: number) => string[],
  environment: (port: number) => Record<string, string>,
  asked: string,
  folder: string,
): Promise<Peer> {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [program, ...parameters] = command(port) as [string, ...string[]]
  let child: ChildProcess
  let output = ''
  const restart = async () => {
    child = spawn(program, parameters, {
      cwd: folder,
      env: { ...process.env, ...environment(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += text))
    const missing = new Promise<never>((_, reject) => child.on('error', reject))
    for (;;) {
      const answer = await Promise.race([missing, fetch(`${url}${asked}`).catch(() => null)])
      if (answer?.ok) return
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}. It said:\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  const kill = async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await gone
  }
  await restart()
  return { url, kill, restart, output: () => output }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
