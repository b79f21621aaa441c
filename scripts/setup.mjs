/**
 * Makes a checkout ready to run, and leaves at once where it is: installs the packages of package-lock.json, compiles the
 * trainer's kernels, with `--build` builds the pages, with `--browser` sees to a Chromium for the tests. `--native` fetches
 * TensorFlow's own library for the trainer; `--native-for-gpu` does so only where there is a GPU.
 *
 * Runs before anything is installed, so it uses nothing but Node 20. What it says goes to stderr: stdout belongs to the
 * command that follows it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findChromium } from './chromium.mjs'
import { takeLock } from './setup/lock.mjs'
import { installNative } from './setup/native.mjs'
import { hasPackages, installPackages, newNode } from './setup/packages.mjs'
import { digest, inRoot, read, root, run, say, SetupFailure, signalRunning, step } from './setup/steps.mjs'

const distFolder = inRoot(process.env.NEXT_DIST_DIR || '.next')
const stamps = {
  kernels: inRoot('build/.kernels'),
  pages: path.join(distFolder, 'sweepboard-build'),
}
/** Files under the folder, or the file itself; tests are no part of what is built. */
function sources(entry) {
  const file = inRoot(entry)
  if (!existsSync(file)) return []
  if (!statSync(file).isDirectory()) return [entry]
  return readdirSync(file)
    .sort()
    .flatMap((name) => sources(path.join(entry, name)))
    .filter((name) => !/\.test\.[a-z]+$/.test(name))
}

function digestOf(entries) {
  return digest(...entries.flatMap(sources).flatMap((name) => [name, readFileSync(inRoot(name))]))
}

const wanted = {
  kernels: () => digestOf(['trainer/kernels', 'scripts/build-kernels.mjs', 'package-lock.json']),
  // pages take nothing but types from server/, and types leave no trace in what is built
  pages: () =>
    digestOf(['app', 'contract', 'domain', 'public', 'next.config.js', 'tsconfig.json', 'package-lock.json']),
}

const isReady = (part) => read(stamps[part]) === wanted[part]()

function stamp(part, value) {
  mkdirSync(path.dirname(stamps[part]), { recursive: true })
  writeFileSync(stamps[part], value)
}

async function buildKernels() {
  const value = wanted.kernels()
  await step("Compiling the trainer's kernels", 'Compiled kernels', async () => {
    const program = "import('./scripts/build-kernels.mjs').then((module) => module.buildKernels())"
    const { succeeded, output } = await run(newNode(), ['--input-type=module', '--eval', program])
    if (!succeeded) {
      say(output.trim())
      throw new SetupFailure('The kernels did not compile: what the compiler said stands above.')
    }
    stamp('kernels', value)
  })
}

async function buildPages() {
  const value = wanted.pages()
  await step('Building the pages (first start, or changed since)', 'Built the pages', async () => {
    rmSync(stamps.pages, { force: true })
    const { succeeded, output } = await run(newNode(), [inRoot('node_modules/next/dist/bin/next'), 'build'], {
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
    })
    if (!succeeded) {
      say(output.trim())
      throw new SetupFailure(
        /ENOSPC|EDQUOT/.test(output)
          ? 'The disk is full: free some space and start again.'
          : 'The pages could not be built: what Next said stands above.',
      )
    }
    stamp('pages', value)
  })
}

async function installBrowser() {
  const packages = ['chromium', 'fonts-inter', 'fonts-jetbrains-mono']
  const aptGet = spawnSync('apt-get', ['--version']).status === 0
  const advice =
    'install Chromium or Chrome' +
    (aptGet ? ` (as root: apt-get install ${packages.join(' ')})` : '') +
    ', or set CHROMIUM to the path of one, and start again.'
  if (!aptGet || process.getuid?.() !== 0) throw new SetupFailure(`The browser tests found no Chromium: ${advice}`)
  await step('Installing a Chromium for the tests', 'Installed Chromium', async () => {
    const environment = { DEBIAN_FRONTEND: 'noninteractive' }
    const updated = await run('apt-get', ['update'], environment)
    const installed = await run(
      'apt-get',
      ['install', '--yes', '--no-install-recommends', '--option', 'DPkg::Lock::Timeout=300', ...packages],
      environment,
    )
    if (!installed.succeeded || !findChromium()) {
      say(`${updated.output.trim()}\n${installed.output.trim()}`)
      throw new SetupFailure(`apt-get gave no Chromium (what it said stands above): ${advice}`)
    }
  })
}

async function setUp(flags) {
  const known = ['--build', '--browser', '--native', '--native-for-gpu']
  const unknown = flags.find((flag) => !known.includes(flag))
  if (unknown) throw new SetupFailure(`setup does not know ${unknown}: expected --build, --browser or --native.`)
  if (!existsSync(inRoot('package-lock.json'))) throw new SetupFailure(`${inRoot('package-lock.json')} is missing.`)

  const lacksKernels = () => !isReady('kernels') || !existsSync(inRoot('build/kernels.wasm'))
  const lacksPages = () => flags.includes('--build') && !isReady('pages')
  const lacksBrowser = () => {
    try {
      return flags.includes('--browser') && findChromium() === null
    } catch (error) {
      throw new SetupFailure(error.message)
    }
  }
  const wantsNative = flags.some((flag) => flag.startsWith('--native'))
  if (!wantsNative && !lacksBrowser() && hasPackages() && !lacksKernels() && !lacksPages()) return

  const unlock = await takeLock(inRoot('.setup-lock'), (pid) =>
    say(`Waiting for the set-up that process ${pid} has under way in this folder ...`),
  )
  process.on('exit', unlock)
  // each is asked again: the process that was waited for may have done it
  const prepare = async () => {
    if (!hasPackages()) await installPackages()
    await allOrFirstFailure([lacksKernels() ? buildKernels() : null, lacksPages() ? buildPages() : null])
  }
  await allOrFirstFailure([prepare(), lacksBrowser() ? installBrowser() : null])
  if (wantsNative) await installNative(flags.includes('--native'))
}

/** Waits for all, so that nothing goes on behind a failure, and then throws the first one. */
async function allOrFirstFailure(promises) {
  const outcomes = await Promise.allSettled(promises)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

/** What a person can do about an error of the file system; null for one that is not of it. */
function explain(error) {
  const place = error.path ?? root
  if (error.code === 'EROFS' || error.code === 'EACCES' || error.code === 'EPERM') {
    return `${place} cannot be written (${error.code}): give yourself the right to write in ${root}, or clone elsewhere.`
  }
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return `The disk is full (${place}): free some space and start again.`
  return null
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.on(signal, () => {
    signalRunning(signal)
    process.exit(128 + number)
  })
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  say(`Node 20 or newer is needed to start; this is ${process.version}.`)
  process.exit(1)
}
try {
  await setUp(process.argv.slice(2))
} catch (error) {
  say(error instanceof SetupFailure ? error.message : (explain(error) ?? error.stack))
  process.exitCode = 1
}
