/** What every executor promises, as tests: run by each executor's own test file on its own kind of process. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Attempt, Executor, Launch, Observation } from '../../server/executors/executor.ts'

export type TestAttempt = Attempt & { root: string }

let attempts = 0

/** An attempt in a folder of its own (below `base`), of which no process is left when the test ends. */
export function makeAttempt(make: () => Executor, base = tmpdir()): TestAttempt {
  const root = mkdtempSync(path.join(base, 'attempt-'))
  const attempt = { mark: `${process.pid}.${++attempts}`, root, ...foldersOf(root) }
  onTestFinished(async () => {
    const executor = make()
    for (;;) {
      const { state } = await observe(executor, attempt)
      if (['ended', 'vanished', 'unclaimed', 'claimed'].includes(state)) break
      if (state === 'queued') await executor.abandon([attempt])
      await executor.signal([attempt], 'SIGKILL', null)
      await pause()
    }
    rmSync(root, { recursive: true, force: true })
  })
  return attempt
}

function foldersOf(root: string): { folder: string; control: string } {
  const folders = { folder: path.join(root, 'folder'), control: path.join(root, 'control/1-1') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  return folders
}

/** Launches a script of bash; it finds the attempt's root in $ROOT, which it does not clear. */
/** What attempts of the suite ask for, where it is not Slurm that they ask. */
let asked: Launch['request'] = { gpus: 0, name: 'contract', slurm: {} }
export function askFor(request: NonNullable<Launch['request']>): void {
  asked = request
}

export async function launch(executor: Executor, attempt: TestAttempt, script: string, more: Partial<Launch> = {}) {
  const { root, ...own } = attempt
  await executor.launch([
    {
      ...own,
      request: asked!,
      command: ['bash', '-c', script],
      directory: attempt.folder,
      environment: { ...process.env, FOLDER: attempt.folder, ROOT: root },
      ...more,
    },
  ])
}

export async function observe(executor: Executor, attempt: Attempt): Promise<Observation> {
  const [seen] = await executor.observe([attempt])
  return seen!
}

/** Observes until one of the states is seen. A hang is the test's own timeout. */
export async function until<State extends Observation['state']>(
  executor: Executor,
  attempt: Attempt,
  states: State[],
): Promise<Extract<Observation, { state: State }>> {
  for (;;) {
    const seen = await observe(executor, attempt)
    if (states.includes(seen.state as State)) return seen as Extract<Observation, { state: State }>
    await pause()
  }
}

export async function untilFile(file: string): Promise<string> {
  while (!existsSync(file)) await pause()
  return readFileSync(file, 'utf8')
}

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}

