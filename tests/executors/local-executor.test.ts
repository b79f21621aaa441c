import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localExecutor } from '../../server/executors/local/local-executor.ts'
import { describeExecutor, launch, makeAttempt, observe, pause, until, untilFile } from './executor-contract.ts'

const make = () => localExecutor({ SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' })
const attempt = () => makeAttempt(make)

describeExecutor('the local executor', make)

test('a killed wrapper does not end the command: it is seen as an orphan until it is gone', async () => {
  const executor = make()
  const own = attempt()
  await launch(executor, own, 'touch "$ROOT/ready"; until [ -e "$ROOT/go" ]; do sleep 0.02; done; touch "$ROOT/went"')
  await untilFile(path.join(own.root, 'ready'))
  const { pid } = await until(executor, own, ['running'])
  process.kill(pid!, 'SIGKILL')
  // a server that comes now knows the command by its mark alone
  expect(await until(make(), own, ['orphaned', 'vanished'])).toMatchObject({ state: 'orphaned' })
  writeFileSync(path.join(own.root, 'go'), '')
  expect(await until(make(), own, ['vanished', 'ended'])).toEqual({ state: 'vanished' })
  expect(existsSync(path.join(own.root, 'went'))).toBe(true)
})

test('an orphan is asked to stop by number, and what it started in a session of its own ends with it', async () => {
  const own = attempt()
  await launch(
    make(),
    own,
    `setsid bash -c 'trap "" TERM; touch "$ROOT/ready"; sleep 600' & trap 'exit 0' TERM; while :; do sleep 0.02; done`,
  )
  await untilFile(path.join(own.root, 'ready'))
  const { pid } = await until(make(), own, ['running'])
  process.kill(pid!, 'SIGKILL')
  await until(make(), own, ['orphaned'])
  expect(await make().signal([own], 'SIGTERM', 7)).toEqual([true])
  const { processes } = await until(make(), own, ['lingering'])
  expect(processes.every((process) => process.apart)).toBe(true)
  await make().signal([own], 'SIGKILL', null)
  expect(await until(make(), own, ['vanished'])).toEqual({ state: 'vanished' })
})

test('a claim whose wrapper died before it named itself can be given up, and never runs after that', async () => {
  const executor = make()
  const own = attempt()
  mkdirSync(path.join(own.control, 'claim'))
  expect((await observe(executor, own)).state).toBe('claimed')
  expect(await executor.abandon([own])).toEqual([true])
  rmSync(path.join(own.control, 'claim'), { recursive: true })
  await launch(executor, own, 'touch "$ROOT/ran"')
  const { pid } = JSON.parse(await untilWhole(path.join(own.control, 'pid.tmp'))) as { pid: number }
  while (existsSync(`/proc/${pid}`)) await pause()
  expect(await observe(executor, own)).toEqual({ state: 'vanished' })
  expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
})

test('a program that writes its title over its environment is still known, where it was seen before', async () => {
  const own = attempt()
  // Perl writes `$0` over its arguments and on over its environment, as setproctitle does.
  const title = `setsid perl -e '$0 = "engine" x 2000; open(F, ">", "$ENV{ROOT}/ready"); sleep 600' &`
  await launch(make(), own, `setsid sleep 600 & ${title} until [ -e "$ROOT/ready" ]; do sleep 0.02; done; exit 0`)
  for (;;) {
    const { processes } = await until(make(), own, ['lingering'])
    if (processes.length > 0) break
    await pause()
  }
  await make().signal([own], 'SIGKILL', null)
  expect(await until(make(), own, ['ended'])).toMatchObject({ exitCode: 0 })
})

const boot = () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
const startOf = (pid: number) => {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]!
}

test.each([
  ['another start', (pid: number) => ({ pid, start: '1', boot: `${boot()}/${startOf(1)}` })],
  ['another boot', (pid: number) => ({ pid, start: startOf(pid), boot: 'another' })],
  [
    'a container that was restarted on the same boot',
    (pid: number) => ({ pid, start: startOf(pid), boot: `${boot()}/1` }),
  ],
  ['a version before this one and another start', (pid: number) => ({ pid, start: '1', boot: boot() })],
])('a stranger who leads a session of the same number is not taken for the attempt: %s', async (_name, identityOf) => {
  const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void stranger.kill('SIGKILL'))
  const own = attempt()
  mkdirSync(path.join(own.control, 'claim'))
  writeFileSync(path.join(own.control, 'pid.json'), JSON.stringify(identityOf(stranger.pid!)))
  expect(await observe(make(), own)).toEqual({ state: 'vanished' })
  expect(await make().signal([own], 'SIGTERM', 1)).toEqual([false])
  expect(await make().signal([own], 'SIGKILL', 1)).toEqual([false])
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  expect(existsSync(`/proc/${stranger.pid}`)).toBe(true)
})

