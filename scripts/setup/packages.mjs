/** Installs what package-lock.json names, and finds the Node that came with it. Runs on Node 20 without packages. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { digest, inRoot, read, root, run, say, SetupFailure, step } from './steps.mjs'

const stamp = inRoot('node_modules/.sweepboard-packages')
/** Runs the server, the trainer and the tools: older ones cannot run TypeScript as it stands. */
const oldestNode = [22, 18]

const wanted = () => digest(read(inRoot('package-lock.json')) ?? '', process.platform, process.arch)

/** Whether the packages of the lock are installed. */
export const hasPackages = () => read(stamp) === wanted()

function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/** The Node that came with the packages where it runs here, else this machine's own if that is new enough. */
export function newNode() {
  const pinned = inRoot('node_modules/.bin/node')
  const isPinnedHere = existsSync(pinned)
  // the stamp says that it has run; while there is none, it is asked
  if (isPinnedHere && (existsSync(stamp) || spawnSync(pinned, ['--version']).status === 0)) return pinned
  if (isPinnedHere) rmSync(pinned)
  if (isNewEnough(process.version)) return process.execPath
  throw new SetupFailure(
    `${isPinnedHere ? 'The Node that comes with the packages does not run on this system' : `No Node comes with the packages for ${process.platform}-${process.arch}`}, ` +
      `and this machine's own is ${process.version}: install Node ${oldestNode.join('.')} or newer and start again.`,
  )
}

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
export function npmCommand() {
  const script = process.env.npm_execpath
  const node = process.env.npm_node_execpath
  if (script && /npm-cli\.[cm]?js$/.test(script) && node && !node.startsWith(inRoot('node_modules'))) {
    return [node, [script]]
  }
  return ['npm', []]
}

/** What the packages take on disk, with room for npm to unpack them. */
const packagesMegabytes = 1500

const npmHints = [
  [/ENOSPC|EDQUOT/, `The disk is full: the packages take ${packagesMegabytes} MB. Free some space and start again.`],
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

/** Installs the packages; `hasPackages` is true afterwards. */
export async function installPackages() {
  const value = wanted()
  if (isInstalledByHand()) {
    newNode()
    return writeFileSync(stamp, value)
  }
  await step('Installing packages (first start, or changed since)', 'Installed packages', async () => {
    const [program, first] = npmCommand()
    const binFolder = inRoot('node_modules/.bin')
    const { bavail, bsize } = statfsSync(root)
    const freeMegabytes = Math.floor((bavail * bsize) / 2 ** 20)
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
      if (hint) throw new SetupFailure(hint[1])
      // programs that meet a full disk do not always say so, and npm has made room again by now
      throw new SetupFailure(
        freeMegabytes < packagesMegabytes
          ? `npm ci failed; ${freeMegabytes} MB were free, and the packages take ${packagesMegabytes} MB: free some space and start again.`
          : 'npm ci failed: what it said stands above.',
      )
    }
    newNode()
    writeFileSync(stamp, value)
  })
}
