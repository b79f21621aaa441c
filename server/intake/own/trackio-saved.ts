/** Files that `trackio.save` sends: they name a project, and no run. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { keptName } from '../kept-files.ts'
import { isObject } from '../protocol.ts'
import { givenPath, mediaName } from '../trackio/media.ts'
import { waitingFile } from '../trackio/uploads.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'

/** A script that saves a file has logged as recently, or is about to log first. */
const recentMilliseconds = 60_000
const mostListBytes = 16 << 20

/** The run of a project whose client spoke last, where one did lately. */
export function speakingIn(runs: OwnRuns, projectId: number): OwnRunIntake | undefined {
  const since = Date.now() - recentMilliseconds
  return runs
    .of('trackio', new Set([projectId]))
    .filter((run) => run.spokeAt > since && !runs.isDeleted(run))
    .toSorted((a, b) => b.spokeAt - a.spokeAt)[0]
}

/** Keeps a file for the run of the project that speaks next. Throws a Refusal where it could not be kept by one. */
export function keepSaved(runs: OwnRuns, projectId: number, upload: Record<string, unknown>): void {
  keptName(mediaName(upload))
  waitingFile(runs.waiting, givenPath(upload))
  mkdirSync(runs.waiting, { recursive: true })
  replaceFile(listOf(runs, projectId), JSON.stringify([...readSaved(runs, projectId), upload]))
}

/** Gives the files that are kept so to `keep`: a run of the project speaks. */
export function giveSaved(runs: OwnRuns, projectId: number, keep: (uploads: Record<string, unknown>[]) => void): void {
  const list = listOf(runs, projectId)
  if (!existsSync(list)) return
  const saved = readSaved(runs, projectId)
  if (saved.length > 0) keep(saved)
  rmSync(list)
}

const listOf = (runs: OwnRuns, projectId: number) => path.join(runs.waiting, `saved-${projectId}.json`)

function readSaved(runs: OwnRuns, projectId: number): Record<string, unknown>[] {
  try {
    const text = readWholeFile(listOf(runs, projectId), [runs.waiting], mostListBytes)
    const listed: unknown = JSON.parse(text ?? '[]')
    return (Array.isArray(listed) ? listed.filter(isObject) : []).filter((upload) => isWaiting(runs, upload))
  } catch {
    return []
  }
}

function isWaiting(runs: OwnRuns, upload: Record<string, unknown>): boolean {
  const name = givenPath(upload)
  return typeof name === 'string' && existsSync(path.join(runs.waiting, path.basename(name)))
}
