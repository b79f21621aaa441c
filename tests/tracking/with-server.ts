/** For tests of what real clients log as runs of their own and under sweeps: a server, and a person with nothing but an address and a key. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import { apiOf } from '../browser/sweeps.ts'
import { startServer, type TestServer } from '../start-server.ts'
import { pythonWithClients } from './clients.ts'

type Run = { id: number; name: string; status: string }

const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', TRACKIO_DISABLE_TELEMETRY: '1', WANDB_SILENT: 'true' }

/** A server of its own for each test of a file, with what a person does to it. */
export class WithServer {
  python = ''
  server!: TestServer
  dataFolder = ''
  home = ''

  /** `packages`: other ones than the clients of today. */
  constructor(packages?: string[]) {
    beforeAll(async () => {
      this.python = await pythonWithClients(packages)
    }, 300_000)
    beforeEach(async () => {
      this.dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-data-'))
      this.home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
      this.server = await startServer({ dataFolder: this.dataFolder })
    })
    afterEach(async () => {
      await this.server.stop()
      for (const folder of [this.dataFolder, this.home]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
  }

  /** The same server again, on its port. */
  async startAgain(): Promise<void> {
    const { port } = new URL(this.server.url)
    await this.server.stop()
    this.server = await startServer({ dataFolder: this.dataFolder, environment: { PORT: port } })
  }

  key(): string {
    return readFileSync(path.join(this.dataFolder, 'tracker-key'), 'utf8').trim()
  }

  /** Runs a script to its end, with a store of its client's own, as on another machine. Throws with what it said where it fails. */
  async run(name: string, code: string): Promise<void> {
    const file = this.write(name, code)
    const { url } = this.server
    const env: Record<string, string | undefined> = {
      PATH: process.env.PATH,
      HOME: this.home,
      MLFLOW_TRACKING_URI: url,
      TRACKIO_SERVER_URL: url,
      TRACKIO_WRITE_TOKEN: this.key(),
      TRACKIO_DIR: path.join(this.home, `trackio-${name}`),
      ...quiet,
    }
    const child = spawn(this.python, [file], {
      cwd: this.home,
      env: env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    const [status] = await once(child, 'exit')
    if (status !== 0) throw new Error(output)
  }

  /** Runs a script as the only training of a sweep; gives its run. `init`: what the sweep starts from. Throws with its log where it fails. */
  async train(name: string, code: string, more: Record<string, unknown> = {}): Promise<number> {
    const definition = {
      name,
      axes: { seed: ['1'] },
      train: {
        command: [this.python, this.write(name, code)],
        env: { TRACKIO_DIR: path.join(this.home, 'trackio-sweep'), ...quiet },
      },
      track: 'here' as const,
      ...more,
    }
    const { id } = await apiOf(this.server).sweeps.create.mutate({ definition, directory: this.home } as never)
    for (;;) {
      const [run] = this.select(`select id, '' as name, status from jobs where sweep_id = ${id}`)
      if (run?.status === 'failed')
        throw new Error(
          readFileSync(path.join(this.filesOf(run.id), '../stdout.log'), 'utf8') +
            readFileSync(path.join(this.filesOf(run.id), '../stderr.log'), 'utf8'),
        )
      if (run?.status === 'done') return run.id
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  private write(name: string, code: string): string {
    const file = path.join(this.home, `${name}.py`)
    writeFileSync(file, code)
    return file
  }

  private select(query: string): Run[] {
    const database = new SqliteDatabase(path.join(this.dataFolder, 'sweepboard.db'), { readonly: true })
    try {
      return database.prepare(query).all() as Run[]
    } finally {
      database.close()
    }
  }

  ownRun(name: string): Run {
    const query = 'select job_id as id, name, status from own_runs join jobs on jobs.id = job_id'
    return this.select(query).find((run) => run.name === name)!
  }

  shown(id: number) {
    return apiOf(this.server).runs.get.query({ id })
  }

  /** What a run used and made, as its page lists it. */
  async artifactsOf(id: number): Promise<[string, string, string][]> {
    return (await this.shown(id)).artifacts.map(({ role, name, kind }) => [role, name, kind])
  }

  filesOf(id: number): string {
    return path.join(this.dataFolder, 'runs', String(id), '1/files')
  }
}
