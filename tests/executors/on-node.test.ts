/** The script of an attempt as a cluster's node runs it, without a cluster: the intake beside the command, which is there before it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startScript } from '../../server/executors/cluster/start-script.ts'
import { clientEnvironment } from '../../server/intake/client-environment.ts'
import { runIds } from '../../server/intake/run-ids.ts'
import { fileAppears, stubs } from '../harness.ts'

const onNode = path.join(import.meta.dirname, '../../server/executors/slurm/on-node.sh')

/** Starts a command as Slurm's node would, with an intake that `program` runs. */
function startOnNode(program: string, command: string[]) {
  const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-node-'))
  const [folder, control] = [path.join(root, 'runs/1/1'), path.join(root, 'control/1/1')]
  for (const made of [folder, control]) mkdirSync(made, { recursive: true })
  writeFileSync(
    path.join(folder, 'job.json'),
    JSON.stringify({ run: 1, attempt: 1, track: { clients: [], files: [], said: [] } }),
  )
  const run = { ...runIds('1', '1'), key: 'local-key', address: 'http://127.0.0.1:{port}' }
  const launch = {
    mark: `mark-${path.basename(root)}`,
    folder,
    control,
    command,
    directory: root,
    environment: {
      PATH: process.env.PATH!,
      SWEEPBOARD_EVENTS: path.join(folder, 'events.jsonl'),
      SWEEPBOARD_RUN: '1',
      SWEEPBOARD_ATTEMPT: '1',
      SWEEPBOARD_INTAKE: program,
      SWEEPBOARD_INTAKE_KEY: run.key,
    },
    door: {
      variables: clientEnvironment(['wandb', 'mlflow'], run, {}),
      tensorBoard: path.join(folder, 'tensorboard'),
      atOnce: false,
    },
  }
  const script = path.join(control, 'start.sh')
  writeFileSync(script, startScript(launch, {}, 5, onNode))
  const child = spawn('/bin/bash', [script], { detached: true, stdio: 'inherit', env: { NODE_ENV: 'test' } })
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  const events = () =>
    read('events.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { root, folder, control, ended: once(child, 'exit') as Promise<[number]>, read, events }
}

/** A command that logs six steps and stands at a gate in the middle. */
async function loggingOnNode() {
  const gate = path.join(mkdtempSync(path.join(tmpdir(), 'sweepboard-gate-')), 'gate')
  onTestFinished(() => rmSync(path.dirname(gate), { recursive: true }))
  const logs = [process.execPath, path.join(stubs, 'logs-to-mlflow.mjs'), '6', 'lines.jsonl', gate]
  const node = startOnNode(process.execPath, logs)
  await fileAppears(`${gate}.waits`)
  return { node, gate }
}

test('clients find the intake, also after it was killed; the end is written when all is taken in', async () => {
  const { node, gate } = await loggingOnNode()
  const port = node.read('intake/port')
  process.kill(Number(node.read('intake/pid')), 'SIGKILL')
  writeFileSync(gate, '')
  expect(await node.ended).toEqual([0, null])
  expect(node.read('intake/port')).toBe(port)
  expect(existsSync(path.join(node.folder, 'intake/done'))).toBe(true)
  const losses = node
    .events()
    .flatMap(({ type, step, values }) => (type === 'metrics' ? [[step, (values as { loss: number }).loss]] : []))
  expect(losses).toEqual([0, 1, 2, 3, 4, 5].map((step) => [step, 1 / (step + 1)]))
  expect(JSON.parse(readFileSync(path.join(node.control, 'exit.json'), 'utf8'))).toMatchObject({ exitCode: 0 })
})

test('where the intake cannot be started the command runs all the same, clients are told of nothing, and a note says so', async () => {
  const command = ['/bin/sh', '-c', 'printf "%s %s" "${WANDB_BASE_URL-none}" "${SWEEPBOARD_INTAKE_KEY-none}"']
  const node = startOnNode('/nowhere/node', command)
  expect(await node.ended).toEqual([0, null])
  expect(node.read('stdout.log')).toBe('none none')
  expect(node.events()).toEqual([
    { type: 'note', level: 'warning', text: expect.stringContaining('no intake could be started on') },
  ])
})

test('a wrapper that is killed leaves the command with its intake, and nothing of the attempt stays behind it', async () => {
  const { node, gate } = await loggingOnNode()
  const { pid } = JSON.parse(readFileSync(path.join(node.control, 'pid.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  writeFileSync(gate, '')
  expect(await node.ended).toEqual([1, null])
  expect(node.events().filter(({ type }) => type === 'metrics')).toHaveLength(6)
  expect(existsSync(path.join(node.folder, 'intake/done'))).toBe(true)
})
