/**
 * `wandb sweep` and `wandb agent` of the real client: the sweep is one of ours, agents train it, and each point of the grid once,
 * however agents and the server are killed meanwhile.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../start-server.ts'
import { pythonWithClients } from './clients.ts'

let python: string
let server: TestServer
let dataFolder: string
/** Where the agents are started: their scripts stand there. */
let home: string
const agents: ChildProcess[] = []

beforeAll(async () => {
  python = await pythonWithClients()
}, 300_000)
beforeEach(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-data-'))
  home = mkdtempSync(path.join(tmpdir(), 'sweepboard-home-'))
  server = await startServer({ dataFolder })
  writeFileSync(path.join(home, 'train.py'), script)
})
afterEach(async () => {
  for (const { pid } of agents.splice(0)) killGroup(pid)
  await server.stop()
  for (const folder of [dataFolder, home]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const key = () => readFileSync(path.join(dataFolder, 'tracker-key'), 'utf8').trim()

/** Says that it began; logs; waits in its middle for a file, where the test wants to meet it there. */
const script = `
import argparse, os, time, wandb
parser = argparse.ArgumentParser()
for name in ("lr", "batch", "epochs"):
    parser.add_argument("--" + name, type=float)
given = parser.parse_args()
with open("began", "a") as file:
    file.write(f"{given.lr} {given.batch}\\n")
run = wandb.init()
assert run.config["lr"] == given.lr and run.config["epochs"] == given.epochs, dict(run.config)
for step in range(4):
    run.log({"loss": given.lr / (step + 1)})
    while step == 1 and os.path.exists("wait"):
        time.sleep(0.02)
run.finish()
`

const grid = `program: train.py
method: grid
metric: { name: loss, goal: minimize }
parameters:
  lr: { values: [0.4, 0.2] }
  batch: { values: [1, 2] }
  epochs: { value: 3 }
command: ["\${env}", ${'PYTHON'}, "\${program}", "\${args}"]
`

function killGroup(pid: number | undefined): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch {
    // it has left
  }
}

function wandb(words: string[]): ChildProcess {
  return spawn(python, ['-m', 'wandb', ...words], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      WANDB_BASE_URL: server.url,
      WANDB_API_KEY: key(),
      WANDB_DIR: home,
    } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Runs `wandb` to its end; gives its code and what it said. */
async function say(...words: string[]): Promise<{ code: number; output: string }> {
  const child = wandb(words)
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += text))
  const [code] = (await once(child, 'exit')) as [number]
  return { code, output }
}

function agent(...words: string[]): ChildProcess {
  const child = wandb(['agent', ...words, 'sweepboard/p/1'])
  child.stdout!.resume()
  child.stderr!.resume()
  agents.push(child)
  return child
}

async function sweep(text: string): Promise<{ code: number; output: string }> {
  writeFileSync(path.join(home, 'sweep.yaml'), text.replace('PYTHON', python))
  return say('sweep', '--project', 'p', 'sweep.yaml')
}

type Row = Record<'status' | 'name' | 'error' | 'params', string> & { id: number; attempt: number; score: number }

function rows(query: string): Row[] {
  const database = new SqliteDatabase(path.join(dataFolder, 'sweepboard.db'), { readonly: true })
  try {
    return database.prepare(query).all() as Row[]
  } finally {
    database.close()
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50))
}

const began = () =>
  existsSync(path.join(home, 'began')) ? readFileSync(path.join(home, 'began'), 'utf8').trim().split('\n') : []
const status = () => rows('select status from sweeps')[0]?.status
const gridPoints = ['0.2 1.0', '0.2 2.0', '0.4 1.0', '0.4 2.0']

test('two agents, one of them killed in the middle and started again, and a server killed as well: each point of the grid is trained once', async () => {
  writeFileSync(path.join(home, 'wait'), '')
  expect((await sweep(grid)).output).toContain('Creating sweep with ID: 1')
  const [first] = [agent(), agent()]
  await until(() => began().length === 2)
  // what it runs goes on without it
  first!.kill('SIGKILL')
  const gone = once(server.process, 'exit')
  server.process.kill('SIGKILL')
  await gone
  rmSync(path.join(home, 'wait'))
  server = await startServer({ dataFolder, environment: { PORT: new URL(server.url).port } })
  agent()
  await until(() => status() === 'done')
  expect(began().toSorted()).toEqual(gridPoints)
  const points = rows('select number, status, score, error from points order by number')
  expect(points.map((point) => [point.status, point.score])).toEqual([
    ['scored', 0.1],
    ['scored', 0.05],
    ['scored', 0.1],
    ['scored', 0.05],
  ])
  // the one that is left, and the one that took the other's place, are told to leave
  const left = agents
    .slice(1)
    .map(async (child) => (child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode))
  expect(await Promise.all(left)).toEqual([0, 0])
  // nothing of it is a run of its own beside the sweep's
  expect(rows('select job_id as id from own_runs')).toEqual([])
}, 400_000)

