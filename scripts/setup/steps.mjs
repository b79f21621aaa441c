/** What the steps of the set-up share: places, programs, words. Runs on Node 20 without packages. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const inRoot = (...parts) => path.join(root, ...parts)

/** An end that is explained to the person; everything else that is thrown is a defect. */
export class SetupFailure extends Error {}

/** A line for the person: stdout belongs to the command that follows the set-up. */
export const say = (line) => process.stderr.write(`${line}\n`)

/** The file's text, or null where it cannot be read. */
export function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

export function digest(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}

const running = new Set()

/** Runs a program with its output held back; gives its exit code and what it printed. */
export function run(program, programArguments, environment = {}) {
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
export async function step(begins, ended, work) {
  const started = performance.now()
  say(`${begins} ...`)
  await work()
  say(`${ended} in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}

/** Hands a signal on to the programs that run now. */
export function signalRunning(signal) {
  for (const child of running) child.kill(signal)
}
