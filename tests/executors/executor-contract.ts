/** What every executor promises, as tests: run by each executor's own test file on its own kind of process. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Executor, Observation } from '../../server/executors/executor.ts'

/** Declares the suite. `make` gives a fresh executor: as a restarted server would have it. */
export function describeExecutor(name: string, make: () => Executor): void {
  describe(name, () => {
    const folders: string[] = []
    afterEach(async () => {
      // No test may leave a process behind.
      for (const folder of folders.splice(0)) {
        const executor = make()
        await signal(executor, folder, 'SIGKILL')
        const left = await until(executor, folder, ['ended', 'vanished', 'unclaimed', 'claimed'])
        expect(left.state).toBeDefined()
        rmSync(folder, { recursive: true, force: true })
      }
    })

    function attempt(): string {
      const folder = mkdtempSync(path.join(tmpdir(), 'attempt-'))
      folders.push(folder)
      return folder
    }
    const launch = (executor: Executor, folder: string, script: string, more: { directory?: string } = {}) =>
      executor.launch([
        {
          folder,
          command: ['bash', '-c', script],
          directory: folder,
          environment: { ...process.env, FOLDER: folder },
          ...more,
        },
      ])

    test('a command that ends well is seen to end with code 0, and its output is kept', async () => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, 'echo to out; echo to err >&2')
      expect(await until(executor, folder, ['ended'])).toMatchObject({ exitCode: 0, error: null })
      expect(readFileSync(path.join(folder, 'stdout.log'), 'utf8')).toBe('to out\n')
      expect(readFileSync(path.join(folder, 'stderr.log'), 'utf8')).toBe('to err\n')
    })

    test.each([1, 42, 127])('exit code %d is kept', async (code) => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, `exit ${code}`)
      expect(await until(executor, folder, ['ended'])).toMatchObject({ exitCode: code })
    })

    test('arguments reach the command to the byte, and no shell looks at them', async () => {
      const executor = make()
      const folder = attempt()
      const awkward = [
        '$(touch pwned)',
        '`touch pwned`',
        '; touch pwned',
        'a\'b"c',
        '--option',
        ' ',
        '',
        'ü\n',
        '*',
        '${x}',
        '\\',
      ]
      await executor.launch([
        {
          folder,
          command: [
            process.execPath,
            '-e',
            'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
            '--',
            ...awkward,
          ],
          directory: folder,
          environment: process.env,
        },
      ])
      await until(executor, folder, ['ended'])
      expect(JSON.parse(readFileSync(path.join(folder, 'stdout.log'), 'utf8'))).toEqual(awkward)
      expect(existsSync(path.join(folder, 'pwned'))).toBe(false)
    })

    test('launched many times over, by many servers, the command runs once', async () => {
      const folder = attempt()
      const executors = Array.from({ length: 6 }, make)
      for (const executor of executors) await launch(executor, folder, 'echo started >> "$FOLDER/starts"; sleep 0.2')
      await until(make(), folder, ['ended'])
      const late = make()
      const left = new Promise<void>((resolve) => late.onExit(resolve))
      await launch(late, folder, 'echo started >> "$FOLDER/starts"')
      await left
      expect(await observe(late, folder)).toMatchObject({ state: 'ended', exitCode: 0 })
      expect(readFileSync(path.join(folder, 'starts'), 'utf8')).toBe('started\n')
    })

    test('a server that comes later finds the running command by its folder', async () => {
      const folder = attempt()
      await launch(make(), folder, 'touch "$FOLDER/ready"; until [ -e "$FOLDER/go" ]; do sleep 0.02; done')
      await until(make(), folder, ['running'])
      writeFileSync(path.join(folder, 'go'), '')
      expect(await until(make(), folder, ['ended'])).toMatchObject({ exitCode: 0 })
    })

    test('SIGTERM reaches the command, and what it then does is waited for', async () => {
      const executor = make()
      const folder = attempt()
      await launch(
        executor,
        folder,
        `trap 'echo saved > "$FOLDER/saved"; exit 3' TERM; touch "$FOLDER/ready"; while :; do sleep 0.02; done`,
      )
      await untilFile(path.join(folder, 'ready'))
      expect(await signal(executor, folder, 'SIGTERM')).toBe(true)
      expect(await until(executor, folder, ['ended'])).toMatchObject({ exitCode: 3 })
      expect(readFileSync(path.join(folder, 'saved'), 'utf8')).toBe('saved\n')
    })

    test('SIGKILL ends the whole group, and no end is invented', async () => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, `trap '' TERM; (trap '' TERM; touch "$FOLDER/ready"; sleep 60) & wait`)
      await untilFile(path.join(folder, 'ready'))
      await signal(executor, folder, 'SIGTERM')
      expect((await observe(executor, folder)).state).toBe('running')
      await signal(executor, folder, 'SIGKILL')
      expect(await until(executor, folder, ['vanished', 'ended'])).toEqual({ state: 'vanished' })
      expect(await signal(executor, folder, 'SIGKILL')).toBe(false)
    })

    test('a killed wrapper does not end the command: it is seen as an orphan until it is gone', async () => {
      const executor = make()
      const folder = attempt()
      await launch(
        executor,
        folder,
        'touch "$FOLDER/ready"; until [ -e "$FOLDER/go" ]; do sleep 0.02; done; touch "$FOLDER/went"',
      )
      await untilFile(path.join(folder, 'ready'))
      const seen = await observe(executor, folder)
      process.kill((seen as { pid: number }).pid, 'SIGKILL')
      expect(await until(make(), folder, ['orphaned', 'vanished'])).toMatchObject({ state: 'orphaned' })
      writeFileSync(path.join(folder, 'go'), '')
      expect(await until(make(), folder, ['vanished', 'ended'])).toEqual({ state: 'vanished' })
      expect(existsSync(path.join(folder, 'went'))).toBe(true)
    })

    test('what the command leaves running at its end is seen as lingering', async () => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, 'sleep 60 & exit 0')
      await untilFile(path.join(folder, 'exit.json'))
      expect(await until(executor, folder, ['lingering'])).toMatchObject({ state: 'lingering' })
      await signal(executor, folder, 'SIGTERM')
      expect(await until(executor, folder, ['ended'])).toMatchObject({ exitCode: 0 })
    })

    test('a claim whose wrapper died before it named itself can be abandoned, and never runs after that', async () => {
      const executor = make()
      const folder = attempt()
      mkdirSync(path.join(folder, 'claim'))
      expect((await observe(executor, folder)).state).toBe('claimed')
      expect(await executor.abandon([{ folder }])).toEqual([true])
      rmSync(path.join(folder, 'claim'), { recursive: true })
      await launch(executor, folder, 'touch "$FOLDER/ran"')
      // An exit that is told may be an earlier attempt's: the wrapper that took this claim says itself who it is.
      const written = path.join(folder, 'pid.tmp')
      await untilFile(written)
      let identity = ''
      while (!identity.endsWith('\n')) identity = readFileSync(written, 'utf8')
      await untilGone((JSON.parse(identity) as { pid: number }).pid)
      expect(await observe(executor, folder)).toEqual({ state: 'vanished' })
      expect(existsSync(path.join(folder, 'ran'))).toBe(false)
    })

    test('an attempt that named its process cannot be abandoned', async () => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, 'sleep 60')
      await until(executor, folder, ['running'])
      expect(await executor.abandon([{ folder }])).toEqual([false])
    })

    test('a process of the same number but another start, or another boot, is not taken for it', async () => {
      const folder = attempt()
      const boot = existsSync('/proc/sys/kernel/random/boot_id')
        ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
        : ''
      mkdirSync(path.join(folder, 'claim'))
      for (const identity of [
        { pid: process.pid, start: '1', boot },
        { pid: process.pid, start: '1', boot: 'another' },
      ]) {
        writeFileSync(path.join(folder, 'pid.json'), JSON.stringify(identity))
        expect(await observe(make(), folder)).toEqual({ state: 'vanished' })
        expect(await signal(make(), folder, 'SIGTERM')).toBe(false)
      }
    })

    test('an attempt whose folder is gone by then does not keep the next one from starting', async () => {
      const executor = make()
      const gone = attempt()
      rmSync(gone, { recursive: true })
      await launch(executor, gone, 'true')
      const folder = attempt()
      await launch(executor, folder, 'exit 3')
      expect(await until(executor, folder, ['ended'])).toMatchObject({ exitCode: 3 })
    })

    test('a program or a folder that is not there ends the attempt with the reason', async () => {
      const executor = make()
      const folder = attempt()
      await launch(executor, folder, 'true', { directory: path.join(folder, 'nowhere') })
      expect(await until(executor, folder, ['ended'])).toMatchObject({
        exitCode: 127,
        error: expect.stringContaining('nowhere'),
      })
      const other = attempt()
      await executor.launch([
        { folder: other, command: ['./no-such-program'], directory: other, environment: process.env },
      ])
      expect(await until(executor, other, ['ended'])).toMatchObject({ exitCode: 127 })
      expect(readFileSync(path.join(other, 'stderr.log'), 'utf8')).toContain('no-such-program')
    })
  })
}

async function observe(executor: Executor, folder: string): Promise<Observation> {
  const [seen] = await executor.observe([{ folder }])
  return seen!
}

async function signal(executor: Executor, folder: string, name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  const [sent] = await executor.signal([{ folder }], name)
  return sent!
}

/** Observes until one of the states is seen. A hang is the test's own timeout. */
async function until(executor: Executor, folder: string, states: Observation['state'][]): Promise<Observation> {
  for (;;) {
    const seen = await observe(executor, folder)
    if (states.includes(seen.state)) return seen
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function untilGone(pid: number): Promise<void> {
  const lives = () => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  while (lives()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function untilFile(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5))
}
