/** The integrity of a data folder: the database, its metrics, and how far events files were read; and what can be mended. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import {
  listBrokenReferences,
  listDamage,
  listInconsistentRaces,
  listInconsistentRepeats,
  listOrphanedMetrics,
  listReadAttempts,
  type ReadAttempt,
} from '../../../db/queries/integrity.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { limitMetrics } from '../../formats/most-names.ts'
import { readMetrics } from '../../formats/read-metrics.ts'
import { withStepTimes } from '../../formats/step-times.ts'

/** `runId`: the run whose metrics are concerned; they can be read again. Null: nothing here can mend it. */
export type DataProblem = { text: string; runId: number | null }

export type DataCheck = {
  problems: DataProblem[]
  /** What is worth knowing and no damage. */
  notes: string[]
  attempts: number
}

/** Reads everything and compares it. Takes as long as reading the database does; changes nothing. */
export function checkData(context: Context): DataCheck {
  const { database, series } = context
  const problems: DataProblem[] = []
  /** What cannot be looked at on a damaged page is said, and does not keep the rest from being looked at. */
  const look = <Found>(what: string, list: () => Found[]): Found[] => {
    try {
      return list()
    } catch (error) {
      problems.push({ text: `${what} cannot be looked at: ${(error as Error).message}.`, runId: null })
      return []
    }
  }
  const damage = look('The pages of the database', () => listDamage(database))
  // the metric store names the run first wherever a run is concerned
  for (const found of look('Metrics', () => series.check())) {
    const text = found.replace(/^Run -(\d+)/, 'System metrics of job $1')
    const run = /^Run (\d+), attempt \d+/.exec(text)
    problems.push({ text, runId: run ? Number(run[1]) : null })
  }
  const broken = [
    ...damage,
    ...look('What rows refer to', () => listBrokenReferences(database)),
    ...look('Repeated evaluations', () => listInconsistentRepeats(database)),
    ...look('Races of evaluations', () => listInconsistentRaces(database)),
  ]
  problems.push(...broken.map((text) => ({ text, runId: null })))
  for (const runId of look('Metrics of runs that are gone', () => listOrphanedMetrics(database)))
    problems.push({ text: `Metrics are kept of run ${runId}, which is not there.`, runId })
  const attempts = look('Attempts', () => listReadAttempts(database))
  const notes: string[] = []
  let missing = 0
  for (const attempt of attempts) {
    const size = eventsSize(context, attempt)
    const where = `${attempt.kind === 'training' ? 'Run' : 'Evaluation'} ${attempt.jobId}, attempt ${attempt.number}`
    if (size === null) missing += Number(attempt.eventOffset > 0)
    else if (size < attempt.eventOffset) {
      const text = `${where}: events.jsonl has ${size} bytes, and ${attempt.eventOffset} were read. What was read is kept; it cannot be read again.`
      problems.push({ text, runId: null })
    } else if (size > attempt.eventOffset && !['starting', 'running'].includes(attempt.status))
      notes.push(
        `${where}: the last ${size - attempt.eventOffset} bytes of events.jsonl came after its end and were not read.`,
      )
  }
  if (missing > 0)
    notes.push(`${missing} events ${missing === 1 ? 'file is' : 'files are'} gone; what was read of them is kept.`)
  return { problems, notes, attempts: attempts.length }
}

/**
 * Removes the metrics of a run and reads them again from the events files of its attempts, as far as these were read before.
 * One transaction: a kill leaves it as it was. Gives how it went, in a sentence; nothing is removed where a file is gone.
 */
export function rereadMetrics(context: Context, runId: number): { mended: boolean; text: string } {
  const { database, series } = context
  const attempts = listReadAttempts(database, runId)
  if (attempts.length === 0) {
    series.remove([runId])
    return { mended: true, text: `Run ${runId}: it is not there; its metrics were removed.` }
  }
  const anew = attempts.find((attempt) => attempt.anew !== null)
  if (anew) {
    const text = `Run ${runId}: ${eventsFile(context, anew)} was begun anew, and what was read before that is in no file any more; its metrics are left as they are.`
    return { mended: false, text }
  }
  const gone = attempts.find((attempt) => (eventsSize(context, attempt) ?? -1) < attempt.eventOffset)
  if (gone) {
    const file = eventsFile(context, gone)
    return {
      mended: false,
      text: `Run ${runId}: ${file} is gone or shorter than what was read; its metrics are left as they are.`,
    }
  }
  let rows = 0
  transaction(database, () => {
    series.remove([runId])
    for (const attempt of attempts) {
      if (attempt.eventOffset === 0) continue
      let fresh = true
      for (const metrics of readMetrics(eventsFile(context, attempt), attempt.eventOffset)) {
        limitMetrics(series.names(runId), metrics)
        series.append(runId, attempt.number, withStepTimes(series, runId, metrics, fresh))
        fresh = false
        rows += metrics.length
      }
    }
  })
  series.finish(runId)
  while (series.maintain(100));
  return {
    mended: true,
    text: `Run ${runId}: ${rows} rows of metrics were read again from ${attempts.length === 1 ? 'its events file' : `${attempts.length} events files`}.`,
  }
}

function eventsFile(context: Context, { jobId, number }: ReadAttempt): string {
  return path.join(attemptFolder(context, jobId, number), 'events.jsonl')
}

function eventsSize(context: Context, attempt: ReadAttempt): number | null {
  return statSync(eventsFile(context, attempt), { throwIfNoEntry: false })?.size ?? null
}