test('a stranger in a group whose leader has gone is not signalled: only who bears the mark is', async () => {
  const leader = spawn('bash', ['-c', 'sleep 600 & echo $!; read'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const member = Number(await new Promise((resolve) => leader.stdout.once('data', resolve)))
  onTestFinished(() => void process.kill(member, 'SIGKILL'))
  const start = startOf(leader.pid!)
  const gone = new Promise((resolve) => leader.once('exit', resolve))
  leader.stdin.end()
  await gone
  const own = attempt()
  mkdirSync(path.join(own.control, 'claim'))
  const identity = { pid: leader.pid, start, boot: `${boot()}/${startOf(1)}` }
  writeFileSync(path.join(own.control, 'pid.json'), JSON.stringify(identity))
  expect(await observe(make(), own)).toEqual({ state: 'vanished' })
  expect(await make().signal([own], 'SIGKILL', 1)).toEqual([false])
  // it may not have come to be sleep yet; what matters is that it lives
  await expect.poll(() => readlinkSync(`/proc/${member}/exe`)).toContain('sleep')
})

test.each([
  '',
  '{"pid":12',
  'null',
  '[]',
  '{}',
  '"12"',
  '12',
  '\0'.repeat(80),
  '{"pid":0,"start":"1","boot":"x"}',
  '{"pid":-1,"start":"1","boot":"x"}',
  '{"pid":"12","start":"1","boot":"x"}',
  '{"pid":1.5,"start":"1","boot":"x"}',
  '{"pid":1e300,"start":"1","boot":"x"}',
  '{"pid":null,"start":null,"boot":null}',
  '{"pid":1,"start":"","boot":""}',
])('a pid file that a power cut left as %j is a lost attempt', async (text) => {
  const own = attempt()
  mkdirSync(path.join(own.control, 'claim'))
  writeFileSync(path.join(own.control, 'pid.json'), text)
  expect(await observe(make(), own)).toEqual({ state: 'vanished' })
  expect(await make().signal([own], 'SIGTERM', 1)).toEqual([false])
})

test.each([
  '',
  '{',
  '{"exitCode":',
  '{}',
  'null',
  '[]',
  '0',
  '{"exitCode":null}',
  '{"exitCode":"0"}',
  '{"exitCode":0.5}',
  '\0'.repeat(40),
])('an exit file that holds %j is no word of an end', async (text) => {
  const own = attempt()
  await launch(make(), own, 'true')
  await until(make(), own, ['ended'])
  writeFileSync(path.join(own.control, 'exit.json'), text)
  expect(await observe(make(), own)).toEqual({ state: 'vanished' })
})

test('an attempt whose control folder was removed is known by its mark, and can be ended', async () => {
  const own = attempt()
  await launch(make(), own, 'touch "$ROOT/ready"; sleep 600')
  await untilFile(path.join(own.root, 'ready'))
  rmSync(own.control, { recursive: true })
  mkdirSync(own.control)
  expect(await observe(make(), own)).toMatchObject({ state: 'orphaned' })
  expect(await make().signal([own], 'SIGKILL', 1)).toEqual([true])
  await until(make(), own, ['unclaimed'])
})

test('an attempt whose folders are gone by then does not keep the next one from starting', async () => {
  const executor = make()
  const gone = attempt()
  rmSync(gone.root, { recursive: true })
  await launch(executor, gone, 'true')
  const own = attempt()
  await launch(executor, own, 'exit 3')
  expect(await until(executor, own, ['ended'])).toMatchObject({ exitCode: 3 })
})

test('what an attempt inside an attempt left is the outer one’s too', async () => {
  const own = attempt()
  await launch(make(), own, `SWEEPBOARD_MARK="$SWEEPBOARD_MARK:inner" setsid sleep 600 & exit 0`)
  for (;;) {
    const { processes } = await until(make(), own, ['lingering'])
    if (processes.length > 0) break
    await pause()
  }
  await make().signal([own], 'SIGTERM', null)
  await until(make(), own, ['ended'])
})

async function untilWhole(file: string): Promise<string> {
  for (;;) {
    const text = await untilFile(file)
    if (text.endsWith('\n')) return text
    await pause()
  }
}

test('the wrapper is a POSIX shell script that dash reads without a complaint', () => {
  const wrapper = path.join(import.meta.dirname, '../../server/executors/local/wrapper.sh')
  expect(execFileSync('/bin/sh', ['-n', wrapper], { encoding: 'utf8' })).toBe('')
})
