import { statSync } from 'node:fs'
import { isUnchanged } from '../../../domain/life/traces.ts'
import { filesAt } from '../../base/evaluation-files/own-reports.ts'
import { realPath, traceOf } from '../../base/evaluation-files/traces.ts'
import { missingPart } from '../../formats/checkpoint-folder.ts'
import type { PreparedTry } from './prepare-try.ts'

/** A checkpoint is looked for so often: a folder of many files takes its time. */
const betweenMilliseconds = 1000

/**
 * Gives a function that says where a training has saved its first checkpoint, by the path or pattern of the sweep: whole, other than
 * what stood there before, and the same at two looks, so that it is not in the middle of being written (`over`: nobody writes any more). null: not
 * yet, or nobody says where.
 */
export function firstSaved(directory: string, { saves, before }: PreparedTry): (over: boolean) => string | null {
  let lookedAt = -Infinity
  let seen: string | null = null
  return (over) => {
    if (saves === null || (!over && performance.now() - lookedAt < betweenMilliseconds)) return null
    lookedAt = performance.now()
    const files = filesAt(directory, { ...saves, benchmark: null })
    for (const file of typeof files === 'string' ? [] : files) {
      if (statSync(file, { throwIfNoEntry: false }) === undefined) continue
      const trace = traceOf(file)
      if (trace === null || isUnchanged(before, realPath(file), trace) || missingPart(file) !== null) continue
      const now = JSON.stringify([file, trace])
      if (over || now === seen) return file
      seen = now
      return null
    }
    return null
  }
}
