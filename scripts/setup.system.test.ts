import { execFile, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

// A toy checkout with the real set-up: one package that lies beside it, so that npm needs no registry.
let checkout: string
beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'sweepboard-setup-'))
  mkdirSync(path.join(checkout, 'little'))
  mkdirSync(path.join(checkout, 'trainer/kernels'), { recursive: true })
  for (const name of ['setup.mjs', 'setup', 'chromium.mjs']) {
    cpSync(path.join(import.meta.dirname, name), path.join(checkout, 'scripts', name), { recursive: true })
  }
  write('trainer/kernels/rows.ts', 'first')
  write(
    'scripts/build-kernels.mjs',
    `import { appendFileSync, cpSync, mkdirSync } from 'node:fs'
     export function buildKernels() {
       mkdirSync('build', { recursive: true })
       appendFileSync('compiled.log', 'compiled\\n')
       console.log('on stdout')
       cpSync('trainer/kernels/rows.ts', 'build/kernels.wasm')
     }`,
  )
  write('little/package.json', { name: 'little', version: '1.0.0' })
  write('package.json', { name: 'toy', version: '1.0.0', devDependencies: { little: 'file:little' } })
  write('package-lock.json', {
    name: 'toy',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'toy', version: '1.0.0', devDependencies: { little: 'file:little' } },
      little: { version: '1.0.0', dev: true },
      'node_modules/little': { resolved: 'little', link: true },
    },
  })
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

function write(name: string, content: unknown) {
  writeFileSync(path.join(checkout, name), typeof content === 'string' ? content : JSON.stringify(content))
}

type Ended = { code: number; stdout: string; stderr: string }

function setup(flags: string[] = [], environment: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(checkout, 'scripts/setup.mjs'), ...flags],
      { env: { ...process.env, npm_execpath: undefined, ...environment } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

test('the first set-up installs, in production too, and says so on stderr; the next one has nothing to say', async () => {
  const first = await setup([], { NODE_ENV: 'production' })
  expect(first).toMatchObject({ code: 0, stdout: '' })
  expect(first.stderr).toMatch(
    /^Installing packages \(first start, or changed since\) \.\.\.\nInstalled packages in \d+ s\.\nCompiling .*\nCompiled .*\n$/,
  )
  expect(existsSync(path.join(checkout, 'node_modules/little/package.json'))).toBe(true)
  expect(await setup()).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('what someone installed by hand is not installed again', async () => {
  const install = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  expect(spawnSync('npm', install, { cwd: checkout }).status).toBe(0)
  const { code, stderr } = await setup()
  expect(code).toBe(0)
  expect(stderr).not.toContain('Installing')
})

test('packages are installed again when the lock has changed', async () => {
  await setup()
  const lock = JSON.parse(readFileSync(path.join(checkout, 'package-lock.json'), 'utf8'))
  lock.packages.little.version = '1.0.1'
  write('package-lock.json', lock)
  write('little/package.json', { name: 'little', version: '1.0.1' })
  expect((await setup()).stderr).toContain('Installed packages')
})

test('kernels are compiled again when a source of theirs has changed, or the result is gone', async () => {
  await setup()
  await setup()
  expect(readFileSync(path.join(checkout, 'compiled.log'), 'utf8')).toBe('compiled\n')
  write('trainer/kernels/rows.ts', 'second')
  await setup()
  expect(readFileSync(path.join(checkout, 'build/kernels.wasm'), 'utf8')).toBe('second')
  rmSync(path.join(checkout, 'build/kernels.wasm'))
  await setup()
  expect(readFileSync(path.join(checkout, 'build/kernels.wasm'), 'utf8')).toBe('second')
})

test('two set-ups at once install once', async () => {
  const both = await Promise.all([setup(), setup()])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(both.filter(({ stderr }) => stderr.includes('Installing packages'))).toHaveLength(1)
  expect(readFileSync(path.join(checkout, 'compiled.log'), 'utf8')).toBe('compiled\n')
  expect(existsSync(path.join(checkout, '.setup-lock'))).toBe(false)
})

test('a set-up that was killed does not lock out the next one', async () => {
  mkdirSync(path.join(checkout, '.setup-lock'))
  const { pid } = spawnSync(process.execPath, ['--version'])
  write('.setup-lock/owner.json', { pid, token: 'of-the-dead' })
  expect(await setup()).toMatchObject({ code: 0 })
})

test('of many that find the lock of a dead process, one at a time has it', async () => {
  mkdirSync(path.join(checkout, '.setup-lock'))
  const { pid } = spawnSync(process.execPath, ['--version'])
  write('.setup-lock/owner.json', { pid, token: 'of-the-dead' })
  const program = `
    import { appendFileSync } from 'node:fs'
    import { takeLock } from './scripts/setup/lock.mjs'
    for (let round = 0; round < 5; round++) {
      const unlock = await takeLock('.setup-lock', () => {})
      appendFileSync('held.log', process.pid + ' takes\\n')
      await new Promise((resolve) => setTimeout(resolve, 2))
      appendFileSync('held.log', process.pid + ' leaves\\n')
      unlock()
    }`
  await Promise.all(
    Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: checkout })
      return new Promise((resolve) => child.on('exit', resolve))
    }),
  )
  const lines = readFileSync(path.join(checkout, 'held.log'), 'utf8').trim().split('\n')
  expect(lines).toHaveLength(60)
  for (let index = 0; index < lines.length; index += 2) {
    expect(lines[index + 1]).toBe(lines[index]!.replace('takes', 'leaves'))
  }
})

test('when npm fails, its own words stand above a sentence of what to do', async () => {
  mkdirSync(path.join(checkout, 'another'))
  write('another/package.json', { name: 'another', version: '1.0.0' })
  write('package.json', { name: 'toy', version: '1.0.0', dependencies: { another: 'file:another' } })
  const { code, stdout, stderr } = await setup()
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('another')
  expect(stderr).toMatch(/package-lock\.json does not fit package\.json: run npm install, then start again\.\n$/)
})

test('without a network it says that the registry was not reached', async () => {
  write('package.json', { name: 'toy', version: '1.0.0', dependencies: { faraway: '1.0.0' } })
  write('package-lock.json', {
    name: 'toy',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'toy', version: '1.0.0', dependencies: { faraway: '1.0.0' } },
      'node_modules/faraway': { version: '1.0.0', resolved: 'http://127.0.0.1:9/faraway.tgz' },
    },
  })
  const { code, stderr } = await setup([], { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' })
  expect(code).toBe(1)
  expect(stderr).toContain('The package registry could not be reached')
})

test('an unknown flag and a CHROMIUM that is no program are named', async () => {
  expect(await setup(['--bild'])).toMatchObject({
    code: 1,
    stderr: 'setup does not know --bild: expected --build, --browser or --native.\n',
  })
  expect(await setup(['--browser'], { CHROMIUM: '/no/such/chromium' })).toMatchObject({
    code: 1,
    stderr:
      'CHROMIUM=/no/such/chromium is no program that can be started: expected the path of a Chromium or Chrome.\n',
  })
})
