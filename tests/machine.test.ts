/** The machine as it is: ports, GPUs of the shell and of others, what a trainer inherits, logs while they are written. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { attemptFolder } from '../server/base/context.ts'
import { describeSystem } from '../server/read/system/describe-system.ts'
import { openTestServer, smallSweep, stub, type TestServer } from './harness.ts'

let server: TestServer

beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const script = (text: string, ...rest: string[]) => ['bash', '-c', text, 'bash', ...rest]
const file = (...parts: string[]) => path.join(server.dataFolder, ...parts)
const log = (id: number, stream = 'stdout') =>
  readFileSync(path.join(attemptFolder(server.context, id, 1), `${stream}.log`), 'utf8')
/** The same folder under a server with another environment. */
function restart(environment: Record<string, string>): void {
  server.leave()
  server = server.again(environment)
}

describe('ports', () => {
  test('each live attempt has its own, free ones; the second is another; $${x} is a plain ${x}', async () => {
    // binds both, and stays until all three live: with a port in common one could not
    const listen = `import socket, sys, time, os
ports = [socket.socket(), socket.socket()]
for at, one in enumerate(ports): one.bind(("127.0.0.1", int(sys.argv[1 + at]))); one.listen()
open(sys.argv[3] + "." + os.environ["SWEEPBOARD_RUN"], "w").close()
while len([name for name in os.listdir(os.path.dirname(sys.argv[3])) if name.startswith("bound.")]) < 3: time.sleep(0.02)
print(sys.argv[4], os.environ["RENDEZVOUS"], sys.argv[1])`
    const command = ['python3', '-c', listen, '${port}', '${port.2}', file('bound'), '$${x}']
    const train = { command, env: { RENDEZVOUS: '127.0.0.1:${port}' } }
    const id = server.create(smallSweep({ axes: { a: ['1', '2', '3'] }, train }))
    const sweep = await server.finished(id)
    expect(sweep.runs.map((run) => run.error)).toEqual([null, null, null])
    const written = sweep.runs.map((run) => log(run.id).trim().split(' '))
    for (const [plain, rendezvous, port] of written) {
      expect(plain).toBe('${x}')
      expect(rendezvous).toBe(`127.0.0.1:${port}`)
    }
    expect(new Set(written.map(([, , port]) => port)).size).toBe(3)
  })

  test('an attempt keeps its ports when a server that died between claim and start is followed by another', async () => {
    const train = { command: script('echo "$1"; until [ -e "$2" ]; do sleep 0.02; done', '${port}', file('go')) }
    const id = server.create(smallSweep({ axes: { a: ['1'] }, train }))
    await server.until(id, (sweep) => sweep.runs[0]!.status === 'running')
    const given = JSON.parse(readFileSync(file('control/1-1/ports.json'), 'utf8'))
    restart({})
    writeFileSync(file('go'), '')
    const sweep = await server.finished(id)
    expect(given).toEqual([Number(log(sweep.runs[0]!.id))])
  })

  test('a port that somebody listens on is not given', async () => {
    const held = createServer()
    const first = await server.context.executors.local.freePorts(1, new Set())
    await new Promise<void>((resolve) => held.listen(first[0], '127.0.0.1', resolve))
    onTestFinished(() => void held.close())
    const others = await server.context.executors.local.freePorts(200, new Set([20_001]))
    expect(others).not.toContain(first[0])
    expect(others).not.toContain(20_001)
    expect(new Set(others).size).toBe(200)
  })
})

describe('what a trainer inherits', () => {
  test('nothing that names one process of one run of the shell; what the file sets, it has', async () => {
    restart({
      RANK: '3',
      LOCAL_RANK: '1',
      WORLD_SIZE: '8',
      MASTER_ADDR: 'elsewhere',
      MASTER_PORT: '29500',
      TORCHELASTIC_RUN_ID: 'x',
      WANDB_RUN_ID: 'of-the-shell',
      WANDB_RESUME: 'must',
      WANDB_SWEEP_ID: 'x',
      WANDB_PROJECT: 'kept',
      HF_HOME: '/kept',
      MY_RANK: 'kept',
    })
    const train = { command: ['env'], env: { MASTER_PORT: '${port}', WORLD_SIZE: '1' } }
    const id = server.create(smallSweep({ axes: { a: ['1'] }, train }))
    const sweep = await server.finished(id)
    const found = Object.fromEntries(
      log(sweep.runs[0]!.id)
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(found).toMatchObject({ WANDB_PROJECT: 'kept', HF_HOME: '/kept', MY_RANK: 'kept', WORLD_SIZE: '1' })
    expect(found.MASTER_PORT).toMatch(/^2\d{4}$/)
    const gone = ['RANK', 'LOCAL_RANK', 'MASTER_ADDR', 'TORCHELASTIC_RUN_ID', 'WANDB_RESUME', 'WANDB_SWEEP_ID']
    expect(gone.filter((name) => name in found)).toEqual([])
    expect(found.WANDB_RUN_ID).not.toBe('of-the-shell')
  })

  test('Python’s log is there while it runs, unless the file says otherwise', async () => {
    const program = `import os, time
print("epoch 1 done")
while not os.path.exists(${JSON.stringify(file('go'))}): time.sleep(0.02)`
    const axes = { a: ['1'] }
    const live = server.create(smallSweep({ name: 'live', axes, train: { command: ['python3', '-c', program] } }))
    const held = server.create(
      smallSweep({ name: 'held', axes, train: { command: ['python3', '-c', program], env: { PYTHONUNBUFFERED: '' } } }),
    )
    const [running] = (await server.until(live, (sweep) => sweep.runs[0]!.status === 'running')).runs
    const [other] = (await server.until(held, (sweep) => sweep.runs[0]!.status === 'running')).runs
    while (log(running!.id) === '') await new Promise((resolve) => setTimeout(resolve, 5))
    expect(log(running!.id)).toBe('epoch 1 done\n')
    expect(log(other!.id)).toBe('')
    writeFileSync(file('go'), '')
    await server.finished(live)
    await server.finished(held)
    expect(log(other!.id)).toBe('epoch 1 done\n')
  })
})

describe('evaluate.gpus: 0', () => {
  test('a judge that needs no slot runs while trainings hold all of them', async () => {
    restart({ SWEEPBOARD_GPUS: '1' })
    // the second training waits for the first one's evaluation
    const train = script('if [ "$1" = 2 ]; then until [ -e "$2" ]; do sleep 0.02; done; fi', '${a}', file('judged'))
    const judge = script(
      `echo "gpus=$CUDA_VISIBLE_DEVICES"; touch "$2"; echo '{"acc":{"B":0.5}}' > "$1"`,
      '${report}',
      file('judged'),
    )
    const id = server.create(
      smallSweep({ train: { command: train }, evaluate: { command: judge, gpus: 0, report: { accuracies: 'acc' } } }),
    )
    const sweep = await server.finished(id)
    expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'scored'])
    expect(log(3)).toBe('gpus=\n')
  })
})