/** Declares the suite. `make` gives a fresh executor: as a restarted server would have it. `base`: where folders are made. */
export function describeExecutor(name: string, make: () => Executor, base?: string): void {
  describe(name, () => {
    const attempt = () => makeAttempt(make, base)

    test('a command that ends well is seen to end with code 0, and its output is kept', async () => {
      const executor = make()
      const own = attempt()
      await launch(executor, own, 'echo to out; echo to err >&2')
      expect(await until(executor, own, ['ended'])).toMatchObject({ exitCode: 0, signal: null, error: null })
      expect(readFileSync(path.join(own.folder, 'stdout.log'), 'utf8')).toBe('to out\n')
      expect(readFileSync(path.join(own.folder, 'stderr.log'), 'utf8')).toBe('to err\n')
    })

    test('exit codes are kept, and a signal is named; many attempts go in one call', async () => {
      const executor = make()
      const scripts = ['exit 1', 'exit 42', 'exit 127', 'kill -9 $$']
      const all = scripts.map(attempt)
      for (const [index, own] of all.entries()) await launch(executor, own, scripts[index]!)
      for (const own of all) await until(executor, own, ['ended'])
      const others = make()
      for (const own of all) await until(others, own, ['ended'])
      const ends = await others.observe(all)
      expect(ends).toMatchObject([
        { state: 'ended', exitCode: 1, signal: null },
        { state: 'ended', exitCode: 42, signal: null },
        { state: 'ended', exitCode: 127, signal: null },
        { state: 'ended', exitCode: 137, signal: 'SIGKILL' },
      ])
    })

    test('arguments reach the command to the byte, and no shell looks at them', async () => {
      const executor = make()
      const own = attempt()
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
      const program = 'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.AWKWARD]))'
      await launch(executor, own, '', {
        command: [process.execPath, '-e', program, '--', ...awkward],
        environment: { ...process.env, AWKWARD: awkward.join(' ') },
      })
      await until(executor, own, ['ended'])
      const written = readFileSync(path.join(own.folder, 'stdout.log'), 'utf8')
      expect(JSON.parse(written)).toEqual([awkward, awkward.join(' ')])
      expect(existsSync(path.join(own.folder, 'pwned'))).toBe(false)
    })

    test('launched many times over, by many servers, the command runs once', async () => {
      const own = attempt()
      const executors = Array.from({ length: 6 }, make)
      for (const executor of executors) await launch(executor, own, 'echo started >> "$ROOT/starts"; sleep 0.2')
      await until(make(), own, ['ended'])
      // a launch after the end comes to nothing: when the attempt behind it has ended, it has had its turn
      const late = make()
      const next = attempt()
      await launch(late, own, 'echo started >> "$ROOT/starts"')
      await launch(late, next, 'true')
      await until(late, next, ['ended'])
      expect(await until(late, own, ['ended'])).toMatchObject({ exitCode: 0 })
      expect(readFileSync(path.join(own.root, 'starts'), 'utf8')).toBe('started\n')
    })

    test('a server that comes later finds the running command by its folders', async () => {
      const own = attempt()
      await launch(make(), own, 'until [ -e "$ROOT/go" ]; do sleep 0.02; done')
      await until(make(), own, ['running'])
      writeFileSync(path.join(own.root, 'go'), '')
      expect(await until(make(), own, ['ended'])).toMatchObject({ exitCode: 0 })
    })

    test('SIGTERM reaches the command, what it then does is waited for, and a later server knows of the request', async () => {
      const executor = make()
      const own = attempt()
      const script = `trap 'echo saved > "$ROOT/saved"; until [ -e "$ROOT/go" ]; do sleep 0.02; done; exit 3' TERM
        touch "$ROOT/ready"; while :; do sleep 0.02; done`
      await launch(executor, own, script)
      await untilFile(path.join(own.root, 'ready'))
      expect(await executor.observe([own])).toMatchObject([{ state: 'running', stopping: null }])
      expect(await executor.signal([own], 'SIGTERM', 1234)).toEqual([true])
      await untilFile(path.join(own.root, 'saved'))
      expect(await observe(make(), own)).toMatchObject({ state: 'running', stopping: { request: 1234 } })
      writeFileSync(path.join(own.root, 'go'), '')
      expect(await until(executor, own, ['ended'])).toMatchObject({ exitCode: 3, signalled: true })
    })

    test('SIGKILL ends the whole group, and no end is invented', async () => {
      const executor = make()
      const own = attempt()
      await launch(executor, own, `trap '' TERM; (trap '' TERM; touch "$ROOT/ready"; sleep 60) & wait`)
      await untilFile(path.join(own.root, 'ready'))
      await executor.signal([own], 'SIGTERM', 1)
      expect((await observe(executor, own)).state).toBe('running')
      await executor.signal([own], 'SIGKILL', 1)
      const end = await until(executor, own, ['vanished', 'ended'])
      if (end.state === 'ended') expect(end.signal).toBe('SIGKILL')
      expect(await executor.signal([own], 'SIGKILL', 1)).toEqual([false])
    })

    test('what the command leaves running at its end is seen, in its group and in a session of its own, and can be ended', async () => {
      const executor = make()
      const own = attempt()
      const left = `(trap '' TERM; touch "$ROOT/one"; sleep 600) & setsid bash -c 'touch "$ROOT/two"; sleep 600' &`
      await launch(executor, own, `${left} until [ -e "$ROOT/one" -a -e "$ROOT/two" ]; do sleep 0.02; done`)
      for (;;) {
        const { processes } = await until(executor, own, ['lingering'])
        if (processes.some((process) => process.apart) && processes.some((process) => !process.apart)) break
        await pause()
      }
      await executor.signal([own], 'SIGTERM', null)
      expect((await until(executor, own, ['lingering'])).processes.some((process) => !process.apart)).toBe(true)
      await executor.signal([own], 'SIGKILL', null)
      expect(await until(executor, own, ['ended'])).toMatchObject({ exitCode: 0, signalled: false })
    })

    test('a command that clears its own folder runs once, and its log and its end are kept', async () => {
      const executor = make()
      const own = attempt()
      await launch(
        executor,
        own,
        'echo before; cd /; rm -rf "$FOLDER"; mkdir "$FOLDER"; echo after; touch "$ROOT/ready"; until [ -e "$ROOT/go" ]; do sleep 0.02; done; exit 5',
      )
      await untilFile(path.join(own.root, 'ready'))
      expect((await observe(make(), own)).state).toBe('running')
      await launch(executor, own, 'touch "$ROOT/again"')
      writeFileSync(path.join(own.root, 'go'), '')
      expect(await until(executor, own, ['ended'])).toMatchObject({ exitCode: 5 })
      expect(readFileSync(path.join(own.folder, 'stdout.log'), 'utf8')).toBe('before\nafter\n')
      expect(existsSync(path.join(own.root, 'again'))).toBe(false)
    })

    test('an attempt that nobody launched is unclaimed; given up, it never runs', async () => {
      const executor = make()
      const own = attempt()
      expect(await observe(executor, own)).toEqual({ state: 'unclaimed' })
      expect(await executor.abandon([own])).toEqual([true])
      await launch(executor, own, 'touch "$ROOT/ran"')
      const next = attempt()
      await launch(executor, next, 'true')
      await until(executor, next, ['ended'])
      expect(await until(executor, own, ['vanished'])).toEqual({ state: 'vanished' })
      expect(existsSync(path.join(own.root, 'ran'))).toBe(false)
    })

    test('an attempt that named its process cannot be given up', async () => {
      const executor = make()
      const own = attempt()
      await launch(executor, own, 'sleep 60')
      await until(executor, own, ['running'])
      expect(await executor.abandon([own])).toEqual([false])
    })

    test('a program or a folder that is not there ends the attempt with the reason', async () => {
      const executor = make()
      const own = attempt()
      await launch(executor, own, 'true', { directory: path.join(own.folder, 'nowhere') })
      expect(await until(executor, own, ['ended'])).toMatchObject({
        exitCode: 127,
        error: expect.stringContaining('nowhere'),
      })
      const other = attempt()
      await launch(executor, other, '', { command: ['./no-such-program'] })
      expect(await until(executor, other, ['ended'])).toMatchObject({ exitCode: 127 })
      expect(readFileSync(path.join(other.folder, 'stderr.log'), 'utf8')).toContain('no-such-program')
    })

    test('it says how long an attempt has run, by a clock that nobody sets', async () => {
      const executor = make()
      const own = attempt()
      await launch(executor, own, 'until [ -e "$ROOT/go" ]; do sleep 0.02; done')
      const first = (await until(executor, own, ['running'])).milliseconds!
      await new Promise((resolve) => setTimeout(resolve, 60))
      const second = (await until(make(), own, ['running'])).milliseconds!
      expect(second - first).toBeGreaterThanOrEqual(50)
      expect(second).toBeLessThan(60_000)
      writeFileSync(path.join(own.root, 'go'), '')
      expect((await until(executor, own, ['ended'])).milliseconds).toBeGreaterThanOrEqual(40)
    })
  })
}
