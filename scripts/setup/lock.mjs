/**
 * One set-up at a time in a folder. The lock is a folder (mkdir is atomic) that holds its owner: pid and a token of its own.
 * An owner that is dead, or that has not touched its file for a while (a reboot may have given its pid away), is replaced.
 * Runs on Node 20 without packages.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const touchedEveryMilliseconds = 5_000
const abandonedAfterMilliseconds = 60_000
const pollMilliseconds = 100

/**
 * Takes the lock, waiting while another process has it; `onWait(pid)` is called once if so.
 * Gives a function that lets go. Throws what the file system throws where the folder cannot be written.
 * @param {string} folder the lock; the folder above it must exist
 * @param {(pid: number) => void} onWait
 * @returns {Promise<() => void>}
 */
export async function takeLock(folder, onWait) {
  let told = false
  for (;;) {
    const token = tryLock(folder)
    if (token) {
      const ownerFile = path.join(folder, 'owner.json')
      const timer = setInterval(() => touch(ownerFile), touchedEveryMilliseconds)
      timer.unref()
      return () => {
        clearInterval(timer)
        if (readOwner(folder)?.token === token) rmSync(folder, { recursive: true, force: true })
      }
    }
    const owner = readOwner(folder)
    if (owner && !told) {
      told = true
      onWait(owner.pid)
    }
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds))
  }
}

/** The token under which this process has the lock now, or null. */
function tryLock(folder) {
  const token = randomUUID()
  try {
    mkdirSync(folder)
    writeOwner(folder, token)
    return token
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const owner = readOwner(folder)
  if (!isAbandoned(folder, owner)) return null
  // Whoever makes this folder may replace this very owner; one who comes too late finds another owner below.
  const claim = path.join(folder, `after-${owner?.token ?? 'nobody'}`)
  try {
    mkdirSync(claim)
  } catch (error) {
    if (error.code === 'ENOENT') return null
    if (error.code !== 'EEXIST') throw error
    if (age(claim) > abandonedAfterMilliseconds) ignoreMissing(() => rmdirSync(claim))
    return null
  }
  try {
    if (readOwner(folder)?.token !== owner?.token) return null
    writeOwner(folder, token)
    return token
  } finally {
    ignoreMissing(() => rmdirSync(claim))
  }
}

function isAbandoned(folder, owner) {
  // mkdir and the owner's file are two steps: a folder without an owner is young, or its maker died between them
  if (!owner) return age(folder) > touchedEveryMilliseconds
  if (age(path.join(folder, 'owner.json')) > abandonedAfterMilliseconds) return true
  try {
    process.kill(owner.pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'owner.json'), 'utf8'))
  } catch {
    return null
  }
}

function writeOwner(folder, token) {
  const written = path.join(folder, `${token}.json`)
  writeFileSync(written, JSON.stringify({ pid: process.pid, token }))
  renameSync(written, path.join(folder, 'owner.json'))
}

function touch(file) {
  const now = new Date()
  ignoreMissing(() => utimesSync(file, now, now))
}

/** Milliseconds since the file was written; 0 where it is gone. */
function age(file) {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return 0
  }
}

function ignoreMissing(work) {
  try {
    work()
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