/** What the client sends of sweeps, without starting it each time; gives the errors that it would print. */
async function ask(operation: string, variables: object): Promise<string> {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`api:${key()}`).toString('base64')}` },
    body: JSON.stringify({ query: `mutation ${operation} { a }`, variables }),
  })
  const { errors = [] } = (await answer.json()) as { errors?: { message: string }[] }
  return errors.map(({ message }) => message).join(' ')
}

test('a search is trained by an agent as often as its cap says, and a run that is killed again, as another attempt', async () => {
  writeFileSync(path.join(home, 'wait'), '')
  const random = grid.replace('{ values: [0.4, 0.2] }', '{ min: 0.1, max: 0.9 }').replace('grid', 'random\nrun_cap: 2')
  expect(await ask('UpsertSweep', { config: random.replace('PYTHON', python), projectName: 'p' })).toBe('')
  agent()
  await until(() => began().length === 1 && rows('select status from jobs')[0]!.status === 'running')
  const { pid } = JSON.parse(readFileSync(path.join(dataFolder, 'control/1-1/pid.json'), 'utf8')) as { pid: number }
  killGroup(pid)
  rmSync(path.join(home, 'wait'))
  await until(() => status() === 'done')
  expect(began()).toHaveLength(3)
  expect(new Set(began()).size).toBe(2)
  expect(rows('select attempt from jobs order by id').map((job) => job.attempt)).toEqual([2, 1])
  expect(rows('select status from points').map((point) => point.status)).toEqual(['scored', 'scored'])
}, 400_000)

test('what has no counterpart is refused with what to write; a sweep is paused, goes on and is cancelled', async () => {
  const normal = grid.replace('{ values: [0.4, 0.2] }', '{ distribution: normal, mu: 0, sigma: 1 }')
  const refused = await sweep(normal)
  expect(refused.code).not.toBe(0)
  expect(refused.output).toContain('lr: normal has no counterpart')
  const make = (config: string) => ask('UpsertSweep', { config, projectName: 'p' })
  expect(await make(grid.replace('{ values: [0.4, 0.2] }', '{ min: 0.1, max: 0.9 }'))).toContain('is a range')
  expect(await make(grid.replace(/program.*\n/, '').replace(/command.*\n/, ''))).toContain(
    'wandb.agent is not run here',
  )
  expect(await make(grid.replace('method: grid', 'method: quantum'))).toContain('quantum')
  expect(await make(grid.replace('lr:', 'optimizer.lr:'))).toContain('optimizer.lr')
  expect(await make('{')).toContain('is no YAML')
  expect(rows('select id from sweeps')).toEqual([])

  expect(await make(grid)).toBe('')
  const steer = (state: string) => ask('UpsertSweep', { id: '1', state })
  const seen: string[] = []
  for (const state of ['PAUSED', 'PAUSED', 'RUNNING', 'FINISHED', 'CANCELED']) {
    const answer = await steer(state)
    seen.push(`${status()} ${answer}`)
  }
  expect(seen).toEqual([
    'paused ',
    'paused train is paused; only a waiting or running sweep can be paused.',
    'waiting ',
    expect.stringContaining('waiting A sweep cannot be told to be FINISHED here'),
    'cancelled ',
  ])
  expect(await ask('CreateAgent', { sweep: '1', host: 'elsewhere' })).toContain(
    'agents run on the machine of the server',
  )
  expect(await ask('CreateAgent', { sweep: '7', host: hostname() })).toBe('There is no sweep 7 here.')
  expect(await ask('CreateAgent', { sweep: '../1', host: hostname() })).toContain('../1 is no sweep here')
  expect(await ask('Heartbeat', { id: 'agent-x', runState: '{}' })).toContain('agent-x is no agent of this server')
  expect(await ask('Heartbeat', { id: `agent-1-${'0'.repeat(16)}`, runState: '{' })).toContain('is no JSON')
  const page = await fetch(`${server.url}/sweepboard/p/sweeps/1`, { redirect: 'manual' })
  expect(page.headers.get('location')).toBe('/sweeps/1')
}, 200_000)
