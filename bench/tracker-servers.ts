/** The two servers that are measured beside each other: this one, and `mlflow server` with its SQLite store. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { startServer } from '../tests/start-server.ts'

export type Server = {
  url: string
  startSeconds: number
  /** How long after the last answer all of it is where pages read it; null: before the answer. */
  behind: (() => Promise<number>) | null
  /** Its database. */
  database: string
  stop: () => Promise<void>
}

export const noMlflow = 'There is no program mlflow: set MLFLOW to one (pip install mlflow) to measure it beside.'

/** Milliseconds that something took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

/** The value that so large a share of the others does not exceed. */
export const quantile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!

/** Resolves when all metrics of this database of ours lie in chunks. */
export async function sealed(file: string): Promise<void> {
  const database = new SqliteDatabase(file, { readonly: true })
  const due = database.prepare('select count(*) from series_attempts where due <> 0').pluck()
  while ((due.get() as number) > 0) await new Promise((resolve) => setTimeout(resolve, 200))
  database.close()
}

/** This server with a new data folder. */
export async function ours(): Promise<Server> {
  const before = performance.now()
  const server = await startServer()
  await fetch(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`)
  const startSeconds = (performance.now() - before) / 1000
  /** How long after the last answer all of it is in the database, where pages read it. */
  const behind = () =>
    timed(async () => {
      const database = new SqliteDatabase(path.join(server.dataFolder, 'sweepboard.db'), { readonly: true })
      const offset = database.prepare('select job_id as id, event_offset as offset from attempts')
      for (;;) {
        const rows = offset.all() as { id: number; offset: number }[]
        const sizeOf = (id: number) => statSync(path.join(server.dataFolder, 'runs', String(id), '1/events.jsonl')).size
        if (rows.every(({ id, offset: read }) => read === sizeOf(id))) break
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      database.close()
    })
  const database = path.join(server.dataFolder, 'sweepboard.db')
  return { url: server.url, startSeconds, behind, database, stop: server.stop }
}

/** MLFLOW, or `mlflow` of the PATH; null where there is no such program. */
export async function mlflow(): Promise<Server | null> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-mlflow-'))
  const port = await freePort()
  const options = [
    '--backend-store-uri',
    `sqlite:///${folder}/mlflow.db`,
    '--artifacts-destination',
    `${folder}/artifacts`,
  ]
  const before = performance.now()
  const child = spawn(process.env.MLFLOW || 'mlflow', ['server', '--port', String(port), ...options], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  })
  const missing = new Promise<'missing'>((resolve) => child.on('error', () => resolve('missing')))
  const url = `http://127.0.0.1:${port}`
  const answers = async (): Promise<'ready'> => {
    while (child.exitCode === null) {
      const answer = await fetch(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`).catch(() => null)
      if (answer?.ok) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return 'ready'
  }
  const stop = async () => {
    await endGroup(child)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  if ((await Promise.race([missing, answers()])) === 'missing' || child.exitCode !== null) {
    await stop()
    return null
  }
  return {
    url,
    startSeconds: (performance.now() - before) / 1000,
    behind: null,
    database: path.join(folder, 'mlflow.db'),
    stop,
  }
}

/** Its workers are processes of its own group. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  const gone = new Promise((resolve) => child.on('exit', resolve))
  process.kill(-child.pid, 'SIGKILL')
  await gone
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
