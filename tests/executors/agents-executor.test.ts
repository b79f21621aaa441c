/** The executor for W&B's agents; an agent is played by whoever starts what it would start, for each attempt that lies ready. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { agentsExecutor } from '../../server/executors/agents/agents-executor.ts'
import type { Executor } from '../../server/executors/executor.ts'
import { localExecutor } from '../../server/executors/local/local-executor.ts'
import { describeExecutor, launch, makeAttempt, observe, until, untilFile } from './executor-contract.ts'

const program = path.join(import.meta.dirname, '../../server/executors/agents/on-agent.ts')
const make = () => agentsExecutor(localExecutor({ SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }))

/** What an agent starts for an attempt: its control folder is told by the run's id. */
function work(control: string): ChildProcess {
  const { name, dir } = path.parse(control)
  return spawn(process.execPath, [program, dir], {
    env: { ...process.env, WANDB_RUN_ID: `run-${name}` },
    stdio: 'ignore',
    detached: true,
  })
}

/** An agent that takes each attempt as it lies ready. */
function worked(): Executor {
  const executor = make()
  return {
    ...executor,
    async launch(launches) {
      await executor.launch(launches)
      for (const { control } of launches) work(control)
    },
  }
}

const attempt = () => makeAttempt(make)

describeExecutor('the executor for agents', worked)

test('what no agent has taken is queued, and given up it never runs', async () => {
  const executor = make()
  const own = attempt()
  await launch(executor, own, 'touch "$ROOT/ran"')
  expect(await observe(executor, own)).toEqual({ state: 'queued' })
  expect(executor.isOnOffer(own)).toBe(true)
  expect(await executor.abandon([own])).toEqual([true])
  expect(executor.isOnOffer(own)).toBe(false)
  const child = work(own.control)
  await new Promise((resolve) => child.on('exit', resolve))
  expect(await observe(make(), own)).toEqual({ state: 'vanished' })
  expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
})

test('two agents with the same attempt run it once, and the later one is none the worse', async () => {
  const executor = make()
  const own = attempt()
  await launch(executor, own, 'echo started >> "$ROOT/starts"; until [ -e "$ROOT/go" ]; do sleep 0.02; done; exit 3')
  const [first, second] = [work(own.control), work(own.control)]
  const ends = [first, second].map((child) => new Promise((resolve) => child.on('exit', resolve)))
  await untilFile(path.join(own.root, 'starts'))
  const lost = await Promise.race(ends)
  expect(lost).toBe(0)
  expect((await until(make(), own, ['running'])).pid).not.toBeNull()
  writeFileSync(path.join(own.root, 'go'), '')
  expect(await until(make(), own, ['ended'])).toMatchObject({ exitCode: 3 })
  expect((await Promise.all(ends)).toSorted()).toEqual([0, 3])
  expect(readFileSync(path.join(own.root, 'starts'), 'utf8')).toBe('started\n')
})

test('SIGTERM to what the agent started reaches the command; killed, it takes the command along', async () => {
  const executor = make()
  const [asked, killed] = [attempt(), attempt()]
  await launch(
    executor,
    asked,
    `trap 'echo saved > "$ROOT/saved"; exit 4' TERM; touch "$ROOT/ready"; while :; do sleep 0.02; done`,
  )
  await launch(executor, killed, 'touch "$ROOT/ready"; sleep 600')
  const [first, second] = [work(asked.control), work(killed.control)]
  await untilFile(path.join(asked.root, 'ready'))
  first.kill('SIGTERM')
  expect(await until(make(), asked, ['ended'])).toMatchObject({ exitCode: 4 })
  expect(existsSync(path.join(asked.root, 'saved'))).toBe(true)
  await untilFile(path.join(killed.root, 'ready'))
  await until(make(), killed, ['running'])
  second.kill('SIGKILL')
  expect((await until(make(), killed, ['vanished', 'ended'])).state).toBe('vanished')
})