describe('GPUs', () => {
  /** Puts an nvidia-smi of 8 GPUs in a folder; what `users` holds is what computes there. */
  function fakeMachine(): { PATH: string; users: string } {
    mkdirSync(file('bin'))
    const users = file('users')
    writeFileSync(users, '')
    writeFileSync(
      file('bin', 'nvidia-smi'),
      `#!/bin/sh
case "$*" in
  *compute-apps*) cat '${users}';;
  *index,uuid*) for at in 0 1 2 3 4 5 6 7; do echo "$at, GPU-$at"; done;;
  *index*) seq 0 7;;
esac
`,
      { mode: 0o755 },
    )
    return { PATH: `${file('bin')}:${process.env.PATH}`, users }
  }

  test('CUDA_VISIBLE_DEVICES of the shell limits what is given out', async () => {
    const { PATH } = fakeMachine()
    restart({ PATH, CUDA_VISIBLE_DEVICES: '6,7' })
    expect(server.context.executors.local.slots).toEqual({ kind: 'gpu', ids: ['6', '7'] })
    const train = { command: script('echo "$CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER"') }
    const id = server.create(smallSweep({ axes: { a: ['1', '2', '3'] }, train }))
    const sweep = await server.finished(id)
    for (const run of sweep.runs) expect(log(run.id)).toMatch(/^[67] PCI_BUS_ID\n$/)
  })

  test('one that another program holds memory on is shown with who, and given out once that has gone', async () => {
    const { PATH, users } = fakeMachine()
    const other = spawn('sleep', ['600'], { stdio: 'ignore' })
    const gone = new Promise((resolve) => other.once('exit', resolve))
    onTestFinished(() => void other.kill('SIGKILL'))
    writeFileSync(users, `GPU-3, ${other.pid}, 12000, /usr/bin/python3\n`)
    restart({ PATH, SWEEPBOARD_GPUS: '2,3' })
    const train = {
      command: script('echo "$CUDA_VISIBLE_DEVICES"; until [ -e "$1.$2" ]; do sleep 0.02; done', file('go'), '${a}'),
    }
    const id = server.create(smallSweep({ train }))
    await server.until(id, (sweep) => sweep.runs.some((run) => run.status === 'running'))
    const { slots } = await describeSystem(server.context, { halted: null, problem: null })
    expect(slots).toMatchObject([
      { id: '2', usedBy: null, held: { runId: 1 } },
      { id: '3', held: null, usedBy: `python3 (${other.pid}) of ${userInfo().username}, 12000 MiB` },
    ])
    expect(server.sweep(id).runs.map((run) => run.status)).toEqual(['running', 'waiting'])
    other.kill('SIGKILL')
    await gone
    await server.until(id, (sweep) => sweep.runs.every((run) => run.status === 'running'))
    writeFileSync(file('go.1'), '')
    writeFileSync(file('go.2'), '')
    const sweep = await server.finished(id)
    expect(sweep.runs.map((run) => log(run.id))).toEqual(['2\n', '3\n'])
  })

  test('a training that needs all waits, and is not called impossible; with SWEEPBOARD_SHARE_GPUS=1 it starts', async () => {
    const { PATH, users } = fakeMachine()
    writeFileSync(users, `GPU-1, ${process.pid}, 500, ollama\n`)
    restart({ PATH, SWEEPBOARD_GPUS: '0,1' })
    const id = server.create(smallSweep({ axes: { a: ['1'] }, train: { command: stub('finishes', '2'), gpus: 2 } }))
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(server.sweep(id)).toMatchObject({ status: 'waiting', pauseReason: null })
    restart({ SWEEPBOARD_SHARE_GPUS: '1' })
    expect((await server.finished(id)).status).toBe('done')
  })
})
