/**
 * `node --import late-files.mjs`: this process sees what others make below SWEEPBOARD_LATE_ROOT up to three seconds late, as one machine of a
 * network file system sees another's: a name that was not there stays away for a while, and is left out of listings. How late differs
 * by name, so that what was written later may be seen sooner. What this process makes itself it sees at once; what was there stays and is
 * read as it is; making what is there fails, as the file server decides that. Late only while the file SWEEPBOARD_LATE_WHILE is there.
 * It stands at Node's own functions for files: programs that this process starts see everything at once.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const root = `${process.env.SWEEPBOARD_LATE_ROOT}/`
const isBelow = /^(runs|control)\/./
const mostMilliseconds = 3000
const { existsSync, lstatSync } = fs
const real = { ...fs, promises: { ...fs.promises } }
/** Names that this process has seen or made. */
const shown = new Set()

function lateness(name) {
  let hash = 7
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 1_000_003
  return hash % (mostMilliseconds + 1)
}

/** Whether it, or a folder above it, is there and not shown yet. */
function isHidden(name) {
  if (typeof name !== 'string' || !path.resolve(name).startsWith(root)) return false
  const full = path.resolve(name)
  if (shown.has(full) || !isBelow.test(full.slice(root.length))) return false
  if (isHidden(path.dirname(full))) return true
  const stats = lstatSync(full, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (existsSync(process.env.SWEEPBOARD_LATE_WHILE) && Date.now() - stats.birthtimeMs < lateness(full)) return true
  shown.add(full)
  return false
}

function missing(call, name) {
  const words = `ENOENT: no such file or directory, ${call} '${name}'`
  return Object.assign(new Error(words), { code: 'ENOENT', errno: -2, syscall: call, path: name })
}

const writes = (flags) =>
  typeof flags === 'number' ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0 : /[wa+]/.test(flags ?? 'r')
const made = (name) => shown.add(path.resolve(String(name)))
const visible = (folder, entries) =>
  entries.filter((entry) => !isHidden(path.join(String(folder), String(entry.name ?? entry))))

fs.existsSync = (name) => !isHidden(name) && real.existsSync(name)
for (const call of ['statSync', 'lstatSync'])
  fs[call] = (name, options) => {
    if (!isHidden(name)) return real[call](name, options)
    if (options?.throwIfNoEntry === false) return undefined
    throw missing(call, name)
  }
for (const call of ['accessSync', 'readFileSync', 'realpathSync', 'opendirSync', 'readlinkSync']) {
  fs[call] = (name, ...rest) => {
    if (isHidden(name)) throw missing(call, name)
    return real[call](name, ...rest)
  }
  Object.assign(fs[call], real[call])
}
fs.readdirSync = (name, ...rest) => {
  if (isHidden(name)) throw missing('scandir', name)
  return visible(name, real.readdirSync(name, ...rest))
}
fs.openSync = (name, flags, ...rest) => {
  if (writes(flags)) {
    const descriptor = real.openSync(name, flags, ...rest)
    made(name)
    return descriptor
  }
  if (isHidden(name)) throw missing('open', name)
  return real.openSync(name, flags, ...rest)
}
for (const [call, at] of Object.entries({
  writeFileSync: 0,
  appendFileSync: 0,
  mkdirSync: 0,
  renameSync: 1,
  linkSync: 1,
}))
  fs[call] = (...args) => {
    const result = real[call](...args)
    if (typeof args[at] === 'string') made(args[at])
    return result
  }
for (const call of ['access', 'stat', 'lstat', 'open', 'readFile', 'realpath', 'opendir'])
  fs.promises[call] = async (name, flags, ...rest) => {
    if (!(call === 'open' && writes(flags)) && isHidden(name)) throw missing(call, name)
    return real.promises[call](name, flags, ...rest)
  }
fs.promises.readdir = async (name, ...rest) => {
  if (isHidden(name)) throw missing('scandir', name)
  return visible(name, await real.promises.readdir(name, ...rest))
}
syncBuiltinESMExports()
