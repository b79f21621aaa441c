/** What the executor makes of Slurm's answers and of files: both as a test gives them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Observation } from '../executor.ts'
import type { SlurmAnswer, Call } from './call.ts'
import { readSite } from './site.ts'
import { slurmExecutor } from './slurm-executor.ts'

function stage(files: Record<string, object | string>, more: { delay?: number; at?: number } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'slurm-answers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const attempt = { mark: '1.1.1', folder: path.join(folder, 'run'), control: path.join(folder, 'control') }
  mkdirSync(attempt.folder)
  mkdirSync(attempt.control)
  const show = (name: string, content: object | string = '') =>
    writeFileSync(path.join(attempt.control, name), typeof content === 'string' ? content : JSON.stringify(content))
  show('slurm.json', { name: 'a.1', index: 0, at: more.at ?? 0, job: '7' })
  for (const [name, content] of Object.entries(files)) show(name, content)
  let answer: SlurmAnswer = { ok: true, text: '' }
  const asked: string[][] = []
  const call: Call = async (program, args) => {
    asked.push([program, ...args])
    return program === 'squeue' ? answer : { ok: false, sure: true, message: 'Slurm accounting storage is disabled' }
  }
  const site = { ...readSite('/nowhere'), ask_seconds: 0.01, file_delay_seconds: more.delay ?? 60 }
  const executor = slurmExecutor({}, site, 1, call)
  return {
    show,
    asked,
    attempt,
    executor,
    /** From now on squeue says this of the job; null: nothing of it; undefined: nothing at all. */
    says(state: string | null | undefined) {
      answer =
        state === undefined
          ? { ok: false, sure: false, message: 'Unable to contact slurm controller' }
          : { ok: true, text: state === null ? '' : `7|a.1|${state}|0:05|N/A|gpu|n1|${userInfo().uid}|1|None\n` }
    },
    /** The observation after at least one more answer. */
    async look(): Promise<Observation> {
      for (let answers = 0; answers < 2; answers++) {
        const heard = new Promise<void>((resolve) => {
          const off = executor.onExit(() => {
            off()
            resolve()
          })
        })
        const timer = setInterval(() => void executor.observe([attempt]), 5)
        await heard
        clearInterval(timer)
      }
      return (await executor.observe([attempt]))[0]!
    },
  }
}

const pid = { pid: 4711, start: '1', boot: 'of-another-machine', uptime: '10.00' }

test('a node’s process is no process of this machine: without an end it runs, whatever runs here', async () => {
  const { look, says } = stage({ claim: '', 'pid.json': pid })
  says('RUNNING')
  expect(await look()).toMatchObject({ state: 'running', pid: null, place: { node: 'n1', job: '7', waits: null } })
})

test('an end that Slurm tells before the file system shows it is waited for', async () => {
  const { look, says, show } = stage({ 'pid.json': pid })
  says('COMPLETED')
  expect(await look()).toEqual({ state: 'lingering', processes: [] })
  says('NODE_FAIL')
  expect((await look()).state).toBe('lingering')
  show('exit.json', { exitCode: 0, uptime: '12.50' })
  show('over')
  expect(await look()).toMatchObject({ state: 'ended', exitCode: 0, milliseconds: 2500, interruption: null })
})

test('an attempt without its first files is not dead when its job has ended: they may be late', async () => {
  const { look, says, show } = stage({})
  says('COMPLETED')
  expect((await look()).state).toBe('queued')
  show('pid.json', pid)
  show('exit.json', { exitCode: 3, uptime: '12.50' })
  show('over')
  expect(await look()).toMatchObject({ state: 'ended', exitCode: 3 })
})

test('an end is not told before what its script heard is seen: a training that was asked to save is not done', async () => {
  const { look, says, show } = stage({ 'pid.json': pid, 'exit.json': { exitCode: 0, uptime: '12.50' } })
  says('COMPLETED')
  expect((await look()).state).toBe('lingering')
  show('over', 'USR1\n')
  expect(await look()).toMatchObject({ state: 'ended', exitCode: 0, interruption: { costs: 'progress' } })
})

test('a script that said its last word and whose command’s end is late has not lost it', async () => {
  const { look, says, show } = stage({ 'pid.json': pid, over: '' })
  says('COMPLETED')
  expect((await look()).state).toBe('lingering')
  show('exit.json', { exitCode: 0, uptime: '12.50' })
  expect(await look()).toMatchObject({ state: 'ended', exitCode: 0, interruption: null })
})

test('after that time Slurm’s word counts', async () => {
  const { look, says } = stage({ 'pid.json': pid }, { delay: 0 })
  says('PREEMPTED')
  expect(await look()).toMatchObject({ state: 'vanished', interruption: { costs: 'nothing' } })
})

test('a controller that is away, or was asked before the attempt began, ends nothing', async () => {
  const { look, says, show } = stage({}, { delay: 0 })
  says('PENDING')
  expect((await look()).state).toBe('queued')
  says(undefined)
  show('pid.json', pid)
  expect((await look()).state).toBe('running')
})

test('a job that began and waits again was requeued; it is taken out of the queue', async () => {
  const { look, says, asked } = stage({ 'pid.json': pid }, { delay: 0 })
  says('PENDING')
  expect(await look()).toMatchObject({ state: 'vanished', interruption: { costs: 'nothing' } })
  await expect.poll(() => asked).toContainEqual(['scancel', '--quiet', '7'])
})

test('what Slurm has forgotten and never began may be handed over again; what was handed over just now may not', async () => {
  const old = stage({}, { delay: 0 })
  old.says(null)
  await expect.poll(async () => (await old.executor.observe([old.attempt]))[0]!.state).toBe('unclaimed')
  const fresh = stage({}, { delay: 0, at: Date.now() })
  fresh.says(null)
  expect((await fresh.look()).state).toBe('queued')
})

test('exit code 0 after SIGTERM that nobody here sent is no end of its own; after one that was asked for here it is', async () => {
  const end = { exitCode: 0, uptime: '12.50' }
  const files = { 'pid.json': pid, 'exit.json': end, over: '', caught: 'TERM\n' }
  const one = stage(files)
  one.says('PREEMPTED')
  expect(await one.look()).toMatchObject({ state: 'ended', signalled: false, interruption: { costs: 'nothing' } })
  const other = stage({ ...files, 'stop.json': { request: 5, monotonic: 0 } })
  other.says('COMPLETED')
  expect(await other.look()).toMatchObject({ state: 'ended', signalled: true, interruption: null })
})
