/** What a report gave, told to the person who tried it: each benchmark with the answers that were found beside it. */
import path from 'node:path'
import type { TriedResult } from '../../contract/api/reports.ts'
import type { ReportSettings } from '../../domain/sweep/sweep.ts'
import { readSlowly, StillReading } from '../attempt-files/read-aside.ts'
import { countDetails } from '../base/evaluation-files/lay-out-details.ts'
import { readReportText, type ReportResult } from '../formats/read-report.ts'
import { metricOf } from '../formats/reports/harness.ts'
import { harnesses } from '../formats/reports/read-harness-report.ts'
import { itemsOrigin, openItems } from './items.ts'

/** Results with what is known of their answers. `file`: the report, where it is one on the disk. */
export async function triedResults(
  read: ReportResult[],
  settings: ReportSettings,
  file?: string,
): Promise<TriedResult[]> {
  const results: TriedResult[] = []
  for (const { benchmark, accuracy, correct, total, error, items, details } of read) {
    const answers = items
      ? await answersIn(items, settings, benchmark)
      : details
        ? await answersOfDetails(details, settings, benchmark)
        : file !== undefined && read.length === 1
          ? answersWithin(file, settings)
          : null
    results.push({ benchmark, accuracy, correct, total, error, answers, counts: null })
  }
  return results
}

async function answersIn(items: string, settings: ReportSettings, benchmark: string): Promise<TriedResult['answers']> {
  const index = await openItems(items, [path.dirname(items)], itemsOrigin(settings, benchmark))
  if (typeof index === 'string') return { count: 0, problems: [index] }
  const repeated = index.repeated > 0 ? [`${index.repeated} lines repeat an id`] : []
  return { count: index.ids.length, problems: [...index.problems, ...repeated] }
}

async function answersOfDetails(
  details: string,
  settings: ReportSettings,
  benchmark: string,
): Promise<TriedResult['answers']> {
  const module = new URL('../base/evaluation-files/lay-out-details.ts', import.meta.url)
  const given: [string, string | null] = [details, metricOf(settings, benchmark)]
  for (;;) {
    try {
      const counted = readSlowly(details, countDetails, { module, given })
      return typeof counted === 'number' ? { count: counted, problems: [] } : { count: 0, problems: [counted ?? ''] }
    } catch (error) {
      // a thread that ran out of memory, say
      if (!(error instanceof StillReading)) return { count: 0, problems: [(error as Error).message] }
      await error.done
    }
  }
}

function answersWithin(file: string, { format }: ReportSettings): TriedResult['answers'] {
  const within = format === undefined ? undefined : harnesses[format].itemsWithin
  const text = within && readReportText(file)
  const count = typeof text === 'string' ? within!(text).length : 0
  return count === 0 ? null : { count, problems: [] }
}
