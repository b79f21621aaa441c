/**
 * A data folder that was moved, or copied, since it was last opened. Stored paths are of where it stood then: they are brought up to
 * date, before anything reads them. What ran of a copy's original is the original's own.
 */
import { existsSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Database, transaction } from '../../../db/client.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { listLiveJobs, type JobRow } from '../../../db/queries/jobs.ts'
import {
  insertFolder,
  listCheckpointPaths,
  listFingerprinted,
  listFolders,
  pauseLiveSweeps,
  renameClaim,
  rewritePaths,
  setFingerprint,
  type FolderRow,
} from '../../../db/queries/moved-folder.ts'
import { type Move, movedPaths } from '../../../domain/life/moved-paths.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'

/** `former`: where it stood before. `told`: what a person is to know of it, a sentence; null where nothing happened. */
export type Followed = { former: string[]; told: string | null }

/** Call when the folder is locked and its database is open, before anything else reads it. Costs one row where nothing moved. */
export function followFolder(database: Database, dataFolder: string): Followed {
  const here = lookAt(dataFolder)
  const known = listFolders(database)
  const last = known.at(-1)
  const moves: Move[] = last === undefined ? inferredMoves(database, here) : movesBetween(last, here)
  const former = [
    ...new Set([...known.flatMap((row) => [row.path, row.real]), ...moves.map(({ from }) => from)]),
  ].filter((place) => place !== here.path && place !== here.real)
  if (last !== undefined && moves.length === 0 && last.identity === here.identity) return { former, told: null }
  const original = last !== undefined && isCopy(last, here) ? last.path : null
  const live = original === null ? [] : listLiveJobs(database)
  for (const job of live) forgetProcess(dataFolder, job)
  transaction(database, () => {
    bringUpToDate(database, moves)
    insertFolder(database, here)
    if (original !== null) leaveToOriginal(database, live, original)
  })
  if (moves.length === 0) return { former, told: null }
  if (original === null) return { former, told: `The data folder was moved from ${moves[0]!.from} to ${dataFolder}.` }
  return { former, told: `${copied(original)} Sweeps that had not ended are paused here.` }
}

function copied(original: string): string {
  return `This data folder is a copy of ${original}, which is still there: what ran belongs to that one.`
}

type Place = Pick<FolderRow, 'path' | 'real' | 'identity'>

function lookAt(folder: string): Place {
  const real = realpathSync(folder)
  return { path: folder, real, identity: identityOf(real) }
}

/** A folder keeps both through a move within its file system; a copy has its own. */
function identityOf(folder: string): string {
  const { ino, birthtimeMs } = statSync(folder)
  return `${ino}/${birthtimeMs}`
}

function movesBetween(last: Place, here: Place): Move[] {
  return [
    { from: last.path, to: here.path },
    { from: last.real, to: here.real },
  ].filter(({ from, to }, index, all) => from !== to && all.findIndex((move) => move.from === from) === index)
}

/** Whether the folder that was opened last is still where it was, and this is another. */
function isCopy(last: Place, here: Place): boolean {
  if (last.identity === here.identity || last.real === here.real) return false
  return existsSync(path.join(last.real, 'sweepboard.db')) && identityOf(last.real) === last.identity
}

/**
 * Of a folder that no version before this one has said the place of: where its runs' own checkpoints were said to be, as long as they are
 * here now.
 */
function inferredMoves(database: Database, here: Place): Move[] {
  const from = new Set<string>()
  for (const { file, runId, attempt } of listCheckpointPaths(database)) {
    const end = file.indexOf(`/runs/${runId}/${attempt}/`)
    if (end <= 0) continue
    const place = file.slice(0, end)
    if (place === here.path || place === here.real || from.has(place)) continue
    // an output folder of the trainer's own may look the same, and is where it was
    const isElsewhere = existsSync(file) && !existsSync(path.join(place, 'sweepboard.db'))
    if (!isElsewhere && existsSync(path.join(here.path, file.slice(end)))) from.add(place)
  }
  return [...from].map((place) => ({ from: place, to: here.path }))
}

function bringUpToDate(database: Database, moves: Move[]): void {
  if (moves.length === 0) return
  const changed = rewritePaths(database, moves, { text: movedPaths(moves, false), json: movedPaths(moves, true) })
  // the same file run again, from where it stands now, finds its sweep
  for (const { table, id, definition, directory, fingerprint } of listFingerprinted(database, changed)) {
    const imported = fingerprint.startsWith('imported ') ? 'imported ' : ''
    setFingerprint(database, table, id, imported + fingerprintOf(definition, directory))
  }
}

/** The control folder of a copy names a process of the original: nobody is to signal that from here. */
function forgetProcess(dataFolder: string, job: JobRow): void {
  const control = path.join(dataFolder, 'control', `${job.id}-${job.attempt}`)
  if (existsSync(path.join(control, 'exit.json'))) return
  rmSync(control, { recursive: true, force: true })
  mkdirSync(path.join(control, 'claim'), { recursive: true })
  replaceFile(path.join(control, 'pid.json'), '{"abandoned":true}\n')
}

function leaveToOriginal(database: Database, live: JobRow[], original: string): void {
  for (const job of live) {
    // with it the mark in the environment of its processes is another's
    renameClaim(database, job)
    const message = `${copied(original)} This attempt is lost here.`
    insertEvents(database, [
      { jobId: job.id, attempt: job.attempt, line: 0, type: 'problem', body: { text: '', message } },
    ])
  }
  pauseLiveSweeps(database, copied(original))
}
