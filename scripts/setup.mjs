/**
 * Makes a checkout ready to run, and leaves at once where it is: installs the packages of package-lock.json, compiles the
 * trainer's kernels, with `--build` builds the pages, with `--browser` sees to a Chromium for the tests.
 *
 * Runs before anything is installed, so it uses nothing but Node 20. What it says goes to stderr: stdout belongs to the
 * command that follows it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.mjs'
import { takeLock } from './setup-lock.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const inRoot = (...parts) => path.join(root, ...parts)
const distFolder = inRoot(process.env.NEXT_DIST_DIR || '.next')
const stamps = {
  packages: inRoot('node_modules/.sweepboard-packages'),
  kernels: inRoot('build/.kernels'),
  pages: path.join(distFolder, 'sweepboard-build'),
}
/** Runs the server, the trainer and the tools: older ones cannot run TypeScript as it stands. */
const oldestNode = [22, 18]

/** An end that is explained to the person; everything else that is thrown is a defect. */
class SetupFailure extends Error {}

const say = (line) => process.stderr.write(`${line}\n`)

// --- what there is and what there should be --------------------------------------------------------------------------

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function digest(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
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
  packages: () => digest(read(inRoot('package-lock.json')) ?? '', process.platform, process.arch),
  kernels: () => digestOf(['trainer/kernels', 'scripts/build-kernels.mjs', 'package-lock.json']),
  // pages take nothing but types from server/, and types leave no trace in what is built
  pages: () => digestOf(['app', 'domain', 'public', 'next.config.js', 'tsconfig.json', 'package-lock.json']),
}

const isReady = (part) => read(stamps[part]) === wanted[part]()

function stamp(part, value) {
  mkdirSync(path.dirname(stamps[part]), { recursive: true })
  writeFileSync(stamps[part], value)
}

// --- programs --------------------------------------------------------------------------------------------------------

const running = new Set()

/** Runs a program with its output held back; gives its exit code and what it printed. */
function run(program, programArguments, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    running.add(child)
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (output += data))
    child.on('error', (error) => {
      running.delete(child)
      reject(new SetupFailure(`${program} could not be started: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ succeeded: code === 0, output: signal ? `${output}\nended by ${signal}` : output })
    })
  })
}

/** Says what begins and, when it has ended, how long it took. */
async function step(begins, ended, work) {
  const started = performance.now()
  say(`${begins} ...`)
  await work()
  say(`${ended} in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}

function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/** The Node that came with the packages where it runs here, else this machine's own if that is new enough. */
function newNode() {
  const pinned = inRoot('node_modules/.bin/node')
  const isPinnedHere = existsSync(pinned)
  // the stamp says that it has run; while there is none, it is asked
  if (isPinnedHere && (existsSync(stamps.packages) || spawnSync(pinned, ['--version']).status === 0)) return pinned
  if (isPinnedHere) rmSync(pinned)
  if (isNewEnough(process.version)) return process.execPath
  throw new SetupFailure(
    `${isPinnedHere ? 'The Node that comes with the packages does not run on this system' : `No Node comes with the packages for ${process.platform}-${process.arch}`}, ` +
      `and this machine's own is ${process.version}: install Node ${oldestNode.join('.')} or newer and start again.`,
  )
}

// --- packages --------------------------------------------------------------------------------------------------------

/** Whether node_modules already holds what the lock names, because someone ran `npm install` or `npm ci` by hand. */
function isInstalledByHand() {
  const lock = read(inRoot('package-lock.json'))
  const installed = read(inRoot('node_modules/.package-lock.json'))
  if (!lock || !installed) return false
  const locked = JSON.parse(lock).packages
  const present = JSON.parse(installed).packages
  const same = (name) => present[name] !== undefined && present[name].version === locked[name].version
  // other systems' packages stand in the lock and are never installed here
  const mayLack = (name) => !present[name] && (locked[name].optional || locked[name].extraneous)
  return (
    Object.keys(present).every((name) => locked[name] !== undefined) &&
    Object.keys(locked).every((name) => name === '' || same(name) || mayLack(name)) &&
    (isNewEnough(process.version) || existsSync(inRoot('node_modules/.bin/node')))
  )
}

/** npm's program, run by the Node that runs npm: `npm ci` is about to delete the one in node_modules. */
function npmCommand() {
  const script = process.env.npm_execpath
  const node = process.env.npm_node_execpath
  if (script && /npm-cli\.[cm]?js$/.test(script) && node && !node.startsWith(inRoot('node_modules'))) {
    return [node, [script]]
  }
  return ['npm', []]
}

const npmHints = [
  [/ENOSPC|EDQUOT/, 'The disk is full: free about 1.5 GB and start again.'],
  [
    /EROFS|EACCES|EPERM/,
    `${root} (or npm's cache) cannot be written: give yourself the right to write there, or clone elsewhere.`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/,
    'The package registry could not be reached: connect to the network (or set npm’s proxy or registry) and start again.',
  ],
  [/EUSAGE/, 'package-lock.json does not fit package.json: run npm install, then start again.'],
]

async function installPackages() {
  const value = wanted.packages()
  if (isInstalledByHand()) {
    newNode()
    return stamp('packages', value)
  }
  await step('Installing packages (first start, or changed since)', 'Installed packages', async () => {
    const [program, first] = npmCommand()
    const binFolder = inRoot('node_modules/.bin')
    const { succeeded, output } = await run(
      program,
      [...first, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        PATH: (process.env.PATH ?? '')
          .split(path.delimiter)
          .filter((folder) => folder !== binFolder)
          .join(path.delimiter),
      },
    )
    if (!succeeded) {
      say(output.trim())
      const hint = npmHints.find(([pattern]) => pattern.test(output))
      throw new SetupFailure(hint ? hint[1] : 'npm ci failed: what it said stands above.')
    }
    newNode()
    stamp('packages', value)
  })
}

// --- kernels, pages, browser -----------------------------------------------------------------------------------------

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

// --- the order of it -------------------------------------------------------------------------------------------------

async function setUp(flags) {
  const unknown = flags.find((flag) => flag !== '--build' && flag !== '--browser')
  if (unknown) throw new SetupFailure(`setup does not know ${unknown}: expected --build or --browser.`)
  if (!existsSync(inRoot('package-lock.json'))) throw new SetupFailure(`${inRoot('package-lock.json')} is missing.`)

  const lacksKernels = () => !isReady('kernels') || !existsSync(inRoot('build/kernels.wasm'))
  const lacksPages = () => flags.includes('--build') && !isReady('pages')
  const lacksBrowser = () => flags.includes('--browser') && findChromium() === null
  if (isReady('packages') && !lacksKernels() && !lacksPages() && !lacksBrowser()) return

  const unlock = await takeLock(inRoot('.setup-lock'), (pid) =>
    say(`Waiting for the set-up that process ${pid} has under way in this folder ...`),
  )
  process.on('exit', unlock)
  // each is asked again: the process that was waited for may have done it
  const prepare = async () => {
    if (!isReady('packages')) await installPackages()
    await allOrFirstFailure([lacksKernels() ? buildKernels() : null, lacksPages() ? buildPages() : null])
  }
  await allOrFirstFailure([prepare(), lacksBrowser() ? installBrowser() : null])
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
    for (const child of running) child.kill(signal)
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
