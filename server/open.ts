/** Opening a data folder: the lock, the database, the metric store. Shared by the server and the command line. */
import { accessSync, chmodSync, constants, mkdirSync, rmSync, statSync } from 'node:fs'
import { EventEmitter } from 'node:events'
import path from 'node:path'
import { openDatabase } from '../db/client.ts'
import { isDamage } from '../db/damage.ts'
import { lockFolder } from '../db/folder-lock.ts'
import { SeriesStore, createSeriesTables } from '../db/series/index.ts'
import { noTry } from '../domain/life/try-slots.ts'
import { SweepboardError } from '../domain/errors.ts'
import { readWholeFile } from './attempt-files/open-file.ts'
import { replaceFile } from './attempt-files/write-file.ts'
import type { Config } from './base/process/config.ts'
import { watchLoop } from './base/process/loop-watch.ts'
import type { Context } from './base/context.ts'
import { clearBrokenImports } from './act/imports/staged-runs.ts'
import { followFolder } from './act/system/follow-folder.ts'
import { logger } from './base/process/log.ts'
import { takeKeptModels } from './act/own-runs/own-checkpoints.ts'
import { openExecutors } from './executors/choose.ts'
import { currentBoot } from './executors/local/processes.ts'

/** `boot`: of the machine that it runs on; a folder may be seen on others. */
export type Holder = { pid: number; url: string | null; token: string | null; boot?: string }

/** Opened: the context, and a function that lets go of everything. Held: who has the folder, as far as it said. */
export type Opened = { context: Context; close: () => void } | { heldBy: Holder | null }

/**
 * Opens the data folder, or says who holds it. `url`: where this process will answer, for others to find; null for the
 * command line. Throws a SweepboardError with a sentence when the folder cannot be used.
 */
export function openDataFolder(config: Config): Opened {
  const { dataFolder } = config
  const executors = openExecutors(config)
  try {
    mkdirSync(dataFolder, { recursive: true })
    accessSync(dataFolder, constants.W_OK | constants.X_OK)
    closeToOthers(dataFolder)
    const release = lockFolder(dataFolder)
    if (release === null) return { heldBy: readHolder(dataFolder) }
    const database = openDatabase(dataFolder)
    createSeriesTables(database.$client)
    clearBrokenImports(database, dataFolder)
    const { former, told } = followFolder(database, dataFolder)
    if (told !== null) logger('database').info(told)
    const signals: Context['signals'] = new EventEmitter()
    // One listener an open page.
    signals.setMaxListeners(0)
    const watch = watchLoop()
    const series = new SeriesStore(database.$client)
    const context: Context = { database, series, config, former, executors, watch, trySlots: noTry, signals }
    takeKeptModels(context)
    return {
      context,
      close() {
        watch.stop()
        rmSync(holderFile(dataFolder), { force: true })
        database.$client.close()
        release()
      },
    }
  } catch (error) {
    throw describeOpenFailure(dataFolder, error as NodeJS.ErrnoException)
  }
}

/** What is in it is its owner's: other users of the machine do not even see names. Somebody else's folder stays as it is. */
function closeToOthers(folder: string): void {
  const { uid, mode } = statSync(folder)
  if (uid === process.getuid?.() && (mode & 0o077) !== 0) chmodSync(folder, mode & 0o700)
}

/** Writes where the holder of the folder answers, readable by this user alone (it may carry the token). */
export function writeHolder(dataFolder: string, holder: Omit<Holder, 'boot'>): void {
  replaceFile(holderFile(dataFolder), `${JSON.stringify({ ...holder, boot: currentBoot() })}\n`)
}

function readHolder(dataFolder: string): Holder | null {
  try {
    return JSON.parse(readWholeFile(holderFile(dataFolder), [dataFolder], 1 << 16) ?? 'null') as Holder | null
  } catch {
    return null
  }
}

function holderFile(dataFolder: string): string {
  return path.join(dataFolder, 'server.json')
}

function describeOpenFailure(folder: string, error: NodeJS.ErrnoException): unknown {
  const { code } = error
  if (
    code === 'EACCES' ||
    code === 'EROFS' ||
    code === 'EPERM' ||
    code === 'SQLITE_READONLY' ||
    code === 'SQLITE_CANTOPEN'
  ) {
    return new SweepboardError(
      'invalid',
      `The data folder ${folder} cannot be written to. Choose another with SWEEPBOARD_DATA, or mend its permissions.`,
    )
  }
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') {
    return new SweepboardError(
      'invalid',
      `The disk of the data folder ${folder} is full. Free some space, or choose another folder with SWEEPBOARD_DATA.`,
    )
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new SweepboardError(
      'invalid',
      `The data folder ${folder} is a file, not a folder. Choose another with SWEEPBOARD_DATA.`,
    )
  }
  if (isDamage(error)) {
    return new SweepboardError(
      'invalid',
      `${path.join(folder, 'sweepboard.db')} is damaged or no database of Sweepboard (${error.message}). Put a copy of it back, or what .recover of sqlite3 can save of it (docs/operations.md), or choose another folder with SWEEPBOARD_DATA.`,
    )
  }
  return error
}
