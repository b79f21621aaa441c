/** What a tried evaluation measured, read as a sweep's own evaluations are, and told instead of stored. */
import path from 'node:path'
import type { TriedReport, TriedResult } from '../../../contract/api/reports.ts'
import type { EvaluationEvent } from '../../../contract/trainer.ts'
import { readAside, StillReading } from '../../attempt-files/read-aside.ts'
import { UnreadableFile } from '../../attempt-files/open-file.ts'
import { ownReports } from '../../base/evaluation-files/own-reports.ts'
import { readReportFile } from '../../base/evaluation-files/read-report-file.ts'
import { openItems } from '../../tables/items.ts'
import { triedResults } from '../../tables/tried-results.ts'
import type { CheckedTry, PreparedTry } from './prepare-try.ts'

/** `wanted`: benchmarks of the sweep's baseline. Never throws for what the evaluation wrote. */
export async function readTried(
  { definition, directory }: CheckedTry,
  { reports, before, launch }: PreparedTry,
  events: readonly EvaluationEvent[],
  wanted: readonly string[],
): Promise<TriedReport> {
  const { folder } = launch
  const results = new Map<string, TriedResult>()
  const files: string[] = []
  const settings = definition.evaluate?.report
  for (const event of events) results.set(event.benchmark, await resultOf(event, folder))
  for (const place of settings === undefined ? [] : reports) {
    const own = ownReports({ directory, isHarness: settings!.format !== undefined }, place, before)
    if ('missing' in own) {
      // what it said as events does as well, where it was not a report of before that it left
      if (results.size > 0 && !own.stale) break
      return failed(own.missing)
    }
    for (const file of own.files) {
      const read = await readOne(file, settings!, { benchmark: place.benchmark, wanted: 'all' as const, folder })
      if (typeof read === 'string') return failed(read)
      files.push(file)
      for (const result of await triedResults(read, settings!, file)) results.set(result.benchmark, result)
    }
  }
  if (results.size === 0) return failed('The evaluation reported no results.')
  return {
    files,
    asBaseline: null,
    results: [...results.values()].map((result) => ({
      ...result,
      counts: wanted.length === 0 ? null : wanted.includes(result.benchmark),
    })),
    missing: wanted.filter((name) => !results.has(name)),
    problem: null,
  }
}

const failed = (problem: string): TriedReport => ({ files: [], asBaseline: null, results: [], missing: [], problem })

async function readOne(...given: Parameters<typeof readReportFile>): Promise<ReturnType<typeof readReportFile>> {
  for (;;) {
    try {
      return readAside(given[0], readReportFile, {
        module: new URL('../../base/evaluation-files/read-report-file.ts', import.meta.url),
        given,
      })
    } catch (error) {
      if (error instanceof UnreadableFile) return `${error.message}.`
      if (!(error instanceof StillReading)) throw error
      await error.done
    }
  }
}

async function resultOf({ benchmark, correct, total, items }: EvaluationEvent, folder: string): Promise<TriedResult> {
  const index = items === undefined ? null : await openItems(path.resolve(folder, items), [folder], null)
  return {
    benchmark,
    accuracy: total > 0 ? correct / total : null,
    correct,
    total,
    error: total > 0 ? null : 'it asked no question.',
    answers:
      index === null
        ? null
        : typeof index === 'string'
          ? { count: 0, problems: [index] }
          : { count: index.ids.length, problems: index.problems },
    counts: null,
  }
}
